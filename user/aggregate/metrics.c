// SPDX-License-Identifier: GPL-2.0-only
/* Counts connections for monitoring systems, as they are told of. */
#include "user/aggregate/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/failure_set.h"
#include "user/aggregate/measure.h"
#include "user/aggregate/metrics_groups.h"
#include "user/aggregate/stuck.h"
#include "user/base/units.h"
#include "user/conn/path.h"

/*
 * Lives that went through the same states, of which no more has to be known than how many there
 * were: what that says of the totals is added when somebody looks.
 */
struct alike {
	uint64_t path, count;
	uint8_t role, family;
	uint8_t measured; /* bit i: the time in step i is */
	bool is_established;
};

#define ALIKE_BITS 6

/* Lives of a shape: what else they have in common, and where their times belong. */
struct plan {
	struct alike alike;
	uint8_t initiator;
	uint8_t again;	/* segments of the handshake that were sent again */
	uint8_t values; /* the first of its steps, of which each is measured */
	struct spread_pending *opening, *life;
	struct spread_pending *accept; /* NULL: nobody has accepted it */
	struct spread_small *rtt;
	struct spread_pending *states[CONN_STEPS];
};

/* The spreads of the totals, with their edges: what they wait for is beside them. */
#define SPREADS(X)                             \
	X(handshake, [METRICS_ROLES], LATENCY) \
	X(life, [METRICS_ROLES], STATE)        \
	X(rtt, [METRICS_ROLES], LATENCY)       \
	X(state, [STATE_COUNT], STATE)         \
	X(accept_queue, [1], LATENCY)          \
	X(time_wait, [1], TIME_WAIT)

struct metrics_counter {
	struct consumer consumer;
	struct metrics *metrics;
	struct metrics_groups groups;
	bool has_groups;
	struct alike alike[1 << ALIKE_BITS];
	struct plan plans[CONSUMER_SHAPES];
	struct {
#define X(field, count, edges) struct spread_pending field count;
		SPREADS(X)
#undef X
	} pending;
	struct spread_pending opening[METRICS_ROLES]; /* first states that were handshakes */
	struct spread_small rtt[METRICS_ROLES];	      /* what of it is a few microseconds */
	uint64_t now_ns;			      /* of the look that is taken */
	void (*hide)(void *context, struct conn *c);  /* NULL: nothing is hidden */
	void *hide_context;
};

#define NAMES(NAME, LIST, COUNT)                                                        \
	const char *metrics_##NAME##_name(enum metrics_##NAME NAME)                     \
	{                                                                               \
		static const char *const names[COUNT] = { LIST(NAME_OF) };              \
		return (unsigned int)NAME < (unsigned int)(COUNT) ? names[NAME] : NULL; \
	}
#define NAME_OF(NAME, name, ...) name,

NAMES(family, METRICS_FAMILIES, METRICS_FAMILY_COUNT)
NAMES(measure, METRICS_MEASURES, METRICS_MEASURE_COUNT)
NAMES(reason, METRICS_REASONS, METRICS_REASON_COUNT)
NAMES(age, METRICS_AGES, METRICS_AGE_COUNT)

size_t metrics_size(size_t groups)
{
	return sizeof(struct metrics) + groups * sizeof(struct metrics_group);
}

static enum metrics_family family_of(const struct conn *c)
{
	if (!(c->flags & CONN_HAS_ENDPOINTS))
		return METRICS_UNKNOWN;
	return address_is_ipv4(&c->raddr) ? METRICS_IPV4 : METRICS_IPV6;
}

static enum metrics_reason reason_of(const struct conn *c)
{
	if (c->flags & CONN_SEEDED)
		return METRICS_REASON_SEEDED;
	return c->gaps ? METRICS_REASON_GAP : METRICS_REASON_NO_HOOK;
}

/* A spread of the totals, and what it waits for. */
struct place {
	struct spread *spread;
	struct spread_pending *pending;
	enum spread_edges edges;
};

