// SPDX-License-Identifier: GPL-2.0-only
/* The connection table: a bounded set of connections found by their kernel socket. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/life.h"
#include "user/conn/listeners.h"
#include "user/conn/sampling.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define CHUNK 1024	 /* connections that are allocated at a time */
#define FIRST_SLOTS 4096 /* a power of two */
#define MOVES 1024	 /* a half-full table has no run of slots as long as this, by far */
#define CACHE_LINE 64
#define NOBODY 0   /* connection numbers count from 1 */
#define WAITING 64 /* records about timewait sockets whose connection is not known yet */
#define CONGESTION_NAMES 64
#define FIRST_DEFERRED 256
/* By then a cancelled timer would have been started again, or would have fired. */
#define CANCEL_GRACE_NS 20000000ull
/* By then the records of what happened during a snapshot have been read. */
#define SNAPSHOT_GRACE_NS 40000000ull
/* What changed so shortly before a snapshot may have been on its way from one place to another. */
#define SNAPSHOT_MARGIN_NS 100000000ull

/*
 * By then a reset that a socket sends after its end would have been told of, on a slow machine as
 * well. Not longer than the reader of the ring stays awake.
 */
#define RESET_GRACE_NS 80000000ull

/* A connection of which something is decided a little later, unless a record does. */
struct deferred {
	uint64_t sock, id, mono_ns;
};

/* In the order of time. */
struct deferred_list {
	struct deferred *items;
	size_t count, room;
};

struct conn_table {
	struct conn_filter filter;
	struct conn_listener listener;
	struct conn_counts counts;
	uint64_t next_id, applied; /* so many events */
	bool numbers_births;
	bool lossy;
	struct life_hooks hooks;
	struct resent_set *resent; /* NULL: nothing has been sent again */
	bool sees_retransmits;
	struct listeners *listeners; /* NULL: none is told of, for there is no need */

	struct snapshot *snapshot; /* that waits to be compared with; NULL: none */
	unsigned int snapshot_use; /* enum conn_snapshot_use */

	struct sampling sampling;
	uint32_t sampled; /* connections that are CONN_SAMPLED */

	/* The last TIMEWAIT records that no connection claimed; they may be ahead of its CLOSE. */
	struct event waiting[WAITING];
	uint64_t waiting_sock[WAITING]; /* their sockets, to look through; 0: taken */
	size_t waiting_next;

	struct deferred_list cancelled; /* timewait sockets whose timer was stopped; why? */
	struct deferred_list awaited;	/* closed sockets that may send a reset (CONN_AWAITED) */

	/* The names so far, and room to look for one more. */
	char congestion[CONGESTION_NAMES + 1][EVENT_CONGESTION_SIZE + 1];
	uint8_t congestion_count;

	/* Connection n lives in chunks[(n - 1) / CHUNK]; its address never changes. */
	struct conn **chunks;
	size_t chunk_count, chunk_room;
	uint32_t made; /* numbers 1..made have been used */
	uint32_t free; /* first of the free ones, linked by `newer` */
	uint32_t used, max;
	uint32_t oldest, newest;

	/*
	 * Open addressing with linear probing, half full at most. A slot holds a connection's
	 * number and, in the bits that numbers do not need, the low bits of its home, the slot
	 * it would like best: most probes and moves are decided without a look at the connection,
	 * which is seldom in the cache.
	 */
	uint32_t *slots;
	size_t slot_count;
	uint32_t number_mask, number_bits;
};

static struct conn *at(const struct conn_table *t, uint32_t n)
{
	return &t->chunks[(n - 1) / CHUNK][(n - 1) % CHUNK];
}

/* Fibonacci hashing: sockets are slab objects, their low bits say little. */
static uint64_t hash_of(uint64_t sock)
{
	return sock * 0x9e3779b97f4a7c15ull;
}

static size_t slot_of(const struct conn_table *t, uint64_t sock)
{
	return hash_of(sock) >> 20 & (t->slot_count - 1);
}

/* What stands in the slot of connection `n` with this socket. */
static uint32_t slot_value(const struct conn_table *t, uint32_t n, uint64_t sock)
{
	return n | ((uint32_t)slot_of(t, sock) << t->number_bits);
}

/* The connection's number in the slot; NOBODY: the slot is empty. */
static uint32_t number_at(const struct conn_table *t, size_t slot)
{
	return t->slots[slot] & t->number_mask;
}

/* The socket's slot, or the empty one where it would be. */
static size_t find_slot(const struct conn_table *t, uint64_t sock)
{
	uint32_t tag = slot_value(t, 0, sock);
	size_t i = slot_of(t, sock);

	while (number_at(t, i) != NOBODY &&
	       ((t->slots[i] & ~t->number_mask) != tag || at(t, number_at(t, i))->sock != sock))
		i = (i + 1) & (t->slot_count - 1);
	return i;
}

/* The connection that is most likely this socket's, without a look at it; NOBODY: none. */
static uint32_t number_near(const struct conn_table *t, uint64_t sock)
{
	uint32_t tag = slot_value(t, 0, sock);
	size_t i = slot_of(t, sock);

	while (number_at(t, i) != NOBODY && (t->slots[i] & ~t->number_mask) != tag)
		i = (i + 1) & (t->slot_count - 1);
	return number_at(t, i);
}

/* How far from its home the connection in slot `i` stands: less than MOVES in any run of slots. */
static size_t distance_at(const struct conn_table *t, size_t i)
{
	uint32_t homes = UINT32_MAX >> t->number_bits; /* a mask of the bits kept of a home */

	if (homes < MOVES)
		return (i - slot_of(t, at(t, number_at(t, i))->sock)) & (t->slot_count - 1);
	return (i - (t->slots[i] >> t->number_bits)) & homes & (t->slot_count - 1);
}

/* Closes the hole so that no probe ends too early. */
static void empty_slot(struct conn_table *t, size_t hole)
{
	size_t mask = t->slot_count - 1;
	size_t i = hole;

	for (;;) {
		i = (i + 1) & mask;
		if (number_at(t, i) == NOBODY)
			break;
		if (distance_at(t, i) >= ((i - hole) & mask)) {
			t->slots[hole] = t->slots[i];
			hole = i;
		}
	}
	t->slots[hole] = 0;
}

