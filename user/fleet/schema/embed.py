#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# Prints the files that it is given as a list of C, so that the program has them with it.
"""`embed.py 001.sql 002.sql > text.h`: `schema_files`, in the order of the arguments."""
import sys


def quote(line):
	"""One line as a literal of C."""
	return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


print("static const char *const schema_files[] = {")
for path in sys.argv[1:]:
	with open(path, encoding="ascii") as file:
		print("\t" + "\n\t".join(map(quote, file)) + ",")
print("};")
