#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The manual and the completions know every command and option that --help knows.
set -u

build=${BUILD:-$(dirname "$0")/../../build}
tcpspan=${TCPSPAN:-$build/tcpspan}
n=0 failed=0

# check NAME RESULT [NOTE]: one line of TAP.
check() {
	if (($2 == 0)); then
		printf 'ok %d - %s\n' $((++n)) "$1"
	else
		printf 'not ok %d - %s\n' $((++n)) "$1"
		printf '%s\n' "${3-}" | sed 's/^/# /'
		failed=1
	fi
}

# options COMMAND: what its --help lists, one a line, in the order of sort.
options() {
	"$tcpspan" "$1" --help | sed -n 's/^  \( *-.*\)$/\1/p' | cut -c1-26 |
		grep -Eo -- '(^| )-(-[a-z-]+|[A-Za-z0-9])' | tr -d ' ' | sort -u
}

# completed WORD...: what is offered for the last of the words.
completed() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_tcpspan 2>/dev/null
	((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}" | sort -u
}

# offers WANT WORD...: exactly these are offered.
offers() {
	local found
	found=$(completed "${@:2}")
	[[ $found == "$1" ]]
	check "offered for '${*:2}'" $? "$found"
}

if [[ ! -s $build/tcpspan.8 || ! -s $build/tcpspan.bash ]]; then
	echo "1..0 # SKIP no manual in $build"
	exit 0
fi
# shellcheck source=/dev/null
. "$build/tcpspan.bash"

