// SPDX-License-Identifier: GPL-2.0-only
/* Where the table's connections live: by number, and in the order of their last change. */
#include "user/conn/store.h"

#include <errno.h>
#include <stdlib.h>

#include "user/base/pages.h"

#define CACHE_LINE 64
#define BLOCK 8 /* chunks that are taken at a time, once there are as many: one large page */

void store_init(struct conn_store *s, uint32_t max)
{
	*s = (struct conn_store){ .max = max };
}

void store_done(struct conn_store *s)
{
	for (size_t i = 0; i < s->chunk_count; i += i < BLOCK ? 1 : BLOCK)
		free(s->chunks[i]);
	free(s->chunks);
}

static int make_room(struct conn_store *s)
{
	size_t room = s->chunk_room ? s->chunk_room * 2 : 2 * BLOCK;
	struct conn **chunks;

	if (s->chunk_count + BLOCK <= s->chunk_room)
		return 0;
	chunks = reallocarray(s->chunks, room, sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	s->chunks = chunks;
	s->chunk_room = room;
	return 0;
}

static int add_chunk(struct conn_store *s)
{
	size_t count = s->chunk_count < BLOCK ? 1 : BLOCK;
	struct conn *first;

	if (make_room(s))
		return -ENOMEM;
	_Static_assert(BLOCK * STORE_CHUNK * sizeof(*first) == PAGES_LARGE, "a large page");
	first = count == 1 ? aligned_alloc(CACHE_LINE, STORE_CHUNK * sizeof(*first)) : pages_take();
	if (!first)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		s->chunks[s->chunk_count++] = first + i * STORE_CHUNK;
	return 0;
}

int store_reserve(struct conn_store *s)
{
	if (s->free != STORE_NOBODY || s->made != s->chunk_count * STORE_CHUNK)
		return 0;
	return add_chunk(s);
}

uint32_t store_take(struct conn_store *s)
{
	uint32_t n = s->free;

	if (n != STORE_NOBODY)
		s->free = store_at(s, n)->newer;
	else
		n = ++s->made;
	s->used++;
	return n;
}

void store_give_back(struct conn_store *s, uint32_t n)
{
	store_at(s, n)->newer = s->free;
	store_at(s, n)->flags = 0;
	s->free = n;
	s->used--;
}

void store_unlink(struct conn_store *s, struct conn *c)
{
	if (c->older != STORE_NOBODY)
		store_at(s, c->older)->newer = c->newer;
	else
		s->oldest = c->newer;
	if (c->newer != STORE_NOBODY)
		store_at(s, c->newer)->older = c->older;
	else
		s->newest = c->older;
}

void store_link_newest(struct conn_store *s, struct conn *c, uint32_t n)
{
	c->older = s->newest;
	c->newer = STORE_NOBODY;
	if (s->newest != STORE_NOBODY)
		store_at(s, s->newest)->newer = n;
	else
		s->oldest = n;
	s->newest = n;
}

void store_make_newest(struct conn_store *s, struct conn *c)
{
	uint32_t n = store_number(s, c);

	if (n == s->newest)
		return;
	store_unlink(s, c);
	store_link_newest(s, c, n);
}

static void fetch_line(const void *at)
{
	__builtin_prefetch(at, 1);
}

void store_fetch(const struct conn_store *s, uint32_t n)
{
	const struct conn *c = store_at(s, n);

	for (size_t line = 0; line < sizeof(*c); line += CACHE_LINE)
		fetch_line((const char *)c + line);
}

void store_fetch_neighbours(const struct conn_store *s, uint32_t n)
{
	const struct conn *c = store_at(s, n);

	if (c->older != STORE_NOBODY)
		fetch_line(&store_at(s, c->older)->newer);
	if (c->newer != STORE_NOBODY)
		fetch_line(&store_at(s, c->newer)->older);
}

size_t store_bytes(const struct conn_store *s)
{
	return s->chunk_count * STORE_CHUNK * sizeof(struct conn) +
	       s->chunk_room * sizeof(*s->chunks);
}

uint64_t store_bytes_most(size_t max)
{
	uint64_t chunks = (max + STORE_CHUNK - 1) / STORE_CHUNK;

	if (chunks > BLOCK)
		chunks = (chunks + BLOCK - 1) / BLOCK * BLOCK;
	return chunks * STORE_CHUNK * sizeof(struct conn);
}
