// SPDX-License-Identifier: GPL-2.0-only
/* Keeps which namespaces polls have looked into, so that absence means something. */
#include "user/conn/polling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/conn.h"

#define FIRST_PLACES 16

void polling_init(struct polling *s)
{
	memset(s, 0, sizeof(*s));
	s->end_ns = TIME_UNKNOWN;
}

void polling_done(struct polling *s)
{
	free(s->places);
	polling_init(s);
}

void polling_begin(struct polling *s, uint64_t begin_ns)
{
	s->begin_ns = begin_ns;
	s->is_running = true;
	for (size_t i = 0; i < s->count; i++)
		s->places[i].is_wanted = s->places[i].is_looked = s->places[i].is_missed = false;
}

/* Where the namespace is, or would be. */
static size_t place_of(const struct polling *s, uint32_t netns)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->places[middle].netns < netns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct polling_place *polling_find(const struct polling *s, uint32_t netns)
{
	size_t i = place_of(s, netns);

	return i < s->count && s->places[i].netns == netns ? &s->places[i] : NULL;
}

static int make_room(struct polling *s)
{
	size_t room = s->room ? s->room * 2 : FIRST_PLACES;
	struct polling_place *grown;

	if (s->count < s->room)
		return 0;
	grown = reallocarray(s->places, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	s->places = grown;
	s->room = room;
	return 0;
}

int polling_want(struct polling *s, uint32_t netns)
{
	struct polling_place *place = polling_find(s, netns);
	size_t i;

	if (!place) {
		if (make_room(s))
			return -ENOMEM;
		i = place_of(s, netns);
		place = &s->places[i];
		memmove(place + 1, place, (s->count - i) * sizeof(*place));
		s->count++;
		*place = (struct polling_place){ .netns = netns };
	}
	place->is_wanted = true;
	return 0;
}

void polling_settle_wants(struct polling *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->places[i].is_wanted)
			s->places[kept++] = s->places[i];
	s->count = kept;
}

void polling_look(struct polling *s, uint32_t netns)
{
	struct polling_place *place = polling_find(s, netns);

	if (!place)
		return;
	place->is_looked = true;
	place->before_ns = place->looked_ns;
	place->looked_ns = s->begin_ns;
	place->absent_ns = 0;
}

void polling_miss(struct polling *s, uint32_t netns)
{
	struct polling_place *place = polling_find(s, netns);

	if (place)
		place->is_missed = true;
}

void polling_end(struct polling *s, uint64_t end_ns, bool searched, bool hidden)
{
	s->is_running = false;
	s->end_ns = end_ns;
	s->is_thorough = searched;
	s->must_search = false;
	for (size_t i = 0; i < s->count; i++) {
		struct polling_place *place = &s->places[i];

		if (place->is_looked || place->is_missed)
			continue;
		if (!place->absent_ns)
			place->absent_ns = end_ns;
		/* It may be where nobody can look, or where nobody has so far. */
		place->is_missed = searched && hidden;
		s->must_search = s->must_search || !searched;
	}
}

void polling_drop(struct polling *s)
{
	s->is_running = false;
	s->end_ns = TIME_UNKNOWN;
}
