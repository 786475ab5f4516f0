// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: lives like one before, of which the same is made. */
#include "user/conn/shape.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/base/units.h"
#include "user/conn/flow.h"
#include "user/conn/members.h"

#define SHAPES CONSUMER_SHAPES
#define TRIES 4 /* places in which one may be */
_Static_assert(!(SHAPES & (SHAPES - 1)) && SHAPES <= UINT8_MAX, "places of shapes");

/*
 * What of a life decides on its shape, in words of eight bytes as they lie in its record; what
 * does not is 0. Without padding, to be compared as bytes.
 */
struct key {
	uint64_t steps[EVENT_STEPS]; /* flags, states and retransmits of each */
	uint64_t head;		     /* kind, states and flags */
	uint64_t body;		     /* error, shutdown, witness and sequences */
	uint64_t end;		     /* substate, signs, tries and probes */
	uint64_t later;		     /* signs */
	uint64_t told;		     /* steps, of which the second witness told none */
	uint32_t facts;
	uint32_t count; /* steps; 0: there is no shape here */
};
_Static_assert(sizeof(struct key) == (EVENT_STEPS + 6) * sizeof(uint64_t), "there is no padding");

/* All ones where a record decides; of the steps only that to ESTABLISHED has a round trip. */
#define STEP(srtt)                                                                  \
	{                                                                           \
		.flags = UINT16_MAX, .states = UINT8_MAX, .retransmits = UINT8_MAX, \
		.srtt_us = (srtt)                                                   \
	}
#define OTHER STEP(UINT32_MAX)
static const struct event_life decisive = {
	.close = {
		.head = { .kind = UINT8_MAX, .states = UINT8_MAX, .flags = UINT16_MAX },
		.body = { .error = UINT16_MAX, .shutdown = UINT8_MAX, .witness = UINT8_MAX,
			  .sequences = UINT8_MAX },
		.substate = UINT8_MAX,
		.signs = UINT8_MAX,
		.tries = UINT8_MAX,
		.probes = UINT8_MAX,
		.later_signs = UINT16_MAX,
	},
	.steps = {
		.step = { OTHER, STEP(0), OTHER, OTHER, OTHER, OTHER },
		.count = UINT8_MAX,
		.witnessed = UINT8_MAX,
	},
};
_Static_assert(EVENT_STEPS == 6, "each step decides");

/* The word in which this field of a life lies, and those that are compared with it. */
#define PLACE(field) (offsetof(struct event_life, field) / sizeof(uint64_t) * sizeof(uint64_t))
enum place {
	PLACE_HEAD = PLACE(close.head.kind),
	PLACE_BODY = PLACE(close.body.error),
	PLACE_END = PLACE(close.substate),
	PLACE_LATER = PLACE(close.later_signs),
	PLACE_TOLD = PLACE(steps.count),
	PLACE_STEP = PLACE(steps.step[0].flags),
};
_Static_assert(PLACE(steps.step[0].srtt_us) == PLACE_STEP, "all of a step but its time is a word");

/* key.facts */
enum { FACT_ACCEPTED = 1, FACT_TIMEWAIT = 2, FACT_OWNER = 4 };

/* Two lives after one another are often both ends of one connection: a place for each role. */
struct shapes {
	uint8_t last[2];	 /* which of `all` was found last, by is_server() */
	struct life_sight sight; /* under which they were learned */
	struct {
		struct key key;
		struct shape shape;
	} all[SHAPES];
};

struct shapes *shapes_new(void)
{
	return calloc(1, sizeof(struct shapes));
}

void shapes_free(struct shapes *shapes)
{
	free(shapes);
}

size_t shapes_bytes(void)
{
	return sizeof(struct shapes);
}

static bool is_server(const struct event_life_at *l)
{
	return EVENT_FROM(l->at.steps.step[0].states) == STATE_LISTEN;
}

/* Whether it tells of an owner: that of its connect, or of its accept. */
static bool tells_owner(const struct event_life_at *l)
{
	return !is_server(l) || l->at.steps.accept_ns;
}

static inline uint32_t facts_of(const struct event_life_at *l)
{
	return (l->at.steps.accept_ns ? FACT_ACCEPTED : 0U) |
	       (l->at.close.timewait ? FACT_TIMEWAIT : 0U) |
	       (l->at.steps.pid | l->at.steps.comm[0] ? FACT_OWNER : 0U);
}

static inline uint64_t word_at(const void *life, size_t place)
{
	uint64_t word;

	memcpy(&word, (const char *)life + place, sizeof(word));
	return word;
}

