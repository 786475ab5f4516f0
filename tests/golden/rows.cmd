# Connections as rows of a store.
tcpspan trace --format rows --full -i recordings/lossy.tsp
tcpspan trace --format rows -i recordings/mixed.tsp | grep half_open
tcpspan trace --format rows --events -i recordings/mixed.tsp
