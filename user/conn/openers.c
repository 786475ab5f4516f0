// SPDX-License-Identifier: GPL-2.0-only
/* Which code opened a connection: the number of the stack that connected, or accepted it. */
#include "user/conn/openers.h"

#include <stdlib.h>

#include "user/base/hash.h"

#define FIRST_ROOM 64
#define NONE 0 /* numbers count from 1 */

/* As many as come between an OPENER and what it is about find room, more or less. */
#define NOTES 256

struct note {
	uint64_t sock, mono_ns;
	uint64_t stack; /* 0: nothing is noted */
};

struct item {
	uint64_t id; /* conn.id; or the next one of the free */
	uint64_t stack;
};

struct openers {
	struct note notes[NOTES];
	struct item *items; /* number n is items[n - 1] */
	uint32_t made, room, free;
	bool keeps;
	struct hash_index index; /* by the number of the connection */
};

static uint64_t hash_item(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct openers *o = context;

	return hash_u64(key, o->items[n - 1].id);
}

struct openers *openers_new(void)
{
	struct openers *o = calloc(1, sizeof(*o));

	if (o)
		hash_index_init(&o->index, OPENERS_MAX, hash_item, o);
	return o;
}

void openers_free(struct openers *o)
{
	if (!o)
		return;
	hash_index_done(&o->index);
	free(o->items);
	free(o);
}

size_t openers_bytes(const struct openers *o)
{
	return sizeof(*o) + o->room * sizeof(*o->items) + hash_index_bytes(&o->index);
}

static struct note *note_of(struct openers *o, uint64_t sock)
{
	return &o->notes[hash_u64(&o->index.key, sock) % NOTES];
}

void openers_note(struct openers *o, const struct event *e)
{
	*note_of(o, e->sock) = (struct note){ e->sock, e->mono_ns, e->stack };
}

static bool make_room(struct openers *o)
{
	uint32_t room = o->room ? o->room * 2 : FIRST_ROOM;
	struct item *items;

	if (o->free != NONE || o->made < o->room)
		return true;
	items = room <= OPENERS_MAX ? reallocarray(o->items, room, sizeof(*items)) : NULL;
	if (!items)
		return false;
	o->items = items;
	if (hash_index_reserve(&o->index, room))
		return false;
	o->room = room;
	return true;
}

static uint32_t find(const struct openers *o, uint64_t id, struct hash_search *ret_search)
{
	struct hash_search search = hash_search_begin(&o->index, hash_u64(&o->index.key, id));
	uint32_t n = hash_search_next(&o->index, &search);

	while (n != NONE && o->items[n - 1].id != id)
		n = hash_search_next(&o->index, &search);
	*ret_search = search;
	return n;
}

static void add(struct openers *o, struct conn *c, uint64_t stack)
{
	uint32_t n;

	if (!make_room(o))
		return;
	n = o->free;
	if (n != NONE)
		o->free = (uint32_t)o->items[n - 1].id;
	else
		n = ++o->made;
	o->items[n - 1] = (struct item){ c->id, stack };
	hash_index_put(&o->index, hash_u64(&o->index.key, c->id), n);
	c->flags |= CONN_OPENED;
}

void openers_claim(struct openers *o, struct conn *c, const struct event *e)
{
	struct note *note = note_of(o, e->sock);
	struct hash_search search;

	if (!note->stack || note->sock != e->sock || note->mono_ns != e->mono_ns)
		return;
	/* Who accepts has it from then on. */
	if (c->flags & CONN_OPENED)
		o->items[find(o, c->id, &search) - 1].stack = note->stack;
	else
		add(o, c, note->stack);
	note->stack = 0;
}

uint64_t openers_find(const struct openers *o, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find(o, c->id, &search);

	return n == NONE ? 0 : o->items[n - 1].stack;
}

void openers_keep(struct openers *o)
{
	o->keeps = true;
}

void openers_leave(struct openers *o, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find(o, c->id, &search);

	if (n == NONE || o->keeps)
		return;
	hash_search_take(&o->index, &search);
	o->items[n - 1].id = o->free;
	o->free = n;
}
