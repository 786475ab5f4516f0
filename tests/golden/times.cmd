# Times in front: of listeners, of what is stuck, of intervals, of the steps of a ladder.
recording=recordings/mixed.tsp
for when in -T -t -tT; do
	echo "---- $when"
	tcpspan listeners $when -i $recording 2>/dev/null
	tcpspan stuck --state all $when -i $recording 2>/dev/null
	tcpspan stuck --state all --list $when -i $recording 2>/dev/null
	tcpspan hist --interval 1m --only half_open $when -i $recording 2>/dev/null | grep ' to '
done
for when in -T -t; do
	echo "---- explain $when"
	tcpspan explain --slowest handshake $when -i $recording 2>/dev/null | grep -v '^          '
	tcpspan explain $when -i $recording 2>/dev/null | grep ' [A-Z_0-9]* *<*[-=][-=]'
done
