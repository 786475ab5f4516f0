// SPDX-License-Identifier: GPL-2.0-only
/* Keeps a run's histograms: an array for all connections, or a hash of groups with one each. */
#include "user/aggregate/histogram_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/atom.h"
#include "user/base/hash.h"
#include "user/base/quota.h"

#define FIRST_ENTRIES 64
#define CGROUP_KEYS                                                               \
	(1U << GROUP_BY_CGROUP | 1U << GROUP_BY_UNIT | 1U << GROUP_BY_CONTAINER | \
	 1U << GROUP_BY_POD)
#define OWNER_KEYS (1U << GROUP_BY_COMM | 1U << GROUP_BY_THREAD | CGROUP_KEYS)

#define FINDS_TIMEWAITS (1U << HISTOGRAM_TIME_WAIT | 1U << HISTOGRAM_FIN_WAIT2)

#define TALLY_MAX CONN_OUTCOME_COUNT
_Static_assert((int)CONN_OUTCOME_COUNT >= (int)CONN_TW_END_COUNT, "the longest tally");

struct cell {
	struct histogram histogram;
	uint64_t unknown, estimated;
	uint64_t counts[TALLY_MAX];
};

struct entry {
	struct group group;
	uint64_t total;			     /* values, known or not */
	struct cell *cells[HISTOGRAM_COUNT]; /* NULL: empty */
};

/*
 * Where the times of lives of the same states belong, of a set without groups of which nothing is
 * left out: the time in step i belongs to cells[i].
 */
struct route {
	uint64_t states; /* conn.step_state; 0: there is no such route */
	uint8_t count;	 /* of steps */
	uint8_t values;	 /* the first of its steps, of which each has a cell */
	uint8_t open;	 /* the step to ESTABLISHED, the only one; 0: there is none */
	struct cell *handshake;
	struct cell *cells[CONN_STEPS];
};

/* By role, and by the states of the end. */
#define ROUTES_BY_STATES 4

/* Where the times of lives of a shape belong, of such a set. */
struct plan {
	uint8_t values;		/* the first of its steps, of which each has a cell */
	struct cell *handshake; /* which took as long as the first step */
	struct cell *accept;	/* NULL: nobody has accepted it */
	struct cell *cells[CONN_STEPS];
};

struct histogram_set {
	struct consumer consumer;
	unsigned int keys;
	unsigned int only; /* 0: all */
	size_t max_groups;
	uint64_t lost, crowded;
	struct histogram_span span;
	bool has_span;

	struct entry rest; /* everything when not grouped; else the groups that found no room */
	struct entry *entries;
	size_t entry_count, entry_room;
	struct quota quota;	 /* of entries: a lone user may have `max_groups`, or more */
	struct hash_index index; /* of the entries, counted from 1, by their groups */
	struct route routes[CONN_ROLE_SERVER + 1][ROUTES_BY_STATES];
	struct route *lately[CONN_ROLE_SERVER + 1]; /* of lives of this role the last one's */
	struct plan plans[CONSUMER_SHAPES];
};

/* The group's facts are hashed and compared as bytes. */
_Static_assert(sizeof(struct group) == 104, "struct group has no padding");

static const struct histogram no_values;
static const uint64_t no_counts[TALLY_MAX];

static const char *const names[HISTOGRAM_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = name,
	HISTOGRAMS(X)
#undef X
};

static const char *const titles[HISTOGRAM_COUNT][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = { en, zh },
	HISTOGRAMS(X)
#undef X
};

/* The best one first. */
static const char *quality_class(unsigned int i)
{
	return conn_quality_name((enum conn_quality)(CONN_QUALITY_EXACT - i));
}

static const char *outcome_class(unsigned int i)
{
	return conn_outcome_name((enum conn_outcome)i);
}

static const char *half_open_class(unsigned int i)
{
	return half_open_end_name((enum half_open_end)i);
}

static const char *time_wait_class(unsigned int i)
{
	return conn_time_wait_end_name((enum conn_time_wait_end)i);
}

/* Why it is no more than an estimate. */
enum estimate_reason { ESTIMATE_DEFERRED, ESTIMATE_DOUBTED, ESTIMATE_FASTOPEN, ESTIMATE_REASONS };

