# The live view of a recording's middle and of its end, at three sizes, and with ASCII alone.
show() {
	LC_ALL=$1 COLUMNS=$2 LINES=$3 tcpspan top --once -i recordings/mixed-2.tsp --screen "$4" $5
	echo "---- $4, $2 x $3, $1 $5"
}
for screen in overview connections groups states stuck failures histograms listeners; do
	show C.UTF-8 60 15 $screen '-d 1.2'
	show C.UTF-8 80 24 $screen '-d 1.2'
	show C.UTF-8 120 40 $screen '-d 1.2'
	show C 80 24 $screen '-d 12'
done
show C.UTF-8 80 24 connections --wide
show C.UTF-8 80 24 groups '--by raddr'
show C.UTF-8 80 24 overview
