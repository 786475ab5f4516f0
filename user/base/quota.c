// SPDX-License-Identifier: GPL-2.0-only
/* Who may have more of what is kept for good: nobody takes more than is left to the others. */
#include "user/base/quota.h"

#include <stdlib.h>

#define FIRST_OWNERS 32

/* How much one has. */
struct quota_owner {
	uint32_t owner, taken;
};

static uint64_t hash_owner(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct quota *q = context;

	return hash_u64(key, q->owners[n - 1].owner);
}

uint32_t quota_owner(const struct quota *q, uint32_t owner)
{
	struct hash_search search;
	uint32_t n;

	if (!q->index.slots)
		return 0;
	search = hash_search_begin(&q->index, hash_u64(&q->index.key, owner));
	while ((n = hash_search_next(&q->index, &search)) && q->owners[n - 1].owner != owner)
		;
	return n;
}

static bool make_room(struct quota *q)
{
	uint32_t room = q->owner_room ? q->owner_room * 2 : FIRST_OWNERS;
	struct quota_owner *owners;

	if (q->owner_count < q->owner_room)
		return true;
	if (!q->index.slots)
		hash_index_init(&q->index, q->max, hash_owner, q);
	owners = reallocarray(q->owners, room, sizeof(*owners));
	if (!owners)
		return false;
	q->owners = owners;
	if (hash_index_reserve(&q->index, room < q->max ? room : q->max))
		return false;
	q->owner_room = room;
	return true;
}

/* Returns the number, 0: there is no memory. */
static uint32_t add_owner(struct quota *q, uint32_t owner)
{
	if (!make_room(q))
		return 0;
	q->owners[q->owner_count++] = (struct quota_owner){ .owner = owner };
	hash_index_put(&q->index, hash_u64(&q->index.key, owner), q->owner_count);
	return q->owner_count;
}

static bool take(struct quota *q, uint32_t owner, uint32_t many)
{
	uint32_t n;

	if (many > q->max - q->taken)
		return false;
	n = quota_owner(q, owner);
	if (!n)
		n = add_owner(q, owner);
	if (!n || q->owners[n - 1].taken > q->max - q->taken - many)
		return false;
	q->owners[n - 1].taken += many;
	q->taken += many;
	return true;
}

bool quota_take(struct quota *q, const struct share *whose)
{
	return quota_take_many(q, whose, 1);
}

bool quota_take_many(struct quota *q, const struct share *whose, uint32_t many)
{
	if (take(q, whose->owner, many))
		return true;
	q->refused++;
	payers_add(&q->payers, whose);
	return false;
}

void quota_give_back(struct quota *q)
{
	q->taken = 0;
	q->owner_count = 0;
	if (q->index.slots)
		hash_index_clear(&q->index);
}

void quota_done(struct quota *q)
{
	free(q->owners);
	if (q->index.slots)
		hash_index_done(&q->index);
}
