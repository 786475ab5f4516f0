# Transitions as JSON.
tcpspan trace --events --json -d 0.5 -i recordings/mixed.tsp
