// SPDX-License-Identifier: GPL-2.0-only
/* Walks all connections once, and keeps no more of them than the rows that are wanted. */
#include "user/aggregate/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/aggregate/ranking.h"
#include "user/aggregate/roster_groups.h"
#include "user/aggregate/sifted.h"
#include "user/aggregate/stuck_conn.h"
#include "user/base/units.h"

#define OVER (UINT64_C(1) << 63) /* behind all times */

/* Those that are frozen and for which there was no room. */
struct beyond {
	uint64_t live;
	uint64_t in[STATE_COUNT];
	size_t all;
};

struct roster {
	struct consumer consumer;
	struct roster_groups *groups;
	struct roster_groups *thawing; /* what closes while those are frozen; NULL: they are not */
	const struct conn_filter *filter; /* of those that close; NULL: all */
	uint32_t states;
	const struct roster_query *query; /* while it looks ... */
	const struct conn_table *table;	  /* ... at this */
	struct roster_found found;
	struct ranking ranking;
	struct conn_filter_many many; /* of the query */
	struct conn *rows;
	size_t row_room;
	struct conn *frozen; /* NULL: looks see the table */
	size_t frozen_count;
	struct beyond beyond;
	uint32_t short_states; /* a set of 1 << state: of those that may be stuck */
	int error;
};

bool roster_is_sifted(const struct roster *roster)
{
	return roster->filter || roster->states;
}

/* Whatever closes while they are frozen is added when they thaw. */
static struct roster_groups *groups_of(const struct roster *roster)
{
	return roster->thawing ? roster->thawing : roster->groups;
}

void roster_add_closed(struct roster *roster, const struct conn *example,
		       const struct roster_closed *closed)
{
	roster_groups_add_alike(groups_of(roster), example, closed);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	const struct roster *roster = (const struct roster *)self;

	if (!roster_is_sifted(roster) || sifted_wants(roster->filter, roster->states, c))
		roster_groups_add_closed(groups_of(roster), c);
}

static const struct consumer_class roster_class = { .closed = on_closed };

struct roster *roster_new(enum roster_key key)
{
	struct roster *roster = calloc(1, sizeof(*roster));

	if (!roster)
		return NULL;
	roster->consumer = (struct consumer){ &roster_class, CONSUMER_SEEDS };
	roster->groups = roster_groups_new(key);
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		roster->short_states |= (uint32_t)stuck_is_short((enum tcp_state)state) << state;
	if (roster->groups)
		return roster;
	free(roster);
	return NULL;
}

void roster_free(struct roster *roster)
{
	if (!roster)
		return;
	roster_groups_free(roster->groups);
	roster_groups_free(roster->thawing);
	ranking_done(&roster->ranking);
	free(roster->rows);
	free(roster->frozen);
	free(roster);
}

struct consumer *roster_consumer(struct roster *roster)
{
	return &roster->consumer;
}

void roster_group_by(struct roster *roster, enum roster_key key)
{
	roster_groups_begin(roster->groups, key);
	if (roster->thawing)
		roster_groups_begin(roster->thawing, key);
}

void roster_sift(struct roster *roster, const struct conn_filter *filter, uint32_t states)
{
	roster->filter = filter;
	roster->states = states;
	roster_group_by(roster, roster_key(roster));
}

enum roster_key roster_key(const struct roster *roster)
{
	return roster_groups_key(roster->groups);
}

const char *roster_key_name(enum roster_key key)
{
	static const char *const names[] = {
#define X(NAME, name, key) [ROSTER_KEY_##NAME] = (name),
		ROSTER_KEYS(X)
#undef X
	};

	return key < ROSTER_KEY_COUNT ? names[key] : NULL;
}

enum group_key roster_group_key(enum roster_key key)
{
	static const enum group_key GROUP_BY_NONE = GROUP_KEY_COUNT;
	const enum group_key keys[] = {
#define X(NAME, name, key) [ROSTER_KEY_##NAME] = GROUP_BY_##key,
		ROSTER_KEYS(X)
#undef X
	};