static int grow_slots(struct conn_table *t)
{
	size_t old_count = t->slot_count;
	uint32_t *old = t->slots;
	uint32_t *slots = calloc(old_count * 2, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	t->slots = slots;
	t->slot_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		uint32_t n = old[i] & t->number_mask;

		if (n != NOBODY)
			t->slots[find_slot(t, at(t, n)->sock)] = slot_value(t, n, at(t, n)->sock);
	}
	free(old);
	return 0;
}

static int add_chunk(struct conn_table *t)
{
	struct conn *chunk;

	if (t->chunk_count == t->chunk_room) {
		size_t room = t->chunk_room ? t->chunk_room * 2 : 16;
		struct conn **chunks = reallocarray(t->chunks, room, sizeof(*chunks));

		if (!chunks)
			return -ENOMEM;
		t->chunks = chunks;
		t->chunk_room = room;
	}
	chunk = aligned_alloc(CACHE_LINE, CHUNK * sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	t->chunks[t->chunk_count++] = chunk;
	return 0;
}

static void unlink_age(struct conn_table *t, struct conn *c)
{
	if (c->older != NOBODY)
		at(t, c->older)->newer = c->newer;
	else
		t->oldest = c->newer;
	if (c->newer != NOBODY)
		at(t, c->newer)->older = c->older;
	else
		t->newest = c->older;
}

static void link_newest(struct conn_table *t, struct conn *c, uint32_t n)
{
	c->older = t->newest;
	c->newer = NOBODY;
	if (t->newest != NOBODY)
		at(t, t->newest)->newer = n;
	else
		t->oldest = n;
	t->newest = n;
}

/* Its neighbours know its number. */
static void make_newest(struct conn_table *t, struct conn *c)
{
	uint32_t n = c->older == NOBODY ? t->oldest : at(t, c->older)->newer;

	if (n == t->newest)
		return;
	unlink_age(t, c);
	link_newest(t, c, n);
}

static void remove_conn(struct conn_table *t, struct conn *c)
{
	size_t slot = find_slot(t, c->sock);
	uint32_t n = number_at(t, slot);

	if (c->flags & CONN_RESENT && t->resent)
		resent_remove(t->resent, c->id);
	empty_slot(t, slot);
	unlink_age(t, c);
	if (c->flags & CONN_WANTED && !(c->flags & CONN_CLOSE_TOLD))
		t->counts.live--;
	if (c->flags & CONN_SAMPLED)
		t->sampled--;
	c->newer = t->free;
	t->free = n;
	t->used--;
}

/* What is missing of a life that is counted now. */
static void count_damage(struct conn_table *t, const struct conn *c)
{
	t->counts.gaps += c->gaps;
	if (c->flags & CONN_INCOMPLETE)
		t->counts.incomplete++;
}

static int defer(struct deferred_list *l, const struct conn *c, uint64_t mono_ns)
{
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : FIRST_DEFERRED;
		struct deferred *grown = reallocarray(l->items, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		l->items = grown;
		l->room = room;
	}
	l->items[l->count++] = (struct deferred){ c->sock, c->id, mono_ns };
	return 0;
}

static void settle_cause(struct conn_table *t, struct conn *c);

static void evict_oldest(struct conn_table *t)
{
	struct conn *c = at(t, t->oldest);

	if (c->flags & CONN_AWAITED) {
		settle_cause(t, c);
		return;
	}
	if (c->flags & CONN_CLOSE_TOLD) {
		t->counts.time_waits_evicted++;
	} else if (c->flags & CONN_WANTED) {
		t->counts.evicted++;
		count_damage(t, c);
	}
	remove_conn(t, c);
}

static struct conn *find(const struct conn_table *t, uint64_t sock)
{
	uint32_t n = number_at(t, find_slot(t, sock));

	return n == NOBODY ? NULL : at(t, n);
}

/* The socket must not be in the table. NULL when there is no memory. */
static struct conn *add(struct conn_table *t, const struct event *e, bool lossy)
{
	struct conn *c;
	uint32_t n;

	if (t->used == t->max)
		evict_oldest(t);
	if (t->free == NOBODY && t->made == t->chunk_count * CHUNK && add_chunk(t))
		return NULL;
	if ((t->used + 1) * 2ull > t->slot_count && grow_slots(t))
		return NULL;
	if (t->free != NOBODY) {
		n = t->free;
		t->free = at(t, n)->newer;
	} else {
		n = ++t->made;
	}
	c = at(t, n);
	life_begin(c, e, lossy);
	c->id = t->numbers_births ? CONN_OLDER_ID + t->applied : t->next_id++;
	t->slots[find_slot(t, c->sock)] = slot_value(t, n, c->sock);
	link_newest(t, c, n);
	t->used++;
	return c;
}

static void note_wanted(struct conn_table *t, struct conn *c)
{
	c->flags |= CONN_WANTED;
	t->counts.live++;
	if (c->flags & CONN_SEEDED)
		t->counts.seeded++;
	else
		t->counts.opened++;
}

/* Tells the listener of the steps it has not heard of. */
static void tell_steps(struct conn_table *t, struct conn *c)
{
	for (; c->step_told < c->step_count; c->step_told++) {
		struct transition transition;

		life_transition(c, c->step_told, &transition);
		if (t->listener.transition)
			t->listener.transition(t->listener.context, c, &transition);
	}
}

static void tell_applied(struct conn_table *t, const struct conn *c, const struct event *e)
{
	if (t->listener.applied)
		t->listener.applied(t->listener.context, c, e);
}

/* It is closed, or in TIME_WAIT: nothing will change how it is counted. */
static void tell_close(struct conn_table *t, struct conn *c)
{
	c->flags |= CONN_CLOSE_TOLD;
	t->counts.live--;
	t->counts.closed++;
	count_damage(t, c);
	if (t->listener.closed)
		t->listener.closed(t->listener.context, c);
}

/* Judges a connection as far as it is known, and counts it when that was the last doubt. */
static enum filter_verdict judge(struct conn_table *t, struct conn *c, bool final)
{
	enum filter_verdict verdict;

	if (c->flags & CONN_WANTED)
		return FILTER_WANTED;
	verdict = conn_filter_judge(&t->filter, c, final);
	if (verdict == FILTER_WANTED)
		note_wanted(t, c);
	return verdict;
}

/* No record will add to what the close is judged by. */
static bool is_decided(const struct conn *c)
{
	if (c->flags & CONN_AWAITED)
		return false;
	return c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT;
}

static void learn_from_listener(const struct conn_table *t, struct conn *c)
{
	struct listener_owner owner;

	if (c->role == CONN_ROLE_SERVER && c->flags & CONN_HAS_ENDPOINTS &&
	    !(c->flags & CONN_HAS_OWNER) && listeners_find(t->listeners, c, &owner))
		life_own_by_listener(c, &owner);
}

/* After a change: judge, tell, and let go of what is over or unwanted. */
static void follow_up(struct conn_table *t, struct conn *c)
{
	bool is_over = c->flags & CONN_FINISHED && !(c->flags & CONN_AWAITED);
	enum filter_verdict verdict;

	if (t->listeners)
		learn_from_listener(t, c);
	verdict = judge(t, c, is_decided(c));
	if (verdict == FILTER_WANTED) {
		tell_steps(t, c);
		if (is_decided(c) && !(c->flags & CONN_CLOSE_TOLD))
			tell_close(t, c);
		if (is_over && t->listener.gone)
			t->listener.gone(t->listener.context, c);
	}
	if (verdict == FILTER_UNWANTED || is_over)
		remove_conn(t, c);
}

/* Why it was closed is decided by what is known. */
static void settle_cause(struct conn_table *t, struct conn *c)
{
	life_settle(c);
	follow_up(t, c);
}

/* The kernel's object is gone, and nobody told of it. */
static void end_unseen(struct conn_table *t, struct conn *c)
{
	if (c->flags & CONN_AWAITED) {
		settle_cause(t, c);
		return;
	}
	/* Its request told of a child that nobody else did: it never was a connection. */
	if (!c->step_count) {
		t->counts.children_lost++;
		remove_conn(t, c);
		return;
	}
	life_end_unseen(c);
	follow_up(t, c);
}

static void wait_for_owner(struct conn_table *t, const struct event *e)
{
	t->waiting[t->waiting_next] = *e;
	t->waiting_sock[t->waiting_next] = e->sock;
	t->waiting_next = (t->waiting_next + 1) % WAITING;
}

/* Where the birth of a timewait socket with these endpoints waits; WAITING when it does not. */
static size_t find_birth(const struct conn_table *t, const struct event *close)
{
	for (size_t i = 0; i < WAITING; i++) {
		const struct event *e = &t->waiting[i];

		if (t->waiting_sock[i] && e->detail == EVENT_TIMEWAIT_BORN &&
		    e->netns == close->netns && e->lport == close->lport &&
		    e->rport == close->rport &&
		    !memcmp(&e->raddr, &close->raddr, sizeof(e->raddr)) &&
		    !memcmp(&e->laddr, &close->laddr, sizeof(e->laddr)))
			return i;
	}
	return WAITING;
}

/*
 * Takes its pending cancel off the list. Returns when that was, or TIME_UNKNOWN if there is none.
 */
static uint64_t forget_cancel(struct conn_table *t, const struct conn *c)
{
	struct deferred_list *l = &t->cancelled;

	for (size_t i = l->count; i-- > 0;) {
		if (l->items[i].id == c->id) {
			l->items[i].id = 0;
			return l->items[i].mono_ns;
		}
	}
	return TIME_UNKNOWN;
}

/* The address of its timewait socket is another's now. */
static void end_replaced(struct conn_table *t, struct conn *c)
{
	uint64_t cancelled_ns = forget_cancel(t, c);

	if (cancelled_ns == TIME_UNKNOWN) {
		end_unseen(t, c);
		return;
	}
	life_end_timewait(c, EVENT_TIMEWAIT_CANCELLED, cancelled_ns);
	follow_up(t, c);
}

static void apply_timewait(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);

	if (!c || !(c->flags & CONN_MINISOCK) || e->detail == EVENT_TIMEWAIT_BORN) {
		wait_for_owner(t, e);
		return;
	}
	if (e->detail == EVENT_TIMEWAIT_CANCELLED) {
		if (defer(&t->cancelled, c, e->mono_ns))
			t->counts.gaps++;
		return;
	}
	forget_cancel(t, c);
	life_timewait(c, e);
	tell_applied(t, c, e);
	follow_up(t, c);
}

