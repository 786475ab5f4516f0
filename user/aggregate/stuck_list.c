// SPDX-License-Identifier: GPL-2.0-only
/* Who is in a state that is watched, and since when: from transitions, corrected by looks. */
#include "user/aggregate/stuck_list.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64

/* A socket in a watched state. */
struct entry {
	struct entry *next; /* in its bucket */
	uint64_t sock;
	uint64_t entered_ns; /* TIME_UNKNOWN: nobody saw it */
	uint64_t found_ns;   /* of the last look that found it; 0: none has */
	uint8_t state;	     /* enum tcp_state */
	bool is_dull;	     /* a look found that it is not wanted */
	struct stuck *told;  /* what was told of it, with holders behind it; NULL: nothing */
};

/* One that left a watched state since the look began. */
struct leaver {
	uint64_t sock;
	uint64_t mono_ns;
};

struct stuck_list {
	struct stuck_list_settings settings;
	struct entry **buckets;
	size_t bucket_count; /* a power of two */
	size_t count, told, minisocks;
	uint64_t dropped;
	uint64_t look_ns; /* of the look that is going on, or was last */
	struct leaver *leavers;
	size_t leaver_count, leaver_room;
};

struct stuck_list *stuck_list_new(const struct stuck_list_settings *settings)
{
	struct stuck_list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	list->settings = *settings;
	list->bucket_count = BUCKETS_MIN;
	list->buckets = calloc(list->bucket_count, sizeof(struct entry *));
	if (!list->buckets) {
		free(list);
		return NULL;
	}
	return list;
}

void stuck_list_free(struct stuck_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->bucket_count; i++) {
		for (struct entry *e = list->buckets[i], *next; e; e = next) {
			next = e->next;
			free(e->told);
			free(e);
		}
	}
	free(list->buckets);
	free(list->leavers);
	free(list);
}

/* Kernel addresses differ in their middle. */
static size_t bucket_of(const struct stuck_list *list, uint64_t sock)
{
	return (size_t)(sock * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (list->bucket_count - 1);
}

static struct entry **find(const struct stuck_list *list, uint64_t sock)
{
	struct entry **at = &list->buckets[bucket_of(list, sock)];

	while (*at && (*at)->sock != sock)
		at = &(*at)->next;
	return at;
}

/* Doubles the buckets; without memory they stay as they are, and chains grow. */
static void spread(struct stuck_list *list)
{
	size_t old_count = list->bucket_count;
	struct entry **old = list->buckets;

	list->buckets = calloc(old_count * 2, sizeof(struct entry *));
	if (!list->buckets) {
		list->buckets = old;
		return;
	}
	list->bucket_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		for (struct entry *e = old[i], *next; e; e = next) {
			struct entry **at = &list->buckets[bucket_of(list, e->sock)];

			next = e->next;
			e->next = *at;
			*at = e;
		}
	}
	free(old);
}

static struct entry *insert(struct stuck_list *list, uint64_t sock)
{
	struct entry *e = NULL;
	struct entry **at;

	if (list->count < list->settings.max)
		e = calloc(1, sizeof(*e));
	if (!e) {
		list->dropped++;
		return NULL;
	}
	if (list->count >= list->bucket_count)
		spread(list);
	at = &list->buckets[bucket_of(list, sock)];
	e->sock = sock;
	e->next = *at;
	*at = e;
	list->count++;
	return e;
}

static void forget_told(struct stuck_list *list, struct entry *e)
{
	list->told--;
	list->minisocks -= e->told->is_minisock;
	free(e->told);
	e->told = NULL;
}

/* Tells that it left at `mono_ns`, seen or not, and removes it. */
static void release(struct stuck_list *list, struct entry **at, uint64_t mono_ns, bool is_seen)
{
	struct entry *e = *at;

	if (e->told) {
		struct stuck *s = e->told;

		s->change = STUCK_CHANGE_RELEASED;
		if (s->age_ns != TIME_UNKNOWN && mono_ns > s->mono_ns)
			s->age_ns += mono_ns - s->mono_ns;
		if (s->age_at_most_ns != TIME_UNKNOWN && mono_ns > s->mono_ns)
			s->age_at_most_ns += mono_ns - s->mono_ns;
		/* Somewhere between the last two looks. */
		if (!is_seen)
			s->age_is_exact = false;
		s->mono_ns = mono_ns;
		list->settings.released(list->settings.context, s);
		forget_told(list, e);
	}
	*at = e->next;
	free(e);
	list->count--;
}

static bool is_watched(const struct stuck_list *list, unsigned int state)
{
	return state_is_valid(state) && list->settings.least_ns[state] != TIME_UNKNOWN;
}