/* What decides of a word. */
static inline uint64_t decided_by(const struct event_life_at *l, size_t place)
{
	return word_at(l, place) & word_at(&decisive, place);
}

static inline uint64_t decided_by_step(const struct event_life_at *l, size_t i)
{
	return decided_by(l, PLACE_STEP + i * sizeof(struct event_step));
}

/* The last moment it tells of comes after all others. */
static inline bool is_end_in_time(const struct event_life_at *l, uint64_t last_ns)
{
	return l->at.close.head.mono_ns >= last_ns && l->at.close.head.mono_ns <= INT64_MAX;
}

/* Each of its steps comes after the one before. */
static bool is_in_time(const struct event_life_at *l, unsigned int count)
{
	uint64_t last_ns = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (l->at.steps.step[i].mono_ns < last_ns)
			return false;
		last_ns = l->at.steps.step[i].mono_ns;
	}
	return is_end_in_time(l, last_ns);
}

/* No step has a round trip that has none to have. */
static bool has_usual_round_trips(const struct event_life_at *l, unsigned int count)
{
	uint32_t odd = 0;

	for (unsigned int i = 0; i < count; i++)
		odd |= i != 1 ? l->at.steps.step[i].srtt_us : 0;
	return !odd;
}

/* Of a server's child, whether its round trip tells when its handshake began. */
static inline bool may_shake_hands(const struct event_life_at *l, const struct life_sight *sight)
{
	return !is_server(l) ||
	       life_is_round_trip(l->at.steps.step[0].mono_ns, l->at.steps.step[1].mono_ns,
				  l->at.steps.step[1].srtt_us, sight->requests);
}

/* It may live on in a timewait socket that is told of, by hooks or by polls. */
static bool may_leave_timewait(const struct event_life_at *l, const struct life_sight *sight)
{
	unsigned int from = EVENT_FROM(l->at.close.head.states);

	return sight->polls ? from == STATE_FIN_WAIT2 || from == STATE_CLOSING :
			      l->at.close.timewait && sight->timewaits;
}

/*
 * Orderly, from its birth by way of ESTABLISHED: to LAST_ACK, or to a timewait socket that is told
 * of. No time decides on how these are told of, but for those that are asked for here.
 */
static bool is_orderly(const struct event_life_at *l, const struct life_sight *sight)
{
	unsigned int from = EVENT_FROM(l->at.close.head.states);

	if (l->at.steps.count < 3 || l->at.steps.count > EVENT_STEPS || l->at.steps.witnessed ||
	    l->at.steps.passive_ns || !l->at.close.head.sock ||
	    l->at.steps.step[1].flags & (EVENT_FLAG_SYNCOOKIE | EVENT_FLAG_MPTCP) ||
	    EVENT_TO(l->at.steps.step[1].states) != STATE_ESTABLISHED)
		return false;
	if (from != STATE_LAST_ACK && !may_leave_timewait(l, sight))
		return false;
	return (is_server(l) || !l->at.steps.accept_ns) && may_shake_hands(l, sight);
}

/* 16 bytes, of which no call is made. */
static bool are_same(const uint8_t *a, const uint8_t *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return !((x[0] ^ y[0]) | (x[1] ^ y[1]));
}
_Static_assert(EVENT_COMM_SIZE == 16 && EVENT_ADDR_SIZE == 16, "what is compared by it");

/*
 * An accept comes in between; all tell of the same ends. What stands behind an address of IPv4 is
 * zero, or makes this a life that has to be looked at.
 */
static inline bool is_in_line(const struct event_life_at *l)
{
	uint64_t accept_ns = l->at.steps.accept_ns;
	uint16_t lport = l->at.close.body.lport;

	if (accept_ns &&
	    (accept_ns < l->at.steps.step[0].mono_ns || accept_ns >= l->at.close.head.mono_ns))
		return false;
	return lport && lport == l->at.steps.lport &&
	       (!l->at.steps.open_lport || l->at.steps.open_lport == lport) &&
	       l->at.close.body.rport == l->at.steps.rport &&
	       are_same(l->at.close.raddr, l->at.steps.raddr);
}

static bool read_key(const struct event_life_at *l, const struct life_sight *sight, struct key *key)
{
	const unsigned int count = l->at.steps.count;

	if (!is_orderly(l, sight) || !is_in_line(l) || !is_in_time(l, count) ||
	    !has_usual_round_trips(l, count))
		return false;
	*key = (struct key){
		.head = decided_by(l, PLACE_HEAD),
		.body = decided_by(l, PLACE_BODY),
		.end = decided_by(l, PLACE_END),
		.later = decided_by(l, PLACE_LATER),
		.told = decided_by(l, PLACE_TOLD),
		.facts = facts_of(l),
		.count = count,
	};
	for (unsigned int i = 0; i < count; i++)
		key->steps[i] = decided_by_step(l, i);
	return true;
}