/*
 * Records of a timewait socket that overtook the CLOSE which names it. The kernel uses an address
 * again at once: an end before the CLOSE is that of the address's former owner, and what is older
 * than that is, too.
 */
static void apply_early(struct conn_table *t, uint64_t sock, uint64_t since_ns)
{
	struct event early[WAITING];
	size_t count = 0;

	for (size_t i = 0; i < WAITING; i++) {
		size_t place = (t->waiting_next + i) % WAITING;
		const struct event *e = &t->waiting[place];

		if (t->waiting_sock[place] != sock)
			continue;
		t->waiting_sock[place] = 0;
		if (e->mono_ns < since_ns && e->detail >= EVENT_TIMEWAIT_CANCELLED)
			count = 0;
		else if (e->detail != EVENT_TIMEWAIT_BORN &&
			 e->mono_ns + CANCEL_GRACE_NS > since_ns)
			early[count++] = *e;
	}
	for (size_t i = 0; i < count; i++)
		apply_timewait(t, &early[i]);
}

/*
 * The connection lives on in another kernel object; what was heard of that one already is applied.
 */
static void rekey(struct conn_table *t, struct conn *c, uint64_t sock, uint64_t since_ns)
{
	struct conn *stale = find(t, sock);
	size_t slot;
	uint32_t n;

	if (stale)
		end_replaced(t, stale);
	slot = find_slot(t, c->sock);
	n = number_at(t, slot);
	empty_slot(t, slot);
	c->sock = sock;
	t->slots[find_slot(t, sock)] = slot_value(t, n, sock);
	apply_early(t, sock, since_ns);
}

