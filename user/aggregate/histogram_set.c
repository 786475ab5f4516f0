// SPDX-License-Identifier: GPL-2.0-only
/* Keeps a run's histograms: an array for all connections, or a hash of groups with one each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/histogram_parts.h"
#include "user/base/atom.h"

#define FIRST_ENTRIES 64
#define FINDS_TIMEWAITS (1U << HISTOGRAM_TIME_WAIT | 1U << HISTOGRAM_FIN_WAIT2)

/* The group's facts are hashed and compared as bytes. */
_Static_assert(sizeof(struct group) == 104, "struct group has no padding");

static uint64_t hash_group(const struct hash_key *key, const struct group *g)
{
	return hash_bytes(key, g, sizeof(*g));
}

static uint64_t hash_entry(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct histogram_set *set = context;

	return hash_group(key, &set->entries[n - 1].group);
}

struct histogram_set *histogram_set_new(unsigned int keys, size_t max_groups)
{
	struct histogram_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->consumer.class = &histogram_feed_class;
	for (unsigned int role = 0; role <= CONN_ROLE_SERVER; role++)
		set->lately[role] = set->routes[role];
	set->consumer.wants = CONSUMER_TIMEWAITS | CONSUMER_SEEDS;
	if (keys & CGROUP_KEYS)
		set->consumer.wants |= CONSUMER_CGROUPS | CONSUMER_PROMPT;
	set->keys = keys;
	if (!keys)
		return set;
	if (max_groups > HISTOGRAM_SET_GROUPS_MAX)
		max_groups = HISTOGRAM_SET_GROUPS_MAX;
	set->max_groups = max_groups ? max_groups : 1;
	set->quota.max = 2 * (uint32_t)(set->max_groups > HISTOGRAM_SET_GROUPS ?
						set->max_groups :
						HISTOGRAM_SET_GROUPS);
	set->rest.group.is_other = true;
	hash_index_init(&set->index, set->quota.max, hash_entry, set);
	return set;
}

void histogram_entry_done(struct histogram_entry *e)
{
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		if (!e->cells[i])
			continue;
		histogram_done(&e->cells[i]->histogram);
		free(e->cells[i]);
	}
}

void histogram_set_free(struct histogram_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->entry_count; i++)
		histogram_entry_done(&set->entries[i]);
	histogram_entry_done(&set->rest);
	for (unsigned int role = 0; role <= CONN_ROLE_SERVER; role++) {
		histogram_done(set->openings[role]);
		free(set->openings[role]);
	}
	free(set->entries);
	quota_done(&set->quota);
	hash_index_done(&set->index);
	free(set);
}

unsigned int histogram_set_keys(const struct histogram_set *set)
{
	return set->keys;
}

void histogram_set_choose(struct histogram_set *set, unsigned int only)
{
	set->only = only;
	if (only && !(only & FINDS_TIMEWAITS))
		set->consumer.wants &= ~(unsigned int)CONSUMER_TIMEWAITS;
}

void histogram_set_end_span(struct histogram_set *set, uint64_t begin_ns, uint64_t end_ns)
{
	set->span.begin_ns = begin_ns;
	set->span.end_ns = end_ns;
	set->has_span = true;
}

const struct histogram_span *histogram_set_span(const struct histogram_set *set)
{
	return set->has_span ? &set->span : NULL;
}

void histogram_set_clear(struct histogram_set *set)
{
	for (size_t i = 0; i < set->entry_count; i++)
		histogram_entry_done(&set->entries[i]);
	/* Routes and plans know its cells. */
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		if (!set->rest.cells[i])
			continue;
		histogram_done(&set->rest.cells[i]->histogram);
		*set->rest.cells[i] = (struct histogram_cell){ .unknown = 0 };
	}
	for (unsigned int role = 0; role <= CONN_ROLE_SERVER; role++)
		histogram_done(set->openings[role]);
	set->rest.total = 0;
	set->entry_count = 0;
	if (set->keys) {
		hash_index_clear(&set->index);
		quota_give_back(&set->quota);
	}
	set->span.is_later = set->has_span;
	set->has_span = false;
}

