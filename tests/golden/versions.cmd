# Recordings of old versions are read for good: what they tell is what those of today tell.
told() { # COMMAND FILE
	tcpspan $1 -i "recordings/$2" 2>&1 | cksum
}
for file in mixed lossy late; do
	for run in "trace --json" "trace --events --csv" "trace --full" "hist --json" "stuck --json"; do
		for version in 2 3; do
			[ "$(told "$run" $file.tsp)" = "$(told "$run" $file-$version.tsp)" ] || echo -n "not "
			echo "the same: $run of $file.tsp and $file-$version.tsp"
		done
	done
done
# Of several versions at once.
tcpspan trace --json -i recordings/late.tsp recordings/mixed-2.tsp | cksum
tcpspan trace --json -i recordings/late-2.tsp recordings/mixed.tsp | cksum
tcpspan trace --json -i recordings/late-3.tsp recordings/mixed-2.tsp | cksum