static const char *reason_class(unsigned int i)
{
	static const char *const reasons[ESTIMATE_REASONS] = {
		[ESTIMATE_DEFERRED] = "deferred",
		[ESTIMATE_DOUBTED] = "maybe_deferred",
		[ESTIMATE_FASTOPEN] = "fastopen",
	};

	return i < ESTIMATE_REASONS ? reasons[i] : NULL;
}

static const struct tally by_quality = { "by_quality", CONN_QUALITY_COUNT, quality_class };
static const struct tally by_reason = { "by_reason", ESTIMATE_REASONS, reason_class };
static const struct tally by_outcome = { "by_outcome", CONN_OUTCOME_COUNT, outcome_class };
static const struct tally by_half_open_end = { "by_outcome", HALF_OPEN_END_COUNT, half_open_class };
static const struct tally by_end = { "by_end", CONN_TW_END_COUNT, time_wait_class };

static const struct tally *const tallies[HISTOGRAM_COUNT] = {
	[HISTOGRAM_HANDSHAKE_CLIENT] = &by_quality,   [HISTOGRAM_HANDSHAKE_SERVER] = &by_quality,
	[HISTOGRAM_HANDSHAKE_ESTIMATED] = &by_reason, [HISTOGRAM_HANDSHAKE_FAILED] = &by_outcome,
	[HISTOGRAM_HALF_OPEN] = &by_half_open_end,    [HISTOGRAM_TIME_WAIT] = &by_end,
};

static const char *const key_names[GROUP_KEY_COUNT] = {
#define X(NAME, name) name,
	GROUP_KEYS(X)
#undef X
};

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

const char *group_key_name(enum group_key key)
{
	return (unsigned int)key < GROUP_KEY_COUNT ? key_names[key] : NULL;
}

static const struct consumer_class histogram_set_class;

static uint64_t hash_group(const struct hash_key *key, const struct group *g)
{
	return hash_bytes(key, g, sizeof(*g));
}

static uint64_t hash_entry(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct histogram_set *set = context;

	return hash_group(key, &set->entries[n - 1].group);
}

struct histogram_set *histogram_set_new(unsigned int keys, size_t max_groups)
{
	struct histogram_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->consumer.class = &histogram_set_class;
	for (unsigned int role = 0; role <= CONN_ROLE_SERVER; role++)
		set->lately[role] = set->routes[role];
	set->consumer.wants = CONSUMER_TIMEWAITS | CONSUMER_SEEDS;
	if (keys & CGROUP_KEYS)
		set->consumer.wants |= CONSUMER_CGROUPS | CONSUMER_PROMPT;
	set->keys = keys;
	if (!keys)
		return set;
	if (max_groups > HISTOGRAM_SET_GROUPS_MAX)
		max_groups = HISTOGRAM_SET_GROUPS_MAX;
	set->max_groups = max_groups ? max_groups : 1;
	set->quota.max = 2 * (uint32_t)(set->max_groups > HISTOGRAM_SET_GROUPS ?
						set->max_groups :
						HISTOGRAM_SET_GROUPS);
	set->rest.group.is_other = true;
	hash_index_init(&set->index, set->quota.max, hash_entry, set);
	return set;
}

static void entry_done(struct entry *e)
{
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		if (!e->cells[i])
			continue;
		histogram_done(&e->cells[i]->histogram);
		free(e->cells[i]);
	}
}

void histogram_set_free(struct histogram_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->entry_count; i++)
		entry_done(&set->entries[i]);
	entry_done(&set->rest);
	free(set->entries);
	quota_done(&set->quota);
	hash_index_done(&set->index);
	free(set);
}

unsigned int histogram_set_keys(const struct histogram_set *set)
{
	return set->keys;
}

void histogram_set_choose(struct histogram_set *set, unsigned int only)
{
	set->only = only;
	if (only && !(only & FINDS_TIMEWAITS))
		set->consumer.wants &= ~(unsigned int)CONSUMER_TIMEWAITS;
}

static bool is_kept(const struct histogram_set *set, enum histogram_id id)
{
	return !set->only || set->only >> id & 1;
}