/* `field`: that of SPREADS, `i`: which of them. */
#define PLACE(counter, field, i, kind)                                             \
	((struct place){ (struct spread *)&(counter)->metrics->totals.field + (i), \
			 &(counter)->pending.field[i], SPREAD_##kind })

static inline void add(const struct place *place, uint64_t ns)
{
	spread_put_off(place->pending, place->spread, place->edges, ns);
}

static inline void add_duration(struct metrics_totals *m, struct place place, uint64_t ns,
				enum metrics_measure measure, const struct conn *c)
{
	if (ns == TIME_UNKNOWN)
		m->unknown[measure][reason_of(c)]++;
	else
		add(&place, ns);
}

/* Nobody shook hands where TCP_REPAIR made the connection, and no SYN was sent. */
static bool is_opening(const struct conn *c)
{
	return !(c->flags & (CONN_SEEDED | CONN_UNSENT)) &&
	       !(c->handshake_flags & CONN_HANDSHAKE_RESTORED);
}

/*
 * A client's is counted when its SYN_SENT is over: only then is it certain that a SYN was sent.
 */
static bool is_opened_by(unsigned int from, unsigned int to)
{
	return from == STATE_SYN_SENT || (from == STATE_CLOSED && to == STATE_SYN_RECV);
}

static void count_opening(struct metrics_totals *m, const struct conn *c, unsigned int from,
			  unsigned int to)
{
	if (is_opened_by(from, to) && is_opening(c))
		m->opened[c->role][family_of(c)]++;
}

/* Whose it is may be known when it is accepted, or at the end: then its handshake counts, too. */
static void join(struct metrics_counter *counter, const struct conn *c, bool is_last)
{
	uint64_t ns;

	if (!metrics_groups_are_wanted(&counter->groups))
		return;
	metrics_groups_join(&counter->groups, c, is_last);
	ns = measure_handshake(c);
	if (ns != TIME_UNKNOWN && c->handshake_quality != CONN_QUALITY_ESTIMATED &&
	    !(c->flags & CONN_SEEDED))
		metrics_groups_add_handshake(&counter->groups, c, ns);
}

/* Estimates stand apart, as in the histograms for people. */
static inline void add_handshake(struct metrics_counter *counter, const struct conn *c)
{
	struct metrics_totals *m = &counter->metrics->totals;
	uint64_t ns = measure_handshake(c);

	if (ns != TIME_UNKNOWN && c->handshake_quality == CONN_QUALITY_ESTIMATED)
		m->unknown[METRICS_MEASURE_HANDSHAKE][METRICS_REASON_ESTIMATED]++;
	else
		add_duration(m, PLACE(counter, handshake, c->role, LATENCY), ns,
			     METRICS_MEASURE_HANDSHAKE, c);
}

static void count_established(struct metrics_counter *counter, const struct conn *c)
{
	struct metrics_totals *m = &counter->metrics->totals;

	if (c->flags & CONN_SEEDED)
		return;
	m->established[c->role][family_of(c)]++;
	add_handshake(counter, c);
	join(counter, c, false);
}

#define BIT(state) (1u << (state))
#define NOT_MEASURED (BIT(STATE_CLOSED) | BIT(STATE_LISTEN) | BIT(STATE_TIME_WAIT))

static __attribute__((noinline)) void add_steps(struct metrics_counter *counter,
						const struct conn *c, unsigned int first)
{
	struct metrics_totals *m = &counter->metrics->totals;
	unsigned int from = first ? c->step_state[first - 1] : STATE_CLOSED, to;
	const unsigned int count = c->step_count;

	for (unsigned int step = first; step < count; step++, from = to) {
		to = c->step_state[step];
		m->transitions[from][to]++;
		/* Nothing of SYN_SENT was there where TCP_REPAIR made the connection. */
		if (from == STATE_SYN_SENT && c->handshake_flags & CONN_HANDSHAKE_RESTORED)
			continue;
		if (from == STATE_SYN_SENT || to == STATE_SYN_RECV)
			count_opening(m, c, from, to);
		if (to == STATE_ESTABLISHED)
			count_established(counter, c);
		if (!(NOT_MEASURED >> from & 1))
			add_duration(m, PLACE(counter, state, from, STATE), conn_dwell(c, step - 1),
				     METRICS_MEASURE_STATE, c);
	}
}

/* What those that were alike say of the totals. */
static void settle(struct metrics_totals *m, struct alike *a)
{
	uint8_t steps[CONN_STEPS];
	unsigned int from = STATE_CLOSED, count = conn_path_steps(a->path, steps);

	for (unsigned int i = 0; i < count && a->count; i++) {
		unsigned int to = steps[i];

		m->transitions[from][to] += a->count;
		if (is_opened_by(from, to))
			m->opened[a->role][a->family] += a->count;
		if (to == STATE_ESTABLISHED)
			m->established[a->role][a->family] += a->count;
		from = to;
	}
	a->count = 0;
}

static __attribute__((noinline)) void begin_alike(struct metrics_totals *m, struct alike *a,
						  uint64_t path, unsigned int role,
						  unsigned int family)
{
	uint8_t steps[CONN_STEPS];
	unsigned int count = conn_path_steps(path, steps);

	settle(m, a);
	*a = (struct alike){ .path = path, .role = (uint8_t)role, .family = (uint8_t)family };
	for (unsigned int i = 0; i < count; i++) {
		a->is_established |= steps[i] == STATE_ESTABLISHED;
		if (i + 1 < count && !(NOT_MEASURED >> steps[i] & 1))
			a->measured |= (uint8_t)(1u << i);
	}
}

static __attribute__((noinline)) void add_dwell(struct metrics_counter *counter,
						const struct conn *c, unsigned int step)
{
	add_duration(&counter->metrics->totals, PLACE(counter, state, c->step_state[step], STATE),
		     conn_dwell(c, step), METRICS_MEASURE_STATE, c);
}

/* One look tells of most that both times are known, and in order. */
static inline void add_dwells(struct metrics_counter *counter, const struct conn *c,
			      unsigned int measured)
{
	for (; measured; measured &= measured - 1) {
		unsigned int step = (unsigned int)__builtin_ctz(measured);
		uint64_t entered_ns = c->step_ns[step], left_ns = c->step_ns[step + 1];
		uint64_t ns = left_ns - entered_ns;

		if ((entered_ns | left_ns | ns) > INT64_MAX ||
		    !spread_put_off_quickly(&counter->pending.state[c->step_state[step]],
					    SPREAD_STATE, ns))
			add_dwell(counter, c, step);
	}
}

/* Of almost all there is nothing to be said but their path and their times. */
static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct metrics_totals *m = &counter->metrics->totals;
	unsigned int role = c->role, family = family_of(c);
	uint64_t path = conn_path(c);
	struct alike *a;

	if (first && first + 1 == c->step_count && c->step_state[first - 1] == STATE_TIME_WAIT) {
		m->transitions[STATE_TIME_WAIT][c->step_state[first]]++;
		return;
	}
	if (first || c->step_inferred || c->step_broken || c->flags & (CONN_SEEDED | CONN_UNSENT) ||
	    c->handshake_flags & CONN_HANDSHAKE_RESTORED || counter->has_groups) {
		add_steps(counter, c, first);
		return;
	}
	a = &counter->alike[conn_path_place(path, role << 2 | family, ALIKE_BITS)];
	if (a->path != path || a->role != role || a->family != family)
		begin_alike(m, a, path, role, family);
	a->count++;
	if (a->is_established)
		add_handshake(counter, c);
	add_dwells(counter, c, a->measured);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct metrics_totals *m = &counter->metrics->totals;

	join(counter, c, false);
	add_duration(m, PLACE(counter, accept_queue, 0, LATENCY), conn_accept_wait(c),
		     METRICS_MEASURE_ACCEPT_QUEUE, c);
}

static inline void add_counters(struct metrics *metrics, const struct conn *c)
{
	struct metrics_totals *m = &metrics->totals;

	m->bytes_sent += c->bytes_sent;
	m->bytes_received += c->bytes_received;
	m->segments_sent += c->segments_sent;
	m->segments_received += c->segments_received;
	/* Not every kernel's side tells them, nor does an old recording. */
	if (!c->segments_sent && !c->segments_received)
		m->unknown[METRICS_MEASURE_SEGMENTS][reason_of(c)]++;
}

static __attribute__((noinline)) void add_rtt(struct metrics_counter *counter, const struct conn *c)
{
	const struct place place = PLACE(counter, rtt, c->role, LATENCY);

	if (c->srtt_us)
		add(&place, c->srtt_us * NS_PER_US);
}

static void count_repeats(struct metrics_totals *m, unsigned int role, uint64_t count)
{
	if (role == CONN_ROLE_CLIENT)
		m->syns_again += count;
	else if (role == CONN_ROLE_SERVER)
		m->synacks_again += count;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct metrics_totals *m = &counter->metrics->totals;
	bool is_failure = conn_has_failed(c);

	if (is_failure)
		m->failures[c->role][c->cause]++;
	join(counter, c, true);
	if (metrics_groups_are_wanted(&counter->groups))
		metrics_groups_leave(&counter->groups, c, is_failure);
	if (c->flags & CONN_UNSENT)
		return;
	m->closed[c->role][c->initiator]++;
	add_duration(m, PLACE(counter, life, c->role, STATE), measure_life(c),
		     METRICS_MEASURE_CONNECTION, c);
	if (c->flags & CONN_HAS_COUNTERS) {
		add_counters(counter->metrics, c);
		add_rtt(counter, c);
	} else {
		m->unknown[METRICS_MEASURE_BYTES][reason_of(c)]++;
		m->unknown[METRICS_MEASURE_SEGMENTS][reason_of(c)]++;
	}
	count_repeats(m, c->role, c->handshake_retransmits);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct metrics_totals *m = &counter->metrics->totals;

	if (metrics_groups_are_wanted(&counter->groups))
		metrics_groups_leave(&counter->groups, c, false);
	if (!measure_has_time_wait(c))
		return;
	m->time_waits[c->time_wait_end]++;
	add_duration(m, PLACE(counter, time_wait, 0, TIME_WAIT), measure_time_wait(c),
		     METRICS_MEASURE_TIME_WAIT, c);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct metrics_totals *m = &counter->metrics->totals;
	uint64_t ns = measure_time_wait_quickly(c);

	m->transitions[STATE_TIME_WAIT][STATE_CLOSED]++;
	if (counter->has_groups || ns > INT64_MAX ||
	    !spread_put_off_quickly(counter->pending.time_wait, SPREAD_TIME_WAIT, ns))
		on_gone(self, c);
	else
		m->time_waits[c->time_wait_end]++;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;

	counter->metrics->totals.synacks_again += h->retransmits;
}

/* ---- lives of a shape ----------------------------------------------------------------------- */

static void settle_plan(struct metrics_totals *m, struct plan *p)
{
	m->closed[p->alike.role][p->initiator] += p->alike.count;
	count_repeats(m, p->alike.role, p->again * p->alike.count);
	settle(m, &p->alike);
}

/* The state in which one of this role shakes hands. */
static const uint8_t opening_states[METRICS_ROLES] = {
	[CONN_ROLE_CLIENT] = STATE_SYN_SENT,
	[CONN_ROLE_SERVER] = STATE_SYN_RECV,
};

/* Whether lives like this one come to nothing but a count and values, of which each is known. */
static bool is_plain(const struct metrics_counter *counter, const struct conn *c)
{
	return !counter->has_groups && !conn_has_failed(c) && is_opening(c) && c->step_count > 2 &&
	       c->flags & CONN_HAS_COUNTERS && c->step_state[0] == opening_states[c->role] &&
	       c->step_state[1] == STATE_ESTABLISHED &&
	       !(c->flags & CONN_FINISHED && measure_has_time_wait(c));
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct plan *p = &counter->plans[shape];

	settle_plan(&counter->metrics->totals, p);
	*p = (struct plan){
		.alike = { .path = conn_path(c), .role = c->role, .family = (uint8_t)family_of(c) },
		.initiator = c->initiator,
		.again = c->handshake_retransmits,
		.accept = c->accept_ns ? counter->pending.accept_queue : NULL,
		.opening = &counter->opening[c->role],
		.life = &counter->pending.life[c->role],
		.rtt = &counter->rtt[c->role],
	};
	if (!is_plain(counter, c))
		return false;
	for (unsigned int i = 0; i + 1U < c->step_count; i++) {
		if (NOT_MEASURED >> c->step_state[i] & 1)
			return false;
		p->states[p->values++] = &counter->pending.state[c->step_state[i]];
	}
	return true;
}

static __attribute__((noinline)) void add_state_slowly(struct metrics_counter *counter,
						       unsigned int state, uint64_t ns)
{
	const struct place place = PLACE(counter, state, state, STATE);

	spread_put_off_slowly(place.pending, place.spread, ns);
}

static __attribute__((noinline)) void add_opening_slowly(struct metrics_counter *counter,
							 unsigned int role, uint64_t ns)
{
	struct metrics_totals *m = &counter->metrics->totals;

	spread_put_off_both_slowly(&counter->opening[role], &m->handshake[role],
				   &m->state[opening_states[role]], ns);
}

static __attribute__((noinline)) void add_life_slowly(struct metrics_counter *counter,
						      unsigned int role, uint64_t ns)
{
	const struct place place = PLACE(counter, life, role, STATE);

	spread_put_off_slowly(place.pending, place.spread, ns);
}

static __attribute__((noinline)) void add_accept_slowly(struct metrics_counter *counter,
							uint64_t ns)
{
	const struct place place = PLACE(counter, accept_queue, 0, LATENCY);

	spread_put_off_slowly(place.pending, place.spread, ns);
}

/* The first state is left when the handshake ends. */
static inline void add_times(struct metrics_counter *counter, const struct plan *p,
			     const struct conn *c)
{
	const unsigned int values = p->values;
	uint64_t entered_ns = c->step_ns[1], left_ns, ns;

	if (!spread_put_off_quickly(p->opening, SPREAD_BOTH, c->handshake_ns))
		add_opening_slowly(counter, p->alike.role, c->handshake_ns);
	for (unsigned int i = 1; i < values; i++, entered_ns = left_ns) {
		left_ns = c->step_ns[i + 1];
		ns = left_ns - entered_ns;
		if (!spread_put_off_quickly(p->states[i], SPREAD_STATE, ns))
			add_state_slowly(counter, c->step_state[i], ns);
	}
	ns = entered_ns - c->step_ns[0];
	if (!spread_put_off_quickly(p->life, SPREAD_STATE, ns))
		add_life_slowly(counter, p->alike.role, ns);
}

static inline void add_accept_wait(struct metrics_counter *counter, struct spread_pending *accept,
				   const struct conn *c)
{
	uint64_t ns = c->accept_ns > c->step_ns[1] ? c->accept_ns - c->step_ns[1] : 0;

	if (!spread_put_off_quickly(accept, SPREAD_LATENCY, ns))
		add_accept_slowly(counter, ns);
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct metrics_counter *counter = (struct metrics_counter *)self;
	struct plan *p = &counter->plans[shape];

	p->alike.count++;
	add_times(counter, p, c);
	if (p->accept)
		add_accept_wait(counter, p->accept, c);
	add_counters(counter->metrics, c);
	if (!spread_count_small(p->rtt, c->srtt_us))
		add_rtt(counter, c);
}

static const struct consumer_class metrics_class = {
	.steps = on_steps,
	.accepted = on_accepted,
	.closed = on_closed,
	.gone = on_gone,
	.half_open = on_half_open,
	.learn = on_learn,
	.like = on_like,
	.over = on_over,
};

static void each_place(struct metrics_counter *counter, void (*visit)(struct place *place))
{
#define X(field, count, kind)                                                                  \
	for (size_t i = 0; i < sizeof(counter->pending.field) / sizeof(struct spread_pending); \
	     i++)                                                                              \
		visit(&PLACE(counter, field, i, kind));
	SPREADS(X)
#undef X
}

static void set_edges(struct place *place)
{
	place->spread->edges = place->edges;
}

static void settle_place(struct place *place)
{
	spread_settle(place->pending, place->spread);
}

static void settle_by_role(struct metrics_counter *counter)
{
	struct metrics_totals *m = &counter->metrics->totals;

	for (unsigned int role = 0; role < METRICS_ROLES; role++) {
		spread_settle_both(&counter->opening[role], &m->handshake[role],
				   &m->state[opening_states[role]]);
		spread_settle_small(&counter->rtt[role], &m->rtt[role]);
	}
}

void metrics_counter_settle(struct metrics_counter *counter)
{
	for (size_t i = 0; i < sizeof(counter->alike) / sizeof(*counter->alike); i++)
		settle(&counter->metrics->totals, &counter->alike[i]);
	for (size_t i = 0; i < CONSUMER_SHAPES; i++)
		settle_plan(&counter->metrics->totals, &counter->plans[i]);
	settle_by_role(counter);
	each_place(counter, settle_place);
}

struct metrics_counter *metrics_counter_new(struct metrics *metrics, size_t groups,
					    metrics_name_of *name_of, const void *context)
{
	struct metrics_counter *counter = calloc(1, sizeof(*counter));

	if (!counter)
		return NULL;
	memset(metrics, 0, metrics_size(groups));
	metrics->group_max = (uint32_t)groups;
	metrics->now.oldest_close_wait_ns = TIME_UNKNOWN;
	counter->consumer.class = &metrics_class;
	counter->consumer.wants = CONSUMER_SEGMENTS | CONSUMER_TIMEWAITS | CONSUMER_SEEDS |
				  CONSUMER_RETRANSMITS | CONSUMER_COUNTS;
	counter->metrics = metrics;
	each_place(counter, set_edges);
	metrics_groups_init(&counter->groups, metrics, name_of, context);
	counter->has_groups = metrics_groups_are_wanted(&counter->groups);
	return counter;
}

void metrics_counter_hide(struct metrics_counter *counter,
			  void (*hide)(void *context, struct conn *c), void *context)
{
	counter->hide = hide;
	counter->hide_context = context;
}

void metrics_counter_free(struct metrics_counter *counter)
{
	if (!counter)
		return;
	metrics_groups_done(&counter->groups);
	free(counter);
}

struct consumer *metrics_counter_consumer(struct metrics_counter *counter)
{
	return &counter->consumer;
}

/* ---- what is true now ----------------------------------------------------------------------- */

static const uint64_t ages_s[METRICS_AGE_COUNT] = {
#define X(NAME, name, seconds) [METRICS_AGE_##NAME] = seconds,
	METRICS_AGES(X)
#undef X
};

static enum metrics_age age_class(uint64_t age_ns)
{
	unsigned int class = METRICS_AGE_COUNT - 1;

	while (class && age_ns < ages_s[class] * NS_PER_S)
		class --;
	return class;
}

/* When its state was entered; of one that is older than the tracing, a time when it was in it. */
static uint64_t entered_ns(const struct metrics_counter *counter, const struct conn *c)
{
	uint64_t ns = conn_since(c);

	return ns < counter->now_ns ? ns : counter->now_ns;
}

static void join_group(struct metrics_counter *counter, const struct conn *c)
{
	struct conn own;

	if (counter->hide) {
		own = *c;
		counter->hide(counter->hide_context, &own);
		c = &own;
	}
	metrics_groups_join(&counter->groups, c, false);
}

static void look_at(void *context, const struct conn *c)
{
	struct metrics_counter *counter = context;
	struct metrics_now *now = &counter->metrics->now;
	enum tcp_state state = conn_state(c);
	uint64_t since_ns = entered_ns(counter, c), age_ns = counter->now_ns - since_ns;

	if (!state_is_valid(state) || c->flags & CONN_FINISHED || state == STATE_CLOSED)
		return;
	now->live[state]++;
	/* Of what is older nobody may ever hear more than that it is there. */
	if (counter->has_groups && c->flags & CONN_SEEDED && !(c->flags & CONN_CLOSE_TOLD))
		join_group(counter, c);
	if (stuck_is_short(state) && age_ns >= stuck_sensible_age(state))
		now->stuck[state]++;
	if (state != STATE_CLOSE_WAIT)
		return;
	now->close_waits[age_class(age_ns)]++;
	if (since_ns < now->oldest_close_wait_ns)
		now->oldest_close_wait_ns = since_ns;
	metrics_groups_note_close_wait(&counter->groups, c);
}

void metrics_counter_look(struct metrics_counter *counter, struct conn_table *table,
			  uint64_t now_ns)
{
	metrics_counter_settle(counter);
	counter->now_ns = now_ns;
	counter->metrics->now = (struct metrics_now){ .oldest_close_wait_ns = TIME_UNKNOWN };
	metrics_groups_begin_look(&counter->groups, now_ns);
	conn_table_each(table, look_at, counter);
}

/* ---- what is unknown ------------------------------------------------------------------------ */

/* By the account of the run, which is empty until somebody has looked. */
static bool is_unhooked(const struct metrics_account *account, const char *family)
{
	for (uint32_t i = 0; i < account->hook_count; i++)
		if (!strcmp(account->hooks[i].family, family))
			return !*account->hooks[i].rung;
	return account->hook_count;
}

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += counts[i];
	return sum;
}

