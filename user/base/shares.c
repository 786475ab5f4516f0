// SPDX-License-Identifier: GPL-2.0-only
/* A heap of owners by weight, in each a heap of its places, in each a list of members by age. */
#include "user/base/shares.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

#define NONE 0 /* numbers count from 1 */
#define ROOT 0 /* group 0 holds the owners */
#define FIRST_ROOM 16

/* Its children are places of an owner or, of the root, owners; a place has members. */
struct group {
	struct share share;
	bool is_place;
	uint32_t weight; /* members below it; of an owner, as far as they weigh together */
	uint32_t count;	 /* all members below it */
	uint32_t parent;
	uint32_t rank; /* where it stands in its parent's heap */
	uint32_t *heap;
	uint32_t heap_count, heap_room;
	uint32_t oldest, newest;
	uint32_t next_free;
};

struct member {
	uint32_t group; /* NONE: it is in no share */
	uint32_t older, newer;
};

struct shares {
	struct member *members; /* number n is members[n] */
	uint32_t max;
	struct group *groups;
	uint32_t made, room, free;
	struct hash_index index; /* of the groups but the root */
};

static uint64_t hash_share(const struct hash_key *key, const struct share *share, bool is_place)
{
	uint64_t both = (uint64_t)share->owner << 32 | (is_place ? share->place : 0);

	return hash_u64(key, both ^ (is_place ? UINT64_C(0x9e3779b97f4a7c15) : 0));
}

static uint64_t hash_group(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct shares *s = context;

	return hash_share(key, &s->groups[n].share, s->groups[n].is_place);
}

struct shares *shares_new(uint32_t max)
{
	struct shares *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max = max;
	s->members = calloc(max + 1ull, sizeof(*s->members));
	s->groups = calloc(FIRST_ROOM, sizeof(*s->groups));
	s->room = FIRST_ROOM;
	s->made = 1;
	hash_index_init(&s->index, HASH_NUMBER_MAX, hash_group, s);
	if (s->members && s->groups && !hash_index_reserve(&s->index, FIRST_ROOM))
		return s;
	shares_free(s);
	return NULL;
}

void shares_free(struct shares *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->made && s->groups; i++)
		free(s->groups[i].heap);
	hash_index_done(&s->index);
	free(s->members);
	free(s->groups);
	free(s);
}

/* ---- heaps ----------------------------------------------------------------------------------- */

static bool is_heavier(const struct shares *s, uint32_t a, uint32_t b)
{
	return s->groups[a].weight > s->groups[b].weight;
}

static void stand(struct shares *s, struct group *parent, uint32_t rank, uint32_t g)
{
	parent->heap[rank] = g;
	s->groups[g].rank = rank;
}

static void rise(struct shares *s, uint32_t g)
{
	struct group *parent = &s->groups[s->groups[g].parent];
	uint32_t rank = s->groups[g].rank;

	while (rank && is_heavier(s, g, parent->heap[(rank - 1) / 2])) {
		stand(s, parent, rank, parent->heap[(rank - 1) / 2]);
		rank = (rank - 1) / 2;
	}
	stand(s, parent, rank, g);
}

