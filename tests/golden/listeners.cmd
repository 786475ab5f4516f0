# Who took connections in a recording, and how long they waited.
tcpspan listeners -i recordings/mixed.tsp
tcpspan listeners -i recordings/mixed.tsp --wide -L 80
tcpspan listeners -i recordings/mixed.tsp --csv -4
tcpspan listeners -i recordings/lossy.tsp -p 1
tcpspan listeners -i recordings/mixed.tsp --lang zh
tcpspan listeners -i recordings/mixed.tsp --json | sed -n 's/.*\("listeners":{[^}]*}\).*/\1/p'
