# Connections as JSON.
tcpspan trace --json -i recordings/mixed.tsp
