// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: a life that is told of at once. */
#include "user/conn/whole.h"

#include <errno.h>
#include <string.h>

#include "user/conn/members.h"
#include "user/conn/polled.h"
#include "user/conn/reconcile.h"

static unsigned int from_of(const struct event_bundle *b, unsigned int i)
{
	return EVENT_FROM(b->steps->at.step[i].states);
}

static unsigned int to_of(const struct event_bundle *b, unsigned int i)
{
	return EVENT_TO(b->steps->at.step[i].states);
}

/*
 * Each step begins where the one before it ended, the first with a connect or at a listener; all
 * tell of ends of one family.
 */
static bool is_seamless(const struct event_bundle *b)
{
	const struct event_steps_at *s = b->steps;
	unsigned int state, flags = 0;

	if (!s->at.count || (to_of(b, 0) != STATE_SYN_SENT && from_of(b, 0) != STATE_LISTEN))
		return false;
	state = from_of(b, 0);
	for (unsigned int i = 0; i < s->at.count; i++) {
		/* Nothing but a birth leads there. */
		if (from_of(b, i) != state || (i && to_of(b, i) == STATE_SYN_SENT))
			return false;
		state = to_of(b, i);
		if (s->at.step[i].flags & EVENT_FLAG_ENDPOINTS)
			flags |= s->at.step[i].flags ^ b->close.flags;
	}
	return b->close.from == state && !(flags & EVENT_FLAG_IPV6);
}

/* What a request says comes between a child's birth and what is next, an accept before the end. */
static bool is_in_order(const struct event_bundle *b)
{
	const struct event_steps_at *s = b->steps;
	uint64_t birth_ns = s->at.step[0].mono_ns;
	uint64_t next_ns = s->at.count > 1 ? s->at.step[1].mono_ns : b->close.mono_ns;

	if (!s->at.passive_ns && !s->at.accept_ns)
		return true;
	return from_of(b, 0) == STATE_LISTEN &&
	       (!s->at.passive_ns ||
		(s->at.passive_ns >= birth_ns && s->at.passive_ns < next_ns)) &&
	       (!s->at.accept_ns ||
		(s->at.accept_ns >= birth_ns && s->at.accept_ns < b->close.mono_ns));
}

static bool is_same_address(const struct address *a, const uint8_t *bytes, bool is_ipv6)
{
	return is_ipv6 ? !memcmp(a->byte, bytes, ADDRESS_SIZE) :
			 !memcmp(a->byte + ADDRESS_MAPPED_SIZE, bytes,
				 ADDRESS_SIZE - ADDRESS_MAPPED_SIZE);
}

/* All tell of the same ends. */
static bool has_same_ends(const struct event_bundle *b)
{
	const struct event_steps_at *s = b->steps;
	const struct event *close = &b->close;

	return close->rport == s->at.rport && close->lport == s->at.lport &&
	       (!s->at.open_lport || s->at.open_lport == s->at.lport) &&
	       is_same_address(&close->raddr, s->at.raddr, close->flags & EVENT_FLAG_IPV6);
}

/* Nobody waits for its parts, and nothing else is known of its socket. */
static bool may_be_whole(const struct conn_table *t, uint64_t sock)
{
	/* Where accepts are not told of, an owner is looked for among who listens at each step. */
	return !t->snapshot && (!t->listeners || t->sight.accepts) && !t->audience.is_stepwise &&
	       !members_find(t, sock);
}

bool whole_is_life(const struct conn_table *t, const struct event_bundle *b)
{
	if (!b->has_close || b->next || b->steps->at.witnessed || b->close.witness ||
	    !is_seamless(b) || !is_in_order(b) || !has_same_ends(b))
		return false;
	return may_be_whole(t, b->sock);
}

