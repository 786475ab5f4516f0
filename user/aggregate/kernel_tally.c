// SPDX-License-Identifier: GPL-2.0-only
/* Counts what connections did as the kernel counts it: tests/e2e/counted.py says the same. */
#include "user/aggregate/kernel_tally.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"
#include "user/conn/path.h"

#define NAMESPACES_MAX 4096

/* Lives of a namespace that went through the same states: they are counted when somebody looks. */
struct alike {
	uint64_t path, count;
	uint32_t netns, is_server;
};

#define ALIKE_BITS 6

/* What each life of a shape counts, once each. */
#define COUNTED_MAX 3

struct counted {
	uint64_t lives; /* that are not counted so far, of one namespace */
	uint32_t netns;
	uint8_t count;
	uint8_t ids[COUNTED_MAX]; /* enum kernel_tally_id */
};

struct kernel_tallies {
	struct consumer consumer;
	struct kernel_tally *all;
	uint32_t count, room;
	struct hash_index by_netns; /* of all, counted from 1 */
	uint32_t last;		    /* the one that was looked for last; 0: none */
	bool is_full;
	struct kernel_tally spare; /* what is counted without a place */
	struct alike alike[1 << ALIKE_BITS];
	struct counted counted[CONSUMER_SHAPES];
};

const char *kernel_tally_name(enum kernel_tally_id id)
{
	static const char *const names[KERNEL_TALLY_COUNT] = {
#define X(name, where) #name,
		KERNEL_TALLIES(X)
#undef X
	};

	return (unsigned int)id < KERNEL_TALLY_COUNT ? names[id] : NULL;
}

unsigned int kernel_tally_sums(void)
{
	enum { CONNECTIONS, EVENTS };
	unsigned int sums = 0;

#define X(name, where) sums |= (where) == EVENTS ? 1u << TALLY_##name : 0;
	KERNEL_TALLIES(X)
#undef X
	return sums;
}

/* ---- namespaces ----------------------------------------------------------------------------- */

static uint64_t hash_of(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct kernel_tallies *)context)->all[n - 1].netns);
}

static uint32_t find(const struct kernel_tallies *t, uint32_t netns)
{
	struct hash_search s;
	uint32_t n;

	if (t->last && t->all[t->last - 1].netns == netns)
		return t->last;
	if (!t->by_netns.slots)
		return 0;
	s = hash_search_begin(&t->by_netns, hash_u64(&t->by_netns.key, netns));
	do
		n = hash_search_next(&t->by_netns, &s);
	while (n && t->all[n - 1].netns != netns);
	return n;
}

static bool make_room(struct kernel_tallies *t)
{
	uint32_t room = t->room ? t->room * 2 : 16;
	struct kernel_tally *all;

	if (t->count < t->room)
		return true;
	all = room <= NAMESPACES_MAX ? reallocarray(t->all, room, sizeof(*all)) : NULL;
	if (!all)
		return false;
	t->all = all;
	t->room = room;
	return true;
}

static struct kernel_tally *find_or_add(struct kernel_tallies *t, uint32_t netns)
{
	uint32_t n = find(t, netns);

	if (!n) {
		if (!make_room(t) || hash_index_reserve(&t->by_netns, t->room)) {
			t->is_full = true;
			return &t->spare;
		}
		n = ++t->count;
		t->all[n - 1] = (struct kernel_tally){ .netns = netns };
		hash_index_put(&t->by_netns, hash_u64(&t->by_netns.key, netns), n);
	}
	t->last = n;
	return &t->all[n - 1];
}

static inline struct kernel_tally *of(struct kernel_tallies *t, uint32_t netns)
{
	if (t->last && t->all[t->last - 1].netns == netns)
		return &t->all[t->last - 1];
	return find_or_add(t, netns);
}

static void settle_all(struct kernel_tallies *t);

const struct kernel_tally *kernel_tallies_find(struct kernel_tallies *t, uint32_t netns,
					       bool *ret_left_out)
{
	uint32_t n;

	settle_all(t);
	n = find(t, netns);

	*ret_left_out = !n && t->is_full;
	return n ? &t->all[n - 1] : NULL;
}

