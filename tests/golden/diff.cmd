# What changed: nothing from a recording to itself; more traffic, and losses; conditions; JSON.
tcpspan diff recordings/before.tsp recordings/before.tsp
tcpspan diff recordings/before.tsp recordings/after.tsp
COLUMNS=64 tcpspan diff recordings/before.tsp recordings/after.tsp -L 80 --wide
tcpspan diff recordings/before.tsp recordings/after.tsp --json --fail-if 'old.failures.share > 20% and failures.share > 10%'
tcpspan diff recordings/before.tsp recordings/after.tsp --fail-if 'change.connections.opened.rate > 50%' >/dev/null
tcpspan diff recordings/before.tsp recordings/after.tsp --fail-if 'change.half_open.p99 > 10%' >/dev/null
tcpspan diff recordings/before.tsp recordings/after.tsp --fail-if 'change.half_open.mean > 10%'
tcpspan diff recordings/before.tsp recordings/after.tsp --csv
tcpspan diff recordings/before.tsp recordings/after.tsp recordings/mixed.tsp
tcpspan diff
tcpspan diff recordings/before.tsp recordings/mixed.tsp --unit no.service
tcpspan diff recordings/before.tsp recordings/before.tsp --lang zh
tcpspan diff recordings/before.tsp recordings/after.tsp --lang zh
tcpspan diff recordings/before.tsp recordings/late.tsp
tcpspan diff recordings/late.tsp recordings/lossy.tsp
here=recordings/./././././././././././././././
tcpspan diff ${here}before.tsp ${here}after.tsp | grep -E '^(OLD|NEW) '