	return key < ROSTER_KEY_COUNT ? keys[key] : GROUP_KEY_COUNT;
}

uint16_t roster_service_port(const struct conn *c)
{
	bool is_remote = c->role == CONN_ROLE_CLIENT;

	if (is_remote)
		return c->flags & CONN_HAS_ENDPOINTS ? c->rport : 0;
	return c->role == CONN_ROLE_SERVER ? c->lport : 0;
}

/* ---- one connection ------------------------------------------------------------------------- */

uint64_t roster_entered_ns(const struct conn *c)
{
	return c->step_count ? conn_step_time(c, c->step_count - 1) : TIME_UNKNOWN;
}

bool roster_is_stuck(const struct conn *c, uint64_t now_ns)
{
	enum tcp_state state = conn_state(c);
	uint64_t age_ns = conn_between(conn_since(c), now_ns);

	return stuck_is_short(state) && age_ns != TIME_UNKNOWN &&
	       age_ns >= stuck_sensible_age(state);
}

/* Numbers that are in the order of their bytes. */
static uint64_t big_endian(const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	uint64_t key = 0;

	for (size_t i = 0; i < sizeof(key); i++)
		key = key << 8 | (i < size ? at[i] : 0);
	return key;
}

/*
 * IPv4 before IPv6, of which the first half tells here; those that are unknown last. The rest is in
 * compare_addresses.
 */
static uint64_t address_key(const struct conn *c, const struct address *a, uint16_t port)
{
	if (!(c->flags & CONN_HAS_ENDPOINTS))
		return UINT64_MAX;
	if (address_is_ipv4(a))
		return big_endian(a->byte + ADDRESS_MAPPED_SIZE, 4) >> 1 | port;
	return UINT64_C(1) << 63 | big_endian(a->byte, 8) >> 1;
}

/* Of two that have the same key. */
static int compare_addresses(const void *context, const void *item, const void *other)
{
	const struct roster_query *q = context;
	const struct conn *a = item, *b = other;
	bool is_local = q->order == ROSTER_BY_LOCAL;
	int order = is_local ? memcmp(&a->laddr, &b->laddr, sizeof(a->laddr)) :
			       memcmp(&a->raddr, &b->raddr, sizeof(a->raddr));

	if (!order)
		order = is_local ? a->lport - b->lport : a->rport - b->rport;
	return q->is_falling ? -order : order;
}

static uint64_t name_key(const struct conn *c)
{
	struct conn_name name = conn_service(c);

	return c->flags & CONN_HAS_OWNER && name.bytes ? big_endian(name.bytes, name.size) :
							 UINT64_MAX;
}

/* The longer, the less, as for who lives on: of these, the earlier they began. */
static uint64_t life_key(const struct conn *c)
{
	uint64_t life_ns;

	if (conn_state(c) != STATE_TIME_WAIT)
		return conn_start(c);
	life_ns = measure_life(c);
	return life_ns < OVER ? OVER - 1 - life_ns : TIME_UNKNOWN;
}

/* The less, the further to the front; what is unknown comes last in either direction. */
static uint64_t key_of(const struct conn *c, enum roster_order order)
{
	switch (order) {
	case ROSTER_BY_STATE_AGE:
		return conn_since(c);
	case ROSTER_BY_LIFE:
		return life_key(c);
	case ROSTER_BY_STATE:
		return (uint64_t)conn_state(c) << 58 | (conn_since(c) & (UINT64_MAX >> 6));
	case ROSTER_BY_PROCESS:
		return name_key(c);
	case ROSTER_BY_LOCAL:
		return address_key(c, &c->laddr, c->lport);
	case ROSTER_BY_REMOTE:
		return address_key(c, &c->raddr, c->rport);
	default:
		return measure_handshake(c);
	}
}

static bool has_address(enum roster_order order)
{
	return order == ROSTER_BY_LOCAL || order == ROSTER_BY_REMOTE;
}

