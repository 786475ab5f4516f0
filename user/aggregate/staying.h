/* SPDX-License-Identifier: GPL-2.0-only */
/* Who has not left a state yet: what no histogram of durations can have. */
#ifndef USER_AGGREGATE_STAYING_H
#define USER_AGGREGATE_STAYING_H

#include <stdbool.h>
#include <stdint.h>

#include "user/event/state.h"

struct conn_table;

struct staying {
	uint64_t count;
	uint64_t oldest_ns; /* of those whose age is known; TIME_UNKNOWN: of none it is */
	bool is_older;	    /* that is a bound: of one nobody saw it come into the state */
};

struct staying_row {
	enum tcp_state state;
	const struct staying *staying;
};

/* Of the wanted connections of the table, by their states. */
void staying_count(struct conn_table *table, uint64_t now_ns,
		   struct staying ret_staying[STATE_COUNT]);

/*
 * The states that somebody has not left, as connections go through them. `only`: those of these
 * histograms, a set of 1 << enum histogram_id; 0: all.
 */
void staying_each(const struct staying staying[STATE_COUNT], uint32_t only,
		  void (*visit)(void *context, const struct staying_row *row), void *context);

/* Whether the oldest is exactly so old; "exact", "at_least" or, where nothing is known, NULL. */
const char *staying_quality(const struct staying *staying);

#endif