/* Step by step: what differs in two of them must not cancel out. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15ull;
	return a ^ a >> 29;
}

/* What stands for the socket of a sampled connection; sockets of the kernel have bit 63 set. */
static uint64_t key_of_ends(uint32_t netns, uint16_t lport, uint16_t rport,
			    const struct address *laddr, const struct address *raddr)
{
	uint64_t words[4], key = mix(mix(1, netns), (uint64_t)lport << 16 | rport);

	memcpy(words, laddr, sizeof(*laddr));
	memcpy(words + 2, raddr, sizeof(*raddr));
	for (int i = 0; i < 4; i++)
		key = mix(key, words[i]);
	return key >> 1 ? key >> 1 : 1;
}

/* The sampled connection with these ends, or NULL. */
static struct conn *find_sampled(const struct conn_table *t, uint32_t netns, uint16_t lport,
				 uint16_t rport, const struct address *laddr,
				 const struct address *raddr)
{
	struct conn *c;

	if (!t->sampled)
		return NULL;
	c = find(t, key_of_ends(netns, lport, rport, laddr, raddr));
	if (!c || !(c->flags & CONN_SAMPLED) || c->netns != netns || c->lport != lport ||
	    c->rport != rport || memcmp(&c->laddr, laddr, sizeof(*laddr)) ||
	    memcmp(&c->raddr, raddr, sizeof(*raddr)))
		return NULL;
	return c;
}

/* Its ends are another's since `mono_ns`. */
static void end_reused(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	life_reuse_timewait(c, mono_ns);
	follow_up(t, c);
}

/* A connection that begins takes over the ends of one that is sampled. */
static void take_over(struct conn_table *t, const struct conn *heir, const struct event *e)
{
	uint64_t start_ns = conn_start(heir);
	struct conn *c;

	if (!t->sampled || !(e->flags & EVENT_FLAG_ENDPOINTS) || !e->lport ||
	    (e->from != STATE_CLOSED && e->from != STATE_SYN_SENT && e->from != STATE_SYN_RECV))
		return;
	c = find_sampled(t, e->netns, e->lport, e->rport, &e->laddr, &e->raddr);
	if (c)
		end_reused(t, c, start_ns == TIME_UNKNOWN ? e->mono_ns : start_ns);
}

/* From now on it is known by its ends. */
static void await_samples(struct conn_table *t, struct conn *c)
{
	uint64_t key = key_of_ends(c->netns, c->lport, c->rport, &c->laddr, &c->raddr);
	struct conn *former = find_sampled(t, c->netns, c->lport, c->rport, &c->laddr, &c->raddr);

	/* How it began was not told. */
	if (former)
		end_reused(t, former, conn_start(c));
	rekey(t, c, key, TIME_UNKNOWN);
	c->flags |= CONN_SAMPLED;
	t->sampled++;
}

/*
 * The record of a socket's close, with its timewait socket where that was told of by itself: `e`,
 * or a copy in `room`.
 */
static const struct event *complete_close(struct conn_table *t, const struct event *e,
					  struct event *room)
{
	size_t birth;

	if (!t->hooks.timewaits || e->timewait || e->error ||
	    (e->from != STATE_FIN_WAIT2 && e->from != STATE_CLOSING))
		return e;
	birth = find_birth(t, e);
	if (birth == WAITING)
		return e;
	*room = *e;
	room->timewait = t->waiting[birth].sock;
	room->substate = t->waiting[birth].from;
	t->waiting_sock[birth] = 0;
	return room;
}

/* It tells of other ends: the socket's end, and its next birth, were lost. */
static bool is_of_another(const struct conn *c, const struct event *e)
{
	if (!(c->flags & CONN_HAS_ENDPOINTS) || !(e->flags & EVENT_FLAG_ENDPOINTS))
		return false;
	return c->rport != e->rport || (c->lport && e->lport && c->lport != e->lport) ||
	       memcmp(&c->raddr, &e->raddr, sizeof(c->raddr));
}

/*
 * Whether something was lost between all that was heard of a connection and this transition. Of one
 * that was older than the tracer, or was set right before, that cannot be told for sure.
 */
static bool is_contradicted(const struct conn *c, const struct event *e, bool is_another)
{
	if (!c->step_count || c->flags & (CONN_INCOMPLETE | CONN_AWAITED | CONN_MINISOCK))
		return false;
	return life_is_birth(e) ? !life_is_embryo(c) : is_another || conn_state(c) != e->from;
}

/* The transition's connection: `c`, which the table has of its socket, or a new one. */
static struct conn *adopt_or_add(struct conn_table *t, struct conn *c, const struct event *e)
{
	bool lost = false;

	if (c && !life_is_birth(e))
		lost = is_of_another(c, e);
	if (c && is_contradicted(c, e, lost))
		t->counts.contradictions++;
	if (c && (lost || (life_is_birth(e) && c->step_count))) {
		/* The end of the socket's former life was lost. */
		end_unseen(t, c);
		c = NULL;
	}
	if (!c) {
		c = add(t, e, t->lossy || lost);
		if (!c) {
			t->counts.gaps++;
			return NULL;
		}
	} else {
		make_newest(t, c);
	}
	if (t->numbers_births && life_is_birth(e))
		c->id = t->next_id++;
	return c;
}

/* From 1; 0: it has none, or there are too many. Who loads a control chooses its name. */
static uint8_t congestion_number(struct conn_table *t, const char *name)
{
	char *own = t->congestion[t->congestion_count];
	unsigned int i;

	if (!*name)
		return 0;
	memset(own, 0, EVENT_CONGESTION_SIZE + 1);
	for (i = 0; i < EVENT_CONGESTION_SIZE && name[i]; i++)
		own[i] = (char)(isgraph((unsigned char)name[i]) ? name[i] : '?');
	for (i = 0; strcmp(t->congestion[i], own); i++)
		;
	if (i == CONGESTION_NAMES)
		return 0;
	if (i == t->congestion_count)
		t->congestion_count++;
	return i + 1;
}

