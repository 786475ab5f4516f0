#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Started with descriptors closed, or with a small stack, the program does what it does otherwise;
# where files must not grow, or rights are none, it says so.
set -u

here=$(cd "$(dirname "$0")" && pwd)
tcpspan=${TCPSPAN:-$here/../../build/tcpspan}
recording=$here/../golden/recordings/mixed.tsp
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0

check() {
	if (($2 == 0)); then
		echo "ok $((++n)) - $1"
	else
		echo "not ok $((++n)) - $1"
		sed 's/^/# /' "$work"/{out,err} 2>/dev/null
		failed=1
	fi
}

"$tcpspan" trace --json -i "$recording" >"$work/want" 2>/dev/null </dev/null

"$tcpspan" trace --json -i "$recording" >"$work/out" <&- 2>"$work/err"
check "standard input closed: status 0" $?
cmp -s "$work/want" "$work/out"
check "standard input closed: the same lines" $?
"$tcpspan" trace --json -i "$recording" >"$work/out" 2>&- </dev/null
check "standard error closed: status 0" $?
cmp -s "$work/want" "$work/out"
check "standard error closed: the same lines, and nothing between them" $?
"$tcpspan" trace --json -i "$recording" >"$work/out" <&- 2>&-
cmp -s "$work/want" "$work/out"
check "both closed: the same lines" $?
for command in --version "trace --json -i $recording" "hist -i $recording" "explain lin0"; do
	# shellcheck disable=SC2086
	"$tcpspan" $command >&- 2>"$work/err"
	[[ $? == 2 && $(cat "$work/err") == "tcpspan: standard output is closed"* ]]
	check "standard output closed: $command: one sentence, status 2" $?
done
(
	ulimit -s 64
	"$tcpspan" trace --json -i "$recording" >"$work/out" 2>"$work/err" </dev/null
)
cmp -s "$work/want" "$work/out"
check "a stack of 64 KiB: the same lines" $?
for command in --help "explain lin0" "trace -i $recording" "stuck --state all -i $recording"; do
	# shellcheck disable=SC2069,SC2086
	said=$(ulimit -f 0 && exec "$tcpspan" $command 2>&1 >"$work/out" </dev/null)
	[[ $? == 2 && ${said##*$'\n'} == "tcpspan: standard output cannot be written: "* ]]
	check "a file that must not grow: $command: one sentence, status 2" $?
done
# Root of a user namespace is nobody's but its own.
if unshare -Ur true 2>/dev/null; then
	said=$(unshare -Ur "$tcpspan" trace -d 1 2>&1 </dev/null)
	[[ $? == 2 && $said == "tcpspan: "*" in a user namespace "* && $said != *$'\n'* ]]
	check "in a user namespace: one sentence, status 2" $?
	unshare -Ur "$tcpspan" check >"$work/out" 2>"$work/err" </dev/null
	[[ $? == 2 ]] && grep -q '^rights  *insufficient: .* user namespace ' "$work/out"
	check "check says so, too" $?
fi

echo "1..$n"
exit "$failed"
