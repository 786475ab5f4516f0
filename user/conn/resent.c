// SPDX-License-Identifier: GPL-2.0-only
/* How often segments were sent again, by what made the kernel do so, of connections with any. */
#include "user/conn/resent.h"

#include <errno.h>
#include <stdlib.h>

#include "user/base/hash.h"

#define FIRST_ROOM 128
#define NONE 0 /* numbers count from 1 */

struct item {
	uint64_t id;
	uint32_t next; /* among the free ones */
	struct share share;
	struct resent resent;
};

struct resent_set {
	struct item *items; /* number n is items[n - 1] */
	uint32_t made, room, free;
	struct hash_index index; /* by the number of the connection */
	struct crowd crowd;
};

static uint64_t hash_item(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct resent_set *set = context;

	return hash_u64(key, set->items[n - 1].id);
}

struct resent_set *resent_set_new(void)
{
	struct resent_set *set = calloc(1, sizeof(*set));

	if (set)
		hash_index_init(&set->index, RESENT_MAX, hash_item, set);
	return set;
}

void resent_set_free(struct resent_set *set)
{
	if (!set)
		return;
	hash_index_done(&set->index);
	crowd_leave(&set->crowd);
	free(set->items);
	free(set);
}

static uint32_t find(const struct resent_set *set, uint64_t id, struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&set->index, hash_u64(&set->index.key, id));
	uint32_t n = hash_search_next(&set->index, &s);

	while (n != NONE && set->items[n - 1].id != id)
		n = hash_search_next(&set->index, &s);
	*ret_search = s;
	return n;
}

static void forget(struct resent_set *set, uint32_t n)
{
	struct hash_search search;

	find(set, set->items[n - 1].id, &search);
	hash_search_take(&set->index, &search);
	crowd_take(&set->crowd, n);
	set->items[n - 1].next = set->free;
	set->free = n;
}

static struct share share_of(const void *context, uint32_t n)
{
	const struct resent_set *set = context;

	return set->items[n - 1].share;
}

static int evict(struct resent_set *set)
{
	uint32_t n = crowd_heaviest(&set->crowd, RESENT_MAX, share_of, set);

	if (n == NONE)
		return -ENOMEM;
	crowd_pay(&set->crowd, &set->items[n - 1].share);
	forget(set, n);
	return 0;
}

static int make_room(struct resent_set *set)
{
	uint32_t room = set->room ? set->room * 2 : FIRST_ROOM;
	struct item *items;

	if (set->free != NONE || set->made < set->room)
		return 0;
	if (set->made == RESENT_MAX)
		return evict(set);
	items = reallocarray(set->items, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	set->items = items;
	if (hash_index_reserve(&set->index, room))
		return -ENOMEM;
	set->room = room;
	return 0;
}

static int add(struct resent_set *set, uint64_t id, const struct share *whose, uint32_t *ret_number)
{
	int error = make_room(set);
	uint32_t n;

	if (error)
		return error;
	n = set->free;
	if (n != NONE)
		set->free = set->items[n - 1].next;
	else
		n = ++set->made;
	set->items[n - 1] = (struct item){ .id = id, .share = *whose };
	crowd_put(&set->crowd, n, whose);
	hash_index_put(&set->index, hash_u64(&set->index.key, id), n);
	*ret_number = n;
	return 0;
}

int resent_add(struct resent_set *set, uint64_t id, uint8_t cause, uint32_t segments, bool is_first,
	       const struct share *whose)
{
	struct hash_search search;
	uint32_t n = find(set, id, &search);
	int error = n == NONE && is_first ? add(set, id, whose, &n) : 0;

	if (n != NONE)
		set->items[n - 1].resent.times[cause] += segments;
	return error;
}

const struct resent *resent_find(const struct resent_set *set, uint64_t id)
{
	struct hash_search search;
	uint32_t n = find(set, id, &search);

	return n == NONE ? NULL : &set->items[n - 1].resent;
}

void resent_remove(struct resent_set *set, uint64_t id)
{
	struct hash_search search;
	uint32_t n = find(set, id, &search);

	if (n != NONE)
		forget(set, n);
}

const struct crowd *resent_crowd(const struct resent_set *set)
{
	return &set->crowd;
}

size_t resent_bytes(const struct resent_set *set)
{
	return sizeof(*set) + set->room * sizeof(*set->items) + hash_index_bytes(&set->index) +
	       crowd_bytes(&set->crowd);
}