static int apply_close(struct conn_table *t, struct conn *c, const struct event *e)
{
	struct event room;
	const struct event *close = complete_close(t, e, &room);
	uint64_t id = c->id;

	life_step(c, close, &t->hooks);
	c->congestion = congestion_number(t, close->congestion);
	tell_applied(t, c, close);
	if (life_is_stillborn(c)) {
		t->counts.children_lost++;
		remove_conn(t, c);
		return 0;
	}
	if (c->flags & CONN_AWAITED && defer(&t->awaited, c, e->mono_ns))
		life_settle(c);
	follow_up(t, c);
	c = find(t, e->sock);
	if (!c || c->id != id || !(c->flags & CONN_MINISOCK))
		return 0;
	if (t->hooks.samples)
		await_samples(t, c);
	else
		rekey(t, c, close->timewait, e->mono_ns);
	return 0;
}

static void tell_accepted(struct conn_table *t, const struct conn *c)
{
	if (c && c->flags & CONN_WANTED && t->listener.accepted)
		t->listener.accepted(t->listener.context, c);
}

static int apply_transition(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);

	if (c ? life_is_repeated(c, e) && !is_of_another(c, e) :
		e->witness && e->to == STATE_CLOSED)
		return 0;
	if (e->witness)
		t->counts.witnessed++;
	if (c && c->flags & CONN_AWAITED) {
		settle_cause(t, c);
		c = find(t, e->sock);
	}
	c = adopt_or_add(t, c, e);
	if (!c)
		return -ENOMEM;
	if (c->step_count || !life_is_birth(e))
		life_heal(c, e->from);
	if (e->to == STATE_CLOSED) {
		take_over(t, c, e);
		return apply_close(t, c, e);
	}
	life_step(c, e, &t->hooks);
	take_over(t, c, e);
	tell_applied(t, c, e);
	if (life_is_embryo(c))
		return 0;
	follow_up(t, c);
	/* Another CPU may have accepted it before this. */
	c = e->from == STATE_SYN_RECV ? find(t, e->sock) : NULL;
	if (c && c->accept_ns)
		tell_accepted(t, c);
	return 0;
}

/* May come before the child's birth is told, when both are heard of at the same function. */
static int apply_passive(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);

	if (c && !life_is_embryo(c) && c->step_count) {
		end_unseen(t, c);
		c = NULL;
	}
	if (!c)
		c = add(t, e, t->lossy);
	if (!c)
		return -ENOMEM;
	life_passive(c, e);
	return 0;
}

static void apply_accept(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);

	if (!c || c->flags & CONN_MINISOCK || c->role == CONN_ROLE_CLIENT)
		return;
	life_accept(c, e);
	tell_applied(t, c, e);
	if (life_is_embryo(c) || !c->step_count)
		return;
	follow_up(t, c);
	tell_accepted(t, find(t, e->sock));
}

static void apply_listener(struct conn_table *t, const struct event *e)
{
	if (!t->listeners)
		t->listeners = listeners_new();
	if (!t->listeners || listeners_apply(t->listeners, e))
		t->counts.listeners_left_out++;
}

static void apply_request(struct conn_table *t, const struct event *e)
{
	static const uint8_t ends[] = {
		[EVENT_REQUEST_ABANDONED] = HALF_OPEN_ABANDONED,
		[EVENT_REQUEST_RESET] = HALF_OPEN_RESET,
		[EVENT_REQUEST_OVERFLOW] = HALF_OPEN_OVERFLOW,
	};
	struct conn probe = { .sock = e->sock,
			      .netns = e->netns,
			      .flags = CONN_HAS_ENDPOINTS,
			      .lport = e->lport,
			      .rport = e->rport,
			      .laddr = e->laddr,
			      .raddr = e->raddr };
	struct half_open half = {
		.mono_ns = e->mono_ns,
		.age_ns = e->synack_ns && e->synack_ns < e->mono_ns ? e->mono_ns - e->synack_ns :
								      TIME_UNKNOWN,
		.end = ends[e->detail],
		.retransmits = e->retransmits,
		.netns = e->netns,
		.lport = e->lport,
		.rport = e->rport,
		.laddr = e->laddr,
		.raddr = e->raddr,
	};
	struct conn *former;

	/* Its SYN ended a timewait socket, though nothing came of it. */
	former = find_sampled(t, e->netns, e->lport, e->rport, &e->laddr, &e->raddr);
	if (former)
		end_reused(t, former, e->synack_ns ? e->synack_ns : e->mono_ns);
	if (conn_filter_judge(&t->filter, &probe, true) != FILTER_WANTED)
		return;
	t->counts.half_open[half.end]++;
	if (t->listener.half_open)
		t->listener.half_open(t->listener.context, &half);
}

static void apply_reset(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);
	bool is_awaited;

	switch (e->detail) {
	case EVENT_RESET_RECEIVED:
		t->counts.resets_received++;
		break;
	case EVENT_RESET_STRAY:
		t->counts.resets_stray++;
		return;
	case EVENT_RESET_SENT:
	case EVENT_RESET_ANSWERED:
		t->counts.resets_sent++;
		break;
	default:
		break;
	}
	if (!c)
		return;
	is_awaited = life_reset(c, e);
	if (c->step_count)
		tell_applied(t, c, e);
	if (is_awaited)
		settle_cause(t, c);
}

/* Of a SYN-ACK, the request has no connection yet: it is counted by the child's handshake. */
static void apply_retransmit(struct conn_table *t, const struct event *e)
{
	struct conn *c = e->detail == EVENT_RETRANSMIT_SYNACK ? NULL : find(t, e->sock);

	t->counts.retransmits[e->detail]++;
	if (!c || !c->step_count)
		return;
	/* Without room for it, its flag tells that it is not known. */
	c->flags |= CONN_RESENT;
	if (!t->resent)
		t->resent = resent_set_new();
	if (t->resent)
		resent_add(t->resent, c->id, e->detail);
	tell_applied(t, c, e);
}

