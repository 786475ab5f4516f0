# Connections as text, plain and with all columns.
tcpspan trace -i recordings/mixed.tsp
COLUMNS=200 tcpspan trace --wide -T -t --open -i recordings/mixed.tsp