/* How many of the steps that come next tell of nothing but that they were. */
static unsigned int count_plain(const struct event_bundle *b)
{
	static const unsigned int open = 1U << STATE_ESTABLISHED | 1U << STATE_FIN_WAIT1 |
					 1U << STATE_FIN_WAIT2 | 1U << STATE_CLOSE_WAIT;
	static const uint16_t dull = EVENT_FLAG_IPV6 | EVENT_FLAG_ENDPOINTS |
				     EVENT_FLAG_FIN_RECEIVED;
	unsigned int i = b->next;

	while (i < b->steps->at.count && open >> from_of(b, i) & 1 &&
	       to_of(b, i) != STATE_ESTABLISHED && !(b->steps->at.step[i].flags & ~dull) &&
	       !b->steps->at.step[i].srtt_us)
		i++;
	return i - b->next;
}

/* They need no event each. */
static void pass(struct event_bundle *b, struct conn *c)
{
	unsigned int count = count_plain(b);

	life_pass(c, b->steps, b->next, count);
	b->next = (uint8_t)(b->next + count);
}

static void step(struct conn_table *t, struct conn *c, const struct event *e)
{
	life_step(c, e, &t->sight);
	if (t->polled)
		polled_take_over(t, c, e);
}

/* All but the CLOSE, which tells of the ends again. */
static void live(struct conn_table *t, struct event_bundle *b, struct conn *c)
{
	const struct event *e = event_bundle_next(b);

	life_begin(c, e, false);
	reconcile_recall(t, c, e);
	c->id = t->next_id++;
	for (; e != &b->close; e = event_bundle_next(b)) {
		if (e->kind == EVENT_PASSIVE)
			life_passive(c, e);
		else if (e->kind == EVENT_ACCEPT)
			life_accept(c, e);
		else
			step(t, c, e);
		pass(b, c);
	}
}

/* Its place in the table, by its ends: it is going to be polled. NULL: there is none. */
static struct conn *keep_polled(struct conn_table *t, struct conn *life)
{
	struct conn *c;

	life->sock = polled_take_ends(t, life);
	timewait_make_way(t, life->sock);
	c = members_keep(t, life);
	if (c)
		polled_begin(t, c);
	return c;
}

/* The same by the timewait socket if it lives on in one. */
static struct conn *keep(struct conn_table *t, struct conn *life, uint64_t timewait,
			 uint64_t close_ns)
{
	bool has_timewait = life->flags & CONN_MINISOCK;
	struct conn *c;

	if (has_timewait && t->sight.polls)
		return keep_polled(t, life);
	if (has_timewait) {
		timewait_make_way(t, timewait);
		life->sock = timewait;
	}
	c = members_keep(t, life);
	if (!c)
		return NULL;
	if (has_timewait)
		timewait_catch_up(t, timewait, close_ns);
	else
		members_await(t, c, close_ns);
	return c;
}

static int tell(struct conn_table *t, struct conn *life, bool was_open, uint64_t timewait,
		uint64_t close_ns)
{
	bool goes_on;

	if (was_open && members_is_decided(life)) {
		goes_on = members_tell_whole(t, life);
	} else {
		/* Before it is ESTABLISHED it never was a connection that could be accepted. */
		if (life->accept_ns && was_open && members_is_wanted(t, life))
			members_tell_accepted(t, life);
		goes_on = members_tell(t, life);
	}
	if (!goes_on || keep(t, life, timewait, close_ns))
		return 0;
	t->counts.gaps++;
	return -ENOMEM;
}

int whole_apply(struct conn_table *t, struct event_bundle *b)
{
	const struct event *close;
	struct event room;
	struct conn life;

	t->applied += event_bundle_left(b);
	live(t, b, &life);
	close = timewait_complete_close(t, &b->close, life.ifindex, &room);
	if (t->polled)
		polled_take_over(t, &life, close);
	if (!members_close(t, &life, close))
		return 0;
	shapes_learn(t, b->life, &life);
	return tell(t, &life, b->steps->at.count > 1, close->timewait, close->mono_ns);
}

