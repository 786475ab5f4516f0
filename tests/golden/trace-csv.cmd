# Connections as CSV.
tcpspan trace --csv -i recordings/mixed.tsp
