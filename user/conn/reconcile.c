// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: how it is compared with a snapshot of the kernel's sockets. */
#include "user/conn/reconcile.h"

#include <errno.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/members.h"
#include "user/conn/snapshot.h"

/* What changed so shortly before a snapshot may have been on its way from one place to another. */
#define SNAPSHOT_MARGIN_NS (100 * NS_PER_MS)

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
	       (!c->ifindex || !seed->ifindex || c->ifindex == seed->ifindex) &&
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

static void begin_as(struct conn_table *t, struct conn *c, const struct seed *seed,
		     enum conn_role role)
{
	life_adopt(c, seed, role);
	if (!seed->token)
		return;
	if (!t->subflows)
		t->subflows = subflows_new();
	if (t->subflows)
		subflows_adopt(t->subflows, c, seed->token, seed->subflow_marks);
}

/* The connection that a snapshot has found; NULL: there is no room, or nobody wants it. */
static struct conn *adopt(struct conn_table *t, const struct snapshot *snapshot,
			  const struct seed *seed, bool lost)
{
	const struct event event = {
		.mono_ns = seed->mono_ns,
		.sock = seed->sock,
		.netns = seed->netns,
		.kind = EVENT_TRANSITION,
		.from = (enum tcp_state)seed->state,
		.flags = seed->flags,
	};
	const struct share share = { seed->uid, seed->netns };
	struct conn *c = members_have_room(t, &share) ? members_add(t, &event, lost) : NULL;

	if (!c) {
		t->counts.seeds_left_out++;
		payers_add(&t->seed_payers, &share);
		return NULL;
	}
	if (t->numbers_births)
		c->id = CONN_SEED_ID + t->seeds++;
	if (seed->object == EVENT_SOCKET_TIMEWAIT)
		c->flags |= CONN_MINISOCK;
	begin_as(t, c, seed, snapshot_role(snapshot, seed));
	return members_follow_up(t, c) ? c : NULL;
}

/* The table and the kernel say different things of a socket, and nothing newer was heard of it. */
static void set_right(struct conn_table *t, struct conn *c, const struct seed *seed)
{
	enum tcp_state state = (enum tcp_state)seed->state;

	if (!(c->flags & CONN_HAS_ENDPOINTS))
		life_learn_ends(c, seed);
	if (!c->step_count || conn_state(c) == state || !seed->is_state_known)
		return;
	if (c->flags & CONN_FINISHED || !is_ahead(state, conn_state(c))) {
		members_end_unseen(t, c);
		return;
	}
	life_heal(c, state);
	if (state == STATE_TIME_WAIT) {
		life_note_time_wait(c);
		c->time_wait_quality = CONN_QUALITY_UNKNOWN;
	}
	members_follow_up(t, c);
}

/*
 * A request is no connection yet, and one in TIME_WAIT is over. One that waits for the peer's FIN
 * is not, if hooks will tell how it ends.
 */
static bool is_seed(const struct conn_table *t, const struct seed *seed)
{
	if (seed->object == EVENT_SOCKET_TIMEWAIT)
		return seed->state == STATE_FIN_WAIT2 && t->sight.timewaits && !t->sight.polls;
	return seed->object == EVENT_SOCKET_FULL;
}

/* What the snapshot says of one socket, once all that happened before the look is known. */
static void apply_seed(struct conn_table *t, struct seed *seed)
{
	struct conn *c = members_find(t, seed->sock);

	seed->is_applied = true;
	/* Nobody writes down the moment and the state at once: what is that close is as it was. */
	if (c && heard_ns(c) + SNAPSHOT_GRACE_NS > seed->mono_ns)
		return;
	if (c && t->snapshot_use & CONN_SNAPSHOT_SYNC) {
		if (is_same_connection(c, seed)) {
			set_right(t, c, seed);
		} else {
			members_end_unseen(t, c);
		}
		c = members_find(t, seed->sock);
	}
	if (!c && t->snapshot_use & CONN_SNAPSHOT_SEED && is_seed(t, seed))
		/* Not one from before the tracer: those were all in its first snapshot. */
		adopt(t, t->snapshot, seed, t->snapshot_use & CONN_SNAPSHOT_SYNC);
}

/* The snapshot that knows connections by their sockets, and what it has of this one; NULL: none. */
static struct seed *find_known(const struct conn_table *t, uint64_t sock,
			       const struct snapshot **ret_snapshot)
{
	const struct snapshot *s = t->known;

	if (!s && t->snapshot && t->snapshot_use & CONN_SNAPSHOT_KNOW)
		s = t->snapshot;
	*ret_snapshot = s;
	return s ? snapshot_find(s, sock) : NULL;
}

static bool may_tell_of(const struct event *e, const struct seed *seed)
{
	return seed->object == EVENT_SOCKET_FULL && seed->mono_ns <= e->mono_ns &&
	       seed->netns == e->netns;
}

