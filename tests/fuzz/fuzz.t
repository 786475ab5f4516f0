#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Gives every fuzzer a few seconds, so that a decoder that breaks at once is seen at once.
set -u

cd "$(dirname "$0")/../.." || exit 1
fuzzers=(tests/fuzz/*.c)
[[ -f ${fuzzers[0]} ]] || { echo '1..0 # SKIP no fuzzers'; exit 0; }
seconds=${FUZZ_CHECK_SECONDS:-3}

echo "1..${#fuzzers[@]}"
n=0 failed=0
for source in "${fuzzers[@]}"; do
	name=$(basename "$source" .c)
	if out=$(tests/fuzz/run "$name" "$seconds" 2>&1); then
		printf 'ok %d - %s\n' $((++n)) "$out"
	else
		printf 'not ok %d - %s\n' $((++n)) "$name"
		printf '%s\n' "$out" | sed 's/^/# /'
		failed=1
	fi
done
exit $failed