/* What everybody who is told has learned, and nothing else is waited for. */
static inline bool is_learned(const struct conn_table *t, const struct shape *s,
			      const struct event_life_at *life)
{
	if (!s->is_learned || !t->wants_all)
		return false;
	/* It might be its listener's. */
	if (t->listeners && !(s->like.flags & CONN_HAS_OWNER))
		return false;
	return !shapes_is_odd(life);
}

/*
 * Its place in the table, as one that lives on in a timewait socket, for which `sock` stands, and
 * of whose close was told.
 */
static struct conn *make_timewait(struct conn_table *t, const struct shape *s,
				  const struct event_life_at *life, uint64_t sock,
				  uint32_t *ret_number)
{
	struct conn *c;

	timewait_make_way(t, sock);
	c = members_take(t, ret_number);
	if (!c)
		return NULL;
	shapes_make(t, s, life, c);
	c->sock = sock;
	c->id = t->next_id;
	c->flags |= CONN_WANTED | CONN_CLOSE_TOLD;
	c->step_told = c->step_count;
	if (t->sight.polls)
		polled_begin(t, c);
	return c;
}

/* Of one that is not kept nobody but those who want it need what is its own. */
static void measure(struct conn_table *t, struct shape *s, const struct event_life_at *life)
{
	shapes_measure(t, s, life);
	if (t->audience.wants_parties)
		shapes_name(s, life);
	if (t->audience.wants_counts)
		shapes_count(t, s, life);
}

/* Nobody has to look at what it has in common with those before. */
static void apply_learned(struct conn_table *t, struct shape *s, const struct event_life_at *life)
{
	uint64_t sock = life->at.close.timewait;
	struct conn *c = NULL;
	uint32_t number;

	if (t->known)
		reconcile_forget(t, life->at.close.head.sock);
	if (t->sight.polls) {
		shapes_measure(t, s, life);
		shapes_name(s, life);
		sock = polled_take_ends(t, &s->like);
	}
	if (s->like.flags & CONN_MINISOCK)
		c = make_timewait(t, s, life, sock, &number);
	if (!c)
		measure(t, s, life);
	t->next_id++;
	t->counts.opened++;
	t->counts.closed++;
	audience_like(&t->audience, s->number, c ? c : &s->like);
	if (c) {
		members_put(t, c, number);
		timewait_catch_up(t, c->sock, life->at.close.head.mono_ns);
	} else if (s->like.flags & CONN_MINISOCK) {
		t->counts.gaps++;
	}
}

/* Most lives are of whoever had the one before. */
static __attribute__((noinline)) void own(const struct conn_table *t, struct shape *s,
					  const struct event_life_at *life, conn_table_meet *meet,
					  void *context)
{
	uint64_t cgroup = life->at.steps.cgroup;

	if (cgroup)
		cgroup = meet(context, cgroup, life->at.steps.pid);
	shapes_own(t, s, life, cgroup);
	if (s->is_learned)
		audience_owned(&t->audience, s->number);
}

/* Of one that somebody has to look at. */
static __attribute__((noinline)) void apply_told(struct conn_table *t, struct shape *shape,
						 const struct event_life_at *life)
{
	struct conn c;

	shapes_make(t, shape, life, &c);
	if (t->known)
		reconcile_recall(t, &c, NULL);
	c.id = t->next_id++;
	if (t->polled)
		polled_take_ends(t, &c);
	/* A life for whose end there is no memory is counted as a gap. */
	tell(t, &c, true, life->at.close.timewait, life->at.close.head.mono_ns);
}

bool whole_apply_like(struct conn_table *t, const struct event_life_at *life, conn_table_meet *meet,
		      void *context)
{
	struct shape *shape = shapes_find(t, life);

	if (!shape || !may_be_whole(t, life->at.close.head.sock))
		return false;
	if (!shapes_is_owned(t, shape, life))
		own(t, shape, life, meet, context);
	t->applied += life->at.steps.count + !!life->at.steps.accept_ns + 1ull;
	if (is_learned(t, shape, life))
		apply_learned(t, shape, life);
	else
		apply_told(t, shape, life);
	return true;
}
