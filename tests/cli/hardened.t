#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The program that was built has what makes a flaw of it harder to use.
set -u

tcpspan=${TCPSPAN:-$(dirname "$0")/../../build/tcpspan}
n=0 failed=0

check() {
	if (($2 == 0)); then
		echo "ok $((++n)) - $1"
	else
		echo "not ok $((++n)) - $1"
		failed=1
	fi
}

if [[ ${SAN-} ]]; then
	echo "1..0 # SKIP a program with sanitizers is not one to install"
	exit 0
fi
head=$(readelf -hW "$tcpspan")
segments=$(readelf -lW "$tcpspan")
dynamic=$(readelf -dW "$tcpspan")
symbols=$(readelf -sW --dyn-syms "$tcpspan")

grep -q 'Type: *DYN' <<<"$head"
check "position-independent" $?
grep -q 'GNU_RELRO' <<<"$segments"
check "relocations are read-only" $?
grep -q 'BIND_NOW\|FLAGS.* NOW' <<<"$dynamic"
check "and done before the program starts" $?
! grep 'GNU_STACK' <<<"$segments" | grep -q 'RWE'
check "the stack is not executable" $?
grep -q '__stack_chk_fail' <<<"$symbols"
check "stacks are guarded" $?
grep -q '_chk@GLIBC\|_chk$' <<<"$symbols"
check "sizes of buffers are checked" $?
if [[ $(uname -m) == x86_64 ]]; then
	# Debian's start-up code has no such marks, so the linker's note does not tell.
	(($(objdump -d --no-show-raw-insn "$tcpspan" | grep -c endbr64) > 100))
	check "functions have the marks that indirect branches are checked by" $?
fi

echo "1..$n"
exit "$failed"
