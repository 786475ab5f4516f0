# Filters at replay: ports, owners, networks, families.
for filter in "-L 80" "-D 443,5432" "-p 1001" "-c nginx" "-a 198.51.100.0/25" -4 -6 "-N inode:4026531840" "-N inode:7"; do
	echo "---- $filter"
	tcpspan trace $filter -i recordings/mixed.tsp
done
tcpspan explain --failed --unit no.service -i recordings/mixed.tsp
