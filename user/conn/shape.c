// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: lives like one before, of which the same is made. */
#include "user/conn/shape.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/flow.h"
#include "user/conn/members.h"

#define SHAPES 64 /* a power of two */

/* Without padding, to be compared as bytes. */
struct key {
	uint32_t steps[EVENT_STEPS]; /* flags, states and retransmits of each */
	uint16_t flags, error, later_signs;
	uint8_t states, shutdown, sequences, substate, signs, tries, probes, witness;
	uint8_t count; /* steps; 0: there is no shape here */
	uint8_t facts;
};
_Static_assert(sizeof(struct key) == 40, "struct key has no padding");
_Static_assert(offsetof(struct event_step, srtt_us) - offsetof(struct event_step, flags) ==
		       sizeof(uint32_t),
	       "flags, states and retransmits lie side by side");

/* key.facts */
enum { FACT_ACCEPTED = 1, FACT_TIMEWAIT = 2, FACT_OWNER = 4 };

/* Two lives after one another are often both ends of one connection: a place for each role. */
struct shapes {
	uint8_t last[2];	 /* which of `all` was found last, by is_server() */
	struct life_sight sight; /* under which they were learned */
	struct {
		struct key key;
		struct conn like; /* but for what a life says in numbers */
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

static uint8_t facts_of(const struct event_life_at *l)
{
	unsigned int facts = 0;

	if (l->at.steps.accept_ns)
		facts |= FACT_ACCEPTED;
	if (l->at.close.timewait)
		facts |= FACT_TIMEWAIT;
	if (tells_owner(l) && (l->at.steps.pid || l->at.steps.comm[0]))
		facts |= FACT_OWNER;
	return (uint8_t)facts;
}

/* Each comes after the one before, and only the second, of ESTABLISHED, has a round trip. */
static bool read_steps(const struct event_life_at *l, struct key *key)
{
	uint64_t last_ns = 0;
	uint32_t odd = 0;

	for (unsigned int i = 0; i < l->at.steps.count; i++) {
		uint64_t mono_ns = l->at.steps.step[i].mono_ns;

		if (mono_ns < last_ns)
			return false;
		last_ns = mono_ns;
		memcpy(&key->steps[i], (const char *)&l->at.steps.step[i].flags,
		       sizeof(key->steps[i]));
		odd |= i != 1 ? l->at.steps.step[i].srtt_us : 0;
	}
	return !odd && l->at.close.head.mono_ns >= last_ns && l->at.close.head.mono_ns <= INT64_MAX;
}

static void read_close(const struct event_life_at *l, struct key *key)
{
	key->flags = l->at.close.head.flags;
	key->states = l->at.close.head.states;
	key->error = l->at.close.body.error;
	key->shutdown = l->at.close.body.shutdown;
	key->witness = l->at.close.body.witness;
	key->sequences = l->at.close.body.sequences;
	key->substate = l->at.close.substate;
	key->signs = l->at.close.signs;
	key->later_signs = l->at.close.later_signs;
	key->tries = l->at.close.tries;
	key->probes = l->at.close.probes;
	key->facts = facts_of(l);
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
	if (from != STATE_LAST_ACK && !(l->at.close.timewait && sight->timewaits))
		return false;
	if (!is_server(l))
		return !l->at.steps.accept_ns;
	return life_is_round_trip(l->at.steps.step[0].mono_ns, l->at.steps.step[1].mono_ns,
				  l->at.steps.step[1].srtt_us, sight->requests);
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
static bool is_in_line(const struct event_life_at *l)
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
	memset(key, 0, sizeof(*key));
	if (!is_orderly(l, sight) || !is_in_line(l) || !read_steps(l, key))
		return false;
	key->count = l->at.steps.count;
	read_close(l, key);
	return true;
}

/* Five words, of which no call is made. */
static bool is_same_key(const struct key *a, const struct key *b)
{
	uint64_t x[sizeof(*a) / sizeof(uint64_t)], y[sizeof(*b) / sizeof(uint64_t)], odd = 0;

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
#pragma GCC unroll 8
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		odd |= x[i] ^ y[i];
	return !odd;
}

static size_t place_of(const struct conn_table *t, const struct key *key)
{
	return hash_bytes(&t->ends_key, key, sizeof(*key)) & (SHAPES - 1);
}

const struct conn *shapes_find(const struct conn_table *t, const struct event_life_at *life)
{
	struct shapes *shapes = t->shapes;
	struct key key;
	uint8_t *last;

	if (!shapes || memcmp(&shapes->sight, &t->sight, sizeof(t->sight)) != 0 ||
	    !read_key(life, &t->sight, &key))
		return NULL;
	last = &shapes->last[is_server(life)];
	if (!is_same_key(&shapes->all[*last].key, &key)) {
		*last = (uint8_t)place_of(t, &key);
		if (!is_same_key(&shapes->all[*last].key, &key))
			return NULL;
	}
	return &shapes->all[*last].like;
}

static void make_owner(struct conn *c, const struct event_life_at *l, uint64_t cgroup)
{
	char comm[EVENT_COMM_SIZE + 1], process[EVENT_COMM_SIZE + 1];

	if (!tells_owner(l))
		return;
	c->cgroup = cgroup;
	if (!(c->flags & CONN_HAS_OWNER))
		return;
	c->pid = l->at.steps.pid;
	c->uid = l->at.steps.uid;
	event_set_name(comm, l->at.steps.comm);
	memcpy(c->comm, comm, sizeof(c->comm));
	c->process = PROCESS_IS_COMM;
	if (are_same(l->at.steps.comm, l->at.steps.process))
		return;
	event_set_name(process, l->at.steps.process);
	c->process =
		conn_process_of(comm, process, &(struct share){ c->uid, l->at.close.head.netns });
}

static void make_ends(struct conn *c, const struct event_life_at *l)
{
	c->netns = l->at.close.head.netns;
	c->lport = l->at.close.body.lport;
	c->rport = l->at.close.body.rport;
	if (l->at.close.head.flags & EVENT_FLAG_IPV6) {
		memcpy(&c->laddr, l->at.close.laddr, ADDRESS_SIZE);
		memcpy(&c->raddr, l->at.close.raddr, ADDRESS_SIZE);
	} else {
		address_set_ipv4(&c->laddr, l->at.close.laddr);
		address_set_ipv4(&c->raddr, l->at.close.raddr);
	}
}

static void make_flow(struct conn *c, const struct event_life_at *l)
{
	struct event_sequences first;

	if (!(l->at.steps.step[1].flags & EVENT_FLAG_FIRSTS))
		return;
	memcpy(&first, (const char *)&l->at.steps.first, sizeof(first));
	c->flow = flow_of(first.local - (c->role == CONN_ROLE_SERVER), first.peer);
}

static void make_counters(struct conn *c, const struct event_life_at *l)
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
}

static void make_times(struct conn *c, const struct event_life_at *l)
{
	const unsigned int count = l->at.steps.count;
	unsigned int i;

	for (i = 0; i < count; i++)
		c->step_ns[i] = l->at.steps.step[i].mono_ns;
	for (; i < c->step_count; i++)
		c->step_ns[i] = l->at.close.head.mono_ns;
	c->accept_ns = l->at.steps.accept_ns;
	/* A server's first SYN-ACK left a round trip before its child's birth. */
	if (c->role == CONN_ROLE_SERVER)
		c->step_ns[0] = c->step_ns[1] - l->at.steps.step[1].srtt_us * NS_PER_US;
	c->handshake_ns = c->step_ns[1] - c->step_ns[0];
}

void shapes_make(struct conn_table *t, const struct conn *like, const struct event_life_at *life,
		 uint64_t cgroup, struct conn *c)
{
	char congestion[EVENT_CONGESTION_SIZE + 1] = "";

	*c = *like;
	c->sock = life->at.close.head.sock;
	make_times(c, life);
	make_ends(c, life);
	make_flow(c, life);
	make_owner(c, life, cgroup);
	make_counters(c, life);
	memcpy(congestion, life->at.close.congestion, EVENT_CONGESTION_SIZE);
	c->congestion = congestion_number(&t->congestion, congestion);
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
	return !(c->flags & CONN_AWAITED) && !c->step_inferred && !c->handshake_flags &&
	       c->handshake_quality == CONN_QUALITY_EXACT;
}

void shapes_learn(struct conn_table *t, const struct event_life_at *life, const struct conn *c)
{
	struct shapes *shapes = t->shapes;
	struct conn like, made;
	struct key key;

	if (!shapes || !is_settled(c) || !read_key(life, &t->sight, &key))
		return;
	if (memcmp(&shapes->sight, &t->sight, sizeof(t->sight)) != 0) {
		memset(shapes, 0, sizeof(*shapes));
		shapes->sight = t->sight;
	}
	take_shape(&like, c);
	shapes_make(t, &like, life, c->cgroup, &made);
	made.id = c->id;
	/* There is more to it than is understood here. */
	if (memcmp(&made, c, offsetof(struct conn, older)) != 0)
		return;
	shapes->all[place_of(t, &key)].key = key;
	shapes->all[place_of(t, &key)].like = like;
}
