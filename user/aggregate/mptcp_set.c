// SPDX-License-Identifier: GPL-2.0-only
/* MPTCP connections, each put together of its subflows until the last of them has ended. */
#include "user/aggregate/mptcp_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/hash.h"

#define FIRST_ROOM 2
#define NONE 0 /* those that wait count from 1 */

struct waiting {
	struct mptcp_connection m;
	uint64_t key;	/* struct subflow's connection */
	uint64_t order; /* or 0: nobody is here */
	size_t room;
	uint32_t next_free;
};

struct mptcp_set {
	mptcp_tell tell;
	void *context;
	struct waiting *all;
	uint32_t made, free;
	uint64_t added; /* connections */
	struct hash_index index;
	struct shares *shares;
	uint64_t early;
	struct payers payers;
};

/* ---- one of them ----------------------------------------------------------------------------- */

static const struct mptcp_subflow *first_of(const struct mptcp_connection *m)
{
	for (size_t i = 0; i < m->listed; i++)
		if (!m->subflows[i].place.has_joined)
			return &m->subflows[i];
	return NULL;
}

bool mptcp_is_complete(const struct mptcp_connection *m)
{
	for (size_t i = 0; i < m->listed; i++)
		if (m->subflows[i].c.flags & CONN_INCOMPLETE)
			return false;
	return !m->is_early && !m->open && m->listed == m->count && first_of(m);
}

static void own(struct conn *c, const struct conn *owned)
{
	c->pid = owned->pid;
	c->uid = owned->uid;
	c->process = owned->process;
	c->flags |= owned->flags & (CONN_HAS_OWNER | CONN_OF_LISTENER);
	memcpy(c->comm, owned->comm, sizeof(c->comm));
}

void mptcp_as_conn(const struct mptcp_connection *m, struct conn *ret_conn)
{
	const struct mptcp_subflow *first = first_of(m);
	struct conn c = { .handshake_ns = TIME_UNKNOWN };

	if (first) {
		c = first->c;
		c.flags &= CONN_HAS_ENDPOINTS | CONN_SEEDED;
	}
	c.netns = m->subflows[0].c.netns;
	c.cgroup = m->subflows[0].c.cgroup;
	own(&c, first ? &first->c : &m->subflows[0].c);
	c.flags |= CONN_MPTCP;
	if (m->has_counters)
		c.flags |= CONN_HAS_COUNTERS;
	if (!mptcp_is_complete(m))
		c.flags |= CONN_INCOMPLETE;
	c.bytes_sent = m->bytes_sent;
	c.bytes_received = m->bytes_received;
	c.retransmits = m->retransmits < UINT32_MAX ? (uint32_t)m->retransmits : UINT32_MAX;
	c.segments_sent = c.segments_received = 0;
	c.min_rtt_us = c.srtt_us = 0;
	c.congestion = 0;
	c.outcome = CONN_OUTCOME_UNKNOWN;
	c.initiator = CONN_INITIATOR_UNKNOWN;
	c.cause = CONN_CAUSE_UNKNOWN;
	c.reset_reason = 0;
	c.time_wait_end = CONN_TW_END_NONE;
	c.step_count = 0;
	*ret_conn = c;
}

uint64_t mptcp_start(const struct mptcp_connection *m)
{
	const struct mptcp_subflow *first = first_of(m);

	return first ? conn_start(&first->c) : TIME_UNKNOWN;
}

uint64_t mptcp_end(const struct mptcp_connection *m)
{
	return m->open || m->is_early ? TIME_UNKNOWN : m->end_ns;
}

static int compare_births(const void *a, const void *b)
{
	const struct mptcp_subflow *left = a, *right = b;
	uint8_t left_number = left->place.number ? left->place.number : UINT8_MAX;
	uint8_t right_number = right->place.number ? right->place.number : UINT8_MAX;

	if (left_number != right_number)
		return left_number < right_number ? -1 : 1;
	return left->c.id < right->c.id ? -1 : left->c.id > right->c.id;
}

/* What is unknown of one is unknown of the sum, or of the last. */
static void sum_up(struct mptcp_connection *m, const struct conn *c)
{
	uint64_t end_ns = measure_end(c);

	if (!(c->flags & CONN_HAS_COUNTERS))
		m->has_counters = false;
	m->bytes_sent += c->bytes_sent;
	m->bytes_received += c->bytes_received;
	m->retransmits += c->retransmits;
	if (!m->count || end_ns == TIME_UNKNOWN || end_ns > m->end_ns)
		m->end_ns = m->count && m->end_ns == TIME_UNKNOWN ? TIME_UNKNOWN : end_ns;
	m->count++;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static uint64_t hash_waiting(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct mptcp_set *set = context;

	return hash_u64(key, set->all[n - 1].key);
}

struct mptcp_set *mptcp_set_new(mptcp_tell tell, void *context)
{
	struct mptcp_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->tell = tell;
	set->context = context;
	hash_index_init(&set->index, MPTCP_SET_MOST, hash_waiting, set);
	set->all = calloc(MPTCP_SET_MOST, sizeof(*set->all));
	set->shares = shares_new(MPTCP_SET_MOST);
	if (set->all && set->shares)
		return set;
	mptcp_set_free(set);
	return NULL;
}

void mptcp_set_free(struct mptcp_set *set)
{
	if (!set)
		return;
	for (uint32_t n = 1; set->all && n <= set->made; n++)
		free(set->all[n - 1].m.subflows);
	free(set->all);
	shares_free(set->shares);
	hash_index_done(&set->index);
	free(set);
}

static uint32_t find(const struct mptcp_set *set, uint64_t key, struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&set->index, hash_u64(&set->index.key, key));
	uint32_t n = hash_search_next(&set->index, &s);

	while (n != NONE && set->all[n - 1].key != key)
		n = hash_search_next(&set->index, &s);
	*ret_search = s;
	return n;
}