static void note_leaver(struct stuck_list *list, uint64_t sock, uint64_t mono_ns)
{
	struct leaver *grown;

	if (list->leaver_count == list->leaver_room) {
		size_t room = list->leaver_room ? list->leaver_room * 2 : 64;

		grown = room <= list->settings.max + 64 ?
				reallocarray(list->leavers, room, sizeof(*grown)) :
				NULL;
		if (!grown)
			return;
		list->leavers = grown;
		list->leaver_room = room;
	}
	list->leavers[list->leaver_count++] = (struct leaver){ sock, mono_ns };
}

static bool has_states(const struct event *e)
{
	return e->kind == EVENT_TRANSITION || e->kind == EVENT_TRANSITION6 ||
	       e->kind == EVENT_OPEN || e->kind == EVENT_CLOSE || e->kind == EVENT_DESTROY;
}

void stuck_list_apply(struct stuck_list *list, const struct event *event)
{
	bool is_end = event->kind == EVENT_DESTROY;
	struct entry **at, *e;

	if (!has_states(event))
		return;
	at = find(list, event->sock);
	e = *at;
	/* Both witnesses tell the same; and a record may come late. */
	if (e && e->state == event->to && !is_end)
		return;
	if (e)
		release(list, at, event->mono_ns, true);
	if (is_watched(list, event->from) || is_end)
		note_leaver(list, event->sock, event->mono_ns);
	if (is_end || !is_watched(list, event->to))
		return;
	e = insert(list, event->sock);
	if (!e)
		return;
	e->state = event->to;
	e->entered_ns = event->mono_ns;
}

uint64_t stuck_list_due(const struct stuck_list *list)
{
	uint64_t due = TIME_UNKNOWN;

	for (size_t i = 0; i < list->bucket_count; i++) {
		for (const struct entry *e = list->buckets[i]; e; e = e->next) {
			uint64_t at;

			if (e->told || e->is_dull || e->entered_ns == TIME_UNKNOWN)
				continue;
			at = e->entered_ns + list->settings.least_ns[e->state];
			if (at < due)
				due = at;
		}
	}
	return due;
}

void stuck_list_look(struct stuck_list *list, uint64_t mono_ns)
{
	list->look_ns = mono_ns;
	list->leaver_count = 0;
}

bool stuck_list_amend(struct stuck_list *list, struct stuck *s)
{
	const struct entry *e = *find(list, s->c.sock);

	if (e && e->state == s->state) {
		if (e->entered_ns != TIME_UNKNOWN && e->entered_ns <= s->mono_ns) {
			s->age_ns = s->age_at_most_ns = s->mono_ns - e->entered_ns;
			s->age_is_exact = true;
		}
		return true;
	}
	for (size_t i = 0; i < list->leaver_count; i++)
		if (list->leavers[i].sock == s->c.sock && list->leavers[i].mono_ns >= s->mono_ns)
			return false;
	return true;
}

/* With its holders behind it. */
static struct stuck *copy_of(const struct stuck *s)
{
	size_t size = s->holder_count * sizeof(*s->holders);
	size_t listeners = s->listener ? sizeof(*s->listener) : 0;
	struct stuck *copy = malloc(sizeof(*copy) + size + listeners);
	struct holder *holders = (struct holder *)(copy + 1);

	if (!copy)
		return NULL;
	*copy = *s;
	if (size) {
		memcpy(holders, s->holders, size);
		copy->holders = holders;
	}
	if (listeners) {
		holders[s->holder_count] = *s->listener;
		copy->listener = holders + s->holder_count;
	}
	return copy;
}

bool stuck_list_add(struct stuck_list *list, const struct stuck *s)
{
	struct entry **at = find(list, s->c.sock), *e = *at;

	/* Another state, or another connection in the same memory. */
	if (e && e->state != s->state) {
		release(list, at, s->mono_ns, false);
		e = NULL;
	}
	if (!e) {
		e = insert(list, s->c.sock);
		if (!e)
			return true;
		e->state = s->state;
		e->entered_ns = TIME_UNKNOWN;
	}
	e->found_ns = list->look_ns;
	if (e->told)
		return false;
	e->told = copy_of(s);
	if (!e->told) {
		list->dropped++;
		return true;
	}
	list->told++;
	list->minisocks += s->is_minisock;
	return true;
}

void stuck_list_end(struct stuck_list *list)
{
	for (size_t i = 0; i < list->bucket_count; i++) {
		struct entry **at = &list->buckets[i];

		while (*at) {
			struct entry *e = *at;

			if (e->found_ns == list->look_ns) {
				at = &e->next;
			} else if (e->told) {
				release(list, at, list->look_ns, false);
			} else {
				/* Old enough for this look, which did not want it. */
				e->is_dull |= e->entered_ns + list->settings.least_ns[e->state] <=
					      list->look_ns;
				at = &e->next;
			}
		}
	}
}

size_t stuck_list_count(const struct stuck_list *list)
{
	return list->told;
}

uint64_t stuck_list_dropped(const struct stuck_list *list)
{
	return list->dropped;
}

bool stuck_list_has_minisock(const struct stuck_list *list)
{
	return list->minisocks;
}