/* When it was last heard of, as far as that is known; 0: not. */
static uint64_t heard_ns(const struct conn *c)
{
	uint64_t heard = conn_end(c);

	return heard == TIME_UNKNOWN ? 0 : heard;
}

static bool is_same_connection(const struct conn *c, const struct seed *seed)
{
	if (!(c->flags & CONN_MINISOCK) != (seed->object == EVENT_SOCKET_FULL))
		return false;
	if (!(c->flags & CONN_HAS_ENDPOINTS))
		return true;
	return c->rport == seed->rport && (!c->lport || c->lport == seed->lport) &&
	       !memcmp(&c->raddr, &seed->raddr, sizeof(c->raddr));
}

/* Only a life that moved on is healed; one that went back is another connection's. */
static bool is_ahead(enum tcp_state state, enum tcp_state of)
{
	static const uint8_t ranks[STATE_COUNT] = {
		[STATE_SYN_SENT] = 1,	[STATE_SYN_RECV] = 2,  [STATE_ESTABLISHED] = 3,
		[STATE_CLOSE_WAIT] = 4, [STATE_FIN_WAIT1] = 4, [STATE_FIN_WAIT2] = 5,
		[STATE_CLOSING] = 5,	[STATE_LAST_ACK] = 6,  [STATE_TIME_WAIT] = 6,
	};

	return ranks[state] > ranks[of];
}

static void adopt(struct conn_table *t, const struct seed *seed)
{
	/* Not one from before the tracer: those were all in its first snapshot. */
	bool lost = t->snapshot_use & CONN_SNAPSHOT_SYNC;
	const struct event event = {
		.mono_ns = seed->mono_ns,
		.sock = seed->sock,
		.netns = seed->netns,
		.kind = EVENT_TRANSITION,
		.from = (enum tcp_state)seed->state,
		.flags = seed->flags,
	};
	struct conn *c;

	if (t->used == t->max) {
		t->counts.seeds_left_out++;
		return;
	}
	c = add(t, &event, lost);
	if (!c) {
		t->counts.seeds_left_out++;
		return;
	}
	life_adopt(c, seed, snapshot_role(t->snapshot, seed));
	follow_up(t, c);
}

/* The table and the kernel say different things of a socket, and nothing newer was heard of it. */
static void set_right(struct conn_table *t, struct conn *c, const struct seed *seed)
{
	enum tcp_state state = (enum tcp_state)seed->state;

	if (!c->step_count || conn_state(c) == state)
		return;
	if (c->flags & CONN_FINISHED || !is_ahead(state, conn_state(c))) {
		end_unseen(t, c);
		return;
	}
	life_heal(c, state);
	if (state == STATE_TIME_WAIT) {
		c->flags |= CONN_TIME_WAIT_SEEN;
		c->time_wait_quality = CONN_QUALITY_UNKNOWN;
	}
	follow_up(t, c);
}

/* What the snapshot says of one socket, once all that happened before the look is known. */
static void apply_seed(struct conn_table *t, struct seed *seed)
{
	struct conn *c = find(t, seed->sock);

	seed->is_applied = true;
	/* Nobody writes down the moment and the state at once: what is that close is as it was. */
	if (c && heard_ns(c) + SNAPSHOT_GRACE_NS > seed->mono_ns)
		return;
	if (c && t->snapshot_use & CONN_SNAPSHOT_SYNC) {
		if (is_same_connection(c, seed)) {
			set_right(t, c, seed);
		} else {
			end_unseen(t, c);
		}
		c = find(t, seed->sock);
	}
	if (!c && t->snapshot_use & CONN_SNAPSHOT_SEED && seed->object == EVENT_SOCKET_FULL)
		adopt(t, seed);
}

/* Before an event is applied: what a snapshot saw earlier of the same socket. */
static void apply_snapshot_until(struct conn_table *t, const struct event *e)
{
	struct seed *seed = snapshot_find(t->snapshot, e->sock);

	if (seed && !seed->is_applied && seed->mono_ns <= e->mono_ns)
		apply_seed(t, seed);
}

/* The kernel does not know its socket any more, and should. */
static bool is_gone(const struct conn_table *t, const struct conn *c)
{
	return !(c->flags & CONN_SAMPLED) &&
	       heard_ns(c) + SNAPSHOT_MARGIN_NS < snapshot_begin_ns(t->snapshot) &&
	       !snapshot_find(t->snapshot, c->sock) && !snapshot_has_missed(t->snapshot, c->netns);
}

static void end_gone(struct conn_table *t)
{
	uint32_t next;

	for (uint32_t n = t->oldest; n != NOBODY; n = next) {
		struct conn *c = at(t, n);

		next = c->newer;
		if (is_gone(t, c))
			end_unseen(t, c);
	}
}

static void conclude_snapshot(struct conn_table *t)
{
	uint64_t left_out = snapshot_left_out(t->snapshot);
	struct seed *seed;

	for (size_t i = 0; (seed = snapshot_at(t->snapshot, i)); i++)
		if (!seed->is_applied)
			apply_seed(t, seed);
	if (t->snapshot_use & CONN_SNAPSHOT_SEED)
		t->counts.seeds_left_out += left_out;
	if (t->snapshot_use & CONN_SNAPSHOT_SYNC) {
		if (!left_out)
			end_gone(t);
		t->counts.resyncs++;
	}
	snapshot_free(t->snapshot);
	t->snapshot = NULL;
}

int conn_table_begin_snapshot(struct conn_table *table, unsigned int use, uint64_t now_ns)
{
	if (table->snapshot)
		return -EBUSY;
	table->snapshot = snapshot_new(now_ns, table->max);
	table->snapshot_use = use;
	return table->snapshot ? 0 : -ENOMEM;
}

void conn_table_see(struct conn_table *table, const struct socket_info *info)
{
	snapshot_add(table->snapshot, info);
}

