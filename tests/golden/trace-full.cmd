# Connections to the end of TIME_WAIT, and what is alive at the end of the recorded time.
tcpspan trace --full --open -i recordings/mixed.tsp
tcpspan trace --open -d 1 --json -i recordings/mixed.tsp
tcpspan trace --full -d 1 -i recordings/mixed.tsp
