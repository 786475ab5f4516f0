// SPDX-License-Identifier: GPL-2.0-only
/* What connections add to a set of histograms. */
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/histogram_parts.h"
#include "user/aggregate/measure.h"

#define OWNER_KEYS (1U << GROUP_BY_COMM | 1U << GROUP_BY_THREAD | CGROUP_KEYS)

/* The histogram of the time spent in a state; 0, which is no state's: none. */
#define STATE_ROOM 16
_Static_assert(STATE_COUNT <= STATE_ROOM, "each state has a place");
static const uint8_t histogram_of_state[STATE_ROOM] = {
	[STATE_SYN_SENT] = HISTOGRAM_SYN_SENT,	     [STATE_SYN_RECV] = HISTOGRAM_SYN_RECV,
	[STATE_ESTABLISHED] = HISTOGRAM_ESTABLISHED, [STATE_FIN_WAIT1] = HISTOGRAM_FIN_WAIT1,
	[STATE_FIN_WAIT2] = HISTOGRAM_FIN_WAIT2,     [STATE_CLOSE_WAIT] = HISTOGRAM_CLOSE_WAIT,
	[STATE_CLOSING] = HISTOGRAM_CLOSING,	     [STATE_LAST_ACK] = HISTOGRAM_LAST_ACK,
};
_Static_assert(HISTOGRAM_HANDSHAKE_CLIENT == 0, "0 means none in histogram_of_state");

/* `class`: of the histogram's tally; 0 where it has none. Returns how many were added: 1, or 0. */
static __attribute__((noinline)) unsigned int put_value(struct histogram_set *set,
							struct histogram_entry *e,
							enum histogram_id id, uint64_t ns,
							unsigned int class)
{
	struct histogram_cell *cell;

	if (!histogram_is_kept(set, id))
		return 0;
	cell = e->cells[id] ? e->cells[id] : histogram_cell(e, id);
	if (!cell || (ns != TIME_UNKNOWN && histogram_add(&cell->histogram, ns))) {
		set->lost++;
		return 0;
	}
	if (ns == TIME_UNKNOWN)
		cell->unknown++;
	cell->counts[class]++;
	return 1;
}

static void count_values(struct histogram_set *set, struct histogram_entry *e, unsigned int count)
{
	e->total += count;
	if (e->group.is_other)
		set->crowded += count;
}

static __attribute__((noinline)) void add_estimate(struct histogram_set *set,
						   struct histogram_entry *e, enum histogram_id id,
						   uint64_t ns, unsigned int class,
						   bool is_estimated)
{
	unsigned int added = put_value(set, e, id, ns, class);

	if (added && is_estimated && ns != TIME_UNKNOWN)
		e->cells[id]->estimated++;
	count_values(set, e, added);
}

/*
 * One that is known, where nothing is left out and nothing new; false is to be asked there: nothing
 * was added. `ns` is beyond INT64_MAX where it is not known.
 */
static inline bool put_quickly(struct histogram_cell *cell, uint64_t ns, unsigned int class)
{
	if (ns > INT64_MAX || !histogram_add_quickly(&cell->histogram, ns))
		return false;
	cell->counts[class]++;
	return true;
}

static inline void add_value(struct histogram_set *set, struct histogram_entry *e,
			     enum histogram_id id, uint64_t ns, unsigned int class)
{
	if (!e->group.is_other && e->cells[id] && put_quickly(e->cells[id], ns, class))
		e->total++;
	else
		add_estimate(set, e, id, ns, class, false);
}

static enum estimate_reason reason_of(const struct conn *c)
{
	if (c->handshake_flags & CONN_HANDSHAKE_DEFERRED)
		return ESTIMATE_DEFERRED;
	return c->handshake_flags & CONN_HANDSHAKE_DOUBTED ? ESTIMATE_DOUBTED : ESTIMATE_FASTOPEN;
}

/* It counts among its kind, and its value stands apart, so that percentiles are of exact ones. */
static void add_estimated_handshake(struct histogram_set *set, struct histogram_entry *e,
				    const struct conn *c, uint64_t ns)
{
	if (histogram_is_kept(set, HISTOGRAM_HANDSHAKE_SERVER)) {
		struct histogram_cell *cell = histogram_cell(e, HISTOGRAM_HANDSHAKE_SERVER);

		if (!cell) {
			set->lost++;
			return;
		}
		cell->counts[CONN_QUALITY_EXACT - CONN_QUALITY_ESTIMATED]++;
	}
	add_estimate(set, e, HISTOGRAM_HANDSHAKE_ESTIMATED, ns, reason_of(c), true);
}

