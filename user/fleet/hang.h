/* SPDX-License-Identifier: GPL-2.0-only */
/* Stuck connections of many machines, out of rows: told as those of one are, by the same code. */
#ifndef USER_FLEET_HANG_H
#define USER_FLEET_HANG_H

#include <stddef.h>

#include "user/fleet/answer.h"
#include "user/sink/sink.h"

#define HANG_FACTS 21 /* of each row */

struct hangs;

/* NULL without memory. */
struct hangs *hangs_new(void);
void hangs_free(struct hangs *h);

/* Adds a row of question_stuck or, `is_group`, of question_stuck_groups. Returns 0 or -errno. */
int hangs_add(struct hangs *h, const struct answer_value *values, bool is_group);

/*
 * Adds all of it: lines, or groups where those were added. `settings` is that of this run, and is
 * made to say of which machine each is.
 */
void hangs_print(struct hangs *h, const struct sink *sink, struct sink_settings *settings,
		 struct buffer *out);

#endif