/* What is not grouped by stays zero, so that groups can be compared as bytes. */
static struct group group_of(const struct histogram_set *set, const struct conn *c)
{
	struct conn_name comm = conn_service(c), thread = conn_comm(c);
	struct group g = { 0 };

	if (set->keys & 1U << GROUP_BY_COMM && comm.bytes) {
		g.has_comm = true;
		memcpy(g.comm, comm.bytes, comm.size);
	}
	if (set->keys & 1U << GROUP_BY_THREAD && thread.bytes) {
		g.has_thread = true;
		memcpy(g.thread, thread.bytes, thread.size);
	}
	g.is_listeners = (g.has_comm || g.has_thread) && c->flags & CONN_OF_LISTENER;
	if (c->flags & CONN_HAS_ENDPOINTS) {
		if (set->keys & 1U << GROUP_BY_RADDR && !address_is_any(&c->raddr)) {
			g.has_raddr = true;
			g.raddr = c->raddr;
			g.ifindex = conn_remote_link(c);
			g.ifname = g.ifindex ? c->ifname : ATOM_NONE;
		}
		if (set->keys & 1U << GROUP_BY_RPORT) {
			g.has_rport = c->rport || !address_is_any(&c->raddr);
			g.rport = c->rport;
		}
	}
	if (set->keys & 1U << GROUP_BY_LPORT)
		g.lport = c->lport;
	if (set->keys & 1U << GROUP_BY_NETNS)
		g.netns = c->netns;
	if (set->keys & 1U << GROUP_BY_CGROUP)
		g.cgroup = c->cgroup;
	if (set->keys & 1U << GROUP_BY_UNIT)
		g.unit = c->cgroup;
	if (set->keys & 1U << GROUP_BY_CONTAINER)
		g.container = c->cgroup;
	if (set->keys & 1U << GROUP_BY_POD)
		g.pod = c->cgroup;
	if (set->keys & 1U << GROUP_BY_OUTCOME)
		g.outcome = c->outcome;
	return g;
}

/* The number of a group's entry; 0: it has none. */
static uint32_t find(const struct histogram_set *set, const struct group *g)
{
	struct hash_search s = hash_search_begin(&set->index, hash_group(&set->index.key, g));
	uint32_t n = hash_search_next(&set->index, &s);

	while (n && memcmp(&set->entries[n - 1].group, g, sizeof(*g)))
		n = hash_search_next(&set->index, &s);
	return n;
}

static void put(struct histogram_set *set, size_t n)
{
	hash_index_put(&set->index, hash_group(&set->index.key, &set->entries[n - 1].group),
		       (uint32_t)n);
}

static struct histogram_entry *add_entry(struct histogram_set *set, const struct group *g)
{
	if (!set->entries || set->entry_count == set->entry_room) {
		size_t room = set->entry_room ? set->entry_room * 2 : FIRST_ENTRIES;
		struct histogram_entry *entries =
			reallocarray(set->entries, room, sizeof(*entries));

		if (!entries)
			return NULL;
		set->entries = entries;
		if (hash_index_reserve(&set->index, room))
			return NULL;
		set->entry_room = room;
	}
	set->entries[set->entry_count] = (struct histogram_entry){ .group = *g };
	put(set, ++set->entry_count);
	return &set->entries[set->entry_count - 1];
}

struct histogram_entry *histogram_entry_of_group(struct histogram_set *set, const struct conn *c)
{
	struct share share;
	struct group g = group_of(set, c);
	struct histogram_entry *e;
	uint32_t n;

	n = find(set, &g);
	if (n)
		return &set->entries[n - 1];
	share = conn_share(c);
	e = quota_take(&set->quota, &share) ? add_entry(set, &g) : NULL;
	return e ? e : &set->rest;
}

struct histogram_cell *histogram_cell(struct histogram_entry *e, enum histogram_id id)
{
	if (!e->cells[id])
		e->cells[id] = calloc(1, sizeof(*e->cells[id]));
	return e->cells[id];
}