static __attribute__((noinline)) void add_handshake(struct histogram_set *set,
						    struct histogram_entry *e, const struct conn *c)
{
	uint64_t ns = measure_handshake(c);
	unsigned int quality = ns == TIME_UNKNOWN ? CONN_QUALITY_UNKNOWN : c->handshake_quality;

	if (quality == CONN_QUALITY_ESTIMATED)
		add_estimated_handshake(set, e, c, ns);
	else
		add_value(set, e,
			  c->role == CONN_ROLE_CLIENT ? HISTOGRAM_HANDSHAKE_CLIENT :
							HISTOGRAM_HANDSHAKE_SERVER,
			  ns, CONN_QUALITY_EXACT - quality);
}

/* What TCP_REPAIR makes open passes through SYN_SENT without a SYN. */
static bool is_restored(const struct conn *c)
{
	return c->handshake_flags & CONN_HANDSHAKE_RESTORED;
}

/*
 * What has happened at a step: the state that it has left, the handshake that it has completed.
 * `e`: where that belongs; NULL: nothing has so far.
 */
static void add_step(struct histogram_set *set, const struct conn *c, unsigned int step,
		     struct histogram_entry **e)
{
	bool is_open = c->step_state[step] == STATE_ESTABLISHED && c->role != CONN_ROLE_UNKNOWN;
	unsigned int id = 0;

	if (step)
		id = histogram_of_state[c->step_state[step - 1] % STATE_ROOM];
	if (id == HISTOGRAM_SYN_SENT && is_restored(c))
		id = 0;
	if (!*e && (id || is_open))
		*e = histogram_entry_of(set, c);
	if (is_open)
		add_handshake(set, *e, c);
	if (id)
		count_values(set, *e, put_value(set, *e, id, conn_dwell(c, step - 1), 0));
}

static __attribute__((noinline)) void add_each(struct histogram_set *set, const struct conn *c,
					       unsigned int first)
{
	struct histogram_entry *e = NULL;

	for (unsigned int step = first; step < c->step_count; step++)
		add_step(set, c, step, &e);
}

static uint64_t states_of(const struct conn *c)
{
	uint64_t states;

	_Static_assert(sizeof(c->step_state) == sizeof(states), "the states are one word");
	memcpy(&states, c->step_state, sizeof(states));
	return states;
}

/* Nothing has to be looked at but its times. */
static inline bool is_on(const struct histogram_route *r, const struct conn *c)
{
	return states_of(c) == r->states && c->step_count == r->count && !c->step_inferred &&
	       !c->step_broken && !is_restored(c);
}

/* The first states of a life that have a time, as far as each of them has. */
static bool find_cells(const struct histogram_set *set, const struct conn *c,
		       struct histogram_route *r)
{
	bool is_over = false;

	for (unsigned int i = 0; i + 1U < r->count; i++) {
		unsigned int id = histogram_of_state[c->step_state[i] % STATE_ROOM];

		is_over |= !id;
		if (!id)
			continue;
		r->cells[i] = set->rest.cells[id];
		if (is_over || !r->cells[i])
			return false;
		r->values++;
	}
	return true;
}

/* Makes `r` the way of a life, if it has one: all that it needs is there. */
static __attribute__((noinline)) bool find_route(const struct histogram_set *set,
						 const struct conn *c, struct histogram_route *r)
{
	struct histogram_route found = { .states = states_of(c), .count = c->step_count };

	if (set->keys || set->only || c->role == CONN_ROLE_UNKNOWN || !is_on(&found, c) ||
	    !find_cells(set, c, &found))
		return false;
	for (unsigned int i = 0; i < found.count; i++) {
		if (c->step_state[i] != STATE_ESTABLISHED)
			continue;
		if (!i || found.open)
			return false;
		found.open = (uint8_t)i;
	}
	found.handshake = set->rest.cells[c->role == CONN_ROLE_CLIENT ? HISTOGRAM_HANDSHAKE_CLIENT :
									HISTOGRAM_HANDSHAKE_SERVER];
	if (found.open && !found.handshake)
		return false;
	*r = found;
	return true;
}

static inline void add_open(struct histogram_set *set, const struct histogram_route *r,
			    const struct conn *c)
{
	if (c->handshake_quality == CONN_QUALITY_EXACT &&
	    put_quickly(r->handshake, c->handshake_ns, 0))
		set->rest.total++;
	else
		add_handshake(set, &set->rest, c);
}

static inline void add_known(struct histogram_set *set, const struct histogram_route *r,
			     const struct conn *c)
{
	const unsigned int values = r->values;
	uint64_t entered_ns = c->step_ns[0], left_ns;
	unsigned int i = 0;

	for (; i < values; i++, entered_ns = left_ns) {
		left_ns = c->step_ns[i + 1];
		/* Beyond INT64_MAX is what is not known, and where times go back. */
		if ((left_ns | entered_ns) > INT64_MAX ||
		    !put_quickly(r->cells[i], left_ns - entered_ns, 0))
			break;
	}
	set->rest.total += i;
	if (r->open && i >= r->open)
		add_open(set, r, c);
	if (i < values)
		add_each(set, c, i + 1);
}

