// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: connections in timewait sockets that only polls tell of. */
#include "user/conn/polled.h"

#include <errno.h>
#include <string.h>

#include "user/conn/members.h"

/* What a connection is known by while its socket is not; without padding: it is bytes. */
struct ends {
	struct address laddr, raddr;
	uint32_t netns, ifindex;
	uint16_t lport, rport;
};
_Static_assert(sizeof(struct ends) == 44, "struct ends has no padding");

#define ENDS_ON(x, index) \
	(&(struct ends){ (x)->laddr, (x)->raddr, (x)->netns, (index), (x)->lport, (x)->rport })
#define ENDS_OF(x) ENDS_ON(x, (x)->ifindex)

/*
 * What stands for the socket of a polled connection; sockets of the kernel have bit 63 set. By a
 * key of its own: that of the index may change.
 */
static uint64_t sock_of(const struct conn_table *t, const struct ends *ends)
{
	uint64_t hash = hash_bytes(&t->ends_key, ends, sizeof(*ends)) >> 1;

	return hash ? hash : 1;
}

/* The polled connection with these ends, for which `sock` stands, or NULL. */
static struct conn *find_known(const struct conn_table *t, uint64_t sock, const struct ends *ends)
{
	struct conn *c = members_find(t, sock);

	if (!c || !(c->flags & CONN_POLLED) || memcmp(ENDS_OF(c), ends, sizeof(*ends)))
		return NULL;
	return c;
}

/* The same of ends alone. */
static struct conn *find_polled(const struct conn_table *t, const struct ends *ends)
{
	return t->polled ? find_known(t, sock_of(t, ends), ends) : NULL;
}

/* Its ends are another's since `mono_ns`. */
static void end_reused(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	life_reuse_timewait(c, mono_ns);
	members_follow_up(t, c);
}

void polled_take_over(struct conn_table *t, const struct conn *heir, const struct event *e)
{
	uint64_t start_ns;
	struct conn *c;

	if (!t->polled || !(e->flags & EVENT_FLAG_ENDPOINTS) || !e->lport ||
	    (e->from != STATE_CLOSED && e->from != STATE_SYN_SENT && e->from != STATE_SYN_RECV))
		return;
	c = find_polled(t, ENDS_ON(e, heir->ifindex));
	if (!c)
		return;
	start_ns = conn_start(heir);
	end_reused(t, c, start_ns == TIME_UNKNOWN ? e->mono_ns : start_ns);
}

void polled_take_over_request(struct conn_table *t, const struct event *e)
{
	struct conn *c = find_polled(t, ENDS_OF(e));

	if (c)
		end_reused(t, c, e->synack_ns ? e->synack_ns : e->mono_ns);
}

uint64_t polled_take_ends(struct conn_table *t, const struct conn *heir)
{
	const struct ends ends = *ENDS_OF(heir);
	uint64_t sock = sock_of(t, &ends);
	struct conn *former = t->polled ? find_known(t, sock, &ends) : NULL;

	if (former)
		end_reused(t, former, conn_start(heir));
	return sock;
}

void polled_begin(struct conn_table *t, struct conn *c)
{
	c->flags |= CONN_POLLED;
	if (c->step_count < CONN_STEPS)
		c->step_ns[c->step_count] = 0;
	t->polled++;
}

void polled_await(struct conn_table *t, struct conn *c)
{
	/* How a former one with these ends began was not told. */
	timewait_hand_over(t, c, polled_take_ends(t, c), TIME_UNKNOWN);
	polled_begin(t, c);
}

bool conn_table_needs_poll(const struct conn_table *table)
{
	return table->polled != 0;
}

int conn_table_begin_poll(struct conn_table *table, uint64_t now_ns)
{
	struct conn *c;

	if (table->polling.is_running || table->polling.end_ns != TIME_UNKNOWN)
		return -EBUSY;
	polling_begin(&table->polling, now_ns);
	for (uint32_t n = table->store.oldest; n != STORE_NOBODY; n = c->newer) {
		c = store_at(&table->store, n);
		if (!(c->flags & CONN_POLLED))
			continue;
		if (polling_want(&table->polling, c->netns)) {
			polling_drop(&table->polling);
			return -ENOMEM;
		}
		c->flags |= CONN_DUE;
	}
	polling_settle_wants(&table->polling);
	return 0;
}

bool conn_table_wants_poll(const struct conn_table *table, uint32_t netns)
{
	return polling_find(&table->polling, netns);
}

void conn_table_poll_socket(struct conn_table *table, const struct socket_info *info)
{
	const struct polling_place *place = polling_find(&table->polling, info->netns);
	struct conn *c;

	if (!place || info->object != EVENT_SOCKET_TIMEWAIT)
		return;
	c = find_polled(table, ENDS_OF(info));
	if (c && c->flags & CONN_DUE && life_see_timewait(c, info, place->looked_ns))
		c->flags &= ~CONN_DUE;
}

void conn_table_poll_looked(struct conn_table *table, uint32_t netns)
{
	polling_look(&table->polling, netns);
}

void conn_table_poll_missed(struct conn_table *table, uint32_t netns)
{
	polling_miss(&table->polling, netns);
}

bool conn_table_must_search(const struct conn_table *table)
{
	return table->polling.must_search;
}

void conn_table_end_poll(struct conn_table *table, uint64_t now_ns, bool searched, bool hidden)
{
	polling_end(&table->polling, now_ns, searched, hidden);
}

/* It should have been in the poll's answer, and was not. */
static void end_missing(struct conn_table *t, struct conn *c)
{
	const struct polling_place *place = polling_find(&t->polling, c->netns);

	if (!place || place->is_missed) {
		life_leave_timewait(c);
	} else if (place->is_looked) {
		life_miss_timewait(c, place->before_ns, t->polling.end_ns);
	} else if (t->polling.is_thorough) {
		life_purge_timewait(c, place->looked_ns, place->absent_ns);
	} else {
		/* The next poll looks for its namespace everywhere. */
		c->flags &= ~CONN_DUE;
		return;
	}
	members_follow_up(t, c);
}

void conn_table_hasten_polls(struct conn_table *table)
{
	uint32_t next;

	for (uint32_t n = table->store.oldest; n != STORE_NOBODY; n = next) {
		struct conn *c = store_at(&table->store, n);

		next = c->newer;
		if (!life_is_put_off(c))
			continue;
		deferred_forget(&table->awaited, c->id);
		members_settle_cause(table, c);
	}
	if (table->polling.end_ns != TIME_UNKNOWN)
		polled_conclude(table);
}

void polled_conclude(struct conn_table *t)
{
	uint32_t next;

	for (uint32_t n = t->store.oldest; n != STORE_NOBODY; n = next) {
		struct conn *c = store_at(&t->store, n);

		next = c->newer;
		if (!(c->flags & CONN_POLLED))
			continue;
		if (c->flags & CONN_DUE)
			end_missing(t, c);
		else if (c->step_told < c->step_count)
			members_follow_up(t, c);
	}
	polling_drop(&t->polling);
}
