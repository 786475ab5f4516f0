# Transitions as text.
tcpspan trace --events -T -i recordings/mixed.tsp