/* The rest of a life of which some has been added. */
static void add_rest(struct histogram_set *set, const struct conn *c, unsigned int first)
{
	/* Most often the end of a TIME_WAIT, which is counted as a whole. */
	if (first + 1 != c->step_count || c->step_state[first] == STATE_ESTABLISHED ||
	    histogram_of_state[c->step_state[first - 1] % STATE_ROOM])
		add_each(set, c, first);
}

static __attribute__((noinline)) void add_all(struct histogram_set *set, const struct conn *c)
{
	struct histogram_route *r = &set->routes[c->role][c->step_state[2] % ROUTES_BY_STATES];

	if (is_on(r, c) || find_route(set, c, r)) {
		set->lately[c->role] = r;
		add_known(set, r, c);
	} else {
		add_each(set, c, 0);
	}
}

static void add_steps(struct histogram_set *set, const struct conn *c, unsigned int first)
{
	const struct histogram_route *r = set->lately[c->role];

	if (first)
		add_rest(set, c, first);
	else if (is_on(r, c))
		add_known(set, r, c);
	else
		add_all(set, c);
}

/* Whether lives like this one come to nothing but values, of which each is known. */
static bool is_plain(const struct histogram_set *set, const struct conn *c)
{
	return !set->keys && c->role != CONN_ROLE_UNKNOWN && c->step_count > 2 &&
	       histogram_of_state[c->step_state[0] % STATE_ROOM] == histogram_of_opening(c->role) &&
	       c->step_state[1] == STATE_ESTABLISHED &&
	       !(c->flags & CONN_FINISHED && measure_has_time_wait(c));
}

/* An opening is a handshake, and how long its state lasted. */
static inline bool has_opening_state(const struct histogram_set *set, enum conn_role role)
{
	return histogram_is_kept(set, histogram_of_opening(role));
}

/* Where the opening of such lives is put, and where it belongs. */
static bool make_opening(struct histogram_set *set, enum conn_role role)
{
	if (!histogram_is_kept(set, histogram_of_handshake(role)))
		return false;
	if (!set->openings[role])
		set->openings[role] = calloc(1, sizeof(*set->openings[role]));
	return set->openings[role] && histogram_cell(&set->rest, histogram_of_handshake(role)) &&
	       (!has_opening_state(set, role) ||
		histogram_cell(&set->rest, histogram_of_opening(role)));
}

/* A cell for each state but the first, or for none of them. */
static bool make_cells(struct histogram_set *set, const struct conn *c, struct histogram_plan *p)
{
	unsigned int states = c->step_count - 2U, left_out = 0;

	for (unsigned int i = 1; i <= states; i++) {
		unsigned int id = histogram_of_state[c->step_state[i] % STATE_ROOM];
		struct histogram_cell *cell;

		if (id && !histogram_is_kept(set, id)) {
			left_out++;
			continue;
		}
		cell = id ? histogram_cell(&set->rest, id) : NULL;
		if (!cell)
			return false;
		p->cells[p->values++] = cell;
	}
	if (left_out && p->values)
		return false;
	if (!c->accept_ns || !histogram_is_kept(set, HISTOGRAM_ACCEPT_QUEUE))
		return true;
	p->accept = histogram_cell(&set->rest, HISTOGRAM_ACCEPT_QUEUE);
	return p->accept;
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	struct histogram_plan *p = &set->plans[shape];

	*p = (struct histogram_plan){ .values = 0 };
	if (!is_plain(set, c) || !make_opening(set, c->role) || !make_cells(set, c, p))
		return false;
	p->opening = set->openings[c->role];
	p->role = c->role;
	p->openings = (uint8_t)(1 + has_opening_state(set, c->role));
	p->total = (uint8_t)(p->openings + p->values + !!p->accept);
	return true;
}

/* It was counted among all values. */
static __attribute__((noinline)) void put_new(struct histogram_set *set,
					      struct histogram_cell *cell, uint64_t ns)
{
	if (histogram_add(&cell->histogram, ns)) {
		set->lost++;
		set->rest.total--;
		return;
	}
	cell->counts[0]++;
}