uint64_t metrics_unknown(const struct metrics *m, enum metrics_measure measure,
			 enum metrics_reason reason)
{
	/* What is not told at all where the hooks of this family are not. */
	static const char *const families[METRICS_MEASURE_COUNT] = {
		[METRICS_MEASURE_ACCEPT_QUEUE] = "accept",
		[METRICS_MEASURE_RETRANSMITS] = "retransmit",
		[METRICS_MEASURE_RESETS] = "reset",
	};
	uint64_t count = m->totals.unknown[measure][reason];

	/* Of one that was closed and has made room, how long TIME_WAIT lasted alone is unknown. */
	if (reason == METRICS_REASON_EVICTED && measure == METRICS_MEASURE_CONNECTION)
		return m->account.connections.evicted;
	if (reason == METRICS_REASON_EVICTED && measure == METRICS_MEASURE_TIME_WAIT)
		return m->account.connections.time_waits_evicted;
	if (reason != METRICS_REASON_NO_HOOK || !families[measure] ||
	    !is_unhooked(&m->account, families[measure]))
		return count;
	if (measure == METRICS_MEASURE_ACCEPT_QUEUE)
		return count +
		       sum_of(m->totals.established[CONN_ROLE_SERVER], METRICS_FAMILY_COUNT);
	for (unsigned int role = 0; role < METRICS_ROLES; role++)
		count += sum_of(m->totals.closed[role], METRICS_INITIATORS);
	return count;
}
