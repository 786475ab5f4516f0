# All series of a recording, by process; what is not of the recording is left out.
tcpspan export --once --by comm -i recordings/mixed-2.tsp | grep -v '^tcpspan_build_info{'
tcpspan export -i recordings/mixed-2.tsp --lang zh 2>&1 >/dev/null