/*
 * Whether read_key() would give this key, which another life gave it under the same sight: what is
 * judged there by what a key holds is not judged again.
 */
static inline bool has_key(const struct event_life_at *l, const struct life_sight *sight,
			   const struct key *key)
{
	uint64_t odd, last_ns = 0;

	odd = (decided_by(l, PLACE_HEAD) ^ key->head) | (decided_by(l, PLACE_BODY) ^ key->body) |
	      (decided_by(l, PLACE_END) ^ key->end) | (decided_by(l, PLACE_LATER) ^ key->later) |
	      (decided_by(l, PLACE_TOLD) ^ key->told) | (facts_of(l) ^ key->facts);
	if (odd | l->at.steps.passive_ns || !l->at.close.head.sock)
		return false;
#pragma GCC unroll 8
	for (unsigned int i = 0; i < EVENT_STEPS; i++) {
		if (i == key->count)
			break;
		odd |= decided_by_step(l, i) ^ key->steps[i];
		if (l->at.steps.step[i].mono_ns < last_ns)
			return false;
		last_ns = l->at.steps.step[i].mono_ns;
	}
	return !odd && key->count && is_end_in_time(l, last_ns) && may_shake_hands(l, sight) &&
	       is_in_line(l);
}

/* Of which no call is made. */
static bool is_same_key(const struct key *a, const struct key *b)
{
	uint64_t x[sizeof(*a) / sizeof(uint64_t)], y[sizeof(*b) / sizeof(uint64_t)], odd = 0;

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
#pragma GCC unroll 16
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		odd |= x[i] ^ y[i];
	return !odd;
}

/* Where it is, or is to be; there may be another one, which is to be forgotten then. */
static size_t find_place(const struct conn_table *t, const struct key *key)
{
	size_t home = hash_bytes(&t->ends_key, key, sizeof(*key)), place;

	for (size_t i = 0; i < TRIES; i++) {
		place = (home + i) & (SHAPES - 1);
		if (!t->shapes->all[place].key.count ||
		    is_same_key(&t->shapes->all[place].key, key))
			return place;
	}
	return home & (SHAPES - 1);
}

/* Among all; not where most lives would have to make room for it. */
static __attribute__((noinline)) struct shape *search(const struct conn_table *t,
						      const struct event_life_at *life)
{
	struct shapes *shapes = t->shapes;
	struct key key;
	size_t place;

	if (!read_key(life, &t->sight, &key))
		return NULL;
	place = find_place(t, &key);
	if (!is_same_key(&shapes->all[place].key, &key))
		return NULL;
	shapes->last[is_server(life)] = (uint8_t)place;
	return &shapes->all[place].shape;
}

struct shape *shapes_find(const struct conn_table *t, const struct event_life_at *life)
{
	struct shapes *shapes = t->shapes;
	uint8_t last;

	if (!shapes || memcmp(&shapes->sight, &t->sight, sizeof(t->sight)) != 0)
		return NULL;
	last = shapes->last[is_server(life)];
	if (has_key(life, &t->sight, &shapes->all[last].key))
		return &shapes->all[last].shape;
	return search(t, life);
}

/* Which is not called as its thread is. */
static __attribute__((noinline)) uint16_t process_of(const struct conn *c,
						     const struct event_life_at *l)
{
	char process[EVENT_COMM_SIZE];

	event_set_name(process, l->at.steps.process);
	return conn_process_of(c->comm, process, &(struct share){ c->uid, l->at.close.head.netns });
}

static void make_owner(struct conn *c, const struct event_life_at *l, uint64_t cgroup)
{
	bool is_told = tells_owner(l);

	c->cgroup = is_told ? cgroup : 0;
	if (!is_told || !(c->flags & CONN_HAS_OWNER)) {
		c->pid = c->uid = 0;
		memset(c->comm, 0, sizeof(c->comm));
		return;
	}
	c->pid = l->at.steps.pid;
	c->uid = l->at.steps.uid;
	event_set_name(c->comm, l->at.steps.comm);
	c->process = are_same(l->at.steps.comm, l->at.steps.process) ? PROCESS_IS_COMM :
								       process_of(c, l);
}

/* All that a record tells of an owner, as it lies there. */
#define OWNER_BEGIN offsetof(struct event_life, steps.cgroup)
_Static_assert(offsetof(struct event_life, steps.uid) + sizeof(uint32_t) - OWNER_BEGIN ==
		       SHAPE_OWNER_WORDS * sizeof(uint64_t),
	       "an owner is so many words");

