# The hooks that a recording was made with, as CSV.
tcpspan check --csv -i recordings/mixed.tsp