void histogram_set_end_span(struct histogram_set *set, uint64_t begin_ns, uint64_t end_ns)
{
	set->span.begin_ns = begin_ns;
	set->span.end_ns = end_ns;
	set->has_span = true;
}

const struct histogram_span *histogram_set_span(const struct histogram_set *set)
{
	return set->has_span ? &set->span : NULL;
}

void histogram_set_clear(struct histogram_set *set)
{
	for (size_t i = 0; i < set->entry_count; i++)
		entry_done(&set->entries[i]);
	/* Routes and plans know its cells. */
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		if (!set->rest.cells[i])
			continue;
		histogram_done(&set->rest.cells[i]->histogram);
		*set->rest.cells[i] = (struct cell){ .unknown = 0 };
	}
	set->rest.total = 0;
	set->entry_count = 0;
	if (set->keys) {
		hash_index_clear(&set->index);
		quota_give_back(&set->quota);
	}
	set->span.is_later = set->has_span;
	set->has_span = false;
}

/* What is not grouped by stays zero, so that groups can be compared as bytes. */
static struct group group_of(const struct histogram_set *set, const struct conn *c)
{
	struct conn_name comm = conn_service(c), thread = conn_comm(c);
	struct group g = { 0 };

	if (set->keys & 1U << GROUP_BY_COMM && comm.bytes) {
		g.has_comm = true;
		memcpy(g.comm, comm.bytes, comm.size);
	}
	if (set->keys & 1U << GROUP_BY_THREAD && thread.bytes) {
		g.has_thread = true;
		memcpy(g.thread, thread.bytes, thread.size);
	}
	g.is_listeners = (g.has_comm || g.has_thread) && c->flags & CONN_OF_LISTENER;
	if (c->flags & CONN_HAS_ENDPOINTS) {
		if (set->keys & 1U << GROUP_BY_RADDR && !address_is_any(&c->raddr)) {
			g.has_raddr = true;
			g.raddr = c->raddr;
			g.ifindex = conn_remote_link(c);
			g.ifname = g.ifindex ? c->ifname : ATOM_NONE;
		}
		if (set->keys & 1U << GROUP_BY_RPORT)
			g.rport = c->rport;
	}
	if (set->keys & 1U << GROUP_BY_LPORT)
		g.lport = c->lport;
	if (set->keys & 1U << GROUP_BY_NETNS)
		g.netns = c->netns;
	if (set->keys & 1U << GROUP_BY_CGROUP)
		g.cgroup = c->cgroup;
	if (set->keys & 1U << GROUP_BY_UNIT)
		g.unit = c->cgroup;
	if (set->keys & 1U << GROUP_BY_CONTAINER)
		g.container = c->cgroup;
	if (set->keys & 1U << GROUP_BY_POD)
		g.pod = c->cgroup;
	if (set->keys & 1U << GROUP_BY_OUTCOME)
		g.outcome = c->outcome;
	return g;
}

/* The number of a group's entry; 0: it has none. */
static uint32_t find(const struct histogram_set *set, const struct group *g)
{
	struct hash_search s = hash_search_begin(&set->index, hash_group(&set->index.key, g));
	uint32_t n = hash_search_next(&set->index, &s);

	while (n && memcmp(&set->entries[n - 1].group, g, sizeof(*g)))
		n = hash_search_next(&set->index, &s);
	return n;
}

static void put(struct histogram_set *set, size_t n)
{
	hash_index_put(&set->index, hash_group(&set->index.key, &set->entries[n - 1].group),
		       (uint32_t)n);
}

static struct entry *add_entry(struct histogram_set *set, const struct group *g)
{
	if (!set->entries || set->entry_count == set->entry_room) {
		size_t room = set->entry_room ? set->entry_room * 2 : FIRST_ENTRIES;
		struct entry *entries = reallocarray(set->entries, room, sizeof(*entries));

		if (!entries)
			return NULL;
		set->entries = entries;
		if (hash_index_reserve(&set->index, room))
			return NULL;
		set->entry_room = room;
	}
	set->entries[set->entry_count] = (struct entry){ .group = *g };
	put(set, ++set->entry_count);
	return &set->entries[set->entry_count - 1];
}