void reconcile_recall(struct conn_table *t, struct conn *c, const struct event *e)
{
	const struct snapshot *snapshot;
	struct seed *seed = find_known(t, c->sock, &snapshot);

	if (!seed)
		return;
	if (!(c->flags & CONN_SEEDED)) {
		seed->is_spent = true;
		return;
	}
	/* The kernel uses addresses again: the ends tell whether it is the one that was there. */
	if (!may_tell_of(e, seed) || !(e->flags & EVENT_FLAG_ENDPOINTS) ||
	    seed->rport != e->rport || (e->lport && seed->lport != e->lport) ||
	    (e->ifindex && seed->ifindex && seed->ifindex != e->ifindex) ||
	    memcmp(&seed->raddr, &e->raddr, sizeof(e->raddr)) != 0)
		return;
	begin_as(t, c, seed,
		 c->role == CONN_ROLE_UNKNOWN ? snapshot_role(snapshot, seed) :
						(enum conn_role)c->role);
}

struct conn *reconcile_find(struct conn_table *t, const struct event *e)
{
	const struct snapshot *snapshot;
	struct conn *c = members_find(t, e->sock);
	struct seed *seed;

	/* What was lost may have been another connection's birth at that address. */
	if (c || t->lossy)
		return c;
	seed = find_known(t, e->sock, &snapshot);
	return seed && !seed->is_spent && may_tell_of(e, seed) ? adopt(t, snapshot, seed, false) :
								 NULL;
}

void reconcile_forget(struct conn_table *t, uint64_t sock)
{
	const struct snapshot *snapshot;
	struct seed *seed = find_known(t, sock, &snapshot);

	if (seed)
		seed->is_spent = true;
}

const struct seed *conn_table_seed(const struct conn_table *table, const struct conn *c)
{
	const struct snapshot *snapshot;
	const struct seed *seed = find_known(table, c->sock, &snapshot);

	if (!seed || !(c->flags & CONN_SEEDED) || c->step_count != 1 ||
	    !is_same_connection(c, seed) || conn_state(c) != (enum tcp_state)seed->state)
		return NULL;
	return seed;
}

void reconcile_until(struct conn_table *t, const struct event *e)
{
	struct seed *seed = snapshot_find(t->snapshot, e->sock);

	/* The sockets of a recording stand before its events. */
	if (snapshot_end_ns(t->snapshot) == TIME_UNKNOWN && t->snapshot_use & CONN_SNAPSHOT_READ)
		snapshot_end(t->snapshot, t->snapshot_seen_ns);

	if (seed && !seed->is_applied && seed->mono_ns <= e->mono_ns)
		apply_seed(t, seed);
}

/* The kernel does not know its socket any more, and should. */
static bool is_gone(const struct conn_table *t, const struct conn *c)
{
	return !(c->flags & CONN_POLLED) &&
	       heard_ns(c) + SNAPSHOT_MARGIN_NS < snapshot_begin_ns(t->snapshot) &&
	       !snapshot_find(t->snapshot, c->sock) && !snapshot_has_missed(t->snapshot, c->netns);
}

static void end_gone(struct conn_table *t)
{
	uint32_t next;

	for (uint32_t n = t->store.oldest; n != STORE_NOBODY; n = next) {
		struct conn *c = store_at(&t->store, n);

		next = c->newer;
		if (is_gone(t, c))
			members_end_unseen(t, c);
	}
}

void reconcile_conclude(struct conn_table *t)
{
	uint64_t left_out = snapshot_left_out(t->snapshot);
	struct seed *seed;

	for (size_t i = 0; (seed = snapshot_at(t->snapshot, i)); i++)
		if (!seed->is_applied)
			apply_seed(t, seed);
	if (t->snapshot_use & CONN_SNAPSHOT_SEED) {
		t->counts.seeds_left_out += left_out;
		payers_merge(&t->seed_payers, snapshot_payers(t->snapshot));
	}
	if (t->snapshot_use & CONN_SNAPSHOT_SYNC) {
		if (!left_out)
			end_gone(t);
		t->counts.resyncs++;
	}
	if (t->snapshot_use & CONN_SNAPSHOT_KNOW) {
		snapshot_free(t->known);
		t->known = t->snapshot;
	} else {
		snapshot_free(t->snapshot);
	}
	t->snapshot = NULL;
}

int conn_table_begin_snapshot(struct conn_table *table, unsigned int use, uint64_t now_ns)
{
	if (table->snapshot)
		return -EBUSY;
	table->snapshot = snapshot_new(now_ns, table->store.max);
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

void conn_table_see_recorded(struct conn_table *table, unsigned int use,
			     const struct socket_info *info)
{
	/* Several recordings may begin at the same time. */
	if (table->snapshot && !(table->snapshot_use & CONN_SNAPSHOT_READ))
		reconcile_conclude(table);
	if (!table->snapshot &&
	    conn_table_begin_snapshot(table, use | CONN_SNAPSHOT_READ, info->mono_ns)) {
		table->counts.seeds_left_out++;
		return;
	}
	snapshot_end(table->snapshot, TIME_UNKNOWN);
	table->snapshot_seen_ns = info->mono_ns;
	snapshot_add(table->snapshot, info);
}

void conn_table_drop_snapshot(struct conn_table *table)
{
	snapshot_free(table->snapshot);
	table->snapshot = NULL;
}
