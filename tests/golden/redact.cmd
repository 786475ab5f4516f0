# Without arguments, addresses and names: the same stands for the same, in each format.
tcpspan trace -i recordings/mixed.tsp --redact
tcpspan trace --json -i recordings/mixed.tsp --redact
tcpspan trace --csv -i recordings/mixed.tsp --redact-only addresses
tcpspan trace --events -i recordings/mixed.tsp --redact-only names -c curl
tcpspan trace --format perfetto -i recordings/mixed.tsp --redact -c curl
tcpspan trace --wide -i recordings/mixed.tsp --redact -a 198.51.100.78
tcpspan trace --format folded -i recordings/mixed.tsp --redact
tcpspan hist -i recordings/mixed.tsp --redact --by comm,raddr
tcpspan explain -i recordings/mixed.tsp 198.51.100.78 --redact
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all --redact
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all --redact --json
tcpspan listeners -i recordings/mixed.tsp --redact
# No screen of the live view has them either.
for screen in overview connections groups states stuck failures listeners; do
	LC_ALL=C COLUMNS=100 LINES=16 tcpspan top --once -i recordings/mixed-2.tsp -d 1.2 --screen $screen --redact
done
for screen in overview connections groups states stuck failures listeners; do
	LC_ALL=C COLUMNS=120 LINES=40 tcpspan top --once -i recordings/mixed-2.tsp --screen $screen --redact
done | grep -c -E 'nginx|curl|postgres|192\.0\.2|198\.51\.100'
# A page has neither; nginx, curl and postgres are names, 192.0.2 and 198.51.100 begin addresses.
tcpspan report -i recordings/mixed.tsp -o - | grep -c -E 'nginx|curl|postgres|192\.0\.2|198\.51\.100'
tcpspan report -i recordings/mixed.tsp -o - --redact |
	grep -c -E 'nginx|curl|postgres|192\.0\.2|198\.51\.100'
tcpspan report -i recordings/mixed.tsp -o - --redact |
	grep -o -E 'comm-[0-9]+|240[.]0[.][0-9.]+' | sort | uniq -c
