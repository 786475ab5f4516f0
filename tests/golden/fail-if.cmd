# Conditions: what holds, what does not, what is undecided, and what is none.
try() {
	tcpspan "$@" -i recordings/mixed.tsp >/dev/null 2>&1
	status=$?
	echo "$status: $*"
	tcpspan "$@" -i recordings/mixed.tsp 2>&1 >/dev/null | grep fail-if
}
try hist --fail-if 'handshake_client.p99 > 20ms'
try hist --fail-if 'handshake_client.p99 > 30ms'
try hist --fail-if 'time_wait.p99 > 1us'
try hist --fail-if 'state_closing.p99 > 20ms'
try hist --fail-if 'state_closing.p99 > 20ms or failures.refused > 1 and lost = 0'
try hist --fail-if 'resets.sent > 1'
try hist --fail-if 'handshake_clint.p99 > 20ms'
try hist --fail-if 'handshake_client.p99 > 20'
try hist --only time_wait --by comm --interval 1m --fail-if 'half_open.count.rate >= 0.5/m'
try hist -L 80 --fail-if 'handshake_server.count = 4'
try trace --failed --fail-if 'failures.syn_timeout.share > 5%'
try trace --events --fail-if 'connections.live < 1'
tcpspan hist --only half_open --json --fail-if 'half_open.p50 > 1m or lost > 0 or state_closing.max > 1s' -i recordings/mixed.tsp | grep fail_if
tcpspan trace --fail-if 'lost > 0'
tcpspan hist --fail-if 'lost >= 0' -i recordings/lossy.tsp >/dev/null
