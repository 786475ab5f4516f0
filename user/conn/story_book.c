// SPDX-License-Identifier: GPL-2.0-only
/* A bounded set of stories, found by the number of their connection. */
#include <stdlib.h>

#include "user/base/crowd.h"
#include "user/base/hash.h"
#include "user/conn/story.h"

#define NOBODY UINT32_MAX
#define FIRST_ROOM 64

/* A story, in the list of all by the time of their last change. */
struct page {
	struct story story;
	uint32_t older, newer;
};

struct story_book {
	struct page *pages;
	struct hash_index index; /* of the pages, counted from 1, by their connections' numbers */
	uint32_t used, room, max;
	uint32_t oldest, newest;
	uint64_t forgotten;
	struct crowd crowd; /* of the pages, counted from 1 */
};

static uint64_t hash_page(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct story_book *b = context;

	return hash_u64(key, b->pages[n - 1].story.conn.id);
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

static uint32_t find(const struct story_book *b, uint64_t id, struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&b->index, hash_u64(&b->index.key, id));
	uint32_t n = hash_search_next(&b->index, &s);

	while (n && b->pages[n - 1].story.conn.id != id)
		n = hash_search_next(&b->index, &s);
	*ret_search = s;
	return n ? n - 1 : NOBODY;
}

static bool grow(struct story_book *b)
{
	uint32_t room = b->room ? b->room * 2 : FIRST_ROOM;
	struct page *pages = reallocarray(b->pages, room, sizeof(*pages));

	if (!pages)
		return false;
	b->pages = pages;
	if (hash_index_reserve(&b->index, room))
		return false;
	b->room = room;
	return true;
}

static struct share share_of(const void *context, uint32_t n)
{
	const struct story_book *b = context;

	return conn_share(&b->pages[n - 1].story.conn);
}

/* Of those who share a full book the heaviest; without memory to tell, whoever's is oldest. */
static uint32_t find_evictee(struct story_book *b)
{
	uint32_t n = b->used == b->max ? crowd_heaviest(&b->crowd, b->max, share_of, b) : 0;

	return n ? n - 1 : b->oldest;
}

static void forget(struct story_book *b, const struct conn *c)
{
	const struct share share = conn_share(c);

	b->forgotten++;
	crowd_pay(&b->crowd, &share);
}

/* A page for a new story, in no list; NOBODY when there is no memory. */
static uint32_t take_page(struct story_book *b)
{
	struct hash_search search;
	uint32_t n;

	if (b->used < b->max && (b->used < b->room || grow(b)))
		return b->used++;
	n = find_evictee(b);
	if (n == NOBODY) {
		b->forgotten++;
		return n;
	}
	if (!(b->pages[n].story.conn.flags & CONN_FINISHED))
		forget(b, &b->pages[n].story.conn);
	find(b, b->pages[n].story.conn.id, &search);
	hash_search_take(&b->index, &search);
	unlink_age(b, n);
	crowd_take(&b->crowd, n + 1);
	return n;
}

struct story *story_book_open(struct story_book *book, const struct conn *c)
{
	const struct share share = conn_share(c);
	struct hash_search search;
	uint32_t n = find(book, c->id, &search);

	if (n != NOBODY) {
		unlink_age(book, n);
	} else {
		n = take_page(book);
		if (n == NOBODY)
			return NULL;
		story_begin(&book->pages[n].story, c);
		hash_index_put(&book->index, hash_u64(&book->index.key, c->id), n + 1);
	}
	link_newest(book, n);
	crowd_put(&book->crowd, n + 1, &share);
	return &book->pages[n].story;
}

struct story *story_book_find(struct story_book *book, uint64_t id)
{
	struct hash_search search;
	uint32_t n = find(book, id, &search);

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

const struct payers *story_book_payers(const struct story_book *book)
{
	return &book->crowd.payers;
}

struct story_book *story_book_new(size_t max)
{
	struct story_book *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->max = max < 1 ? 1 : max > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)max;
	b->oldest = b->newest = NOBODY;
	hash_index_init(&b->index, b->max, hash_page, b);
	return b;
}

void story_book_free(struct story_book *book)
{
	if (!book)
		return;
	free(book->pages);
	crowd_leave(&book->crowd);
	hash_index_done(&book->index);
	free(book);
}