static void sink(struct shares *s, uint32_t g)
{
	struct group *parent = &s->groups[s->groups[g].parent];
	uint32_t rank = s->groups[g].rank;

	for (;;) {
		uint32_t child = 2 * rank + 1;

		if (child + 1 < parent->heap_count &&
		    is_heavier(s, parent->heap[child + 1], parent->heap[child]))
			child++;
		if (child >= parent->heap_count || !is_heavier(s, parent->heap[child], g))
			break;
		stand(s, parent, rank, parent->heap[child]);
		rank = child;
	}
	stand(s, parent, rank, g);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static uint32_t find_group(const struct shares *s, const struct share *share, bool is_place)
{
	struct hash_search search =
		hash_search_begin(&s->index, hash_share(&s->index.key, share, is_place));
	uint32_t n;

	while ((n = hash_search_next(&s->index, &search))) {
		const struct group *group = &s->groups[n];

		if (group->is_place == is_place && group->share.owner == share->owner &&
		    (!is_place || group->share.place == share->place))
			return n;
	}
	return NONE;
}

static int make_room(struct shares *s)
{
	struct group *groups;

	if (s->free || s->made < s->room)
		return 0;
	if (s->room > HASH_NUMBER_MAX / 2 || hash_index_reserve(&s->index, 2 * (size_t)s->room))
		return -ENOMEM;
	groups = reallocarray(s->groups, 2 * (size_t)s->room, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	s->groups = groups;
	s->room *= 2;
	return 0;
}

static int make_heap_room(struct group *parent)
{
	uint32_t room = parent->heap_room ? parent->heap_room * 2 : 4;
	uint32_t *heap;

	if (parent->heap && parent->heap_count < parent->heap_room)
		return 0;
	heap = reallocarray(parent->heap, room, sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	parent->heap = heap;
	parent->heap_room = room;
	return 0;
}

/* NONE when there is no memory. */
static uint32_t add_group(struct shares *s, uint32_t parent, const struct share *share,
			  bool is_place)
{
	struct group *up;
	uint32_t n, rank;

	if (make_room(s) || make_heap_room(&s->groups[parent]))
		return NONE;
	n = s->free ? s->free : s->made++;
	if (n == s->free)
		s->free = s->groups[n].next_free;
	up = &s->groups[parent];
	rank = up->heap_count++;
	up->heap[rank] = n;
	s->groups[n] = (struct group){
		.share = *share, .is_place = is_place, .parent = parent, .rank = rank
	};
	hash_index_put(&s->index, hash_share(&s->index.key, share, is_place), n);
	return n;
}

/* It has no members, and no children. */
static void remove_group(struct shares *s, uint32_t g)
{
	struct group *group = &s->groups[g], *parent = &s->groups[group->parent];
	struct hash_search search = hash_search_begin(
		&s->index, hash_share(&s->index.key, &group->share, group->is_place));
	uint32_t last, n;

	while ((n = hash_search_next(&s->index, &search)) && n != g)
		;
	hash_search_take(&s->index, &search);
	last = parent->heap[--parent->heap_count];
	if (last != g) {
		stand(s, parent, group->rank, last);
		rise(s, last);
		sink(s, last);
	}
	free(group->heap);
	*group = (struct group){ .next_free = s->free };
	s->free = g;
}

/* The place, with its owner. */
static uint32_t need_group(struct shares *s, const struct share *share)
{
	uint32_t place = find_group(s, share, true), owner;

	if (place)
		return place;
	owner = find_group(s, share, false);
	if (!owner)
		owner = add_group(s, ROOT, share, false);
	if (!owner)
		return NONE;
	place = add_group(s, owner, share, true);
	if (!place && !s->groups[owner].count)
		remove_group(s, owner);
	return place;
}

static uint32_t weight_with(uint32_t owner, uint32_t all, uint32_t place)
{
	if (owner != SHARES_ROOT)
		return all;
	return place > all / SHARES_ROOT_PART ? place : all / SHARES_ROOT_PART;
}

/* Of an owner: by his heaviest place, and by all. */
static void weigh_owner(struct shares *s, struct group *owner)
{
	owner->weight =
		weight_with(owner->share.owner, owner->count, s->groups[owner->heap[0]].weight);
}

static void weigh(struct shares *s, uint32_t place, bool more)
{
	uint32_t owner = s->groups[place].parent;

	if (more) {
		s->groups[place].weight = ++s->groups[place].count;
		s->groups[owner].count++;
		rise(s, place);
		weigh_owner(s, &s->groups[owner]);
		rise(s, owner);
		return;
	}
	s->groups[place].weight = --s->groups[place].count;
	s->groups[owner].count--;
	sink(s, place);
	weigh_owner(s, &s->groups[owner]);
	sink(s, owner);
	if (!s->groups[place].count)
		remove_group(s, place);
	if (!s->groups[owner].count)
		remove_group(s, owner);
}

/* ---- members --------------------------------------------------------------------------------- */

static void unlink_member(struct shares *s, const struct member *m)
{
	struct group *group = &s->groups[m->group];

	if (m->older)
		s->members[m->older].newer = m->newer;
	else
		group->oldest = m->newer;
	if (m->newer)
		s->members[m->newer].older = m->older;
	else
		group->newest = m->older;
}

static void link_newest(struct shares *s, uint32_t n, uint32_t g)
{
	struct group *group = &s->groups[g];

	s->members[n] = (struct member){ .group = g, .older = group->newest };
	if (group->newest)
		s->members[group->newest].newer = n;
	else
		group->oldest = n;
	group->newest = n;
}

void shares_take(struct shares *s, uint32_t n)
{
	struct member *m = &s->members[n];

	if (!m->group)
		return;
	unlink_member(s, m);
	weigh(s, m->group, false);
	m->group = NONE;
}

static bool is_of(const struct shares *s, uint32_t place, const struct share *share)
{
	const struct share *now = &s->groups[place].share;

	return now->owner == share->owner && now->place == share->place;
}

int shares_put(struct shares *s, uint32_t n, const struct share *share)
{
	struct member *m = &s->members[n];
	uint32_t g = m->group;

	if (g && is_of(s, g, share)) {
		unlink_member(s, m);
		link_newest(s, n, g);
		return 0;
	}
	shares_take(s, n);
	g = need_group(s, share);
	if (!g)
		return -ENOMEM;
	link_newest(s, n, g);
	weigh(s, g, true);
	return 0;
}

uint32_t shares_heaviest(const struct shares *s)
{
	const struct group *root = &s->groups[ROOT];

	return root->heap_count ? s->groups[s->groups[root->heap[0]].heap[0]].oldest : NONE;
}

uint32_t shares_weight(const struct shares *s, const struct share *share)
{
	uint32_t owner = find_group(s, share, false), place = find_group(s, share, true);

	return weight_with(share->owner, s->groups[owner].count, s->groups[place].count);
}

size_t shares_bytes(const struct shares *s)
{
	size_t bytes = sizeof(*s) + (s->max + 1ull) * sizeof(*s->members) +
		       s->room * sizeof(*s->groups) + hash_index_bytes(&s->index);

	for (uint32_t i = 0; i < s->made; i++)
		bytes += s->groups[i].heap_room * sizeof(*s->groups[i].heap);
	return bytes;
}

/* ---- who has paid ---------------------------------------------------------------------------- */

static uint64_t weight_of(const struct payer *payer)
{
	return payer->paid + payer->missed;
}

/* A new one takes the place of the smallest, of which it may be said to have as much. */
static void add_payer(struct payers *payers, const struct share *share, uint64_t paid,
		      uint64_t missed)
{
	struct payer *least = NULL;

	for (size_t i = 0; i < payers->count; i++) {
		struct payer *p = &payers->payer[i];

		if (p->share.owner == share->owner && p->share.place == share->place) {
			p->paid += paid;
			p->missed += missed;
			return;
		}
		if (!least || weight_of(p) < weight_of(least))
			least = p;
	}
	if (payers->count < PAYERS) {
		payers->payer[payers->count++] = (struct payer){ *share, paid, missed };
		return;
	}
	*least = (struct payer){ *share, paid, missed + weight_of(least) };
}

void payers_add(struct payers *payers, const struct share *share)
{
	add_payer(payers, share, 1, 0);
}

void payers_merge(struct payers *payers, const struct payers *more)
{
	for (size_t i = 0; i < more->count; i++)
		add_payer(payers, &more->payer[i].share, more->payer[i].paid,
			  more->payer[i].missed);
}

const struct payer *payers_at(const struct payers *payers, size_t rank)
{
	for (size_t i = 0; i < payers->count; i++) {
		const struct payer *p = &payers->payer[i];
		size_t before = 0;

		for (size_t k = 0; k < payers->count; k++)
			before += payers->payer[k].paid > p->paid ||
				  (payers->payer[k].paid == p->paid && k < i);
		if (before == rank)
			return p;
	}
	return NULL;
}
