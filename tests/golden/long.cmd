# What took long, and what failed first.
tcpspan trace --slow 6ms -i recordings/mixed.tsp
tcpspan trace --min-life 1s --csv -i recordings/mixed.tsp | cut -d, -f1-8
tcpspan trace --slow 20ms --open -i recordings/mixed.tsp
tcpspan trace --slow 1s --events -i recordings/mixed.tsp
tcpspan explain --failed -i recordings/mixed.tsp
tcpspan explain --failed :443 -i recordings/mixed.tsp
tcpspan explain --failed --slowest handshake -L 1 -i recordings/mixed.tsp
