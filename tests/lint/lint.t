#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The checks of form must refuse what they are there to refuse, and take what is right.
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir -p bpf vmlinux tests/unit
mkdir -p user/{base,event,conn,aggregate,sink,option,record,kernel,sockets,source,run,command}
touch bpf/{event,config,tracer.bpf}.h vmlinux/vmlinux.h tests/unit/help.h user/option/options.h
touch user/{base/time,event/event,conn/conn,aggregate/hist,sink/text,source/live}.h
touch user/{kernel/hooks,sockets/diag,run/run,command/hist,record/reader}.h

n=0 failed=0
result() {
	local word=ok
	[[ $1 == "$2" ]] || { word='not ok'; failed=1; }
	printf '%s %d - %s\n' "$word" $((++n)) "$3"
}

# arrow ok|bad FILE INCLUDE
arrow() {
	printf '#include %b\n' "$3" >"$2"
	local got=bad
	"$here/arrows" "$2" >/dev/null && got=ok
	result "$got" "$1" "arrows: $2 includes $3: $1"
	rm "$2"
}

# form ok|bad FILE CONTENT
form() {
	mkdir -p "$(dirname "$2")"
	printf '%b' "$3" >"$2"
	local got=bad
	"$here/form" "$2" >/dev/null && got=ok
	result "$got" "$1" "form: $4: $1"
	rm "$2"
}

arrow ok user/conn/a.c '"user/event/event.h"'
arrow ok user/conn/a.c '"conn.h"'
arrow ok user/sink/a.c '"user/aggregate/hist.h"'
arrow ok user/option/a.c '"user/sink/text.h"'
arrow ok user/run/a.c '"user/option/options.h"'
arrow ok user/run/a.c '"user/source/live.h"'
arrow ok user/command/a.c '"user/run/run.h"'
arrow ok user/source/a.c '"user/sockets/diag.h"'
arrow ok user/source/a.c '"user/record/reader.h"'
arrow ok user/sockets/a.c '"user/kernel/hooks.h"'
arrow bad user/base/a.c '"user/event/event.h"'
arrow bad user/event/a.c '"user/conn/conn.h"'
arrow bad user/conn/a.c '"../sink/text.h"'
arrow bad user/conn/a.c '"user/option/options.h"'
arrow bad user/sink/a.c '"user/option/options.h"'
arrow bad user/sink/a.c '"user/source/live.h"'
arrow bad user/option/a.c '"user/run/run.h"'
arrow bad user/run/a.c '"user/command/hist.h"'
arrow bad user/kernel/a.c '"user/sockets/diag.h"'
arrow bad user/sockets/a.c '"user/source/live.h"'
arrow bad user/record/a.c '"user/conn/conn.h"'
arrow bad user/source/a.c '"user/conn/conn.h"'
arrow ok user/event/a.c '"bpf/event.h"'
arrow bad user/conn/a.c '"bpf/event.h"'
arrow ok user/source/live.c '"bpf/config.h"'
arrow ok user/source/live.c '"bpf/tcpspan.skel.h"'
arrow bad user/source/replay.c '"bpf/tcpspan.skel.h"'
arrow ok user/source/ring.c '<bpf/libbpf.h>'
arrow ok user/source/live_part.c '<bpf/libbpf.h>'
arrow bad user/source/lives.c '<bpf/libbpf.h>'
arrow ok user/kernel/a.c '<bpf/libbpf.h>'
arrow ok user/sockets/a.c '<bpf/libbpf.h>'
arrow bad user/source/replay.c '<bpf/libbpf.h>'
arrow bad user/run/a.c '<bpf/libbpf.h>'
arrow bad user/sink/a.c '<bpf/libbpf.h>'
arrow bad user/main.c '<bpf/bpf.h>'
arrow bad user/main.c '"bpf/tcpspan.skel.h"'
arrow ok user/main.c '"user/command/hist.h"'
arrow bad user/main.c '"bpf/tracer.bpf.h"'
arrow bad user/main.c '"tests/unit/help.h"'
arrow bad user/conn/a.c '<time.h>'
arrow bad user/aggregate/a.c '<sys/stat.h>'
arrow ok user/conn/a.c '<stdio.h>'
arrow ok user/base/a.c '<unistd.h>'
arrow bad user/sink/a.c '"user/base/time.h"\nint n = clock_now();'
arrow ok user/run/a.c '"user/base/time.h"\nint n = clock_now();'
mkdir user/extra
arrow bad user/extra/a.c '"user/base/time.h"'
arrow ok bpf/a.bpf.c '"vmlinux.h"'
arrow ok bpf/a.bpf.c '<bpf/bpf_helpers.h>'
arrow bad bpf/a.bpf.c '"user/event/event.h"'
arrow bad vmlinux/a.h '"bpf/event.h"'
arrow ok tests/unit/a.c '"user/conn/conn.h"'

