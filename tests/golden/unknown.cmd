# A failure whose cause nobody knows, in each form: never a name that it has not, and never none.
tcpspan trace --failed -i recordings/late.tsp
tcpspan trace --failed --csv -i recordings/late.tsp
tcpspan top --once -i recordings/late.tsp
tcpspan top --once --screen failures -i recordings/late.tsp
