# Histograms as text.
tcpspan hist -i recordings/mixed.tsp
tcpspan hist -i recordings/mixed.tsp --lang zh
