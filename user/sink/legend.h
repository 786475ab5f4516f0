/* SPDX-License-Identifier: GPL-2.0-only */
/* What the short forms of the text output mean: for the text, the help and the manual. */
#ifndef USER_SINK_LEGEND_H
#define USER_SINK_LEGEND_H

#include <stdbool.h>
#include <stddef.h>

#include "user/conn/conn.h"

/*
 * How a connection ended: an entry for each outcome i, in the order of enum conn_outcome. The name
 * in JSON, and in the column END with --wide, is conn_outcome_name(i).
 */
struct legend_end {
	const char *code; /* in the column END where the cause is unknown, at most 4 characters */
	const char *meaning; /* a phrase */
	bool is_failure;
};

extern const struct legend_end legend_ends[];
extern const size_t legend_end_count;

/* The entry of an outcome; that of an unknown one for a number that is none. */
const struct legend_end *legend_end(enum conn_outcome outcome);

/* What stands in the column END: the code of its cause or, if that is unknown, of its outcome. */
const char *legend_code(const struct conn *c);

/* A column or a sign of the text output, and what it says. */
struct legend_entry {
	const char *sign;
	const char *meaning;
};

extern const struct legend_entry legend_columns[];
extern const size_t legend_column_count;

#endif
