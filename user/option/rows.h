/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the table of options are written with. For the files of that table alone. */
#ifndef USER_OPTION_ROWS_H
#define USER_OPTION_ROWS_H

#include <stddef.h>

#include "user/option/table.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define GIB(n) ((uint64_t)(n) << 30)
#define EVERY OPTION_OF_EVERY
#define ONLY(NAME) (1u << COMMAND_##NAME)
#define REDACTING                                                                               \
	(ONLY(TRACE) | ONLY(HIST) | ONLY(RECORD) | ONLY(STUCK) | ONLY(REPORT) | ONLY(EXPLAIN) | \
	 ONLY(LISTENERS) | ONLY(EXPORT) | ONLY(TOP))
#define FOLLOWING (ONLY(TRACE) | ONLY(HIST) | ONLY(RECORD) | ONLY(EXPORT) | ONLY(TOP))
#define SIZE_OF(field) sizeof(((struct options *)NULL)->field)
#define PLACE(field)                                            \
	{                                                       \
		offsetof(struct options, field), SIZE_OF(field) \
	}
#define MARK(field, value)          \
	{                           \
		PLACE(field), value \
	}
#define KEY_NAME(NAME, name) " " name
#define GIVEN_ONCE "it is given once"
#define STRING(macro) STRING_(macro)
#define STRING_(text) #text

/* The rows of one heading, in the order of the help, and their number. */
#define OPTION_ROWS(name)                                     \
	extern const struct option_spec option_rows_##name[]; \
	extern const size_t option_rows_##name##_count
#define OPTION_ROWS_COUNT(name)                   \
	const size_t option_rows_##name##_count = \
		sizeof(option_rows_##name) / sizeof(*option_rows_##name)

OPTION_ROWS(view);
OPTION_ROWS(filter);
OPTION_ROWS(output);
OPTION_ROWS(run);
OPTION_ROWS(help);

/* What can be chosen, ended by NULL. */
extern const struct option_name attach_names[];
extern const struct option_name lives_names[];
extern const struct option_name format_names[];
extern const struct option_name language_names[];
extern const struct option_name key_names[];
extern const struct option_name histogram_names[];
extern const struct option_name redaction_names[];
extern const struct option_name screen_names[];
extern const struct option_name spans_names[];
extern const struct option_name slowest_names[];

#endif