static __attribute__((noinline)) struct entry *entry_of_group(struct histogram_set *set,
							      const struct conn *c)
{
	struct share share;
	struct group g = group_of(set, c);
	struct entry *e;
	uint32_t n;

	n = find(set, &g);
	if (n)
		return &set->entries[n - 1];
	share = conn_share(c);
	e = quota_take(&set->quota, &share) ? add_entry(set, &g) : NULL;
	return e ? e : &set->rest;
}

static inline struct entry *entry_of(struct histogram_set *set, const struct conn *c)
{
	return set->keys ? entry_of_group(set, c) : &set->rest;
}

static struct cell *cell_get(struct entry *e, enum histogram_id id)
{
	if (!e->cells[id])
		e->cells[id] = calloc(1, sizeof(*e->cells[id]));
	return e->cells[id];
}

/* `class`: of the histogram's tally; 0 where it has none. Returns how many were added: 1, or 0. */
static __attribute__((noinline)) unsigned int put_value(struct histogram_set *set, struct entry *e,
							enum histogram_id id, uint64_t ns,
							unsigned int class)
{
	struct cell *cell;

	if (!is_kept(set, id))
		return 0;
	cell = e->cells[id] ? e->cells[id] : cell_get(e, id);
	if (!cell || (ns != TIME_UNKNOWN && histogram_add(&cell->histogram, ns))) {
		set->lost++;
		return 0;
	}
	if (ns == TIME_UNKNOWN)
		cell->unknown++;
	cell->counts[class]++;
	return 1;
}

static void count_values(struct histogram_set *set, struct entry *e, unsigned int count)
{
	e->total += count;
	if (e->group.is_other)
		set->crowded += count;
}

static __attribute__((noinline)) void add_estimate(struct histogram_set *set, struct entry *e,
						   enum histogram_id id, uint64_t ns,
						   unsigned int class, bool is_estimated)
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
static inline bool put_quickly(struct cell *cell, uint64_t ns, unsigned int class)
{
	if (ns > INT64_MAX || !histogram_add_quickly(&cell->histogram, ns))
		return false;
	cell->counts[class]++;
	return true;
}

static inline void add_value(struct histogram_set *set, struct entry *e, enum histogram_id id,
			     uint64_t ns, unsigned int class)
{
	if (!set->only && !e->group.is_other && e->cells[id] &&
	    put_quickly(e->cells[id], ns, class))
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
static void add_estimated_handshake(struct histogram_set *set, struct entry *e,
				    const struct conn *c, uint64_t ns)
{
	if (is_kept(set, HISTOGRAM_HANDSHAKE_SERVER)) {
		struct cell *cell = cell_get(e, HISTOGRAM_HANDSHAKE_SERVER);

		if (!cell) {
			set->lost++;
			return;
		}
		cell->counts[CONN_QUALITY_EXACT - CONN_QUALITY_ESTIMATED]++;
	}
	add_estimate(set, e, HISTOGRAM_HANDSHAKE_ESTIMATED, ns, reason_of(c), true);
}

static __attribute__((noinline)) void add_handshake(struct histogram_set *set, struct entry *e,
						    const struct conn *c)
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
		     struct entry **e)
{
	bool is_open = c->step_state[step] == STATE_ESTABLISHED && c->role != CONN_ROLE_UNKNOWN;
	unsigned int id = 0;

	if (step)
		id = histogram_of_state[c->step_state[step - 1] % STATE_ROOM];
	if (id == HISTOGRAM_SYN_SENT && is_restored(c))
		id = 0;
	if (!*e && (id || is_open))
		*e = entry_of(set, c);
	if (is_open)
		add_handshake(set, *e, c);
	if (id)
		count_values(set, *e, put_value(set, *e, id, conn_dwell(c, step - 1), 0));
}

