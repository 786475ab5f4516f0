# Recordings that are cut short, changed, or none: what was saved, where it ends, status 2.
file=recordings/mixed.tsp
try() {
	echo "---- $1"
	shift
	tcpspan hist "$@" 2>&1 >/dev/null | grep -v hooks
}
: | try empty -i -
echo hello | try "no recording" -i -
head -c 30 $file | try "a part of a head" -i -
head -c 1500 $file | try "cut short" -i -
head -c 600 $file | try "cut within its first block" -i -
{ head -c 1200 $file; printf x; tail -c +1202 $file; } | try "a byte in the middle" -i -
{ head -c 8 $file; printf '\001\002\003\004'; tail -c +13 $file; } | try "the other byte order" -i -
{ head -c 12 $file; printf '\011'; tail -c +14 $file; } | try "a newer version" -i -
{ cat $file; echo more; } | try "more behind its end" -i -
cat $file $file | try "twice, one behind the other" -i -
try "twice" -i $file $file
try "a folder" -i .
try "no file" -i "$(printf 'no\033[31mne')"
head -c 1500 $file | tcpspan hist -s -i - 2>/dev/null | head -n 2
head -c 1500 $file | tcpspan stuck --state closing -i - 2>&1
head -c 1500 $file | tcpspan diff --json - $file 2>/dev/null | sed -n 's/.*"side":"\([a-z]*\)".*"lost":\([^,]*\).*/\1: \2/p'
head -c 1500 $file | tcpspan hist -i - >/dev/null 2>&1
echo "status of one that is cut short: $?"
tcpspan hist -i $file >/dev/null 2>&1
echo "status of a whole one: $?"
tcpspan hist -i . >/dev/null 2>&1
