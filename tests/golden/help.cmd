# The help of the program and of each command that it names.
tcpspan --help
for command in $(tcpspan --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	echo "---- $command"
	tcpspan "$command" --help
done
