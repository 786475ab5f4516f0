/* SPDX-License-Identifier: GPL-2.0-only */
/* Which group each live connection was counted in, and the names that groups have. */
#ifndef USER_AGGREGATE_METRICS_GROUPS_H
#define USER_AGGREGATE_METRICS_GROUPS_H

#include "user/aggregate/metrics.h"
#include "user/base/hash.h"

/*
 * A connection stays in the group that it was counted in first, whatever becomes of the others
 * meanwhile: so a gauge never falls below 0.
 */
struct metrics_groups {
	struct metrics *metrics;
	metrics_name_of *name_of; /* NULL: there are none */
	const void *context;
	uint64_t now_ns; /* of the last look */
	uint32_t taken;	 /* so many groups from the first are known to have no place */

	struct member *members;
	uint32_t made, room, free;
	struct hash_index by_id;   /* members, by their connection's number */
	struct hash_index by_name; /* groups, from 1, by their names */
};

/* Otherwise nothing below has anything to do. */
static inline bool metrics_groups_are_wanted(const struct metrics_groups *g)
{
	return g->name_of;
}

void metrics_groups_init(struct metrics_groups *g, struct metrics *metrics,
			 metrics_name_of *name_of, const void *context);
void metrics_groups_done(struct metrics_groups *g);

/* Counts it in its group, once, as soon as somebody knows which that is; at last in any case. */
void metrics_groups_join(struct metrics_groups *g, const struct conn *c, bool is_last);

/* In the group that it was counted in, once; not as long as there is none. */
void metrics_groups_add_handshake(struct metrics_groups *g, const struct conn *c, uint64_t ns);

/* It is alive no more. */
void metrics_groups_leave(struct metrics_groups *g, const struct conn *c, bool has_failed);

/* Forgets groups that are idle, and begins to count those in CLOSE_WAIT anew. */
void metrics_groups_begin_look(struct metrics_groups *g, uint64_t now_ns);
void metrics_groups_note_close_wait(struct metrics_groups *g, const struct conn *c);

#endif
