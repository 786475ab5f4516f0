// SPDX-License-Identifier: GPL-2.0-only
/* The connection table: a bounded set of connections found by their kernel socket. */
#include "user/conn/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/kin.h"
#include "user/conn/listeners.h"
#include "user/conn/members.h"
#include "user/conn/polled.h"
#include "user/conn/reconcile.h"
#include "user/conn/snapshot.h"
#include "user/conn/whole.h"
#include "user/event/identity.h"

/*
 * By then a reset that a socket sends after its end would have been told of, on a slow machine as
 * well. Not longer than the reader of the ring stays awake.
 */
#define RESET_GRACE_NS (80 * NS_PER_MS)

/* A request and its child are told of within far less, unless a hypervisor stops the processor. */
#define SAME_SOFTIRQ_NS 100000000ull

/* It tells of other ends: the socket's end, and its next birth, were lost. */
static bool is_of_another(const struct conn *c, const struct event *e)
{
	if (!(c->flags & CONN_HAS_ENDPOINTS) || !(e->flags & EVENT_FLAG_ENDPOINTS))
		return false;
	return c->rport != e->rport || (c->lport && e->lport && c->lport != e->lport) ||
	       (c->ifindex && e->ifindex && c->ifindex != e->ifindex) ||
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

/* All that is known of it is what a request said, of a child that nobody told of. */
static bool is_nobodys(const struct conn *c, const struct event *e)
{
	return !c->step_count &&
	       ((e->from != STATE_LISTEN && e->from != STATE_SYN_RECV) ||
		e->mono_ns < c->step_ns[0] || e->mono_ns - c->step_ns[0] > SAME_SOFTIRQ_NS);
}

/* The transition's connection: `c`, which the table has of its socket, or a new one. */
static struct conn *adopt_or_add(struct conn_table *t, struct conn *c, const struct event *e)
{
	bool lost = false;

	if (c && is_nobodys(c, e)) {
		members_remove(t, c);
		c = NULL;
	}
	if (c && !life_is_birth(e))
		lost = is_of_another(c, e);
	if (c && is_contradicted(c, e, lost))
		t->counts.contradictions++;
	if (c && (lost || (life_is_birth(e) && c->step_count))) {
		/* The end of the socket's former life was lost. */
		members_end_unseen(t, c);
		c = NULL;
	}
	if (!c) {
		c = members_add(t, e, t->lossy || lost);
		if (!c)
			return NULL;
		reconcile_recall(t, c, e);
		/* Word of its reset was nobody's, before. */
		if (e->to == STATE_CLOSED && !(c->flags & CONN_HAS_ENDPOINTS))
			c->flags |= CONN_UNHEARD;
	} else {
		store_make_newest(&t->store, c);
	}
	if (t->numbers_births && life_is_birth(e))
		c->id = t->next_id++;
	return c;
}

static int apply_close(struct conn_table *t, struct conn *c, const struct event *e)
{
	struct event room;
	const struct event *close = timewait_complete_close(t, e, c->ifindex, &room);

	if (c->flags & CONN_SEEDED)
		reconcile_forget(t, c->sock);
	if (!members_close(t, c, close)) {
		members_remove(t, c);
		return 0;
	}
	audience_applied(&t->audience, c, close);
	members_await(t, c, e->mono_ns);
	if (members_follow_up(t, c))
		members_hand_over(t, c, close);
	return 0;
}

static int apply_transition(struct conn_table *t, const struct event *e)
{
	struct conn *c = members_find(t, e->sock);

	if (c ? life_is_repeated(c, e) && !is_of_another(c, e) :
		e->witness && e->to == STATE_CLOSED)
		return 0;
	if (e->witness)
		t->counts.witnessed++;
	if (c && c->flags & CONN_AWAITED) {
		members_settle_cause(t, c);
		c = members_find(t, e->sock);
	}
	c = adopt_or_add(t, c, e);
	if (!c)
		return -ENOMEM;
	if (c->step_count || !life_is_birth(e))
		life_heal(c, e->from);
	if (e->to == STATE_CLOSED) {
		if (t->polled)
			polled_take_over(t, c, e);
		return apply_close(t, c, e);
	}
	life_step(c, e, &t->sight);
	if (t->subflows)
		subflows_claim(t->subflows, c, e);
	if (t->openers)
		openers_claim(t->openers, c, e);
	if (t->polled)
		polled_take_over(t, c, e);
	audience_applied(&t->audience, c, e);
	if (life_is_embryo(c))
		return 0;
	/* Another CPU may have accepted it before this. */
	if (members_follow_up(t, c) && e->from == STATE_SYN_RECV && c->accept_ns)
		members_tell_accepted(t, c);
	return 0;
}

/*
 * Before a child's birth only in recordings that are older: then both were heard of at the same
 * function.
 */
static int apply_passive(struct conn_table *t, const struct event *e)
{
	struct conn *c = members_find(t, e->sock);

	if (c && !life_is_embryo(c) && c->step_count) {
		members_end_unseen(t, c);
		c = NULL;
	}
	if (!c) {
		c = members_add(t, e, t->lossy);
		if (!c)
			return -ENOMEM;
		reconcile_recall(t, c, e);
	}
	life_passive(c, e);
	return 0;
}

static void apply_accept(struct conn_table *t, const struct event *e)
{
	struct conn *c = reconcile_find(t, e);

	if (!c || !c->step_count || c->flags & CONN_MINISOCK || c->role == CONN_ROLE_CLIENT)
		return;
	/* Its socket is closed: who is not has come to its address, and is not followed. */
	if (c->flags & CONN_AWAITED && e->from != STATE_CLOSED)
		return;
	life_accept(c, e);
	if (t->openers)
		openers_claim(t->openers, c, e);
	audience_applied(&t->audience, c, e);
	if (life_is_embryo(c))
		return;
	if (members_follow_up(t, c))
		members_tell_accepted(t, c);
}

/*
 * The state machine has told of it, or is about to say why; or the socket never left CLOSED, and
 * this is all that there is of a connection.
 */
static void apply_connect(struct conn_table *t, const struct event *e)
{
	struct conn *c = members_find(t, e->sock), failed;

	if (c && c->flags & CONN_AWAITED && c->flags & CONN_UNSENT) {
		c->error = e->error;
		members_settle_cause(t, c);
		return;
	}
	if (told_take(&t->told, e->sock, e->error))
		return;
	life_fail(&failed, e);
	if (conn_filter_judge(&t->filter, &failed, true) != FILTER_WANTED)
		return;
	failed.id = t->numbers_births ? CONN_OLDER_ID + t->applied : t->next_id++;
	failed.flags |= CONN_WANTED | CONN_CLOSE_TOLD;
	t->counts.unsent++;
	if (t->openers)
		openers_claim(t->openers, &failed, e);
	audience_closed(&t->audience, &failed);
	audience_gone(&t->audience, &failed);
	if (failed.flags & CONN_OPENED)
		openers_leave(t->openers, &failed);
}

static void apply_subflow(struct conn_table *t, const struct event *e)
{
	if (!t->subflows)
		t->subflows = subflows_new();
	if (t->subflows)
		subflows_note(t->subflows, e);
}

static void apply_opener(struct conn_table *t, const struct event *e)
{
	if (!t->openers)
		t->openers = openers_new();
	if (t->openers)
		openers_note(t->openers, e);
}

static void note_scope(struct conn_table *t, const struct event *e)
{
	if (!t->scopes)
		t->scopes = scopes_new();
	if (t->scopes)
		scopes_note(t->scopes, e);
}

static void apply_kin(struct conn_table *t, const struct event *e)
{
	for (const struct conn_filter *f = &t->filter; f; f = f->also)
		if (f->kin && (!f->space || f->space == event_space_of(e->sock)))
			kin_apply(f->kin, e);
}

static void apply_listener(struct conn_table *t, const struct event *e)
{
	if (!t->listeners)
		t->listeners = listeners_new();
	if (t->listeners)
		listeners_apply(t->listeners, e);
	t->counts.listeners_left_out = t->listeners ? listeners_left_out(t->listeners) :
						      t->counts.listeners_left_out + 1;
}

static void apply_request(struct conn_table *t, const struct event *e)
{
	static const struct {
		uint8_t end, cause;
	} ends[] = {
		[EVENT_REQUEST_ABANDONED] = { HALF_OPEN_ABANDONED, 0 },
		[EVENT_REQUEST_DROPPED] = { HALF_OPEN_UNKNOWN, 0 },
		[EVENT_REQUEST_OVERFLOW] = { HALF_OPEN_OVERFLOW, 0 },
		[EVENT_REQUEST_RESET] = { HALF_OPEN_RESET, 0 },
		[EVENT_REQUEST_BAD_SYN] = { HALF_OPEN_REFUSED, CONN_CAUSE_BAD_SYN },
		[EVENT_REQUEST_QUEUE_RESET] = { HALF_OPEN_REFUSED, CONN_CAUSE_QUEUE_FULL },
		[EVENT_REQUEST_REFUSED] = { HALF_OPEN_REFUSED, 0 },
		[EVENT_REQUEST_LISTENER_CLOSED] = { HALF_OPEN_LISTENER_CLOSED, 0 },
		[EVENT_REQUEST_UNREACHABLE] = { HALF_OPEN_UNREACHABLE, 0 },
		[EVENT_REQUEST_KILLED] = { HALF_OPEN_KILLED, 0 },
		[EVENT_REQUEST_UNSENT] = { HALF_OPEN_UNKNOWN, 0 },
	};
	struct conn probe = { .sock = e->sock,
			      .netns = e->netns,
			      .flags = CONN_HAS_ENDPOINTS,
			      .lport = e->lport,
			      .rport = e->rport,
			      .laddr = e->laddr,
			      .raddr = e->raddr,
			      .ifindex = e->ifindex,
			      .ifname = e->ifname };
	struct half_open half = {
		.mono_ns = e->mono_ns,
		.age_ns = e->synack_ns && e->synack_ns < e->mono_ns ? e->mono_ns - e->synack_ns :
								      TIME_UNKNOWN,
		.end = ends[e->detail].end,
		.cause = ends[e->detail].cause,
		.retransmits = e->retransmits,
		.reset_reason = e->refusal < UINT8_MAX ? (uint8_t)e->refusal : UINT8_MAX,
		.netns = e->netns,
		.cgroup = e->cgroup,
		.lport = e->lport,
		.rport = e->rport,
		.laddr = e->laddr,
		.raddr = e->raddr,
		.ifindex = e->ifindex,
		.ifname = e->ifname,
		.is_wire = e->flags & EVENT_FLAG_WIRE,
	};

	polled_take_over_request(t, e);
	if (conn_filter_judge(&t->filter, &probe, true) != FILTER_WANTED)
		return;
	t->counts.half_open[half.end]++;
	audience_half_open(&t->audience, &half);
}

/* Of `c`, or of one that is not known: NULL. */
static void count_reset(struct conn_table *t, const struct event *e, const struct conn *c)
{
	bool is_here = conn_filter_has_netns(&t->filter, e->sock, e->netns);
	bool is_wanted = c && c->flags & CONN_WANTED;

	switch (e->detail) {
	case EVENT_RESET_RECEIVED:
		t->counts.resets_received += is_here;
		t->counts.wanted.resets_received += is_wanted;
		break;
	case EVENT_RESET_STRAY:
		t->counts.resets_stray += is_here;
		break;
	case EVENT_RESET_SENT:
	case EVENT_RESET_ANSWERED:
		t->counts.resets_sent += is_here;
		t->counts.wanted.resets_sent += is_wanted;
		break;
	default:
		break;
	}
}

static void apply_reset(struct conn_table *t, const struct event *e)
{
	bool is_stray = e->detail == EVENT_RESET_STRAY;
	struct conn *c = is_stray ? NULL : reconcile_find(t, e);
	bool is_awaited;

	/* Its socket is closed: one that is not has come to its address, and is not followed. */
	if (c && c->flags & CONN_AWAITED && e->from != STATE_CLOSED)
		c = NULL;
	count_reset(t, e, c);
	if (!c)
		return;
	is_awaited = life_reset(c, e);
	if (c->step_count)
		audience_applied(&t->audience, c, e);
	if (is_awaited)
		members_settle_cause(t, c);
}

/*
 * Of a SYN-ACK, the request has no connection yet, but for fast open: it is counted by the child's
 * handshake.
 */
static void apply_retransmit(struct conn_table *t, const struct event *e)
{
	bool is_synack = e->detail == EVENT_RETRANSMIT_SYNACK;
	bool is_early = is_synack && e->flags & EVENT_FLAG_FASTOPEN;
	struct conn *c = is_synack && !is_early ? NULL : members_find(t, e->sock);
	uint32_t segments = e->retransmits ? e->retransmits : 1;
	struct share share;
	bool is_first;

	if (conn_filter_has_netns(&t->filter, e->sock, e->netns))
		t->counts.retransmits[e->detail] += segments;
	if (!c || !c->step_count || c->flags & CONN_AWAITED)
		return;
	if (is_early) {
		life_send_synack_again(c);
		return;
	}
	if (c->flags & CONN_WANTED)
		t->counts.wanted.retransmits[e->detail] += segments;
	/* Without room for it, its flag tells that it is not known. */
	share = conn_share(c);
	is_first = !(c->flags & CONN_RESENT);
	c->flags |= CONN_RESENT;
	if (!t->resent)
		t->resent = resent_set_new();
	if (t->resent)
		resent_add(t->resent, c->id, e->detail, segments, is_first, &share);
	audience_applied(&t->audience, c, e);
}

/* When the comparison with a snapshot or a poll is due. */
static uint64_t due_ns(uint64_t end_ns)
{
	return end_ns == TIME_UNKNOWN ? TIME_UNKNOWN : end_ns + SNAPSHOT_GRACE_NS;
}

bool conn_table_is_comparing(const struct conn_table *table)
{
	return table->snapshot;
}

static uint64_t snapshot_due_ns(const struct conn_table *t)
{
	return t->snapshot ? due_ns(snapshot_end_ns(t->snapshot)) : TIME_UNKNOWN;
}

uint64_t conn_table_settle_at(const struct conn_table *table)
{
	uint64_t snapshot_ns = snapshot_due_ns(table);
	uint64_t poll_ns = due_ns(table->polling.end_ns);

	return snapshot_ns < poll_ns ? snapshot_ns : poll_ns;
}

static int apply(struct conn_table *t, const struct event *e)
{
	struct conn *c;

	switch (e->kind) {
	case EVENT_DESTROY:
		reconcile_forget(t, e->sock);
		c = members_find(t, e->sock);
		/* The reset that answers the segment it died of leaves behind it. */
		if (c && !(c->flags & (CONN_MINISOCK | CONN_AWAITED)))
			members_end_unseen(t, c);
		return 0;
	case EVENT_PASSIVE:
		return apply_passive(t, e);
	case EVENT_REQUEST:
		apply_request(t, e);
		return 0;
	case EVENT_ACCEPT:
		apply_accept(t, e);
		return 0;
	case EVENT_CONNECT:
		apply_connect(t, e);
		return 0;
	case EVENT_LISTENER:
		apply_listener(t, e);
		return 0;
	case EVENT_KIN:
		apply_kin(t, e);
		return 0;
	case EVENT_SUBFLOW:
		apply_subflow(t, e);
		return 0;
	case EVENT_OPENER:
		apply_opener(t, e);
		return 0;
	case EVENT_TIMEWAIT:
		timewait_apply(t, e);
		return 0;
	case EVENT_RESET:
		apply_reset(t, e);
		return 0;
	case EVENT_RETRANSMIT:
		apply_retransmit(t, e);
		return 0;
	case EVENT_ERROR:
		c = reconcile_find(t, e);
		if (c)
			life_error(c, e);
		return 0;
	default:
		return apply_transition(t, e);
	}
}

int conn_table_apply(struct conn_table *table, const struct event *event)
{
	struct event scoped;
	int error;

	table->applied++;
	if (event->kind == EVENT_SCOPE) {
		note_scope(table, event);
		return 0;
	}
	if (table->scopes && scopes_claim(table->scopes, event, &scoped))
		event = &scoped;
	if (table->snapshot)
		reconcile_until(table, event);
	error = apply(table, event);
	if (error)
		table->counts.gaps++;
	return error;
}

bool conn_table_apply_end(struct conn_table *table, const void *bytes, size_t size)
{
	const struct event_timewait_at *e = event_as_timewait_end(bytes, size);

	if (!e || table->scopes || table->snapshot ||
	    !members_end_time_wait(table, e->at.head.sock, e->at.act, e->at.head.mono_ns))
		return false;
	table->applied++;
	return true;
}

bool conn_table_apply_like(struct conn_table *table, const void *bytes, size_t size,
			   conn_table_meet *meet, void *context)
{
	const struct event_life_at *life = event_as_life(bytes, size);

	return life && whole_apply_like(table, life, meet, context);
}

int conn_table_apply_bundle(struct conn_table *table, struct event_bundle *bundle)
{
	const struct event *event;
	int error = 0;

	if (whole_is_life(table, bundle))
		return whole_apply(table, bundle);
	while ((event = event_bundle_next(bundle)))
		if (conn_table_apply(table, event))
			error = -ENOMEM;
	return error;
}

void conn_table_fetch(const struct conn_table *table, const uint64_t *socks, size_t count)
{
	members_fetch(table, socks, count < CONN_FETCH ? count : CONN_FETCH);
}

void conn_table_fetch_place(const struct conn_table *table, uint64_t sock)
{
	hash_index_fetch(&table->index, hash_u64(&table->index.key, sock));
}

static void settle_awaited(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	(void)mono_ns;
	if (c->flags & CONN_AWAITED)
		members_settle_cause(t, c);
}

const struct conn *conn_table_find(const struct conn_table *table, uint64_t sock)
{
	return members_find(table, sock);
}

void conn_table_settle(struct conn_table *table, uint64_t now_ns)
{
	table->turn++;
	timewait_settle(table, now_ns);
	deferred_settle(&table->awaited, table, RESET_GRACE_NS, now_ns, settle_awaited);
	if (table->snapshot && snapshot_due_ns(table) <= now_ns)
		reconcile_conclude(table);
	if (due_ns(table->polling.end_ns) <= now_ns && table->polling.end_ns != TIME_UNKNOWN)
		polled_conclude(table);
}

void conn_table_number_births(struct conn_table *table)
{
	table->numbers_births = true;
}

void conn_table_expect_timewaits(struct conn_table *table)
{
	table->sight.timewaits = true;
}

void conn_table_expect_polls(struct conn_table *table)
{
	table->sight.polls = true;
}

void conn_table_expect_requests(struct conn_table *table)
{
	table->sight.requests = true;
}

void conn_table_expect_connects(struct conn_table *table)
{
	table->sight.connects = true;
}

void conn_table_expect_accepts(struct conn_table *table)
{
	table->sight.accepts = true;
}

void conn_table_expect_resets(struct conn_table *table)
{
	table->sight.resets = true;
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

void conn_table_keep_openers(struct conn_table *table)
{
	if (!table->openers)
		table->openers = openers_new();
	if (table->openers)
		openers_keep(table->openers);
}

uint64_t conn_table_opener(const struct conn_table *table, const struct conn *c)
{
	return table->openers && c->flags & CONN_OPENED ? openers_find(table->openers, c) : 0;
}

struct subflow conn_table_subflow(const struct conn_table *table, const struct conn *c)
{
	return table->subflows && c->flags & CONN_SUBFLOW ? subflows_find(table->subflows, c) :
							    (struct subflow){ .token = 0 };
}

struct subflows_count conn_table_subflows(const struct conn_table *table, const struct conn *c)
{
	return table->subflows && c->flags & CONN_SUBFLOW ? subflows_count(table->subflows, c) :
							    (struct subflows_count){ 0, 0 };
}

const char *conn_table_congestion(const struct conn_table *table, uint8_t number)
{
	return congestion_name(&table->congestion, number);
}

void conn_table_note_loss(struct conn_table *table)
{
	table->lossy = true;
	/* What was lost may have been word of a request, or of a reset. */
	table->sight.requests = false;
	table->sight.resets_lost = true;
}

const struct conn_counts *conn_table_counts(const struct conn_table *table)
{
	return &table->counts;
}

const struct payers *conn_table_payers(const struct conn_table *table)
{
	return &table->payers;
}

const struct payers *conn_table_listener_payers(const struct conn_table *table)
{
	return table->listeners ? listeners_payers(table->listeners) : NULL;
}

const struct payers *conn_table_seed_payers(const struct conn_table *table)
{
	return &table->seed_payers;
}

const struct crowd *conn_table_resent_crowd(const struct conn_table *table)
{
	return table->resent ? resent_crowd(table->resent) : NULL;
}

size_t conn_table_bytes(const struct conn_table *table)
{
	return sizeof(*table) + shapes_bytes() + store_bytes(&table->store) +
	       hash_index_bytes(&table->index) + (table->shares ? shares_bytes(table->shares) : 0) +
	       deferred_bytes(&table->cancelled) + deferred_bytes(&table->awaited) +
	       table->polling.room * sizeof(*table->polling.places) +
	       (table->resent ? resent_bytes(table->resent) : 0) +
	       (table->subflows ? subflows_bytes(table->subflows) : 0) +
	       (table->openers ? openers_bytes(table->openers) : 0) +
	       (table->scopes ? scopes_bytes(table->scopes) : 0);
}

uint64_t conn_table_bytes_most(size_t max)
{
	uint64_t slots = 1;

	while (slots < (uint64_t)max * 2)
		slots *= 2;
	return store_bytes_most(max) + slots * sizeof(uint32_t);
}

struct hash_probes conn_table_probes(const struct conn_table *table)
{
	return hash_index_probes(&table->index);
}

struct conn_table *conn_table_new(size_t max, const struct conn_filter *filter,
				  const struct consumer_list *consumers)
{
	static const struct consumer_list nobody;
	struct conn_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	if (audience_init(&t->audience, consumers ? consumers : &nobody)) {
		free(t);
		return NULL;
	}
	if (members_init(t, max < 1		  ? 1 :
			    max > HASH_NUMBER_MAX ? HASH_NUMBER_MAX :
						    (uint32_t)max)) {
		audience_done(&t->audience);
		free(t);
		return NULL;
	}
	t->filter = *filter;
	t->wants_all = conn_filter_wants_all(filter);
	t->next_id = 1;
	t->turn = 1;
	deferred_init(&t->cancelled);
	deferred_init(&t->awaited);
	t->ends_key = hash_program_key();
	t->shapes = shapes_new();
	polling_init(&t->polling);
	return t;
}

void conn_table_free(struct conn_table *table)
{
	if (!table)
		return;
	audience_done(&table->audience);
	shapes_free(table->shapes);
	members_done(table);
	deferred_done(&table->cancelled);
	deferred_done(&table->awaited);
	snapshot_free(table->snapshot);
	snapshot_free(table->known);
	subflows_free(table->subflows);
	openers_free(table->openers);
	scopes_free(table->scopes);
	listeners_free(table->listeners);
	resent_set_free(table->resent);
	polling_done(&table->polling);
	free(table);
}
