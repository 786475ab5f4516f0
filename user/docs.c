// SPDX-License-Identifier: GPL-2.0-only
/* Prints what is derived from the tables: the manual pages, or the completions of bash. */
#include <stdio.h>
#include <string.h>

#include "user/docs/completion.h"
#include "user/docs/manual.h"
#include "user/docs/manual_zh.h"
#include "user/option/table.h"

static const struct command_spec *find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(command_specs[i].name, name))
			return &command_specs[i];
	return NULL;
}

static void print_commands(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		puts(command_specs[i].name);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "man")) {
		manual_print();
	} else if (argc == 2 && !strcmp(argv[1], "man-zh")) {
		manual_zh_print();
	} else if (argc == 2 && !strcmp(argv[1], "completion")) {
		completion_print();
	} else if (argc == 2 && !strcmp(argv[1], "commands")) {
		print_commands();
	} else if (argc == 3 && !strcmp(argv[1], "man") && find(argv[2])) {
		manual_print_command(find(argv[2]));
	} else {
		fputs("Usage: tcpspan-docs man [COMMAND]|man-zh|completion|commands\n", stderr);
		return 2;
	}
	return fflush(stdout) ? 1 : 0;
}
