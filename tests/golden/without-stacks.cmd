# What was not recorded is said to be missing.
for command in "trace --stack" "trace --format folded" "explain --stack"; do
	echo "---- $command"
	tcpspan $command -D 443 -i recordings/mixed.tsp
done
