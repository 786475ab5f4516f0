# Transitions as CSV.
tcpspan trace --events --csv -d 1 -i recordings/mixed.tsp
