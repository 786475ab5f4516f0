/* SPDX-License-Identifier: GPL-2.0-only */
/* The help and the version, by argp and from the tables. */
#ifndef USER_OPTION_HELP_H
#define USER_OPTION_HELP_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/option/table.h"

/* The number by which argp knows a row. */
int help_key(const struct option_spec *spec);

/*
 * The rows that `command` knows, or those of every command when it is NULL, under their headings.
 * The caller frees them; NULL when there is no memory.
 */
struct argp_option *help_options_new(const struct command_spec *command);

/* What a report of a fault has to name, and whether this program has it. */
struct help_libraries {
	const char *names; /* each with its version, where that is known: "libbpf=1.5 zlib=" */
	bool (*are_built_in)(void); /* NULL: always */
};

/* What the version goes on with, a line for each library. It is not copied. */
void help_set_libraries(const struct help_libraries *all, size_t count);

/*
 * Print to standard output; the help is of the whole program when `command` is NULL. Return
 * OPTIONS_ANSWERED, or -EIO after one sentence.
 */
int help_print(const struct command_spec *command, enum ladder_language language);
int help_print_version(void);

#endif
