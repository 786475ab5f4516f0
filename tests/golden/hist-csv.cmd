# Histograms as CSV.
tcpspan hist --csv -i recordings/mixed.tsp
