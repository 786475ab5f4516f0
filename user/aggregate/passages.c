// SPDX-License-Identifier: GPL-2.0-only
/* Counts transitions by where they come from and where they lead. */
#include "user/aggregate/passages.h"

#include "user/aggregate/roster.h"
#include "user/aggregate/stuck_conn.h"

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct passages *p = (struct passages *)self;
	unsigned int from = first ? c->step_state[first - 1] : STATE_CLOSED;

	for (unsigned int i = first; i < c->step_count; i++) {
		unsigned int to = c->step_state[i];

		if (from < STATE_COUNT && to < STATE_COUNT && (i || !(c->flags & CONN_SEEDED))) {
			p->moves[from][to]++;
			p->inferred += c->step_inferred >> i & 1;
		}
		from = to;
	}
}

static void note_age(struct passages_left *left, const struct conn *c, uint64_t now_ns)
{
	uint64_t age_ns = conn_between(conn_since(c), now_ns);

	if (age_ns == TIME_UNKNOWN || age_ns <= left->oldest_ns)
		return;
	left->oldest_ns = age_ns;
	left->is_older = roster_entered_ns(c) == TIME_UNKNOWN;
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct passages *p = (struct passages *)self;
	unsigned int state = conn_state(c);
	struct passages_left *left;

	if (state >= STATE_COUNT || state == STATE_CLOSED)
		return;
	left = &p->left[state];
	left->count++;
	left->stuck += roster_is_stuck(c, now_ns);
	note_age(left, c, now_ns);
	if (!p->accepts || !stuck_waits_for_accept(p->accepts, c, now_ns))
		return;
	left->stuck++;
	p->unaccepted.count++;
	p->unaccepted.stuck++;
	note_age(&p->unaccepted, c, now_ns);
}

static const struct consumer_class passages_class = { .steps = on_steps, .alive = on_alive };

void passages_init(struct passages *p)
{
	*p = (struct passages){ .consumer = { &passages_class, CONSUMER_SEEDS } };
}

uint64_t passages_into(const struct passages *p, enum tcp_state state)
{
	uint64_t sum = 0;

	for (unsigned int from = 0; from < STATE_COUNT; from++)
		sum += p->moves[from][state];
	return sum;
}

uint64_t passages_begun(const struct passages *p)
{
	uint64_t sum = 0;

	for (unsigned int to = 0; to < STATE_COUNT; to++)
		sum += p->moves[STATE_CLOSED][to];
	return sum;
}