void conn_table_miss(struct conn_table *table, uint32_t netns)
{
	snapshot_miss(table->snapshot, netns);
}

void conn_table_end_snapshot(struct conn_table *table, uint64_t now_ns)
{
	snapshot_end(table->snapshot, now_ns);
}

void conn_table_drop_snapshot(struct conn_table *table)
{
	snapshot_free(table->snapshot);
	table->snapshot = NULL;
}

/* When the comparison with a snapshot or a sample is due. */
static uint64_t due_ns(uint64_t end_ns)
{
	return end_ns == TIME_UNKNOWN ? TIME_UNKNOWN : end_ns + SNAPSHOT_GRACE_NS;
}

static uint64_t snapshot_due_ns(const struct conn_table *t)
{
	return t->snapshot ? due_ns(snapshot_end_ns(t->snapshot)) : TIME_UNKNOWN;
}

uint64_t conn_table_settle_at(const struct conn_table *table)
{
	uint64_t snapshot_ns = snapshot_due_ns(table);
	uint64_t sample_ns = due_ns(table->sampling.end_ns);

	return snapshot_ns < sample_ns ? snapshot_ns : sample_ns;
}

bool conn_table_needs_sample(const struct conn_table *table)
{
	return table->sampled != 0;
}

int conn_table_begin_sample(struct conn_table *table, uint64_t now_ns)
{
	struct conn *c;

	if (table->sampling.is_running || table->sampling.end_ns != TIME_UNKNOWN)
		return -EBUSY;
	sampling_begin(&table->sampling, now_ns);
	for (uint32_t n = table->oldest; n != NOBODY; n = c->newer) {
		c = at(table, n);
		if (!(c->flags & CONN_SAMPLED))
			continue;
		if (sampling_want(&table->sampling, c->netns)) {
			sampling_drop(&table->sampling);
			return -ENOMEM;
		}
		c->flags |= CONN_DUE;
	}
	sampling_settle_wants(&table->sampling);
	return 0;
}

bool conn_table_wants_sample(const struct conn_table *table, uint32_t netns)
{
	return sampling_find(&table->sampling, netns);
}

void conn_table_sample(struct conn_table *table, const struct socket_info *info)
{
	const struct sampling_place *place = sampling_find(&table->sampling, info->netns);
	struct conn *c;

	if (!place || info->object != EVENT_SOCKET_TIMEWAIT)
		return;
	c = find_sampled(table, info->netns, info->lport, info->rport, &info->laddr, &info->raddr);
	if (c && c->flags & CONN_DUE && life_see_timewait(c, info, place->looked_ns))
		c->flags &= ~CONN_DUE;
}

void conn_table_sampled(struct conn_table *table, uint32_t netns)
{
	sampling_look(&table->sampling, netns);
}

void conn_table_miss_sample(struct conn_table *table, uint32_t netns)
{
	sampling_miss(&table->sampling, netns);
}

bool conn_table_must_search(const struct conn_table *table)
{
	return table->sampling.must_search;
}

void conn_table_end_sample(struct conn_table *table, uint64_t now_ns, bool searched, bool hidden)
{
	sampling_end(&table->sampling, now_ns, searched, hidden);
}

/* It should have been in the sample, and was not. */
static void end_missing(struct conn_table *t, struct conn *c)
{
	const struct sampling_place *place = sampling_find(&t->sampling, c->netns);

	if (!place || place->is_missed) {
		life_leave_timewait(c);
	} else if (place->is_looked) {
		life_miss_timewait(c, place->before_ns, t->sampling.end_ns);
	} else if (t->sampling.is_thorough) {
		life_purge_timewait(c, place->looked_ns, place->absent_ns);
	} else {
		/* The next sample looks for its namespace everywhere. */
		c->flags &= ~CONN_DUE;
		return;
	}
	follow_up(t, c);
}

static void conclude_sample(struct conn_table *t)
{
	uint32_t next;

	for (uint32_t n = t->oldest; n != NOBODY; n = next) {
		struct conn *c = at(t, n);

		next = c->newer;
		if (!(c->flags & CONN_SAMPLED))
			continue;
		if (c->flags & CONN_DUE)
			end_missing(t, c);
		else if (c->step_told < c->step_count)
			follow_up(t, c);
	}
	sampling_drop(&t->sampling);
}

int conn_table_apply(struct conn_table *table, const struct event *event)
{
	struct conn *c;

	table->applied++;
	if (table->snapshot)
		apply_snapshot_until(table, event);
	switch (event->kind) {
	case EVENT_DESTROY:
		c = find(table, event->sock);
		if (c && !(c->flags & CONN_MINISOCK))
			end_unseen(table, c);
		return 0;
	case EVENT_PASSIVE:
		return apply_passive(table, event);
	case EVENT_REQUEST:
		apply_request(table, event);
		return 0;
	case EVENT_ACCEPT:
		apply_accept(table, event);
		return 0;
	case EVENT_LISTENER:
		apply_listener(table, event);
		return 0;
	case EVENT_TIMEWAIT:
		apply_timewait(table, event);
		return 0;
	case EVENT_RESET:
		apply_reset(table, event);
		return 0;
	case EVENT_RETRANSMIT:
		apply_retransmit(table, event);
		return 0;
	case EVENT_ERROR:
		c = find(table, event->sock);
		if (c)
			life_error(c, event);
		return 0;
	default:
		return apply_transition(table, event);
	}
}

static void fetch_line(const void *at)
{
	__builtin_prefetch(at, 1);
}

static void fetch_conn(const struct conn *c)
{
	for (size_t line = 0; line < sizeof(*c); line += CACHE_LINE)
		fetch_line((const char *)c + line);
}