/* Ages: the oldest has the least time. */
static bool is_time(enum roster_order order)
{
	return order == ROSTER_BY_STATE_AGE || order == ROSTER_BY_LIFE;
}

static inline bool is_wanted(struct roster *roster, const struct conn *c, enum tcp_state state,
			     bool stays)
{
	const struct roster_query *q = roster->query;

	return (!q->states || q->states >> state & 1) && (!q->only_stuck || stays) &&
	       conn_filter_wants(&roster->many, c);
}

/* Of one that is older than the tracing a snapshot may know more. */
static __attribute__((noinline)) bool is_stuck(const struct roster *roster, const struct conn *c)
{
	enum tcp_state state = conn_state(c);
	const struct seed *seed;
	struct stuck s;

	if (!stuck_is_short(state) || !c->step_count)
		return false;
	if (!(c->flags & CONN_SEEDED) && roster_entered_ns(c) != TIME_UNKNOWN)
		return roster_is_stuck(c, roster->query->now_ns);
	seed = conn_table_seed(roster->table, c);
	if (!seed)
		return roster_is_stuck(c, roster->query->now_ns);
	stuck_of_conn(&s, c, seed, roster->query->now_ns);
	return stuck_is_that_old(&s, stuck_sensible_age(state));
}

static void count_stuck(struct roster_found *found, const struct conn *c, enum tcp_state state)
{
	uint64_t since_ns = conn_since(c);

	found->stuck[state]++;
	if (since_ns >= found->oldest_ns[state])
		return;
	found->oldest_ns[state] = since_ns;
	found->oldest_is_older[state] = since_ns != roster_entered_ns(c);
}

static inline bool is_there(const struct conn *c, enum tcp_state state)
{
	return state_is_valid(state) && !(c->flags & CONN_FINISHED) && state != STATE_CLOSED;
}

/* Where it stands among the rows. */
static inline uint64_t place_of(const struct roster_query *q, const struct conn *c,
				enum tcp_state state)
{
	uint64_t key = key_of(c, q->order);

	if (key == TIME_UNKNOWN)
		return key;
	if (!is_time(q->order))
		return q->is_falling ? TIME_UNKNOWN - 1 - key : key;
	key &= OVER - 1;
	if (!q->is_falling)
		key = OVER - 1 - key;
	/* Whoever looks for ages does not mean those that are over, and wait for their time. */
	return state == STATE_TIME_WAIT && key < OVER - 1 ? key | OVER : key;
}

/* Out of the way, so that nothing more is read of those that are no rows. */
static __attribute__((noinline)) void add_row(struct roster *roster, uint64_t key,
					      const struct conn *c)
{
	if (ranking_add(&roster->ranking, key, c->id, c))
		roster->error = -ENOMEM;
}

static inline void visit(struct roster *roster, const struct conn *c)
{
	struct roster_found *found = &roster->found;
	const struct roster_query *q = roster->query;
	enum tcp_state state = c->step_count ? (enum tcp_state)c->step_state[c->step_count - 1] :
					       STATE_CLOSED;
	bool stays;
	uint64_t key;

	found->live += !(c->flags & CONN_CLOSE_TOLD);
	if (!is_there(c, state))
		return;
	found->in[state]++;
	found->all++;
	stays = roster->short_states >> state & 1 ?
			is_stuck(roster, c) :
			q->sees_queues_served && state == STATE_ESTABLISHED &&
				c->role == CONN_ROLE_SERVER &&
				stuck_waits_for_accept(roster->table, c, q->now_ns);
	if (stays)
		count_stuck(found, c, state);
	if (!is_wanted(roster, c, state, stays))
		return;
	if (!q->needs_no_groups)
		roster_groups_add_live(roster->groups, c, state);
	found->matching++;
	if (!q->count)
		return;
	key = place_of(q, c, state);
	if (ranking_may_want(&roster->ranking, key))
		add_row(roster, key, c);
}

