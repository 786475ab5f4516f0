# Connections as spans.
tcpspan trace --format otlp --full -i recordings/lossy.tsp
tcpspan trace --format otlp --spans failed -i recordings/mixed.tsp | grep -c '"traceId"'
