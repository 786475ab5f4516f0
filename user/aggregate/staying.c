// SPDX-License-Identifier: GPL-2.0-only
/* Who has not left a state yet: what no histogram of durations can have. */
#include "user/aggregate/staying.h"

#include "user/aggregate/stuck_conn.h"
#include "user/conn/table.h"

struct count {
	const struct conn_table *table;
	struct staying *staying;
	uint64_t now_ns;
};

static void add(void *context, const struct conn *c)
{
	struct count *count = context;
	struct staying *s = &count->staying[conn_state(c)];
	struct stuck age;

	if (!c->step_count || conn_state(c) == STATE_CLOSED)
		return;
	stuck_of_conn(&age, c, conn_table_seed(count->table, c), count->now_ns);
	s->count++;
	/* Whoever was there before may have come at any time. */
	s->is_older |= !age.age_is_exact;
	if (age.age_ns != TIME_UNKNOWN &&
	    (s->oldest_ns == TIME_UNKNOWN || age.age_ns > s->oldest_ns))
		s->oldest_ns = age.age_ns;
}

void staying_count(struct conn_table *table, uint64_t now_ns,
		   struct staying ret_staying[STATE_COUNT])
{
	struct count count = { .table = table, .staying = ret_staying, .now_ns = now_ns };

	for (unsigned int state = 0; state < STATE_COUNT; state++)
		ret_staying[state] = (struct staying){ .oldest_ns = TIME_UNKNOWN };
	conn_table_each(table, add, &count);
}
