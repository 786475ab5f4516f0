# Histograms as JSON.
tcpspan hist --json -i recordings/mixed.tsp
