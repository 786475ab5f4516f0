// SPDX-License-Identifier: GPL-2.0-only
/* Connections of which something is decided a little later, unless a record does before. */
#include "user/conn/deferred.h"

#include <errno.h>
#include <stdlib.h>

#include "user/conn/members.h"

#define FIRST_ROOM 256 /* a power of two */

static uint64_t hash_item(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct deferred_list *l = context;

	return hash_u64(key, l->items[n - 1].id);
}

void deferred_init(struct deferred_list *l)
{
	*l = (struct deferred_list){ .items = NULL };
	hash_index_init(&l->index, HASH_NUMBER_MAX, hash_item, l);
}

void deferred_done(struct deferred_list *l)
{
	hash_index_done(&l->index);
	free(l->items);
}

/* The place of item `i` from the oldest on. */
static size_t place_of(const struct deferred_list *l, size_t i)
{
	return (l->first + i) & (l->room - 1);
}

static void put(struct deferred_list *l, size_t place)
{
	hash_index_put(&l->index, hash_u64(&l->index.key, l->items[place].id), (uint32_t)place + 1);
}

static int make_room(struct deferred_list *l)
{
	size_t room = l->room ? l->room * 2 : FIRST_ROOM;
	struct deferred *items;

	if (l->count < l->room)
		return 0;
	if (room > HASH_NUMBER_MAX || hash_index_reserve(&l->index, room))
		return -ENOMEM;
	items = calloc(room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < l->count; i++)
		items[i] = l->items[place_of(l, i)];
	free(l->items);
	l->items = items;
	l->first = 0;
	l->room = room;
	hash_index_clear(&l->index);
	for (size_t i = 0; i < l->count; i++)
		if (items[i].id)
			put(l, i);
	return 0;
}

int deferred_add(struct deferred_list *l, const struct conn *c, uint64_t mono_ns)
{
	int error = make_room(l);
	size_t place;

	if (error)
		return error;
	deferred_forget(l, c->id);
	place = place_of(l, l->count++);
	l->items[place] = (struct deferred){ c->sock, c->id, mono_ns };
	put(l, place);
	return 0;
}

uint64_t deferred_forget(struct deferred_list *l, uint64_t id)
{
	struct hash_search s;
	uint32_t n;

	if (!l->index.count)
		return TIME_UNKNOWN;
	s = hash_search_begin(&l->index, hash_u64(&l->index.key, id));
	while ((n = hash_search_next(&l->index, &s))) {
		struct deferred *item = &l->items[n - 1];

		if (item->id != id)
			continue;
		hash_search_take(&l->index, &s);
		item->id = 0;
		return item->mono_ns;
	}
	return TIME_UNKNOWN;
}

void deferred_settle(struct deferred_list *l, struct conn_table *t, uint64_t grace_ns,
		     uint64_t now_ns,
		     void (*settle)(struct conn_table *t, struct conn *c, uint64_t mono_ns))
{
	while (l->count && l->items[l->first].mono_ns + grace_ns <= now_ns) {
		struct deferred item = l->items[l->first];
		struct conn *c = item.id ? members_find(t, item.sock) : NULL;

		if (item.id)
			deferred_forget(l, item.id);
		l->first = place_of(l, 1);
		l->count--;
		if (c && c->id == item.id)
			settle(t, c, item.mono_ns);
	}
}

size_t deferred_bytes(const struct deferred_list *l)
{
	return l->room * sizeof(*l->items) + hash_index_bytes(&l->index);
}