void kernel_tallies_keep(struct kernel_tallies *t, bool (*is_there)(void *context, uint32_t netns),
			 void *context)
{
	uint32_t kept = 0;

	settle_all(t);
	for (uint32_t i = 0; i < t->count; i++)
		if (is_there(context, t->all[i].netns))
			t->all[kept++] = t->all[i];
	if (kept == t->count)
		return;
	t->count = kept;
	t->last = 0;
	t->is_full = false;
	hash_index_clear(&t->by_netns);
	for (uint32_t n = 1; n <= kept; n++)
		hash_index_put(&t->by_netns, hash_of(t, &t->by_netns.key, n), n);
}

/* ---- connections ---------------------------------------------------------------------------- */

/* TCP_REPAIR makes a connection that nobody opens. */
static bool is_restored(const struct conn *c)
{
	return c->handshake_flags & CONN_HANDSHAKE_RESTORED;
}

/* The step counts nothing. */
#define NOTHING KERNEL_TALLY_COUNT

/* What it counts to be there, where a SYN was sent. */
static unsigned int opening_of(unsigned int from, unsigned int to, bool is_server)
{
	if (from == STATE_CLOSED && to == STATE_SYN_SENT)
		return TALLY_ActiveOpens;
	return from == STATE_CLOSED && is_server ? TALLY_PassiveOpens : NOTHING;
}

static unsigned int end_of(unsigned int from, unsigned int to)
{
	if (to == STATE_TIME_WAIT)
		return TALLY_TW;
	return to == STATE_CLOSED && (from == STATE_ESTABLISHED || from == STATE_CLOSE_WAIT) ?
		       TALLY_EstabResets :
		       NOTHING;
}

/* A connect is counted as soon as it begins, and taken back where no SYN was sent. */
static void count_step(struct kernel_tally *k, const struct conn *c, unsigned int from,
		       unsigned int to)
{
	unsigned int opening = opening_of(from, to, c->role == CONN_ROLE_SERVER);
	unsigned int end = end_of(from, to);

	if (opening != NOTHING && (opening != TALLY_PassiveOpens || !is_restored(c)))
		k->now[opening]++;
	else if (from == STATE_SYN_SENT && (is_restored(c) || c->flags & CONN_UNSENT))
		k->now[TALLY_ActiveOpens]--;
	if (end != NOTHING)
		k->now[end]++;
}

static __attribute__((noinline)) void count_steps(struct kernel_tally *k, const struct conn *c,
						  unsigned int first)
{
	unsigned int from = first ? c->step_state[first - 1] : STATE_CLOSED;

	for (unsigned int step = first; step < c->step_count; step++) {
		count_step(k, c, from, c->step_state[step]);
		from = c->step_state[step];
	}
}

static void settle(struct kernel_tallies *t, struct alike *a)
{
	uint8_t steps[CONN_STEPS];
	unsigned int from = STATE_CLOSED, count = conn_path_steps(a->path, steps);
	struct kernel_tally *k;

	if (!a->count)
		return;
	k = of(t, a->netns);
	for (unsigned int i = 0; i < count; from = steps[i++]) {
		unsigned int opening = opening_of(from, steps[i], a->is_server);
		unsigned int end = end_of(from, steps[i]);

		if (opening != NOTHING)
			k->now[opening] += (int64_t)a->count;
		if (end != NOTHING)
			k->now[end] += (int64_t)a->count;
	}
	a->count = 0;
}

static void settle_counted(struct kernel_tallies *t, struct counted *counted)
{
	struct kernel_tally *k;

	if (!counted->lives)
		return;
	k = of(t, counted->netns);
	for (unsigned int i = 0; i < counted->count; i++)
		k->now[counted->ids[i]] += (int64_t)counted->lives;
	counted->lives = 0;
}

static __attribute__((noinline)) void settle_all(struct kernel_tallies *t)
{
	for (size_t i = 0; i < sizeof(t->alike) / sizeof(*t->alike); i++)
		settle(t, &t->alike[i]);
	for (size_t i = 0; i < CONSUMER_SHAPES; i++)
		settle_counted(t, &t->counted[i]);
}