/*
 * How far ahead they are fetched from memory, and then the time of their last step: of most it is
 * in the same cache line as their states.
 */
#define AHEAD 16
#define TIME_AHEAD 8

static inline void fetch_time(const struct conn *c)
{
	__builtin_prefetch(&c->step_ns[(c->step_count - 1u) % CONN_STEPS]);
}

static void visit_span(struct roster *roster, const struct conn *first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			__builtin_prefetch(&first[i + AHEAD]);
		if (i + TIME_AHEAD < count)
			fetch_time(&first[i + TIME_AHEAD]);
		if (first[i].flags & CONN_WANTED)
			visit(roster, &first[i]);
	}
}

static int copy_rows(struct roster *roster)
{
	struct roster_found *found = &roster->found;
	const struct ranked *ranked;
	size_t count = ranking_end(&roster->ranking, &ranked);

	found->first = roster->query->first < found->matching ? roster->query->first :
								found->matching;
	if (count > roster->row_room) {
		struct conn *grown = reallocarray(roster->rows, count, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		roster->rows = grown;
		roster->row_room = count;
	}
	for (size_t i = 0; i < count; i++)
		roster->rows[i] = *(const struct conn *)ranked[i].item;
	found->rows = roster->rows;
	found->count = count;
	return 0;
}

static void freeze(void *context, const struct conn *c)
{
	struct roster *roster = context;
	enum tcp_state state = conn_state(c);

	if (roster->frozen_count < ROSTER_FROZEN) {
		roster->frozen[roster->frozen_count++] = *c;
		return;
	}
	roster->beyond.live += !(c->flags & CONN_CLOSE_TOLD);
	if (!is_there(c, state))
		return;
	roster->beyond.in[state]++;
	roster->beyond.all++;
}

size_t roster_left_out(const struct roster *roster)
{
	return roster->beyond.all;
}

int roster_freeze(struct roster *roster, const struct conn_table *table)
{
	roster_thaw(roster);
	roster->frozen = malloc(ROSTER_FROZEN * sizeof(*roster->frozen));
	roster->thawing = roster_groups_new(roster_key(roster));
	if (!roster->frozen || !roster->thawing) {
		roster_thaw(roster);
		return -ENOMEM;
	}
	conn_table_scan(table, freeze, roster);
	return 0;
}

void roster_thaw(struct roster *roster)
{
	if (roster->thawing)
		roster_groups_add(roster->groups, roster->thawing);
	roster_groups_free(roster->thawing);
	free(roster->frozen);
	roster->thawing = NULL;
	roster->frozen = NULL;
	roster->frozen_count = 0;
	roster->beyond = (struct beyond){ .live = 0 };
}

int roster_look(struct roster *roster, const struct conn_table *table,
		const struct roster_query *query, struct roster_found *ret_found)
{
	struct conn_span span = { .end = 0 };
	int error;

	roster->query = query;
	roster->table = table;
	roster->error = 0;
	roster->found =
		(struct roster_found){ .live = roster->beyond.live, .all = roster->beyond.all };
	memcpy(roster->found.in, roster->beyond.in, sizeof(roster->found.in));
	for (size_t i = 0; i < STATE_COUNT; i++)
		roster->found.oldest_ns[i] = TIME_UNKNOWN;
	if (!query->needs_no_groups)
		roster_groups_clear_live(roster->groups);
	ranking_begin(&roster->ranking, query->first, query->count,
		      has_address(query->order) ? compare_addresses : NULL, query);
	conn_filter_begin(&roster->many, query->filter);
	if (roster->frozen)
		visit_span(roster, roster->frozen, roster->frozen_count);
	else
		while (conn_table_next_span(table, &span))
			visit_span(roster, span.first, span.count);
	error = copy_rows(roster);
	roster->found.groups =
		roster_groups_sort(roster->groups, query, &roster->found.group_count);
	*ret_found = roster->found;
	return roster->error ? roster->error : error;
}
