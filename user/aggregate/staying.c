// SPDX-License-Identifier: GPL-2.0-only
/* Who has not left a state yet: what no histogram of durations can have. */
#include "user/aggregate/staying.h"

#include "user/aggregate/histogram_set.h"
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

/* Each with what has the stays that are over. */
static const struct {
	uint8_t state, histogram;
} order[] = {
#define X(NAME)                                \
	{                                      \
		STATE_##NAME, HISTOGRAM_##NAME \
	}
	X(SYN_SENT),   X(SYN_RECV), X(ESTABLISHED), X(FIN_WAIT1), X(FIN_WAIT2),
	X(CLOSE_WAIT), X(CLOSING),  X(LAST_ACK),    X(TIME_WAIT),
#undef X
};

void staying_each(const struct staying staying[STATE_COUNT], uint32_t only,
		  void (*visit)(void *context, const struct staying_row *row), void *context)
{
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct staying_row row = { (enum tcp_state)order[i].state,
						 &staying[order[i].state] };

		if (row.staying->count && (!only || only >> order[i].histogram & 1))
			visit(context, &row);
	}
}

const char *staying_quality(const struct staying *staying)
{
	if (staying->oldest_ns == TIME_UNKNOWN)
		return NULL;
	return staying->is_older ? "at_least" : "exact";
}
