#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The picture of the README is what the program draws; else: user/package/pictures/draw.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
pictures=$top/user/package/pictures
new=$(mktemp)
trap 'rm -f "$new"' EXIT
"$pictures/draw" "$TCPSPAN" "$top/tests/golden/recordings/after.tsp" "$new"
if cmp -s "$new" "$pictures/states.svg" && grep -q pictures/states.svg "$top/README.md"; then
	echo 'ok 1 - the picture of the state machine is current'
	echo 1..1
	exit 0
fi
echo 'not ok 1 - the picture of the state machine is current'
diff "$pictures/states.svg" "$new" | head -n 20 | cut -c1-200 | sed 's/^/# /'
echo 1..1
exit 1