static inline bool has_same_owner(const struct event_life_at *l,
				  const uint64_t owner[SHAPE_OWNER_WORDS])
{
	uint64_t odd = 0;

#pragma GCC unroll 8
	for (size_t i = 0; i < SHAPE_OWNER_WORDS; i++)
		odd |= word_at(l, OWNER_BEGIN + i * sizeof(uint64_t)) ^ owner[i];
	return !odd;
}

bool shapes_is_owned(const struct conn_table *t, const struct shape *shape,
		     const struct event_life_at *life)
{
	return shape->turn == t->turn && has_same_owner(life, shape->owner);
}

void shapes_own(const struct conn_table *t, struct shape *shape, const struct event_life_at *life,
		uint64_t cgroup)
{
	make_owner(&shape->like, life, cgroup);
	memcpy(shape->owner, (const char *)life + OWNER_BEGIN, sizeof(shape->owner));
	shape->turn = t->turn;
}

/* But for the atom, which lies among what is the same of a shape. */
static inline void copy_owner(struct conn *c, const struct conn *from)
{
	c->cgroup = from->cgroup;
	c->pid = from->pid;
	c->uid = from->uid;
	memcpy(c->comm, from->comm, sizeof(c->comm));
}

static inline void make_ends(struct conn *c, const struct event_life_at *l)
{
	c->lport = l->at.close.body.lport;
	c->rport = l->at.close.body.rport;
	if (l->at.close.head.flags & EVENT_FLAG_IPV6) {
		memcpy(&c->laddr, l->at.close.laddr, ADDRESS_SIZE);
		memcpy(&c->raddr, l->at.close.raddr, ADDRESS_SIZE);
	} else {
		address_set_ipv4(&c->laddr, l->at.close.laddr);
		address_set_ipv4(&c->raddr, l->at.close.raddr);
	}
	c->ifindex = 0;
	c->ifname = ATOM_NONE;
	c->step_broken = 0;
}

static inline uint64_t flow_of_life(const struct conn *c, const struct event_life_at *l)
{
	struct event_sequences first;

	if (!(l->at.steps.step[1].flags & EVENT_FLAG_FIRSTS))
		return 0;
	memcpy(&first, (const char *)&l->at.steps.first, sizeof(first));
	return flow_of(first.local - (c->role == CONN_ROLE_SERVER), first.peer);
}

static inline void make_times(struct conn *c, const struct event_life_at *l)
{
	const unsigned int count = l->at.steps.count;
	unsigned int i;

	memset(c->step_ns, 0, sizeof(c->step_ns));
#pragma GCC unroll 8
	for (i = 0; i < EVENT_STEPS; i++) {
		if (i == count)
			break;
		c->step_ns[i] = l->at.steps.step[i].mono_ns;
	}
	for (; i < c->step_count; i++)
		c->step_ns[i] = l->at.close.head.mono_ns;
	c->accept_ns = l->at.steps.accept_ns;
	/* A server's first SYN-ACK left a round trip before its child's birth. */
	if (c->role == CONN_ROLE_SERVER)
		c->step_ns[0] = c->step_ns[1] - l->at.steps.step[1].srtt_us * NS_PER_US;
	c->handshake_ns = c->step_ns[1] - c->step_ns[0];
}

static __attribute__((noinline)) uint8_t find_congestion(struct conn_table *t,
							 const struct event_life_at *l)
{
	char congestion[EVENT_CONGESTION_SIZE + 1] = "";

	memcpy(congestion, l->at.close.congestion, EVENT_CONGESTION_SIZE);
	return congestion_number(&t->congestion, congestion);
}

/* Most often that of the life before. */
static inline uint8_t congestion_of(struct conn_table *t, const struct event_life_at *l)
{
	const struct congestion_names *names = &t->congestion;

	if (!l->at.close.congestion[0])
		return 0;
	return are_same((const uint8_t *)names->last, (const uint8_t *)l->at.close.congestion) ?
		       names->last_number :
		       find_congestion(t, l);
}

static inline void make_counters(struct conn_table *t, const struct event_life_at *l,
				 struct conn *c)
{
	uint32_t min_rtt_us = l->at.close.min_rtt_us;

	c->bytes_sent = l->at.close.bytes_sent;
	c->bytes_received = l->at.close.bytes_received + !!(c->flags & CONN_FIN_UNCOUNTED);
	c->retransmits = l->at.close.retransmits;
	c->segments_sent = l->at.close.segments_sent;
	c->segments_received = l->at.close.segments_received;
	c->min_rtt_us = min_rtt_us != UINT32_MAX ? min_rtt_us : 0;
	c->srtt_us = l->at.close.body.srtt_us ? l->at.close.body.srtt_us :
						l->at.steps.step[1].srtt_us;
	c->congestion = congestion_of(t, l);
}

