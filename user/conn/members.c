// SPDX-License-Identifier: GPL-2.0-only
/* Inside of the connection table: who is in it, who is wanted, and what of them is told. */
#include "user/conn/members.h"

#include "user/conn/listeners.h"
#include "user/conn/polled.h"
#include "user/conn/reconcile.h"
#include "user/conn/resent.h"

#define FIRST_MEMBERS 2048

static uint64_t hash_member(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct conn_store *store = context;

	return hash_u64(key, store_at(store, n)->sock);
}

int members_init(struct conn_table *t, uint32_t max)
{
	store_init(&t->store, max);
	hash_index_init(&t->index, max, hash_member, &t->store);
	return hash_index_reserve(&t->index, FIRST_MEMBERS);
}

void members_done(struct conn_table *t)
{
	shares_free(t->shares);
	store_done(&t->store);
	hash_index_done(&t->index);
}

/* Each step asks for what the next one looks at, of all sockets, before any of it is waited for. */
void members_fetch(const struct conn_table *t, const uint64_t *socks, size_t count)
{
	uint32_t numbers[CONN_FETCH];
	uint64_t hashes[CONN_FETCH];

	for (size_t i = 0; i < count; i++) {
		hashes[i] = hash_u64(&t->index.key, socks[i]);
		hash_index_fetch(&t->index, hashes[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct hash_search s = hash_search_begin(&t->index, hashes[i]);

		/* The first one is most likely the socket's. */
		numbers[i] = hash_search_next(&t->index, &s);
		if (numbers[i] != STORE_NOBODY)
			store_fetch(&t->store, numbers[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (numbers[i] != STORE_NOBODY)
			store_fetch_neighbours(&t->store, numbers[i]);
}

/* Takes it out of the index; returns its number. */
static uint32_t unindex(struct conn_table *t, const struct conn *c)
{
	struct hash_search s;
	uint32_t n = members_search(t, c->sock, &s);

	hash_search_take(&t->index, &s);
	return n;
}

/* ---- shares ---------------------------------------------------------------------------------- */

/* Who is heavy is of no interest before the table is full, nor once half of it is free. */
static void watch_shares(struct conn_table *t)
{
	t->shares = shares_new(t->store.max);
	if (!t->shares)
		return;
	for (uint32_t n = t->store.oldest; n != STORE_NOBODY; n = store_at(&t->store, n)->newer) {
		const struct share share = conn_share(store_at(&t->store, n));

		if (shares_put(t->shares, n, &share))
			break;
	}
}

static void leave_shares(struct conn_table *t)
{
	shares_free(t->shares);
	t->shares = NULL;
}

/* It has changed, or is another's now. One that there is no memory for is in no share. */
static void renew_share(struct conn_table *t, uint32_t n)
{
	const struct share share = conn_share(store_at(&t->store, n));

	if (shares_put(t->shares, n, &share))
		leave_shares(t);
}

/* Of those who share the table the heaviest makes room; without memory to tell, whoever's. */
static uint32_t find_evictee(struct conn_table *t)
{
	uint32_t n;

	if (!t->shares)
		watch_shares(t);
	n = t->shares ? shares_heaviest(t->shares) : STORE_NOBODY;
	return n != STORE_NOBODY ? n : t->store.oldest;
}

void members_remove(struct conn_table *t, struct conn *c)
{
	uint32_t n = unindex(t, c);

	if (t->shares)
		shares_take(t->shares, n);
	if (c->flags & CONN_RESENT && t->resent)
		resent_remove(t->resent, c->id);
	if (c->flags & CONN_SUBFLOW)
		subflows_leave(t->subflows, c);
	if (c->flags & CONN_OPENED)
		openers_leave(t->openers, c);
	store_unlink(&t->store, c);
	if (c->flags & CONN_WANTED && !(c->flags & CONN_CLOSE_TOLD))
		t->counts.live--;
	if (c->flags & CONN_POLLED)
		t->polled--;
	store_give_back(&t->store, n);
	if (t->shares && t->store.used < t->store.max / 2)
		leave_shares(t);
}

/* What is missing of a life that is counted now. */
static void count_damage(struct conn_table *t, const struct conn *c)
{
	t->counts.gaps += c->gaps;
	if (!(c->flags & CONN_INCOMPLETE))
		return;
	t->counts.incomplete++;
	if (c->flags & CONN_SEEDED)
		t->counts.older_over++;
}

static __attribute__((noinline)) void tell_transitions(struct conn_table *t, const struct conn *c,
						       unsigned int first, bool at_once)
{
	for (unsigned int step = first; step < c->step_count; step++) {
		struct transition transition;

		life_transition(c, step, &transition);
		audience_transition(&t->audience, c, &transition, at_once);
	}
}

/* Tells of the steps that nobody has been told of. */
static void tell_steps(struct conn_table *t, struct conn *c)
{
	const struct audience *audience = &t->audience;
	unsigned int first = c->step_told;
	bool at_once;

	if (first == c->step_count)
		return;
	/* The end of a TIME_WAIT is one step: there is nothing to be told of it one by one. */
	at_once = first ? c->step_state[first - 1] == STATE_TIME_WAIT :
			  c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT;
	c->step_told = c->step_count;
	audience_steps(audience, c, first, at_once);
	if (audience->transition.count || (audience->either.count && !at_once))
		tell_transitions(t, c, first, at_once);
}

bool members_have_room(struct conn_table *t, const struct share *newcomer)
{
	struct share heaviest;

	if (t->store.used < t->store.max)
		return true;
	heaviest = conn_share(store_at(&t->store, find_evictee(t)));
	return t->shares &&
	       shares_weight(t->shares, &heaviest) > shares_weight(t->shares, newcomer) + 1;
}

/*
 * Nobody can wait for word of its reset any longer: that there was none is not known. Whether it
 * lives on in a timewait socket.
 */
static bool settle_early(struct conn_table *t, struct conn *c)
{
	struct life_sight sight = t->sight;

	sight.resets_lost = true;
	life_settle(c, &sight);
	return members_follow_up(t, c);
}

static void evict(struct conn_table *t)
{
	struct conn *c = store_at(&t->store, find_evictee(t));
	const struct share share = conn_share(c);

	if (c->flags & CONN_AWAITED && !settle_early(t, c))
		return;
	if (c->flags & CONN_WANTED)
		tell_steps(t, c);
	if (c->flags & CONN_CLOSE_TOLD) {
		t->counts.time_waits_evicted++;
	} else if (c->flags & CONN_WANTED) {
		t->counts.evicted++;
		count_damage(t, c);
	}
	if (c->flags & CONN_WANTED)
		payers_add(&t->payers, &share);
	members_remove(t, c);
}

/* Makes room for one more, which is to be filled in, then added. Returns its number, or NOBODY. */
static inline uint32_t make_room(struct conn_table *t)
{
	if (t->store.used == t->store.max)
		evict(t);
	if (store_reserve(&t->store) || hash_index_reserve(&t->index, t->store.used + 1ull))
		return STORE_NOBODY;
	return store_take(&t->store);
}

static inline void put(struct conn_table *t, struct conn *c, uint32_t n)
{
	hash_index_put(&t->index, hash_u64(&t->index.key, c->sock), n);
	store_link_newest(&t->store, c, n);
	if (t->shares)
		renew_share(t, n);
}

struct conn *members_add(struct conn_table *t, const struct event *e, bool lossy)
{
	uint32_t n = make_room(t);
	struct conn *c;

	if (n == STORE_NOBODY)
		return NULL;
	c = store_at(&t->store, n);
	life_begin(c, e, lossy);
	c->id = t->numbers_births ? CONN_OLDER_ID + t->applied : t->next_id++;
	put(t, c, n);
	return c;
}

struct conn *members_take(struct conn_table *t, uint32_t *ret_number)
{
	*ret_number = make_room(t);
	return *ret_number == STORE_NOBODY ? NULL : store_at(&t->store, *ret_number);
}

void members_put(struct conn_table *t, struct conn *c, uint32_t number)
{
	put(t, c, number);
}

struct conn *members_keep(struct conn_table *t, const struct conn *c)
{
	uint32_t n;
	struct conn *kept = members_take(t, &n);

	if (!kept)
		return NULL;
	*kept = *c;
	put(t, kept, n);
	return kept;
}

bool members_close(struct conn_table *t, struct conn *c, const struct event *close)
{
	life_step(c, close, &t->sight);
	c->congestion = congestion_number(&t->congestion, close->congestion);
	if (life_is_stillborn(c)) {
		t->counts.children_lost++;
		return false;
	}
	if (close->from == STATE_SYN_SENT && !(c->flags & CONN_UNSENT))
		told_note(&t->told, close->sock, c->error);
	return true;
}

void members_await(struct conn_table *t, struct conn *c, uint64_t mono_ns)
{
	if (c->flags & CONN_AWAITED && deferred_add(&t->awaited, c, mono_ns))
		life_settle(c, &t->sight);
}

void members_hand_over(struct conn_table *t, struct conn *c, const struct event *close)
{
	if (!(c->flags & CONN_MINISOCK))
		return;
	if (t->sight.polls && !(c->flags & CONN_WIRE))
		polled_await(t, c);
	else
		timewait_hand_over(t, c, close->timewait, close->mono_ns);
}

void members_rename(struct conn_table *t, struct conn *c, uint64_t sock)
{
	uint32_t n = unindex(t, c);

	c->sock = sock;
	hash_index_put(&t->index, hash_u64(&t->index.key, sock), n);
}

/* How it came about, as far as that is known so far. */
static uint64_t *opening_count(struct conn_table *t, const struct conn *c)
{
	if (c->flags & CONN_SEEDED)
		return &t->counts.seeded;
	return c->handshake_flags & CONN_HANDSHAKE_RESTORED ? &t->counts.restored :
							      &t->counts.opened;
}

/* What was told of it before it was known to be wanted. */
static __attribute__((noinline)) void count_early(struct conn_table *t, const struct conn *c)
{
	struct resent resent;

	if (c->evidence & CAUSE_RESET_RECEIVED)
		t->counts.wanted.resets_received++;
	if (c->evidence & (CAUSE_RESET_SENT | CAUSE_RESET_ANSWERED))
		t->counts.wanted.resets_sent++;
	if (!(c->flags & CONN_RESENT) || !conn_table_resent(t, c, &resent))
		return;
	for (unsigned int cause = 0; cause < RESENT_KINDS; cause++)
		if (cause != EVENT_RETRANSMIT_SYNACK)
			t->counts.wanted.retransmits[cause] += resent.times[cause];
}

static inline void note_wanted(struct conn_table *t, struct conn *c)
{
	static const unsigned int resets = CAUSE_RESET_RECEIVED | CAUSE_RESET_SENT |
					   CAUSE_RESET_ANSWERED;

	c->flags |= CONN_WANTED;
	t->counts.live++;
	*opening_count(t, c) += 1;
	if (c->evidence & resets || c->flags & CONN_RESENT)
		count_early(t, c);
}

void members_tell_accepted(const struct conn_table *t, const struct conn *c)
{
	if (c->flags & CONN_WANTED)
		audience_accepted(&t->audience, c);
}

/* It is closed, or in TIME_WAIT: nothing will change how it is counted. */
static inline void tell_close(struct conn_table *t, struct conn *c)
{
	c->flags |= CONN_CLOSE_TOLD;
	t->counts.live--;
	if (c->flags & CONN_UNSENT) {
		*opening_count(t, c) -= 1;
		t->counts.unsent++;
	} else {
		t->counts.closed++;
	}
	count_damage(t, c);
	if (c->flags & CONN_SUBFLOW)
		subflows_close(t->subflows, c);
	audience_closed(&t->audience, c);
}

/* Judges a connection as far as it is known, and counts it when that was the last doubt. */
static inline enum filter_verdict judge(struct conn_table *t, struct conn *c, bool final)
{
	enum filter_verdict verdict = FILTER_WANTED;

	if (c->flags & CONN_WANTED)
		return FILTER_WANTED;
	if (!t->wants_all)
		verdict = conn_filter_judge(&t->filter, c, final);
	if (verdict == FILTER_WANTED)
		note_wanted(t, c);
	return verdict;
}

bool members_is_decided(const struct conn *c)
{
	if (c->flags & CONN_AWAITED)
		return false;
	return c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT;
}

static __attribute__((noinline)) void learn_from_listener(const struct conn_table *t,
							  struct conn *c)
{
	struct listener_owner owner;

	if (listeners_find(t->listeners, c, &owner))
		life_own_by_listener(c, &owner);
}

/* Most have an owner already. */
static inline void find_owner(const struct conn_table *t, struct conn *c)
{
	if (c->role == CONN_ROLE_SERVER && c->flags & CONN_HAS_ENDPOINTS &&
	    !(c->flags & CONN_HAS_OWNER))
		learn_from_listener(t, c);
}

/*
 * Steps that may wait to be told of until its close: as many more, twice healed, still find room
 * with them.
 */
#define STEPS_PUT_OFF (CONN_STEPS - 4)

/* Nobody waits to hear of what happens in the middle of its life. */
static bool is_put_off(const struct conn_table *t, const struct conn *c)
{
	return !t->audience.transition.count && !t->audience.either.count &&
	       c->step_count <= STEPS_PUT_OFF && !(c->flags & CONN_FINISHED) &&
	       conn_state(c) != STATE_TIME_WAIT;
}

bool members_is_wanted(struct conn_table *t, struct conn *c)
{
	return judge(t, c, members_is_decided(c)) == FILTER_WANTED;
}

bool members_tell(struct conn_table *t, struct conn *c)
{
	bool is_over = c->flags & CONN_FINISHED && !(c->flags & CONN_AWAITED);
	enum filter_verdict verdict;

	if (t->listeners && (!t->sight.accepts || (members_is_decided(c) && conn_shows_accept(c))))
		find_owner(t, c);
	verdict = judge(t, c, members_is_decided(c));
	if (verdict == FILTER_WANTED) {
		if (!is_put_off(t, c))
			tell_steps(t, c);
		if (members_is_decided(c) && !(c->flags & CONN_CLOSE_TOLD))
			tell_close(t, c);
		if (is_over)
			audience_gone(&t->audience, c);
	}
	return verdict != FILTER_UNWANTED && !is_over;
}

bool members_tell_whole(struct conn_table *t, struct conn *c)
{
	const bool is_over = c->flags & CONN_FINISHED;
	enum filter_verdict verdict;

	if (c->accept_ns && judge(t, c, true) == FILTER_WANTED)
		audience_accepted(&t->audience, c);
	if (t->listeners && (!t->sight.accepts || conn_shows_accept(c)))
		find_owner(t, c);
	verdict = judge(t, c, true);
	if (verdict != FILTER_WANTED)
		return verdict != FILTER_UNWANTED && !is_over;
	c->step_told = c->step_count;
	audience_steps(&t->audience, c, 0, true);
	tell_close(t, c);
	if (is_over)
		audience_gone(&t->audience, c);
	return !is_over;
}

bool members_follow_up(struct conn_table *t, struct conn *c)
{
	if (t->shares)
		renew_share(t, store_number(&t->store, c));
	if (c->flags & CONN_SUBFLOW)
		subflows_share_owner(t->subflows, c);
	if (c->flags & CONN_WANTED && !t->listeners && is_put_off(t, c))
		return true;
	if (members_tell(t, c))
		return true;
	members_remove(t, c);
	return false;
}

/* Its close was told, it is not waited for, and nothing is kept beside it. */
static bool is_ending(const struct conn_table *t, const struct conn *c)
{
	static const unsigned int told = CONN_MINISOCK | CONN_WANTED | CONN_CLOSE_TOLD;
	static const unsigned int more = CONN_AWAITED | CONN_POLLED | CONN_RESENT | CONN_SUBFLOW |
					 CONN_OPENED;

	return (c->flags & (told | more)) == told && conn_state(c) == STATE_TIME_WAIT &&
	       (!t->listeners || c->flags & CONN_HAS_OWNER || c->role != CONN_ROLE_SERVER);
}

bool members_end_time_wait(struct conn_table *t, uint64_t sock, enum event_timewait_act act,
			   uint64_t mono_ns)
{
	struct hash_search s;
	struct conn *c;
	uint32_t n;

	if (t->shares || t->audience.wants_ends)
		return false;
	n = members_search(t, sock, &s);
	if (n == STORE_NOBODY)
		return false;
	c = store_at(&t->store, n);
	if (!is_ending(t, c))
		return false;
	deferred_forget(&t->cancelled, c->id);
	life_end_timewait(c, act, mono_ns);
	if (t->audience.may_learn && c->step_told + 1U == c->step_count) {
		audience_over(&t->audience, c);
	} else {
		tell_steps(t, c);
		audience_gone(&t->audience, c);
	}
	hash_search_take(&t->index, &s);
	store_unlink(&t->store, c);
	store_give_back(&t->store, n);
	return true;
}

void members_settle_cause(struct conn_table *t, struct conn *c)
{
	life_settle(c, &t->sight);
	/* It may turn out to live on in a timewait socket, which polls are to tell of. */
	if (members_follow_up(t, c) && c->flags & CONN_MINISOCK)
		polled_await(t, c);
}

void members_end_unseen(struct conn_table *t, struct conn *c)
{
	if (c->flags & CONN_AWAITED) {
		members_settle_cause(t, c);
		return;
	}
	/* Its request told of a child that nobody else did: it never was a connection. */
	if (!c->step_count) {
		t->counts.children_lost++;
		members_remove(t, c);
		return;
	}
	life_end_unseen(c);
	members_follow_up(t, c);
}

void conn_table_each(struct conn_table *table, void (*visit)(void *context, const struct conn *c),
		     void *context)
{
	for (uint32_t n = table->store.oldest; n != STORE_NOBODY;
	     n = store_at(&table->store, n)->newer)
		if (store_at(&table->store, n)->flags & CONN_WANTED)
			visit(context, store_at(&table->store, n));
}

void conn_table_tell_steps(struct conn_table *table)
{
	for (uint32_t n = table->store.oldest; n != STORE_NOBODY;
	     n = store_at(&table->store, n)->newer) {
		struct conn *c = store_at(&table->store, n);

		if (c->flags & CONN_WANTED && c->step_told < c->step_count)
			tell_steps(table, c);
	}
}

bool conn_table_next_span(const struct conn_table *table, struct conn_span *span)
{
	const struct conn_store *store = &table->store;
	uint32_t left = store->made - span->end;

	if (!left)
		return false;
	span->first = store_at(store, span->end + 1);
	span->count = left < STORE_CHUNK ? left : STORE_CHUNK;
	span->end += span->count;
	return true;
}

void conn_table_scan(const struct conn_table *table,
		     void (*visit)(void *context, const struct conn *c), void *context)
{
	struct conn_span span = { .end = 0 };

	while (conn_table_next_span(table, &span))
		for (uint32_t i = 0; i < span.count; i++)
			if (span.first[i].flags & CONN_WANTED)
				visit(context, &span.first[i]);
}

void conn_table_conclude(struct conn_table *table)
{
	if (table->snapshot && table->snapshot_use & (CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_KNOW))
		reconcile_conclude(table);
	for (uint32_t n = table->store.oldest; n != STORE_NOBODY;
	     n = store_at(&table->store, n)->newer) {
		struct conn *c = store_at(&table->store, n);

		if (life_is_embryo(c) || !c->step_count)
			continue;
		if (c->flags & CONN_SUBFLOW)
			subflows_share_owner(table->subflows, c);
		if (table->listeners)
			find_owner(table, c);
		if (judge(table, c, true) == FILTER_WANTED)
			tell_steps(table, c);
	}
}

void conn_table_tell_alive(struct conn_table *table, uint64_t now_ns)
{
	conn_table_conclude(table);
	for (uint32_t n = table->store.oldest; n != STORE_NOBODY;
	     n = store_at(&table->store, n)->newer)
		if (store_at(&table->store, n)->flags & CONN_WANTED)
			audience_alive(&table->audience, store_at(&table->store, n), now_ns);
}
