/* SPDX-License-Identifier: GPL-2.0-only */
/* Which listeners are told of, and the telling. */
#ifndef USER_COMMAND_LISTENERS_ROWS_H
#define USER_COMMAND_LISTENERS_ROWS_H

#include "user/aggregate/listening_row.h"
#include "user/option/options.h"
#include "user/run/lore.h"
#include "user/sink/sink.h"

struct listeners_teller {
	const struct options *options; /* with all filters */
	struct listening *listening;
	const struct sink *sink;
	const struct sink_settings *settings;
	struct run_lore *lore;
	struct listening_view view;
};

/* Adds all that are wanted to `out`, and to the totals. Returns 0, or -errno after one sentence. */
int listeners_tell(const struct listeners_teller *teller, struct buffer *out,
		   struct listening_totals *totals);

/*
 * Tells of those whose verdict has changed since they were told of last, where the format has lines
 * for that. Returns 0, or -errno after one sentence.
 */
int listeners_tell_changes(const struct listeners_teller *teller, struct buffer *out);

#endif
