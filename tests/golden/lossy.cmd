# Records were lost: transitions are inferred, durations withheld, all of it counted.
tcpspan trace --events -i recordings/lossy.tsp
tcpspan trace -i recordings/lossy.tsp
tcpspan trace --json -i recordings/lossy.tsp | tail -n 1
tcpspan trace -i recordings/lossy.tsp --lang zh >/dev/null
tcpspan stuck -i recordings/lossy.tsp