static __attribute__((noinline)) void begin_alike(struct kernel_tallies *t, struct alike *a,
						  const struct alike *wanted)
{
	settle(t, a);
	*a = *wanted;
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct kernel_tallies *t = (struct kernel_tallies *)self;
	const struct alike wanted = { .path = conn_path(c),
				      .netns = c->netns,
				      .is_server = c->role == CONN_ROLE_SERVER };
	struct alike *a;

	/* Whatever follows TIME_WAIT counts nothing. */
	if (first && c->step_state[first - 1] == STATE_TIME_WAIT)
		return;
	if (first || is_restored(c) || c->flags & CONN_UNSENT) {
		count_steps(of(t, c->netns), c, first);
		return;
	}
	a = &t->alike[conn_path_place(wanted.path, wanted.netns, ALIKE_BITS)];
	if (a->path != wanted.path || a->netns != wanted.netns || a->is_server != wanted.is_server)
		begin_alike(t, a, &wanted);
	a->count++;
}

/* The state that it was in before it was CLOSED; CLOSED: it is not. */
static enum tcp_state state_before(const struct conn *c)
{
	if (c->step_count < 2 || conn_state(c) != STATE_CLOSED)
		return STATE_CLOSED;
	return (enum tcp_state)c->step_state[c->step_count - 2];
}

static bool is_attempt(enum tcp_state before)
{
	return before == STATE_SYN_SENT || before == STATE_SYN_RECV;
}

/* Whoever gives up has not failed, for the kernel. */
static bool is_given_up(enum conn_cause cause)
{
	switch (cause) {
	case CONN_CAUSE_CONNECT_ABANDONED:
	case CONN_CAUSE_CONNECT_LEFT:
	case CONN_CAUSE_CONNECT_SHUT:
	case CONN_CAUSE_CONNECT_UNSENT:
	case CONN_CAUSE_CONNECT_FAILED:
		return true;
	default:
		return false;
	}
}

/* The request of a fast open is counted, and the child that there is already as well. */
static unsigned int attempts_failed(const struct conn *c)
{
	if (!is_attempt(state_before(c)) || is_given_up((enum conn_cause)c->cause) ||
	    c->outcome == CONN_OUTCOME_RESET_SENT)
		return 0;
	return c->role == CONN_ROLE_SERVER && c->cause == CONN_CAUSE_RESET_RECEIVED ? 2 : 1;
}

/* How MPTCP ends a subflow is in counters of its own. */
static void count_cause(struct kernel_tally *k, const struct conn *c)
{
	if (c->cause == CONN_CAUSE_UNREAD_DATA && !(c->flags & CONN_MPTCP))
		k->now[TALLY_TCPAbortOnClose]++;
	if (c->cause == CONN_CAUSE_NO_MEMORY && !(c->flags & CONN_MPTCP))
		k->now[TALLY_TCPAbortOnMemory]++;
	if ((c->outcome == CONN_OUTCOME_TIMED_OUT && c->cause != CONN_CAUSE_FIN_TIMEOUT) ||
	    c->cause == CONN_CAUSE_LOST_WAY)
		k->now[TALLY_TCPAbortOnTimeout]++;
}

/* No cause of those that have ended in order counts anything. */
static bool counts_at_close(const struct conn *c)
{
	return c->outcome != CONN_OUTCOME_CLOSED || is_attempt(state_before(c));
}

static void count_close(struct kernel_tally *k, const struct conn *c)
{
	k->now[TALLY_AttemptFails] += attempts_failed(c);
	count_cause(k, c);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	if (counts_at_close(c))
		count_close(of((struct kernel_tallies *)self, c->netns), c);
}

/* The kernel counts its timewait sockets, of which one may wait for a FIN in vain. */
static bool counts_at_end(const struct conn *c)
{
	if (c->time_wait_end == CONN_TW_END_OVERFLOW)
		return true;
	return c->flags & CONN_MINISOCK && conn_find_step(c, STATE_TIME_WAIT) == c->step_count;
}

static void count_end(struct kernel_tally *k, const struct conn *c)
{
	if (c->time_wait_end == CONN_TW_END_OVERFLOW) {
		k->now[TALLY_TCPTimeWaitOverflow]++;
		k->now[TALLY_TW] -= conn_find_step(c, STATE_TIME_WAIT) < c->step_count;
	} else {
		k->now[TALLY_TW]++;
	}
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	if (counts_at_end(c))
		count_end(of((struct kernel_tallies *)self, c->netns), c);
}