commands=$("$tcpspan" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[[ $(wc -w <<<"$commands") -ge 3 ]]
check "--help lists the commands" $? "$commands"
offers "$(sort <<<"$commands")" tcpspan ''

libraries=$("$tcpspan" --version | sed -n '2,$s/^without \|^with //p' | cut -d' ' -f1)
twice=$(sort <<<"$libraries" | uniq -d)
[[ $libraries == *libbpf* && $libraries != *,* && -z $twice ]]
check "--version names each library once" $? "$libraries"

chinese=$(sed 's/\\-/-/g; s/\\f[BIR]//g; s/"//g' "$build/tcpspan.zh_CN.8")
manual=$(sed 's/\\-/-/g; s/\\f[BIR]//g; s/"//g' "$build/tcpspan.8")
twice=$(tr '\n' ' ' <<<"$manual" |
	grep -Eo 'Not with[^.]*\. Not with[^.]*--[^.]*\.|Needs[^.]*\. Needs[^.]*\.')
[[ -z $twice ]]
check "it says once what an option goes with" $? "$twice"
grep -qx -- '\.B p，空格' <<<"$chinese"
check "the one in Chinese tells of the keys of top" $? "$(grep -A2 'SH 屏幕' <<<"$chinese")"
[[ $(tr '\n' ' ' <<<"$manual") == *"Of fleet: stuck."* ]]
check "it says which questions of fleet have an option" $?
[[ $(tr '\n' ' ' <<<"$manual") == *"Does nothing with --ports, --input."* ]]
check "it tells what does nothing from what is refused" $?
unknown=$(comm -13 <(for command in $commands; do options "$command"; done | sort -u) \
	<(sed -n '/^\.SH OPTIONS/,/^\.SH OUTPUT/p' <<<"$manual" |
		grep -Eo -- '(^| )--[A-Za-z0-9-]+' | tr -d ' ' | sort -u))
[[ -z $unknown ]]
check "it names no option that there is not" $? "$unknown"
for command in $commands; do
	grep -qx -- "\.B $command" <<<"$manual"
	check "the manual tells of $command" $?
	known=$(options "$command")
	[[ $(wc -l <<<"$known") -gt 30 ]]
	check "$command --help lists options" $? "$known"
	missing=$(for option in $known; do
		grep -Eq -- "^(-., )?$option([, ]|\$)" <<<"$manual" || echo "$option"
	done)
	[[ -z $missing ]]
	check "the manual tells of all options of $command" $? "$missing"
	missing=$(for option in $known; do
		grep -Eq -- "^(-., )?$option([, ]|\$)" <<<"$chinese" || echo "$option"
	done)
	[[ -z $missing ]] && grep -qx -- "\.B $command" <<<"$chinese"
	check "so does the one in Chinese" $? "$missing"
	page=$(sed -n '/^\.SH OPTIONS/,/^\.SH EXAMPLES/p' "$build/man/tcpspan-$command.8" |
		sed -n '/^\.TP/{n;p}' | sed 's/\\-/-/g; s/\\f[BIR]//g' |
		grep -Eo -- '(^| )-(-[a-z-]+|[A-Za-z0-9])' | tr -d ' ' | sort -u)
	[[ $page == "$known" ]]
	check "the page of $command tells of its options and no other" $? \
		"$(diff <(echo "$known") <(echo "$page"))"
	grep -q "^\.BR tcpspan\\\\-$command (8)" "$build/tcpspan.8"
	check "the manual names its page" $?
	grep -q "^tcpspan $command\|^\.B \"tcpspan" "$build/man/tcpspan-$command.8"
	check "which has an example" $?
	offered=$(completed tcpspan "$command" -)
	[[ $offered == "$known" ]]
	check "all options of $command are offered" $? "$(diff <(echo "$known") <(echo "$offered"))"
done

offers --attach tcpspan --at
offers --events tcpspan -p 1 --ev
offers '' tcpspan hist --ev
offers '' tcpspan nonsense -
offers kprobe tcpspan --attach k
offers kprobe tcpspan trace --attach = k
offers $'comm,raddr\ncomm,rport' tcpspan hist --by comm,r
offers $'comm\ncontainer\nlport\nnetns\npod\nrport\nunit' tcpspan export --by ''
offers $'comm\ncontainer\npod\nraddr\nunit' tcpspan top --by ''
offers '' tcpspan stuck --by o
offers $'comm\ncontainer' tcpspan fleet hist --by c
offers $'all\nall-stuck' tcpspan stuck --state a
mixed=$(dirname "$0")/../golden/recordings/mixed.tsp
for command in export top hist stuck 'fleet hist'; do
	# shellcheck disable=SC2086
	for key in $(completed tcpspan $command --by ''); do
		input=()
		[[ $command == fleet* ]] || input=(-i "$mixed")
		[[ $command == export ]] && input+=(--once)
		[[ $command == top ]] && input+=(--once --screen groups)
		refusal=$("$tcpspan" $command --by "$key" "${input[@]}" 2>&1 >/dev/null |
			grep -- --by)
		[[ -n $refusal ]] && refused+="$command $refusal"$'\n'
	done
done
[[ -z ${refused-} ]]
check "no key is offered that is refused" $? "${refused-}"
offers $'lost-ack\nlost-syn\nlost-synack' tcpspan explain --demo lost
offers --recorded tcpspan explain --demo --rec
queries=$("$tcpspan" fleet 2>&1 | grep -Eo ': [a-z, ]*(or [a-z]*)?$' | tr -d ':,' | sed 's/ or / /')
[[ $(wc -w <<<"$queries") == 8 ]]
check "the questions of fleet are known" $? "$("$tcpspan" fleet 2>&1)"
# shellcheck disable=SC2086
offers "$(printf '%s\n' $queries | sort)" tcpspan fleet ''
offers hosts tcpspan fleet --clickhouse http://store:8123 ho
offers "$(sort <<<"$commands")" tcpspan help ''
offers self tcpspan -N sel
offers 7,self tcpspan -N 7,sel
completed tcpspan -p "1,$$" | grep -qx "1,$$"
check "processes are offered for a list" $?
offers '' tcpspan -L 8
file=$(mktemp -u)
_tcpspan_reply_list 7,s "sh\$(touch $file)" 'so so' self "s\`touch $file\`" 's*'
[[ ! -e $file && ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == 7,self ]]
check "no name is run, nor offered to be" $? "${COMPREPLY[@]}"
rm -f "$file"

# Each counter of the kernel that the manual names is compared with what the stories' runs tell.
named=$(sed -n "/^.SS The kernel's counters/,/^.S[HS] [^T]/s/^.B \([A-Z].*\)/\1/p" \
	"$build/tcpspan.8" | sed 's/, /\n/g' | LC_ALL=C sort)
compared=$(PYTHONPATH=$(dirname "$0")/../e2e python3 -c 'import counted
print(*sorted({*sum(counted.COUNTERS, ()), *counted.OTHERS}), sep="\n")')
[[ -n $named && $named == "$compared" ]]
check "the kernel's counters in the manual are those that are compared" $? \
	"$(diff <(echo "$named") <(echo "$compared"))"

# What each row of the manual begins with.
keys=$(sed -n '/^\.SS Screens/,/^And what/s/^\.B \([^ ,]*\).*/\1/p' <<<"$manual")
lacking=$(for key in $keys; do
	[[ ${#key} == 1 ]] && key="\`$key\`"
	sed -n '/^| key |/,/^$/p' "$(dirname "$0")/../../README.md" | grep -qF -- "$key" ||
		echo "$key"
done)
[[ $(wc -w <<<"$keys") -ge 14 && -z $lacking ]]
check "the README has the keys of top" $? "$keys, without $lacking"

# A connection takes what a test holds it to, wherever it is said.
top=$(dirname "$0")/../..
said=$({
	sed -n 's/^#define BYTES_PER_CONNECTION //p' "$top/tests/unit/conn/test_room.c"
	grep -o 'takes at most [0-9]* bytes of memory' "$top/README.md"
	tr '\n' ' ' <<<"$manual" | grep -o 'at most [0-9]* bytes for each live connection'
	grep -o 'struct conn` ([0-9]* bytes' "$top/user/conn/README.md"
} | grep -o '[0-9]\+')
[[ $(wc -l <<<"$said") == 4 && $(sort -u <<<"$said" | wc -l) == 1 ]]
check "what a connection takes is the same everywhere" $? "$said"
said=$(sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/s/^\.B \(.\{72,\}\)/\1/p' <<<"$manual")
[[ -z $said ]]
check "each example is a line of its own" $? "$said"

# What was measured stands in the README and the manual as in the last row of the results.
said=$("$(dirname "$0")/../bench/results.py" --check 2>&1)
check "the measured overhead is current" $? "$said"
if command -v groff >/dev/null; then
	said=$(groff -man -ww -z -Tutf8 "$build/tcpspan.8" "$build"/man/*.8 2>&1
		groff -man -ww -z -Kutf8 -Tutf8 "$build/tcpspan.zh_CN.8" 2>&1)
	[[ -z $said ]]
	check "groff has nothing to say about the manuals" $? "$said"
	said=$(groff -man -Tutf8 "$build/tcpspan.8" | grep -- '‐$')
	[[ -z $said ]]
	check "no word of the manual is parted" $? "$said"
fi
echo "1..$n"
exit $failed