/* Each step asks for what the next one looks at, of all sockets, before any of it is waited for. */
void conn_table_fetch(const struct conn_table *table, const uint64_t *socks, size_t count)
{
	uint32_t numbers[CONN_FETCH];

	count = count < CONN_FETCH ? count : CONN_FETCH;
	for (size_t i = 0; i < count; i++)
		fetch_line(&table->slots[slot_of(table, socks[i])]);
	for (size_t i = 0; i < count; i++) {
		numbers[i] = number_near(table, socks[i]);
		if (numbers[i] != NOBODY)
			fetch_conn(at(table, numbers[i]));
	}
	for (size_t i = 0; i < count; i++) {
		const struct conn *c = numbers[i] == NOBODY ? NULL : at(table, numbers[i]);

		if (c && c->older != NOBODY)
			fetch_line(&at(table, c->older)->newer);
		if (c && c->newer != NOBODY)
			fetch_line(&at(table, c->newer)->older);
	}
}

/* Hands over who was deferred before `now_ns` less the grace, and forgets them. */
static void settle_list(struct conn_table *t, struct deferred_list *l, uint64_t grace_ns,
			uint64_t now_ns,
			void (*settle)(struct conn_table *t, struct conn *c, uint64_t mono_ns))
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		struct deferred deferred = l->items[i];
		struct conn *c;

		if (deferred.mono_ns + grace_ns > now_ns)
			break;
		c = deferred.id ? find(t, deferred.sock) : NULL;
		if (c && c->id == deferred.id)
			settle(t, c, deferred.mono_ns);
	}
	if (!i)
		return;
	l->count -= i;
	memmove(l->items, l->items + i, l->count * sizeof(*l->items));
}

static void settle_cancelled(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	life_end_timewait(c, EVENT_TIMEWAIT_CANCELLED, mono_ns);
	follow_up(t, c);
}

static void settle_awaited(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	(void)mono_ns;
	if (c->flags & CONN_AWAITED)
		settle_cause(t, c);
}

void conn_table_settle(struct conn_table *table, uint64_t now_ns)
{
	settle_list(table, &table->cancelled, CANCEL_GRACE_NS, now_ns, settle_cancelled);
	settle_list(table, &table->awaited, RESET_GRACE_NS, now_ns, settle_awaited);
	if (table->snapshot && snapshot_due_ns(table) <= now_ns)
		conclude_snapshot(table);
	if (due_ns(table->sampling.end_ns) <= now_ns && table->sampling.end_ns != TIME_UNKNOWN)
		conclude_sample(table);
}

void conn_table_number_births(struct conn_table *table)
{
	table->numbers_births = true;
}

void conn_table_expect_timewaits(struct conn_table *table)
{
	table->hooks.timewaits = true;
}

void conn_table_expect_samples(struct conn_table *table)
{
	table->hooks.samples = true;
}

void conn_table_expect_requests(struct conn_table *table)
{
	table->hooks.requests = true;
}

void conn_table_expect_resets(struct conn_table *table)
{
	table->hooks.resets = true;
}

void conn_table_expect_retransmits(struct conn_table *table)
{
	table->sees_retransmits = true;
}

bool conn_table_resent(const struct conn_table *table, const struct conn *c,
		       struct resent *ret_resent)
{
	const struct resent *found = NULL;

	if (!table->sees_retransmits || table->lossy || c->flags & (CONN_SEEDED | CONN_INCOMPLETE))
		return false;
	if (c->flags & CONN_RESENT) {
		found = table->resent ? resent_find(table->resent, c->id) : NULL;
		if (!found)
			return false;
	}
	*ret_resent = found ? *found : (struct resent){ { 0 } };
	if (c->role == CONN_ROLE_SERVER)
		ret_resent->times[EVENT_RETRANSMIT_SYNACK] = c->handshake_retransmits;
	return true;
}

const char *conn_table_congestion(const struct conn_table *table, uint8_t number)
{
	return number && number <= table->congestion_count ? table->congestion[number - 1] : NULL;
}

void conn_table_note_loss(struct conn_table *table)
{
	table->lossy = true;
	/* What was lost may have been word of a request. */
	table->hooks.requests = false;
}

void conn_table_each(struct conn_table *table, void (*visit)(void *context, const struct conn *c),
		     void *context)
{
	for (uint32_t n = table->oldest; n != NOBODY; n = at(table, n)->newer)
		if (at(table, n)->flags & CONN_WANTED)
			visit(context, at(table, n));
}

const struct conn_counts *conn_table_counts(const struct conn_table *table)
{
	return &table->counts;
}

size_t conn_table_bytes(const struct conn_table *table)
{
	return sizeof(*table) + table->chunk_count * CHUNK * sizeof(struct conn) +
	       table->chunk_room * sizeof(*table->chunks) +
	       table->slot_count * sizeof(*table->slots) +
	       (table->cancelled.room + table->awaited.room) * sizeof(struct deferred) +
	       table->sampling.room * sizeof(*table->sampling.places) +
	       (table->resent ? resent_bytes(table->resent) : 0);
}

struct conn_probes conn_table_probes(const struct conn_table *table)
{
	struct conn_probes probes = { 0 };

	for (size_t i = 0; i < table->slot_count; i++) {
		uint64_t count;

		if (number_at(table, i) == NOBODY)
			continue;
		count = distance_at(table, i) + 1;
		probes.sum += count;
		if (count > probes.most)
			probes.most = count;
	}
	return probes;
}

struct conn_table *conn_table_new(size_t max, const struct conn_filter *filter,
				  const struct conn_listener *listener)
{
	struct conn_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->slot_count = FIRST_SLOTS;
	t->slots = calloc(t->slot_count, sizeof(*t->slots));
	if (!t->slots) {
		free(t);
		return NULL;
	}
	t->max = max < 1 ? 1 : max > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)max;
	/* All ones up to the highest bit of the largest number. */
	t->number_bits = 32 - (uint32_t)__builtin_clz(t->max);
	t->number_mask = UINT32_MAX >> (32 - t->number_bits);
	t->filter = *filter;
	t->listener = *listener;
	t->next_id = 1;
	sampling_init(&t->sampling);
	return t;
}

void conn_table_free(struct conn_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i]);
	free(table->chunks);
	free(table->slots);
	free(table->cancelled.items);
	free(table->awaited.items);
	snapshot_free(table->snapshot);
	listeners_free(table->listeners);
	resent_set_free(table->resent);
	sampling_done(&table->sampling);
	free(table);
}