/* What such a life counts is found by counting one. */
static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct kernel_tallies *t = (struct kernel_tallies *)self;
	struct counted *counted = &t->counted[shape];
	struct kernel_tally one = { .netns = c->netns };

	settle_counted(t, counted);
	*counted = (struct counted){ .netns = c->netns };
	count_steps(&one, c, 0);
	if (counts_at_close(c))
		count_close(&one, c);
	if (c->flags & CONN_FINISHED && counts_at_end(c))
		count_end(&one, c);
	for (unsigned int id = 0; id < KERNEL_TALLY_COUNT; id++) {
		if (!one.now[id])
			continue;
		if (one.now[id] != 1 || counted->count == COUNTED_MAX)
			return false;
		counted->ids[counted->count++] = (uint8_t)id;
	}
	return true;
}

static __attribute__((noinline)) void begin_counted(struct kernel_tallies *t,
						    struct counted *counted, uint32_t netns)
{
	settle_counted(t, counted);
	counted->netns = netns;
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct kernel_tallies *t = (struct kernel_tallies *)self;
	struct counted *counted = &t->counted[shape];

	if (counted->netns != c->netns)
		begin_counted(t, counted, c->netns);
	counted->lives++;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct kernel_tally *k = of((struct kernel_tallies *)self, h->netns);
	enum conn_cause cause = half_open_cause(h);

	if (cause == CONN_CAUSE_REQUEST_RESET || cause == CONN_CAUSE_BAD_SYN)
		k->now[TALLY_AttemptFails]++;
	if (h->end == HALF_OPEN_RESET || h->end == HALF_OPEN_REFUSED)
		k->now[TALLY_EmbryonicRsts]++;
}

static const struct consumer_class tallies_class = {
	.steps = on_steps,
	.closed = on_closed,
	.gone = on_gone,
	.half_open = on_half_open,
	.learn = on_learn,
	.like = on_like,
};

struct kernel_tallies *kernel_tallies_new(void)
{
	struct kernel_tallies *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->consumer.class = &tallies_class;
	t->consumer.wants = CONSUMER_TIMEWAITS | CONSUMER_SEEDS | CONSUMER_RETRANSMITS;
	hash_index_init(&t->by_netns, NAMESPACES_MAX, hash_of, t);
	return t;
}

void kernel_tallies_free(struct kernel_tallies *t)
{
	if (!t)
		return;
	hash_index_done(&t->by_netns);
	free(t->all);
	free(t);
}

struct consumer *kernel_tallies_consumer(struct kernel_tallies *t)
{
	return &t->consumer;
}

/* ---- to be compared ------------------------------------------------------------------------- */

void kernel_tallies_mark(struct kernel_tallies *t)
{
	settle_all(t);
	for (uint32_t i = 0; i < t->count; i++) {
		memcpy(t->all[i].marked, t->all[i].now, sizeof(t->all[i].now));
		t->all[i].closing = t->all[i].halfway = 0;
	}
}

static void look_at(void *context, const struct conn *c)
{
	bool is_closing = conn_state(c) == STATE_CLOSED && !(c->flags & CONN_CLOSE_TOLD);
	bool is_halfway = conn_state(c) == STATE_FIN_WAIT2 && c->flags & CONN_MINISOCK;
	struct kernel_tally *k;

	if (!is_closing && !is_halfway)
		return;
	k = of(context, c->netns);
	k->closing += is_closing;
	k->halfway += is_halfway;
}

void kernel_tallies_look(struct kernel_tallies *t, struct conn_table *table)
{
	settle_all(t);
	for (uint32_t i = 0; i < t->count; i++)
		t->all[i].closing = t->all[i].halfway = 0;
	conn_table_each(table, look_at, t);
}

void kernel_tallies_sum(const struct conn_counts *counts, int64_t *ret)
{
	memset(ret, 0, KERNEL_TALLY_COUNT * sizeof(*ret));
	ret[TALLY_OutRsts] = (int64_t)(counts->resets_sent + counts->resets_stray);
	for (int i = 0; i <= EVENT_RETRANSMIT_PROBE; i++)
		ret[TALLY_RetransSegs] += (int64_t)counts->retransmits[i];
	ret[TALLY_TCPSynRetrans] = (int64_t)(counts->retransmits[EVENT_RETRANSMIT_SYN] +
					     counts->retransmits[EVENT_RETRANSMIT_SYNACK]);
}
