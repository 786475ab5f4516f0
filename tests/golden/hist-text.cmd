# Histograms as text.
tcpspan hist -i recordings/mixed.tsp
