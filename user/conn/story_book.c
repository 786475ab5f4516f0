// SPDX-License-Identifier: GPL-2.0-only
/* A bounded set of stories, found by the number of their connection. */
#include <stdlib.h>
#include <string.h>

#include "user/conn/story.h"

#define NOBODY UINT32_MAX
#define FIRST_ROOM 64

/* A story in two lists: of those with its hash, and of all by the time of their last change. */
struct page {
	struct story story;
	uint32_t next;
	uint32_t older, newer;
};

struct story_book {
	struct page *pages;
	uint32_t *heads; /* as many as there is room for pages, a power of two */
	uint32_t used, room, max;
	uint32_t oldest, newest;
	uint64_t forgotten;
};

/* Numbers of connections are counted up: their low bits are as good as any hash. */
static uint32_t *head_of(const struct story_book *b, uint64_t id)
{
	return &b->heads[id & (b->room - 1)];
}

static void link_newest(struct story_book *b, uint32_t n)
{
	b->pages[n].older = b->newest;
	b->pages[n].newer = NOBODY;
	if (b->newest != NOBODY)
		b->pages[b->newest].newer = n;
	else
		b->oldest = n;
	b->newest = n;
}

static void unlink_age(struct story_book *b, uint32_t n)
{
	const struct page *p = &b->pages[n];

	if (p->older != NOBODY)
		b->pages[p->older].newer = p->newer;
	else
		b->oldest = p->newer;
	if (p->newer != NOBODY)
		b->pages[p->newer].older = p->older;
	else
		b->newest = p->older;
}

static uint32_t find(const struct story_book *b, uint64_t id)
{
	uint32_t n = b->room ? *head_of(b, id) : NOBODY;

	while (n != NOBODY && b->pages[n].story.conn.id != id)
		n = b->pages[n].next;
	return n;
}

static void hash_all(struct story_book *b)
{
	memset(b->heads, 0xff, b->room * sizeof(*b->heads));
	for (uint32_t n = 0; n < b->used; n++) {
		uint32_t *head = head_of(b, b->pages[n].story.conn.id);

		b->pages[n].next = *head;
		*head = n;
	}
}

static bool grow(struct story_book *b)
{
	uint32_t room = b->room ? b->room * 2 : FIRST_ROOM;
	struct page *pages = reallocarray(b->pages, room, sizeof(*pages));
	uint32_t *heads;

	if (!pages)
		return false;
	b->pages = pages;
	heads = reallocarray(b->heads, room, sizeof(*heads));
	if (!heads)
		return false;
	b->heads = heads;
	b->room = room;
	hash_all(b);
	return true;
}

static void unhash(struct story_book *b, uint32_t n)
{
	uint32_t *link = head_of(b, b->pages[n].story.conn.id);

	while (*link != n)
		link = &b->pages[*link].next;
	*link = b->pages[n].next;
}

/* A page for a new story, in neither list; NOBODY when there is no memory. */
static uint32_t take_page(struct story_book *b)
{
	uint32_t n = b->oldest;

	if (b->used < b->max && (b->used < b->room || grow(b)))
		return b->used++;
	if (n == NOBODY) {
		b->forgotten++;
		return n;
	}
	if (!(b->pages[n].story.conn.flags & CONN_FINISHED))
		b->forgotten++;
	unhash(b, n);
	unlink_age(b, n);
	return n;
}

struct story *story_book_open(struct story_book *book, const struct conn *c)
{
	uint32_t n = find(book, c->id);

	if (n != NOBODY) {
		unlink_age(book, n);
	} else {
		n = take_page(book);
		if (n == NOBODY)
			return NULL;
		story_begin(&book->pages[n].story, c);
		book->pages[n].next = *head_of(book, c->id);
		*head_of(book, c->id) = n;
	}
	link_newest(book, n);
	return &book->pages[n].story;
}

struct story *story_book_find(struct story_book *book, uint64_t id)
{
	uint32_t n = find(book, id);

	return n == NOBODY ? NULL : &book->pages[n].story;
}

const struct story *story_book_find_other_end(const struct story_book *book,
					      const struct story *story)
{
	for (uint32_t n = book->newest; n != NOBODY; n = book->pages[n].older)
		if (story_is_other_end(story, &book->pages[n].story))
			return &book->pages[n].story;
	return NULL;
}

uint64_t story_book_forgotten(const struct story_book *book)
{
	return book->forgotten;
}

struct story_book *story_book_new(size_t max)
{
	struct story_book *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->max = max < 1 ? 1 : max > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)max;
	b->oldest = b->newest = NOBODY;
	return b;
}

void story_book_free(struct story_book *book)
{
	if (!book)
		return;
	free(book->pages);
	free(book->heads);
	free(book);
}
