# Recordings of two machines, in whatever order they are given, and one from standard input.
tcpspan trace -t -i recordings/late.tsp recordings/mixed.tsp
tcpspan trace --json -i recordings/mixed.tsp -i recordings/late.tsp | cksum
tcpspan trace --json -i recordings/late.tsp -i - <recordings/mixed.tsp | cksum
