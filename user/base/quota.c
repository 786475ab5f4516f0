// SPDX-License-Identifier: GPL-2.0-only
/* Who may have more of what is kept for good: nobody takes more than is left to the others. */
#include "user/base/quota.h"

#include <stdlib.h>

#define FIRST_ROOM 32

/* How much one has: an owner, whose place is 0, or one of his places. */
struct quota_holder {
	struct share share;
	uint32_t taken;
};

static uint64_t hash_share(const struct hash_key *key, const struct share *share)
{
	return hash_u64(key, (uint64_t)share->owner << 32 | share->place);
}

static uint64_t hash_holder(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct quota_tally *tally = context;

	return hash_share(key, &tally->all[n - 1].share);
}

/* The number; 0: it has none. */
static uint32_t find(const struct quota_tally *tally, const struct share *share)
{
	struct hash_search search;
	uint32_t n;

	if (!tally->index.slots)
		return 0;
	search = hash_search_begin(&tally->index, hash_share(&tally->index.key, share));
	while ((n = hash_search_next(&tally->index, &search)) &&
	       (tally->all[n - 1].share.owner != share->owner ||
		tally->all[n - 1].share.place != share->place))
		;
	return n;
}

uint32_t quota_owner(const struct quota *q, uint32_t owner)
{
	const struct share share = { owner, 0 };

	return find(&q->owners, &share);
}

static bool make_room(struct quota_tally *tally, uint32_t max)
{
	uint32_t room = tally->room ? tally->room * 2 : FIRST_ROOM;
	struct quota_holder *all;

	if (tally->count < tally->room)
		return true;
	if (!tally->index.slots)
		hash_index_init(&tally->index, max, hash_holder, tally);
	all = reallocarray(tally->all, room, sizeof(*all));
	if (!all)
		return false;
	tally->all = all;
	if (hash_index_reserve(&tally->index, room < max ? room : max))
		return false;
	tally->room = room;
	return true;
}

static void tally_add(struct quota_tally *tally, uint32_t n, const struct share *share,
		      uint32_t many)
{
	if (!n) {
		tally->all[tally->count++] = (struct quota_holder){ .share = *share };
		n = tally->count;
		hash_index_put(&tally->index, hash_share(&tally->index.key, share), n);
	}
	tally->all[n - 1].taken += many;
}

static uint32_t taken_of(const struct quota_tally *tally, uint32_t n)
{
	return n ? tally->all[n - 1].taken : 0;
}

static bool take(struct quota *q, const struct share *here, uint32_t many)
{
	const struct share all = { here->owner, 0 };
	uint32_t owner, place, free;

	if (many > q->max - q->taken)
		return false;
	free = q->max - q->taken - many;
	owner = find(&q->owners, &all);
	place = find(&q->places, here);
	if (taken_of(&q->owners, owner) > free && taken_of(&q->places, place) > free / QUOTA_PART)
		return false;
	/* Neither is there without the other. */
	if ((!owner && !make_room(&q->owners, q->max)) ||
	    (!place && !make_room(&q->places, q->max)))
		return false;
	tally_add(&q->owners, owner, &all, many);
	tally_add(&q->places, place, here, many);
	q->taken += many;
	return true;
}

bool quota_take(struct quota *q, const struct share *whose)
{
	return quota_take_many(q, whose, 1);
}

bool quota_take_many(struct quota *q, const struct share *whose, uint32_t many)
{
	if (take(q, whose, many))
		return true;
	q->refused++;
	payers_add(&q->payers, whose);
	return false;
}

static void forget(struct quota_tally *tally)
{
	tally->count = 0;
	if (tally->index.slots)
		hash_index_clear(&tally->index);
}

void quota_give_back(struct quota *q)
{
	q->taken = 0;
	forget(&q->owners);
	forget(&q->places);
}

static void tally_done(struct quota_tally *tally)
{
	free(tally->all);
	if (tally->index.slots)
		hash_index_done(&tally->index);
}

void quota_done(struct quota *q)
{
	tally_done(&q->owners);
	tally_done(&q->places);
}
