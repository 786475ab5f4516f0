# What was stuck at a moment of a recording.
tcpspan explain rfsd --lang zh
tcpspan stuck -i recordings/mixed.tsp --at 0
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all
tcpspan stuck -i recordings/mixed.tsp --at 1h --state all
tcpspan stuck -i recordings/mixed.tsp --at 1h
tcpspan stuck -i recordings/mixed.tsp --at 2 -d 1
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all --json
tcpspan stuck -i recordings/lossy.tsp --state all-stuck
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all --by cgroup
tcpspan stuck -i recordings/mixed.tsp --at 1 --state all --lang zh
tcpspan stuck -i recordings/lossy.tsp --state all-stuck --lang zh