good='// SPDX-License-Identifier: GPL-2.0-only\n/* One sentence. */\n'
form ok a.c "${good}int x;\n" 'a proper file'
form bad a.c '/* One sentence. */\nint x;\n' 'no SPDX line'
form bad a.c '// SPDX-License-Identifier: MIT\n/* One sentence. */\n' 'another licence'
form bad a.c '// SPDX-License-Identifier: GPL-2.0-only\nint x;\n' 'no first comment'
form bad a.c '// SPDX-License-Identifier: GPL-2.0-only\n/* words */\n' 'no sentence'
form bad a.c "${good}int x;\r\n" 'a carriage return'
form bad a.c "${good}int x; \n" 'trailing blanks'
form bad a.c "${good}int x;" 'no last line feed'
form bad a.c "${good}        int x;\n" 'spaces for tabs'
form bad a.c "${good}/* TO""DO: more */\n" 'a left-over note'
form bad a.c "${good}// $(printf 'x%.0s' {1..98})\n" '101 columns'
form ok a.c "${good}// $(printf 'x%.0s' {1..97})\n" '100 columns'
form ok a.sh '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-only\n# One sentence.\n' 'a script'
form bad a.sh '#!/bin/sh\n# One sentence.\n' 'a script without a licence'
spdx='<!-- SPDX-License-Identifier: GPL-2.0-only -->'
form ok a.xml "$spdx\n<!-- One sentence. -->\n<a/>\n" 'a file of XML'
form bad a.xml "$spdx\n<a/>\n" 'a file of XML without a first comment'
form ok tests/x.md 'Free form' 'prose'
form ok tests/fuzz/corpus/event/reset 'no text' 'an input of a fuzzer'
learned=$(printf '0a%.0s' {1..20})
form bad "tests/fuzz/corpus/event/$learned" 'no text' 'an input that a fuzzer named'

# room ok|bad README WHAT: of a folder with first.c and .h, first_part.c, second.py
room() {
	mkdir -p user/room
	printf '%b' "$2" >user/room/README.md
	local got=bad files=(README.md first.c first.h first_part.c second.py)
	"$here/rooms" "${files[@]/#/user/room/}" user/other.h >/dev/null && got=ok
	result "$got" "$1" "rooms: $3: $1"
	rm -r user/room
}

room ok '# room\n\nfirst.c does this, second that.\n' 'each is named'
room bad '# room\n\nfirst.c does this.\n' 'one is not named'
room bad '# room\n\nfirst_part does this, second that.\n' 'one is not, of which a part is'
room bad '# room\n\nfirst, second, and third.c.\n' 'one is named that is not there'
room ok '# room\n\nfirst, second, user/other.h. There is no \0140third.c\0140.\n' 'others are named'
room ok ' first   this\n second  that\n' 'a row for each'
room bad ' first   this\n second  that\n first   more\n' 'two rows for one'
room bad '| first | this |\n| second | that |\n| first | more |\n' 'two rows of a table'

# reader ok|bad HEADER WHAT: with a program that reads name, CONSTANT and a bit
reader() {
	printf '%b' "$2" >vmlinux/vmlinux.h
	printf 'int n = sk->name + CONSTANT + sk->bit;\n' >bpf/a.bpf.c
	local got=bad
	"$here/readers" vmlinux/vmlinux.h bpf/a.bpf.c >/dev/null && got=ok
	result "$got" "$1" "readers: $3: $1"
	rm bpf/a.bpf.c
}

reader ok 'struct a {\n\tint name;\n\tu8 bit : 1; /* since 6.1 */\n};\n' 'fields that are read'
reader bad 'struct a {\n\tint name[4];\n\tint other[4];\n};\n' 'a field that nothing reads'
reader bad 'struct a {\n\tu8 other : 1; /* since 6.1 */\n};\n' 'a bit that nothing reads'
reader ok '#define CONSTANT 1\n' 'a constant that is used'
reader bad '#define CONSTANT 1\n#define OTHER 2\n' 'a constant that nothing uses'

# Where no golden file is left, none can differ.
cp "$here/../golden/golden.t" .
TCPSPAN=/bin/true ./golden.t >golden.out && got=ok || got=bad
result "$got $(head -n 1 golden.out)" 'bad 1..1' 'golden: cases that got lost are missed'

echo "1..$n"
exit $failed