/* The same of an opening: there is to be room where it belongs. */
static __attribute__((noinline)) void put_new_opening(struct histogram_set *set,
						      const struct histogram_plan *p, uint64_t ns)
{
	unsigned int octave = histogram_octave(ns);
	struct histogram_cell *const *cells = set->rest.cells;

	if (histogram_reserve(&cells[histogram_of_handshake(p->role)]->histogram, octave) ||
	    (p->openings > 1 &&
	     histogram_reserve(&cells[histogram_of_opening(p->role)]->histogram, octave)) ||
	    histogram_add(p->opening, ns)) {
		set->lost += p->openings;
		set->rest.total -= p->openings;
	}
}

/* Of lives that have a shape each time is known, and none goes back. */
static inline void put_planned(struct histogram_set *set, struct histogram_cell *cell, uint64_t ns)
{
	if (histogram_add_quickly(&cell->histogram, ns))
		cell->counts[0]++;
	else
		put_new(set, cell, ns);
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	const struct histogram_plan *p = &set->plans[shape];
	struct histogram_cell *const *cell = p->cells, *const *end = cell + p->values;
	const uint64_t *step_ns = c->step_ns + 1;

	set->rest.total += p->total;
	if (!histogram_add_quickly(p->opening, c->handshake_ns))
		put_new_opening(set, p, c->handshake_ns);
	for (; cell < end; cell++, step_ns++)
		put_planned(set, *cell, step_ns[1] - step_ns[0]);
	if (p->accept)
		put_planned(set, p->accept,
			    c->accept_ns > c->step_ns[1] ? c->accept_ns - c->step_ns[1] : 0);
}

static bool is_by_outcome(const struct histogram_set *set)
{
	return set->keys & 1U << GROUP_BY_OUTCOME;
}

/*
 * Whose a server's connection is shows when it is accepted, if ever, and how any ends when it does:
 * what came before belongs to that group too, so that all of it waits for the end.
 */
static bool is_late(const struct histogram_set *set, const struct conn *c)
{
	return set->keys &&
	       (is_by_outcome(set) || (set->keys & OWNER_KEYS && c->role == CONN_ROLE_SERVER));
}

static void add_accept(struct histogram_set *set, const struct conn *c)
{
	add_value(set, histogram_entry_of(set, c), HISTOGRAM_ACCEPT_QUEUE, conn_accept_wait(c), 0);
}

static __attribute__((noinline)) void add_life(struct histogram_set *set, const struct conn *c)
{
	add_steps(set, c, 0);
	if (is_by_outcome(set) && c->accept_ns)
		add_accept(set, c);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct histogram_set *set = (struct histogram_set *)self;

	if (!is_late(set, c))
		add_steps(set, c, first);
}

/* The run ends before it is closed. */
static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct histogram_set *set = (struct histogram_set *)self;

	(void)now_ns;
	if (is_late(set, c) && !(c->flags & CONN_CLOSE_TOLD))
		add_life(set, c);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;

	if (!measure_has_time_wait(c))
		return;
	if (c->time_wait_quality == CONN_QUALITY_ESTIMATED)
		add_estimate(set, histogram_entry_of(set, c), HISTOGRAM_TIME_WAIT,
			     measure_time_wait(c), c->time_wait_end, true);
	else
		add_value(set, histogram_entry_of(set, c), HISTOGRAM_TIME_WAIT,
			  measure_time_wait(c), c->time_wait_end);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	struct histogram_cell *cell = set->rest.cells[HISTOGRAM_TIME_WAIT];

	if (!set->keys && cell && put_quickly(cell, measure_time_wait_quickly(c), c->time_wait_end))
		set->rest.total++;
	else
		on_gone(self, c);
}

/* When it never was ESTABLISHED: how long its handshake took to fail. */
static __attribute__((noinline)) void add_failed(struct histogram_set *set, const struct conn *c)
{
	if (c->role == CONN_ROLE_CLIENT && c->step_state[0] == STATE_SYN_SENT &&
	    c->step_state[1] == STATE_CLOSED)
		add_value(set, histogram_entry_of(set, c), HISTOGRAM_HANDSHAKE_FAILED,
			  conn_dwell(c, 0), c->outcome);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;

	if (is_late(set, c))
		add_life(set, c);
	if (c->step_count == 2)
		add_failed(set, c);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;

	if (!is_by_outcome(set) || c->flags & CONN_CLOSE_TOLD)
		add_accept(set, c);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct histogram_set *set = (struct histogram_set *)self;
	struct conn c;

	half_open_as_conn(h, &c);
	add_value(set, histogram_entry_of(set, &c), HISTOGRAM_HALF_OPEN, h->age_ns, h->end);
}

const struct consumer_class histogram_feed_class = {
	.steps = on_steps,
	.accepted = on_accepted,
	.closed = on_closed,
	.gone = on_gone,
	.alive = on_alive,
	.half_open = on_half_open,
	.learn = on_learn,
	.like = on_like,
	.over = on_over,
};
