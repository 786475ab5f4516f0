// SPDX-License-Identifier: GPL-2.0-only
/* The connections that captured segments are of: found, and ordered by when they were heard of. */
#include <stdlib.h>
#include <string.h>

#include "user/event/segments_parts.h"

static void link_newest(struct segments *s, uint32_t n, enum wire_list list)
{
	struct wire_order *order = &s->order[list];
	struct wire *w = wire_at(s, n);

	w->list = (uint8_t)list;
	w->newer = WIRE_NOBODY;
	w->older = order->newest;
	if (order->newest)
		wire_at(s, order->newest)->newer = n;
	else
		order->oldest = n;
	order->newest = n;
	order->count++;
}

static void unlink_from(struct segments *s, uint32_t n)
{
	struct wire *w = wire_at(s, n);
	struct wire_order *order = &s->order[w->list];

	order->count--;
	if (w->older)
		wire_at(s, w->older)->newer = w->newer;
	else
		order->oldest = w->newer;
	if (w->newer)
		wire_at(s, w->newer)->older = w->older;
	else
		order->newest = w->older;
}

void wire_move_to(struct segments *s, uint32_t n, enum wire_list list)
{
	if (wire_at(s, n)->list == list && s->order[list].newest == n)
		return;
	unlink_from(s, n);
	link_newest(s, n, list);
}

static uint64_t hash_of(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct segments *s = context;

	return hash_bytes(key, &wire_at(s, n)->key, sizeof(struct wire_key));
}

uint32_t wire_find(const struct segments *s, const struct wire_key *key, struct hash_search *search)
{
	uint32_t n;

	*search = hash_search_begin(&s->index, hash_bytes(&s->index.key, key, sizeof(*key)));
	while ((n = hash_search_next(&s->index, search)))
		if (!memcmp(&wire_at(s, n)->key, key, sizeof(*key)))
			return n;
	return WIRE_NOBODY;
}

void wire_forget(struct segments *s, uint32_t n)
{
	struct hash_search search;

	if (wire_find(s, &wire_at(s, n)->key, &search) == n)
		hash_search_take(&s->index, &search);
	unlink_from(s, n);
	wire_at(s, n)->newer = s->free;
	s->free = n;
	s->used--;
}

void wire_end_unseen(struct segments *s, struct wire *w, uint64_t time_ns)
{
	for (unsigned int side = 0; side < 2; side++)
		if (w->end[side].marks & WIRE_BORN && !w->end[side].is_closed &&
		    w->end[side].state != STATE_TIME_WAIT)
			wire_tell_lost(s, w, side, time_ns);
}

/*
 * Who only begins, as thousands of a flood do, makes room before who is open; who is over makes
 * room before both, while there are more of these than of all others.
 */
static enum wire_list list_to_make_room(const struct segments *s)
{
	if (s->order[WIRE_OVER].count > s->used / 2 || !s->order[WIRE_OPENING].count)
		return s->order[WIRE_OVER].count ? WIRE_OVER : WIRE_OPEN;
	return WIRE_OPENING;
}

static void make_room(struct segments *s)
{
	enum wire_list list = list_to_make_room(s);
	uint32_t n = s->order[list].oldest;
	struct wire *w = wire_at(s, n);

	wire_end_unseen(s, w, s->now_ns);
	for (unsigned int side = 0; side < 2; side++)
		if (w->end[side].state == STATE_TIME_WAIT) {
			s->counts.waits_cut++;
			wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_GONE, s->now_ns);
		}
	if (list != WIRE_OVER)
		s->counts.evicted++;
	wire_forget(s, n);
}

static bool add_chunk(struct segments *s)
{
	struct wire **chunks = reallocarray(s->chunks, s->chunk_count + 1, sizeof(*chunks));

	if (!chunks)
		return false;
	s->chunks = chunks;
	chunks[s->chunk_count] = calloc(WIRE_CHUNK, sizeof(**chunks));
	if (!chunks[s->chunk_count])
		return false;
	s->chunk_count++;
	return true;
}

static uint32_t take_number(struct segments *s)
{
	uint32_t n = s->free;

	if (n) {
		s->free = wire_at(s, n)->newer;
		return n;
	}
	if (s->made / WIRE_CHUNK == s->chunk_count && !add_chunk(s))
		return WIRE_NOBODY;
	return ++s->made;
}

struct wire *wire_add(struct segments *s, const struct wire_key *key, enum wire_list list)
{
	struct wire *w;
	uint32_t n;

	if (s->used == s->max)
		make_room(s);
	if (hash_index_reserve(&s->index, s->used + 1))
		return NULL;
	n = take_number(s);
	if (!n)
		return NULL;
	w = wire_at(s, n);
	memset(w, 0, sizeof(*w));
	w->key = *key;
	w->heard_ns = s->now_ns;
	w->losses = s->losses;
	for (unsigned int side = 0; side < 2; side++) {
		w->end[side].sock = ++s->socks;
		w->end[side].state = STATE_CLOSED;
	}
	hash_index_put(&s->index, hash_bytes(&s->index.key, key, sizeof(*key)), n);
	link_newest(s, n, list);
	s->used++;
	return w;
}

struct segments *segments_new(size_t max, record_on_one on_record, void *context)
{
	struct segments *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max = max < 1 ? 1 : max > HASH_NUMBER_MAX ? HASH_NUMBER_MAX : (uint32_t)max;
	s->on_record = on_record;
	s->context = context;
	hash_index_init(&s->index, s->max, hash_of, s);
	return s;
}

void segments_free(struct segments *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->chunk_count; i++)
		free(s->chunks[i]);
	free(s->chunks);
	hash_index_done(&s->index);
	free(s);
}
