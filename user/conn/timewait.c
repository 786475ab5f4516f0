// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: lives that go on in a timewait socket. */
#include "user/conn/timewait.h"

#include <string.h>

#include "user/base/units.h"
#include "user/conn/members.h"

/* By then a cancelled timer would have been started again, or would have fired. */
#define CANCEL_GRACE_NS (20 * NS_PER_MS)

/* Timewait sockets take 256 bytes or so each: the bits above tell them apart. */
static uint8_t *home_of(struct timewait_waiting *w, uint64_t sock)
{
	return &w->homes[sock / TIMEWAIT_HOMES % TIMEWAIT_HOMES];
}

/* The record there is no longer waiting. */
static void take(struct timewait_waiting *w, size_t place)
{
	--*home_of(w, w->socks[place]);
	w->socks[place] = 0;
	w->count--;
}

static void wait_for_owner(struct conn_table *t, const struct event *e)
{
	struct timewait_waiting *w = &t->waiting;

	if (w->socks[w->next])
		take(w, w->next);
	w->events[w->next] = *e;
	w->socks[w->next] = e->sock;
	w->count++;
	++*home_of(w, e->sock);
	w->next = (w->next + 1) % TIMEWAIT_WAITING;
}

/* Where the birth of a timewait socket with these endpoints waits; TIMEWAIT_WAITING: nowhere. */
static size_t find_birth(const struct conn_table *t, const struct event *close, uint32_t ifindex)
{
	for (size_t i = 0; i < TIMEWAIT_WAITING; i++) {
		const struct event *e = &t->waiting.events[i];

		if (t->waiting.socks[i] && e->detail == EVENT_TIMEWAIT_BORN &&
		    e->netns == close->netns && e->lport == close->lport &&
		    e->rport == close->rport && e->ifindex == ifindex &&
		    !memcmp(&e->raddr, &close->raddr, sizeof(e->raddr)) &&
		    !memcmp(&e->laddr, &close->laddr, sizeof(e->laddr)))
			return i;
	}
	return TIMEWAIT_WAITING;
}

const struct event *timewait_complete_close(struct conn_table *t, const struct event *e,
					    uint32_t ifindex, struct event *room)
{
	size_t birth;

	if (!t->sight.timewaits || e->timewait ||
	    (e->from != STATE_FIN_WAIT2 && e->from != STATE_CLOSING))
		return e;
	birth = find_birth(t, e, ifindex);
	if (birth == TIMEWAIT_WAITING)
		return e;
	*room = *e;
	room->timewait = t->waiting.events[birth].sock;
	room->substate = t->waiting.events[birth].from;
	take(&t->waiting, birth);
	return room;
}

/* The address of its timewait socket is another's now. */
static void end_replaced(struct conn_table *t, struct conn *c)
{
	uint64_t cancelled_ns = deferred_forget(&t->cancelled, c->id);

	if (cancelled_ns == TIME_UNKNOWN) {
		members_end_unseen(t, c);
		return;
	}
	life_end_timewait(c, EVENT_TIMEWAIT_CANCELLED, cancelled_ns);
	members_follow_up(t, c);
}

void timewait_apply(struct conn_table *t, const struct event *e)
{
	struct conn *c = members_find(t, e->sock);

	if (!c || !(c->flags & CONN_MINISOCK) || e->detail == EVENT_TIMEWAIT_BORN) {
		wait_for_owner(t, e);
		return;
	}
	if (e->detail == EVENT_TIMEWAIT_CANCELLED) {
		if (deferred_add(&t->cancelled, c, e->mono_ns))
			t->counts.gaps++;
		return;
	}
	deferred_forget(&t->cancelled, c->id);
	life_timewait(c, e);
	audience_applied(&t->audience, c, e);
	members_follow_up(t, c);
}

/* Where the records of a socket wait, the latest first. Returns how many there are. */
static size_t find_waiting(struct timewait_waiting *w, uint64_t sock,
			   uint8_t places[TIMEWAIT_WAITING])
{
	const uint8_t *home = home_of(w, sock);
	unsigned int left = *home;
	size_t count = 0;

	for (size_t i = TIMEWAIT_WAITING; left && i--;) {
		size_t place = (w->next + i) % TIMEWAIT_WAITING;

		if (!w->socks[place] || home_of(w, w->socks[place]) != home)
			continue;
		left--;
		if (w->socks[place] == sock)
			places[count++] = (uint8_t)place;
	}
	return count;
}

/* They are out of the list, which may be written to meanwhile. */
static __attribute__((noinline)) void apply_places(struct conn_table *t, const uint8_t *places,
						   size_t count)
{
	struct event early[TIMEWAIT_WAITING];

	for (size_t i = 0; i < count; i++)
		early[i] = t->waiting.events[places[i]];
	for (size_t i = 0; i < count; i++)
		timewait_apply(t, &early[i]);
}

/*
 * Records of a timewait socket that overtook the CLOSE which names it. The kernel uses an address
 * again at once: an end before the CLOSE is that of the address's former owner, and what is older
 * than that is, too.
 */
static __attribute__((noinline)) void apply_early(struct conn_table *t, uint64_t sock,
						  uint64_t since_ns)
{
	uint8_t places[TIMEWAIT_WAITING], early[TIMEWAIT_WAITING];
	size_t count = 0;

	for (size_t left = find_waiting(&t->waiting, sock, places); left--;) {
		const struct event *e = &t->waiting.events[places[left]];

		take(&t->waiting, places[left]);
		if (e->mono_ns < since_ns && e->detail >= EVENT_TIMEWAIT_CANCELLED)
			count = 0;
		else if (e->detail != EVENT_TIMEWAIT_BORN &&
			 e->mono_ns + CANCEL_GRACE_NS > since_ns)
			early[count++] = places[left];
	}
	if (count)
		apply_places(t, early, count);
}

void timewait_make_way(struct conn_table *t, uint64_t sock)
{
	struct conn *stale = members_find(t, sock);

	if (stale)
		end_replaced(t, stale);
}

void timewait_catch_up(struct conn_table *t, uint64_t sock, uint64_t since_ns)
{
	if (*home_of(&t->waiting, sock))
		apply_early(t, sock, since_ns);
}

void timewait_hand_over(struct conn_table *t, struct conn *c, uint64_t sock, uint64_t since_ns)
{
	timewait_make_way(t, sock);
	members_rename(t, c, sock);
	timewait_catch_up(t, sock, since_ns);
}

static void settle_cancelled(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	life_end_timewait(c, EVENT_TIMEWAIT_CANCELLED, mono_ns);
	members_follow_up(t, c);
}

void timewait_settle(struct conn_table *t, uint64_t now_ns)
{
	deferred_settle(&t->cancelled, t, CANCEL_GRACE_NS, now_ns, settle_cancelled);
}
