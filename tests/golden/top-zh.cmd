# The live view in Chinese, whose characters take two columns, at three sizes; with ASCII alone it
# stays English.
show() {
	LC_ALL=$1 COLUMNS=$2 LINES=$3 tcpspan top --once -i recordings/lossy.tsp --screen "$4" --lang zh
	echo "---- $4, $2 x $3, $1"
}
for screen in overview states stuck failures; do
	show C.UTF-8 60 15 $screen
	show C.UTF-8 120 40 $screen
done
for screen in overview connections groups states stuck failures histograms listeners; do
	show C.UTF-8 80 24 $screen
done
show C 80 24 overview