static void forget(struct mptcp_set *set, uint32_t n)
{
	struct waiting *w = &set->all[n - 1];
	struct hash_search search;

	find(set, w->key, &search);
	hash_search_take(&set->index, &search);
	shares_take(set->shares, n);
	free(w->m.subflows);
	*w = (struct waiting){ .next_free = set->free };
	set->free = n;
}

static void tell_and_forget(struct mptcp_set *set, uint32_t n)
{
	struct mptcp_connection *m = &set->all[n - 1].m;

	qsort(m->subflows, m->listed, sizeof(*m->subflows), compare_births);
	set->tell(set->context, m);
	forget(set, n);
}

/* The heaviest pays: one of theirs is told of as it is. */
static void make_room(struct mptcp_set *set)
{
	uint32_t n = shares_heaviest(set->shares);
	const struct share share = conn_share(&set->all[n - 1].m.subflows[0].c);

	set->all[n - 1].m.is_early = true;
	set->early++;
	payers_add(&set->payers, &share);
	tell_and_forget(set, n);
}

/* Room for one more subflow in its list. Returns false when there is no memory. */
static bool grow(struct waiting *w)
{
	size_t room = w->room ? w->room * 2 : FIRST_ROOM;
	struct mptcp_subflow *subflows;

	if (w->m.listed < w->room || w->room == MPTCP_LISTED)
		return true;
	subflows = reallocarray(w->m.subflows, room, sizeof(*subflows));
	if (!subflows)
		return false;
	w->m.subflows = subflows;
	w->room = room;
	return true;
}

/* NONE: there is no memory. */
static uint32_t add_waiting(struct mptcp_set *set, const struct conn *c, uint64_t key)
{
	const struct share share = conn_share(c);
	struct waiting w = { .m.has_counters = true, .key = key };
	uint32_t n;

	if (!set->free && set->made == MPTCP_SET_MOST)
		make_room(set);
	n = set->free ? set->free : set->made + 1;
	if (hash_index_reserve(&set->index, n) || !grow(&w))
		return NONE;
	if (shares_put(set->shares, n, &share)) {
		free(w.m.subflows);
		return NONE;
	}
	if (n == set->free)
		set->free = set->all[n - 1].next_free;
	else
		set->made++;
	w.order = ++set->added;
	set->all[n - 1] = w;
	hash_index_put(&set->index, hash_u64(&set->index.key, key), n);
	return n;
}

int mptcp_set_add(struct mptcp_set *set, const struct conn *c, const struct subflow *place,
		  uint32_t open)
{
	struct hash_search search;
	uint32_t n = find(set, place->connection, &search);
	struct waiting *w;

	if (n == NONE)
		n = add_waiting(set, c, place->connection);
	if (n == NONE || !grow(&set->all[n - 1]))
		return -ENOMEM;
	w = &set->all[n - 1];
	sum_up(&w->m, c);
	if (w->m.listed < MPTCP_LISTED)
		w->m.subflows[w->m.listed++] = (struct mptcp_subflow){ *c, *place };
	w->m.open = open;
	if (!open)
		tell_and_forget(set, n);
	return 0;
}

static int compare_orders(const void *a, const void *b)
{
	const struct waiting *left = *(struct waiting *const *)a;
	const struct waiting *right = *(struct waiting *const *)b;

	return left->order < right->order ? -1 : left->order > right->order;
}

void mptcp_set_finish(struct mptcp_set *set)
{
	struct waiting **in_order = calloc(set->made + 1, sizeof(*in_order));
	size_t count = 0;

	for (uint32_t n = 1; n <= set->made; n++) {
		if (!set->all[n - 1].order)
			continue;
		if (in_order)
			in_order[count++] = &set->all[n - 1];
		else
			tell_and_forget(set, n);
	}
	if (count)
		qsort(in_order, count, sizeof(struct waiting *), compare_orders);
	for (size_t i = 0; i < count; i++)
		tell_and_forget(set, (uint32_t)(in_order[i] - set->all) + 1);
	free(in_order);
}

uint64_t mptcp_set_early(const struct mptcp_set *set)
{
	return set->early;
}

const struct payers *mptcp_set_payers(const struct mptcp_set *set)
{
	return &set->payers;
}
