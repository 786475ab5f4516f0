#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs each NAME.cmd beside it and compares what it prints, byte for byte, with NAME.out.
#
# NAME.cmd is a shell script that calls `tcpspan`; its folder is the current one. NAME.out holds
# standard output, then the lines of standard error behind "stderr: ", then "status: N".
# `golden.t --update` shows how the .out files would change and then changes them.
set -u

least=20 # cases; fewer means that some got lost

cd "$(dirname "$0")" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$TCPSPAN" "$work/bin/tcpspan"
PATH=$work/bin:$PATH

# run CASE: what the case prints now goes to $work/now.
run() {
	sh "./$1.cmd" >"$work/stdout" 2>"$work/stderr" </dev/null
	local status=$?
	{
		cat "$work/stdout"
		sed 's/^/stderr: /' "$work/stderr"
		echo "status: $status"
	} >"$work/now"
}

cases=()
for f in *.cmd; do
	[[ -f $f ]] && cases+=("${f%.cmd}")
done

if [[ ${1-} == --update ]]; then
	changed=0
	for c in "${cases[@]}"; do
		run "$c"
		old=$c.out
		[[ -f $old ]] || old=/dev/null
		diff -u --label "$c.out" --label "$c.out, new" "$old" "$work/now" && continue
		cp "$work/now" "$c.out"
		((++changed))
	done
	echo "$changed of ${#cases[@]} golden files changed."
	exit 0
fi

if ((${#cases[@]} < least)); then
	printf '1..1\nnot ok 1 - %d cases, where there were %d\n' "${#cases[@]}" "$least"
	exit 1
fi
echo "1..${#cases[@]}"
n=0 failed=0
for c in "${cases[@]}"; do
	run "$c"
	if diff -u --label "$c.out" --label "$c now" "$c.out" "$work/now" >"$work/diff" 2>&1; then
		printf 'ok %d - %s\n' $((++n)) "$c"
	else
		printf 'not ok %d - %s\n' $((++n)) "$c"
		sed 's/^/# /' "$work/diff"
		failed=1
	fi
done
exit $failed