static __attribute__((noinline)) void add_each(struct histogram_set *set, const struct conn *c,
					       unsigned int first)
{
	struct entry *e = NULL;

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
static inline bool is_on(const struct route *r, const struct conn *c)
{
	return states_of(c) == r->states && c->step_count == r->count && !c->step_inferred &&
	       !is_restored(c);
}

/* The first states of a life that have a time, as far as each of them has. */
static bool find_cells(const struct histogram_set *set, const struct conn *c, struct route *r)
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
						 const struct conn *c, struct route *r)
{
	struct route found = { .states = states_of(c), .count = c->step_count };

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

static inline void add_open(struct histogram_set *set, const struct route *r, const struct conn *c)
{
	if (c->handshake_quality == CONN_QUALITY_EXACT &&
	    put_quickly(r->handshake, c->handshake_ns, 0))
		set->rest.total++;
	else
		add_handshake(set, &set->rest, c);
}

static inline void add_known(struct histogram_set *set, const struct route *r, const struct conn *c)
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
	struct route *r = &set->routes[c->role][c->step_state[2] % ROUTES_BY_STATES];

	if (is_on(r, c) || find_route(set, c, r)) {
		set->lately[c->role] = r;
		add_known(set, r, c);
	} else {
		add_each(set, c, 0);
	}
}

static void add_steps(struct histogram_set *set, const struct conn *c, unsigned int first)
{
	const struct route *r = set->lately[c->role];

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
	return !set->keys && !set->only && c->role != CONN_ROLE_UNKNOWN && c->step_count > 2 &&
	       c->step_state[1] == STATE_ESTABLISHED &&
	       !(c->flags & CONN_FINISHED && measure_has_time_wait(c));
}

/* A cell for each step but the last. */
static bool make_cells(struct histogram_set *set, const struct conn *c, struct plan *p)
{
	unsigned int last = c->step_count - 1U;

	for (unsigned int i = 0; i < last; i++) {
		unsigned int id = histogram_of_state[c->step_state[i] % STATE_ROOM];

		p->cells[i] = id ? cell_get(&set->rest, id) : NULL;
		if (!p->cells[i])
			return false;
	}
	p->values = (uint8_t)last;
	return true;
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	struct plan *p = &set->plans[shape];

	*p = (struct plan){ .values = 0 };
	if (!is_plain(set, c) || !make_cells(set, c, p))
		return false;
	p->handshake = cell_get(&set->rest, c->role == CONN_ROLE_CLIENT ?
						    HISTOGRAM_HANDSHAKE_CLIENT :
						    HISTOGRAM_HANDSHAKE_SERVER);
	if (c->accept_ns)
		p->accept = cell_get(&set->rest, HISTOGRAM_ACCEPT_QUEUE);
	return p->handshake && (p->accept || !c->accept_ns);
}

static __attribute__((noinline)) void put_new(struct histogram_set *set, struct cell *cell,
					      uint64_t ns)
{
	if (histogram_add(&cell->histogram, ns)) {
		set->lost++;
		return;
	}
	cell->counts[0]++;
	set->rest.total++;
}

static inline void put_planned(struct histogram_set *set, struct cell *cell, uint64_t ns)
{
	if (put_quickly(cell, ns, 0))
		set->rest.total++;
	else
		put_new(set, cell, ns);
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	const struct plan *p = &set->plans[shape];
	const unsigned int values = p->values;
	uint64_t entered_ns = c->step_ns[1], left_ns;

	put_planned(set, p->handshake, c->handshake_ns);
	put_planned(set, p->cells[0], c->handshake_ns);
	for (unsigned int i = 1; i < values; i++, entered_ns = left_ns) {
		left_ns = c->step_ns[i + 1];
		put_planned(set, p->cells[i], left_ns - entered_ns);
	}
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
	add_value(set, entry_of(set, c), HISTOGRAM_ACCEPT_QUEUE, conn_accept_wait(c), 0);
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
		add_estimate(set, entry_of(set, c), HISTOGRAM_TIME_WAIT, measure_time_wait(c),
			     c->time_wait_end, true);
	else
		add_value(set, entry_of(set, c), HISTOGRAM_TIME_WAIT, measure_time_wait(c),
			  c->time_wait_end);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	struct histogram_set *set = (struct histogram_set *)self;
	struct cell *cell = set->rest.cells[HISTOGRAM_TIME_WAIT];

	if (!set->keys && !set->only && cell &&
	    put_quickly(cell, measure_time_wait_quickly(c), c->time_wait_end))
		set->rest.total++;
	else
		on_gone(self, c);
}