struct consumer *histogram_set_consumer(struct histogram_set *set)
{
	return &set->consumer;
}

int histogram_entry_merge(struct histogram_entry *e, const struct histogram_entry *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		struct histogram_cell *cell;

		if (!from->cells[i])
			continue;
		cell = histogram_cell(e, i);
		if (!cell || histogram_merge(&cell->histogram, &from->cells[i]->histogram))
			return -ENOMEM;
		cell->unknown += from->cells[i]->unknown;
		cell->estimated += from->cells[i]->estimated;
		for (size_t class = 0; class < HISTOGRAM_TALLY_MAX; class ++)
			cell->counts[class] += from->cells[i]->counts[class];
	}
	e->total += from->total;
	return 0;
}

enum histogram_id histogram_of_handshake(enum conn_role role)
{
	return role == CONN_ROLE_CLIENT ? HISTOGRAM_HANDSHAKE_CLIENT : HISTOGRAM_HANDSHAKE_SERVER;
}

enum histogram_id histogram_of_opening(enum conn_role role)
{
	return role == CONN_ROLE_CLIENT ? HISTOGRAM_SYN_SENT : HISTOGRAM_SYN_RECV;
}

static void add_all(struct histogram_cell *cell, const struct histogram *from)
{
	/* There is room for all of it. */
	histogram_merge(&cell->histogram, from);
	cell->counts[0] += from->count;
}

void histogram_set_settle(const struct histogram_set *set)
{
	for (enum conn_role role = CONN_ROLE_CLIENT; role <= CONN_ROLE_SERVER; role++) {
		struct histogram *opening = set->openings[role];

		if (!opening || !opening->count)
			continue;
		add_all(set->rest.cells[histogram_of_handshake(role)], opening);
		if (histogram_is_kept(set, histogram_of_opening(role)))
			add_all(set->rest.cells[histogram_of_opening(role)], opening);
		histogram_clear(opening);
	}
}

struct histogram_set *histogram_set_copy(const struct histogram_set *set)
{
	struct histogram_set *copy = histogram_set_new(0, 1);

	histogram_set_settle(set);
	if (copy && !histogram_entry_merge(&copy->rest, &set->rest))
		return copy;
	histogram_set_free(copy);
	return NULL;
}

int histogram_set_merge(struct histogram_set *set, const struct histogram_set *from)
{
	histogram_set_settle(from);
	set->lost += from->lost;
	return histogram_entry_merge(&set->rest, &from->rest);
}

static void join(const struct group_joiner *joiner, enum group_key key, uint64_t *cgroup)
{
	if (*cgroup)
		*cgroup = joiner->first(joiner, key, *cgroup);
}

void histogram_set_join(struct histogram_set *set, const struct group_joiner *joiner)
{
	size_t kept = 0;

	if (!(set->keys & CGROUP_KEYS))
		return;
	hash_index_clear(&set->index);
	for (size_t i = 0; i < set->entry_count; i++) {
		struct histogram_entry *e = &set->entries[i];
		uint32_t n;

		join(joiner, GROUP_BY_CGROUP, &e->group.cgroup);
		join(joiner, GROUP_BY_UNIT, &e->group.unit);
		join(joiner, GROUP_BY_CONTAINER, &e->group.container);
		join(joiner, GROUP_BY_POD, &e->group.pod);
		n = find(set, &e->group);
		if (n) {
			if (histogram_entry_merge(&set->entries[n - 1], e))
				set->lost += e->total;
			histogram_entry_done(e);
			continue;
		}
		set->entries[kept++] = *e;
		put(set, kept);
	}
	set->entry_count = kept;
}

uint64_t histogram_set_lost(const struct histogram_set *set)
{
	return set->lost;
}

const struct payers *histogram_set_payers(const struct histogram_set *set)
{
	return &set->quota.payers;
}

uint64_t histogram_set_crowded(const struct histogram_set *set)
{
	return set->crowded;
}
