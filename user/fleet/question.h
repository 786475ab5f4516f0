/* SPDX-License-Identifier: GPL-2.0-only */
/* The questions to a store: each is a query, and the columns of its answer. */
#ifndef USER_FLEET_QUESTION_H
#define USER_FLEET_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/fleet/table.h"
#include "user/option/options.h"

struct question {
	const char *type; /* of its lines of JSON */
	const struct table_column *columns;
	size_t count;
	/* Adds the query. `now_ns`: since 1970. */
	void (*ask)(struct buffer *out, const struct options *o, uint64_t now_ns);
};

extern const struct question question_failures, question_top, question_hosts;
/* How many failures there are, of all groups: one number. */
extern const struct question question_failed;
/* The columns of question_failures that a row of the others has. */
enum { FAILURES_COUNT, FAILURES_OTHER, FAILURES_CAUSE };
/* For fleet/hang.h: each connection, and groups of them. They have no columns of their own. */
extern const struct question question_stuck, question_stuck_groups;
/* What each pair has, for fleet/pair.h, and what has one end alone. */
extern const struct question question_pairs, question_alone;

/*
 * Counts of values by name, group and bucket, for fleet/buckets.h: name, `keys` columns of the
 * group, and BUCKETS_NUMBERS.
 */
void question_buckets(struct buffer *out, const struct options *o, uint64_t now_ns);

/* The columns of a group: those of --by, in the order of the list, and the host before. */
size_t question_keys(const struct options *o, const char *names[ANSWER_COLUMNS]);

#endif