/* When it never was ESTABLISHED: how long its handshake took to fail. */
static __attribute__((noinline)) void add_failed(struct histogram_set *set, const struct conn *c)
{
	if (c->role == CONN_ROLE_CLIENT && c->step_state[0] == STATE_SYN_SENT &&
	    c->step_state[1] == STATE_CLOSED)
		add_value(set, entry_of(set, c), HISTOGRAM_HANDSHAKE_FAILED, conn_dwell(c, 0),
			  c->outcome);
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
	add_value(set, entry_of(set, &c), HISTOGRAM_HALF_OPEN, h->age_ns, h->end);
}

static const struct consumer_class histogram_set_class = {
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

struct consumer *histogram_set_consumer(struct histogram_set *set)
{
	return &set->consumer;
}

/* Adds all of `from` to `e`. */
static int entry_merge(struct entry *e, const struct entry *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		struct cell *cell;

		if (!from->cells[i])
			continue;
		cell = cell_get(e, i);
		if (!cell || histogram_merge(&cell->histogram, &from->cells[i]->histogram))
			return -ENOMEM;
		cell->unknown += from->cells[i]->unknown;
		cell->estimated += from->cells[i]->estimated;
		for (size_t class = 0; class < TALLY_MAX; class ++)
			cell->counts[class] += from->cells[i]->counts[class];
	}
	e->total += from->total;
	return 0;
}

struct histogram_set *histogram_set_copy(const struct histogram_set *set)
{
	struct histogram_set *copy = histogram_set_new(0, 1);

	if (copy && !entry_merge(&copy->rest, &set->rest))
		return copy;
	histogram_set_free(copy);
	return NULL;
}

int histogram_set_merge(struct histogram_set *set, const struct histogram_set *from)
{
	set->lost += from->lost;
	return entry_merge(&set->rest, &from->rest);
}

static void join(const struct group_joiner *joiner, enum group_key key, uint64_t *cgroup)
{
	if (*cgroup)
		*cgroup = joiner->first(joiner, key, *cgroup);
}

void histogram_set_join(struct histogram_set *set, const struct group_joiner *joiner)
{
	size_t kept = 0;

	if (!(set->keys & CGROUP_KEYS))
		return;
	hash_index_clear(&set->index);
	for (size_t i = 0; i < set->entry_count; i++) {
		struct entry *e = &set->entries[i];
		uint32_t n;

		join(joiner, GROUP_BY_CGROUP, &e->group.cgroup);
		join(joiner, GROUP_BY_UNIT, &e->group.unit);
		join(joiner, GROUP_BY_CONTAINER, &e->group.container);
		join(joiner, GROUP_BY_POD, &e->group.pod);
		n = find(set, &e->group);
		if (n) {
			if (entry_merge(&set->entries[n - 1], e))
				set->lost += e->total;
			entry_done(e);
			continue;
		}
		set->entries[kept++] = *e;
		put(set, kept);
	}
	set->entry_count = kept;
}

static int compare_keys(const struct group *a, const struct group *b)
{
	int order = strcmp(a->comm, b->comm);

	if (!order)
		order = strcmp(a->thread, b->thread);
	if (!order)
		order = memcmp(&a->raddr, &b->raddr, sizeof(a->raddr));
	if (!order)
		order = (a->rport > b->rport) - (a->rport < b->rport);
	if (!order)
		order = (a->lport > b->lport) - (a->lport < b->lport);
	if (!order)
		order = (a->netns > b->netns) - (a->netns < b->netns);
	if (!order)
		order = (a->cgroup > b->cgroup) - (a->cgroup < b->cgroup);
	if (!order)
		order = (a->unit > b->unit) - (a->unit < b->unit);
	if (!order)
		order = (a->container > b->container) - (a->container < b->container);
	if (!order)
		order = (a->pod > b->pod) - (a->pod < b->pod);
	if (!order)
		order = (a->outcome > b->outcome) - (a->outcome < b->outcome);
	if (!order)
		order = (a->has_comm - b->has_comm) * 2 + (a->has_raddr - b->has_raddr);
	if (!order)
		order = a->has_thread - b->has_thread;
	if (!order)
		order = a->is_listeners - b->is_listeners;
	return order;
}

/* A group that is printed, with its size in the histogram at hand and its place among all. */
struct ranked {
	const struct entry *entry;
	uint64_t size;
	size_t place;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *first = a, *second = b;

