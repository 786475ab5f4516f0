#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every bad command line gets status 2, one sentence on standard error, and no other output.
#
# A line of the lists is a command line in the shell's words. The good ones end with --version,
# which answers only when everything before it was understood, so they need no rights.
set -u

tcpspan=${TCPSPAN:-$(dirname "$0")/../../build/tcpspan}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0

# check NAME RESULT: one line of TAP; what the program said goes below a failure.
check() {
	local name=${1//#/ }
	if (($2 == 0)); then
		printf 'ok %d - %s\n' $((++n)) "$name"
	else
		printf 'not ok %d - %s\n' $((++n)) "$name"
		printf '# status %s\n' "$status"
		sed 's/^/# out: /' "$work/out"
		sed 's/^/# err: /' "$work/err"
		failed=1
	fi
}

# run LINE: the program with the words of LINE.
run() {
	local -a words
	eval "words=($1)"
	timeout 10 "$tcpspan" "${words[@]}" >"$work/out" 2>"$work/err" </dev/null
	status=$?
}

is_refused() {
	[[ $status == 2 && ! -s $work/out ]] &&
		[[ $(wc -l <"$work/err") == 1 ]] &&
		grep -Eq '^tcpspan: .{10,}[^.]$' "$work/err" &&
		! grep -Eqi "libbpf|getopt|usage|$(printf '\033')" "$work/err"
}

is_taken() {
	[[ $status == 0 && ! -s $work/err ]] && grep -Eq '^tcpspan [0-9]+\.' "$work/out"
}

is_help() {
	[[ $status == 0 && ! -s $work/err ]] && grep -q '^Usage: tcpspan' "$work/out"
}

while IFS= read -r line; do
	run "$line"
	is_refused
	check "refused: $line" $?
done <<'LINES'
nonsense
''
trace hist
trace surplus
-p 1 hist
-
-- surplus
--no-such-option
--no-such-option=1
-Z
-jZ
--ti
--json=1
--by comm
hist --events
check --open
check --against 0
-p
-c
-L
-D
-a
-N
-C
-d
--attach
--ring
--sample
--max-connections
hist --by
hist --top
-L 0
-L 65536
-L ''
-L ,
-L 80,,90
-L 80,
-L 90-80
-L 80-65536
-L -1
-L no-such-service
-L 4294967376
-D 0
-D 65536
-D ''
-D $'80\n81'
-p 0
-p -1
-p abc
-p 1,
-p 4294967297
-c ''
-c curl,,wget
-a ''
-a 10.0.0
-a 10.0.0.0/33
-a 10.0.0.0/-1
-a ::/129
-a fe80::1%lo
-a localhost
-a $'\033[31m'
-4 -6
-6 -4
-46
-N ''
-N no-such-namespace
-N /no/such/namespace
-N /proc/self/status
-N /proc/self/ns/mnt
-N 0
-N inode:1
-N 'net:[1]'
-N pid:2147483647
-N 99999999999999999999
-C ''
-C no-such-cgroup
-C /no/such/cgroup
-C /proc
--sample 0
--sample 1/0
--sample 2/3
--sample -1
--sample 1/
--sample 99999999999
--json --csv
-s -j
-d 0
-d -1
-d soon
-d 99999999999999999999
-d 1e3
--attach magic
--attach ''
--ring 0
--ring -1
--ring lots
--ring 4G
--ring 99999999999999999999
--ring 18014398509481985K
--max-connections 0
--max-connections -1
--max-connections 18446744073709551616
hist --by weather
hist --by ''
hist --by comm,,raddr
hist --top 0
stuck --exec true --exec-limit 0
explain --demo --json
explain --demo --csv
trace -L 65536
hist -L 65536
check -L 65536
-L 65536 --version
--version=1
LINES

while IFS= read -r line; do
	run "$line --version"
	is_taken
	check "taken: $line" $?
done <<'LINES'

trace
hist
check
-L 1,80,8000-8100,65535 -D 443
-p 1,2147483647 -c nginx,curl -c a-name-of-more-than-fifteen-bytes
-a 10.0.0.0/8,192.0.2.1 -a ::1 -a 2001:db8::/32
-4
-6
-N self
-N $$
-N /proc/self/ns/net
--sample 1/100
--sample 100
-d 0.5
-d 10
-j -T
-s -t
-wv
--attach auto
--attach fentry
--attach kprobe
--attach tracepoint
--attach classic
--ring 512K
--ring 1
--max-connections 1
--events --full --open
hist --by comm,raddr,rport,lport,netns --top 5
LINES

for line in --help -h 'trace --help' 'hist -h' 'check --help' '-L 80 --help'; do
	run "$line"
	is_help
	check "helps: $line" $?
done

timeout 10 "$tcpspan" --help >/dev/full 2>"$work/err" </dev/null
status=$?
: >"$work/out"
is_refused
check "a full disk is told" $?

# Of the calls that it has kept, too.
for form in --json --csv; do
	(
		ulimit -f 4
		exec timeout 10 "$tcpspan" trace --events "$form" >"$work/lines" 2>"$work/err" \
			-i "${0%/*}/../golden/recordings/mixed.tsp"
	)
	status=$?
	: >"$work/out"
	[[ $status == 2 && $(<"$work/err") == *'tcpspan: standard output cannot be written: '* &&
		-s $work/lines && $(tail -c 1 "$work/lines" | od -An -c) == *'\n' ]]
	check "what fits of $form ends with a whole line" $?
done

echo "1..$n"
exit $failed
