# Connections for trace viewers.
tcpspan trace --format perfetto -i recordings/lossy.tsp
