# Some of the histograms, and those of one interval after the other.
tcpspan hist --only time_wait,handshake_client -i recordings/mixed.tsp
tcpspan hist --only half_open --interval 1m -i recordings/mixed.tsp
tcpspan hist --by lport --only handshake_server --interval 60 -i recordings/mixed.tsp
tcpspan hist --only half_open,closing -i recordings/mixed.tsp
tcpspan hist --only half_open,state_closing --interval 1m --csv -i recordings/mixed.tsp
tcpspan hist --only half_open,state_closing --interval 1m --json -d 60 -i recordings/mixed.tsp
