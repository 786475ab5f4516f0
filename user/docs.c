// SPDX-License-Identifier: GPL-2.0-only
/* Prints what is derived from the tables: the manual page, or the completions of bash. */
#include <stdio.h>
#include <string.h>

#include "user/docs/completion.h"
#include "user/docs/manual.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "man")) {
		manual_print();
	} else if (argc == 2 && !strcmp(argv[1], "completion")) {
		completion_print();
	} else {
		fputs("Usage: tcpspan-docs man|completion\n", stderr);
		return 2;
	}
	return fflush(stdout) ? 1 : 0;
}