/* From the states on as far as no life tells it in numbers. */
#define LIKE_BEGIN offsetof(struct conn, step_state)
#define LIKE_SIZE (offsetof(struct conn, lport) - LIKE_BEGIN)

/* Which one it is, at both ends. */
static inline void make_parties(struct conn *c, const struct event_life_at *life)
{
	c->sock = life->at.close.head.sock;
	c->flow = flow_of_life(c, life);
	make_ends(c, life);
}

/* Each field of it is written, but for its number and its place in the table. */
void shapes_make(struct conn_table *t, const struct shape *shape, const struct event_life_at *life,
		 struct conn *c)
{
	memcpy((char *)c + LIKE_BEGIN, (const char *)&shape->like + LIKE_BEGIN, LIKE_SIZE);
	copy_owner(c, &shape->like);
	c->netns = life->at.close.head.netns;
	make_times(c, life);
	make_parties(c, life);
	make_counters(t, life, c);
}

void shapes_measure(const struct conn_table *t, struct shape *shape,
		    const struct event_life_at *life)
{
	shape->like.id = t->next_id;
	shape->like.netns = life->at.close.head.netns;
	make_times(&shape->like, life);
}

void shapes_name(struct shape *shape, const struct event_life_at *life)
{
	make_parties(&shape->like, life);
}

void shapes_count(struct conn_table *t, struct shape *shape, const struct event_life_at *life)
{
	make_counters(t, life, &shape->like);
}

/* What of it does not come from a number that a life tells. */
static void take_shape(struct conn *like, const struct conn *c)
{
	memset(like, 0, sizeof(*like));
	memcpy(like->step_state, c->step_state, sizeof(like->step_state));
	like->step_inferred = c->step_inferred;
	like->step_count = c->step_count;
	like->step_told = c->step_told;
	like->handshake_flags = c->handshake_flags;
	like->handshake_retransmits = c->handshake_retransmits;
	like->role = c->role;
	like->handshake_quality = c->handshake_quality;
	like->time_wait_quality = c->time_wait_quality;
	like->initiator = c->initiator;
	like->time_wait_end = c->time_wait_end;
	like->outcome = c->outcome;
	like->is_impatient = c->is_impatient;
	like->cause = c->cause;
	like->tries = c->tries;
	like->evidence = c->evidence;
	like->flags = c->flags;
	like->error = c->error;
}

/* Nothing is to be decided yet, and its handshake took from one step to the next. */
static bool is_settled(const struct conn *c)
{
	return !(c->flags & CONN_AWAITED) && !c->step_inferred && !c->step_broken &&
	       !c->handshake_flags && c->handshake_quality == CONN_QUALITY_EXACT;
}

/* All that is told until its close can be told at once. */
static bool is_known_at_close(const struct conn *c)
{
	static const unsigned int unusual = CONN_SEEDED | CONN_INCOMPLETE | CONN_AWAITED |
					    CONN_POLLED | CONN_RESENT | CONN_UNSENT | CONN_SUBFLOW |
					    CONN_OPENED;

	if (c->flags & unusual || c->gaps)
		return false;
	if (c->flags & CONN_MINISOCK)
		return conn_state(c) == STATE_TIME_WAIT;
	return c->flags & CONN_FINISHED;
}

void shapes_learn(struct conn_table *t, const struct event_life_at *life, const struct conn *c)
{
	struct shapes *shapes = t->shapes;
	struct shape shape = { .turn = 0 };
	struct conn made;
	struct key key;
	size_t place;

	if (!shapes || !is_settled(c) || !read_key(life, &t->sight, &key))
		return;
	if (memcmp(&shapes->sight, &t->sight, sizeof(t->sight)) != 0) {
		memset(shapes, 0, sizeof(*shapes));
		shapes->sight = t->sight;
	}
	take_shape(&shape.like, c);
	shapes_own(t, &shape, life, c->cgroup);
	shapes_make(t, &shape, life, &made);
	made.id = c->id;
	/* There is more to it than is understood here. */
	if (memcmp(&made, c, offsetof(struct conn, older)) != 0)
		return;
	place = find_place(t, &key);
	shape.number = (uint8_t)place;
	shape.is_learned = is_known_at_close(c) && !shapes_is_odd(life) &&
			   audience_learn(&t->audience, (unsigned int)place, c);
	shapes->all[place].key = key;
	shapes->all[place].shape = shape;
}