	if (first->size != second->size)
		return first->size < second->size ? 1 : -1;
	return first->place < second->place ? -1 : 1;
}

/* The largest first; equal ones by their facts, so that the order does not depend on arrival. */
static int compare_by_total(const void *a, const void *b)
{
	const struct entry *first = ((const struct ranked *)a)->entry;
	const struct entry *second = ((const struct ranked *)b)->entry;

	if (first->total != second->total)
		return first->total < second->total ? 1 : -1;
	return compare_keys(&first->group, &second->group);
}

static void rank_by_cell(struct ranked *ranked, size_t count, enum histogram_id id)
{
	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = ranked[i].entry->cells[id];

		ranked[i].size = cell ? cell->histogram.count + cell->unknown : 0;
	}
	qsort(ranked, count, sizeof(*ranked), compare_ranked);
}

static bool is_shown_empty(const struct histogram_set *set, enum histogram_id id)
{
	return !set->keys && (set->only ? is_kept(set, id) : id <= HISTOGRAM_TIME_WAIT);
}

const char *histogram_title(enum histogram_id id, enum ladder_language language)
{
	return language_pick(titles, HISTOGRAM_COUNT, id, language);
}

const struct tally *histogram_tally(enum histogram_id id)
{
	return tallies[id];
}

static struct histogram_row row_of(const struct histogram_set *set, const struct entry *e,
				   enum histogram_id id)
{
	const struct cell *cell = e->cells[id];

	return (struct histogram_row){
		.name = names[id],
		.id = id,
		.group = set->keys ? &e->group : NULL,
		.histogram = cell ? &cell->histogram : &no_values,
		.unknown = cell ? cell->unknown : 0,
		.estimated = cell ? cell->estimated : 0,
		.tally = tallies[id],
		.counts = cell ? cell->counts : no_counts,
	};
}

void histogram_set_get(const struct histogram_set *set, enum histogram_id id,
		       struct histogram_row *ret_row)
{
	*ret_row = row_of(set, &set->rest, id);
}

static void visit_cell(const struct histogram_set *set, const struct entry *e, enum histogram_id id,
		       void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	struct histogram_row row = row_of(set, e, id);

	if (row.histogram->count || row.unknown || is_shown_empty(set, id))
		visit(context, &row);
}

static int visit_groups(const struct histogram_set *set, struct ranked *ranked,
			void (*visit)(void *context, const struct histogram_row *row),
			void *context)
{
	size_t count = set->entry_count < set->max_groups ? set->entry_count : set->max_groups;
	struct entry rest = { .group.is_other = true };
	int error = entry_merge(&rest, &set->rest);

	for (size_t i = count; i < set->entry_count && !error; i++)
		error = entry_merge(&rest, ranked[i].entry);
	for (unsigned int id = 0; id < HISTOGRAM_COUNT; id++) {
		rank_by_cell(ranked, count, id);
		for (size_t i = 0; i < count; i++)
			visit_cell(set, ranked[i].entry, id, visit, context);
		visit_cell(set, &rest, id, visit, context);
	}
	entry_done(&rest);
	return error;
}

static int each_group(const struct histogram_set *set,
		      void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	struct ranked *ranked = calloc(set->entry_count + 1, sizeof(*ranked));
	int error;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < set->entry_count; i++)
		ranked[i].entry = &set->entries[i];
	qsort(ranked, set->entry_count, sizeof(*ranked), compare_by_total);
	for (size_t i = 0; i < set->entry_count; i++)
		ranked[i].place = i;
	error = visit_groups(set, ranked, visit, context);
	free(ranked);
	return error;
}

int histogram_set_each(const struct histogram_set *set,
		       void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	if (set->keys)
		return each_group(set, visit, context);
	for (unsigned int id = 0; id < HISTOGRAM_COUNT; id++)
		visit_cell(set, &set->rest, id, visit, context);
	return 0;
}

uint64_t histogram_set_lost(const struct histogram_set *set)
{
	return set->lost;
}

const struct payers *histogram_set_payers(const struct histogram_set *set)
{
	return &set->quota.payers;
}

uint64_t histogram_set_crowded(const struct histogram_set *set)
{
	return set->crowded;
}
