# Histograms in groups, in each format.
tcpspan hist --by comm,lport --top 3 -i recordings/mixed.tsp
tcpspan hist --by cgroup --json -L 80 -i recordings/mixed.tsp
tcpspan hist --by cgroup --csv -L 80 -i recordings/mixed.tsp
tcpspan hist -i recordings/mixed.tsp --by raddr --only time_wait,handshake_failed --lang zh 2>/dev/null
