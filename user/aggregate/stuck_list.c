// SPDX-License-Identifier: GPL-2.0-only
/* Who is in a state that is watched, and since when: from transitions, corrected by looks. */
#include "user/aggregate/stuck_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/crowd.h"
#include "user/base/hash.h"

#define FIRST_ROOM 64

/* A socket in a watched state. */
struct entry {
	uint64_t sock;
	uint64_t entered_ns; /* TIME_UNKNOWN: nobody saw it */
	uint64_t found_ns;   /* of the last look that found it; 0: none has */
	uint8_t state;	     /* enum tcp_state */
	bool is_dull;	     /* a look found that it is not wanted */
	bool is_free;	     /* its number is nobody's */
	uint32_t next;	     /* among the free ones */
	struct share share;  /* whose it is, as far as that is known */
	struct stuck *told;  /* what was told of it, with holders behind it; NULL: nothing */
};

/* One that left a watched state since the look began. */
struct leaver {
	uint64_t sock;
	uint64_t mono_ns;
};

struct stuck_list {
	struct stuck_list_settings settings;
	struct entry *entries; /* number n is entries[n - 1] */
	uint32_t made, room, free;
	struct hash_index index; /* by their sockets */
	struct crowd crowd;
	size_t told;
	uint64_t dropped;
	uint64_t look_ns; /* of the look that is going on, or was last */
	bool is_looking;  /* it is going on */
	struct leaver *leavers;
	size_t leaver_count, leaver_room;
	bool are_leavers_sorted; /* by their sockets, and then by time */
};

static uint64_t hash_entry(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct stuck_list *list = context;

	return hash_u64(key, list->entries[n - 1].sock);
}

struct stuck_list *stuck_list_new(const struct stuck_list_settings *settings)
{
	struct stuck_list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	list->settings = *settings;
	if (list->settings.max > HASH_NUMBER_MAX)
		list->settings.max = HASH_NUMBER_MAX;
	hash_index_init(&list->index, (uint32_t)list->settings.max, hash_entry, list);
	return list;
}

void stuck_list_free(struct stuck_list *list)
{
	if (!list)
		return;
	for (uint32_t n = 0; n < list->made; n++)
		free(list->entries[n].told);
	hash_index_done(&list->index);
	crowd_leave(&list->crowd);
	free(list->entries);
	free(list->leavers);
	free(list);
}

static uint32_t search(const struct stuck_list *list, uint64_t sock, struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&list->index, hash_u64(&list->index.key, sock));
	uint32_t n = hash_search_next(&list->index, &s);

	while (n && list->entries[n - 1].sock != sock)
		n = hash_search_next(&list->index, &s);
	*ret_search = s;
	return n;
}

/* NULL: it is not in there. Valid until the next insert(). */
static struct entry *find(const struct stuck_list *list, uint64_t sock)
{
	struct hash_search s;
	uint32_t n = search(list, sock, &s);

	return n ? &list->entries[n - 1] : NULL;
}

static int make_room(struct stuck_list *list)
{
	uint32_t room = list->room ? list->room * 2 : FIRST_ROOM;
	struct entry *entries;

	if (list->entries && (list->free || list->made < list->room))
		return 0;
	entries = reallocarray(list->entries, room, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	list->entries = entries;
	if (hash_index_reserve(&list->index, room))
		return -ENOMEM;
	list->room = room;
	return 0;
}

static void erase(struct stuck_list *list, struct entry *e)
{
	struct hash_search s;
	uint32_t n = search(list, e->sock, &s);

	hash_search_take(&list->index, &s);
	crowd_take(&list->crowd, n);
	e->is_free = true;
	e->next = list->free;
	list->free = n;
}

static void forget_told(struct stuck_list *list, struct entry *e)
{
	list->told--;
	free(e->told);
	e->told = NULL;
}

static struct share share_of(const void *context, uint32_t n)
{
	const struct stuck_list *list = context;

	return list->entries[n - 1].share;
}

static bool is_same(const struct share *a, const struct share *b)
{
	return a->owner == b->owner && a->place == b->place;
}

/*
 * Whoever has most makes room for others, and finds none: of theirs, those that are there are
 * older. One that goes is not released: the next look finds it again, and tells of it again.
 */
static void evict(struct stuck_list *list, const struct share *newcomer)
{
	uint32_t n = crowd_heaviest(&list->crowd, (uint32_t)list->settings.max, share_of, list);
	struct entry *e = n ? &list->entries[n - 1] : NULL;

	list->dropped++;
	crowd_pay(&list->crowd, e ? &e->share : newcomer);
	if (!e || is_same(&e->share, newcomer))
		return;
	if (e->told)
		forget_told(list, e);
	erase(list, e);
}

static struct entry *insert(struct stuck_list *list, uint64_t sock, const struct share *share)
{
	uint32_t n;

	if (list->settings.max && list->index.count >= list->settings.max)
		evict(list, share);
	if (list->index.count >= list->settings.max)
		return NULL;
	if (make_room(list)) {
		list->dropped++;
		return NULL;
	}
	n = list->free;
	if (n)
		list->free = list->entries[n - 1].next;
	else
		n = ++list->made;
	list->entries[n - 1] = (struct entry){ .sock = sock, .share = *share };
	hash_index_put(&list->index, hash_u64(&list->index.key, sock), n);
	crowd_put(&list->crowd, n, share);
	return &list->entries[n - 1];
}

/* Tells that it left at `mono_ns`, seen or not, and removes it. */
static void release(struct stuck_list *list, struct entry *e, uint64_t mono_ns, bool is_seen)
{
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
	erase(list, e);
}

static bool is_watched(const struct stuck_list *list, unsigned int state)
{
	return state_is_valid(state) && list->settings.least_ns[state] != TIME_UNKNOWN;
}

/* Returns 0 or -errno. */
static int make_leaver_room(struct stuck_list *list)
{
	size_t most = list->settings.max + FIRST_ROOM;
	size_t room = list->leaver_room ? list->leaver_room * 2 : FIRST_ROOM;
	struct leaver *grown;

	if (list->leaver_count < list->leaver_room)
		return 0;
	if (list->leaver_room == most)
		return -ENOSPC;
	if (room > most)
		room = most;
	grown = reallocarray(list->leavers, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->leavers = grown;
	list->leaver_room = room;
	return 0;
}

/* Without room for it the look that goes on may tell of one that has just left. */
static void note_leaver(struct stuck_list *list, uint64_t sock, uint64_t mono_ns)
{
	/* A look that has not begun finds no one who left before it. */
	if (!list->is_looking || mono_ns < list->look_ns)
		return;
	if (make_leaver_room(list)) {
		list->dropped++;
		return;
	}
	list->leavers[list->leaver_count++] = (struct leaver){ sock, mono_ns };
	list->are_leavers_sorted = false;
}

static bool has_states(const struct event *e)
{
	return e->kind == EVENT_TRANSITION || e->kind == EVENT_TRANSITION6 ||
	       e->kind == EVENT_OPEN || e->kind == EVENT_CLOSE || e->kind == EVENT_DESTROY;
}

void stuck_list_apply(struct stuck_list *list, const struct event *event)
{
	bool is_end = event->kind == EVENT_DESTROY;
	struct entry *e;

	if (!has_states(event))
		return;
	e = find(list, event->sock);
	/* Both witnesses tell the same; and a record may come late. */
	if (e && e->state == event->to && !is_end)
		return;
	if (e)
		release(list, e, event->mono_ns, true);
	if (is_watched(list, event->from) || is_end)
		note_leaver(list, event->sock, event->mono_ns);
	if (is_end || !is_watched(list, event->to))
		return;
	e = insert(list, event->sock, &(struct share){ SHARES_NOBODY, event->netns });
	if (!e)
		return;
	e->state = event->to;
	e->entered_ns = event->mono_ns;
}

uint64_t stuck_list_due(const struct stuck_list *list)
{
	uint64_t due = TIME_UNKNOWN;

	for (uint32_t n = 0; n < list->made; n++) {
		const struct entry *e = &list->entries[n];
		uint64_t at;

		if (e->is_free || e->told || e->is_dull || e->entered_ns == TIME_UNKNOWN)
			continue;
		at = e->entered_ns + list->settings.least_ns[e->state];
		if (at < due)
			due = at;
	}
	return due;
}

void stuck_list_look(struct stuck_list *list, uint64_t mono_ns)
{
	list->look_ns = mono_ns;
	list->is_looking = true;
	list->leaver_count = 0;
}

static int compare_leavers(const void *a, const void *b)
{
	const struct leaver *x = a, *y = b;

	if (x->sock != y->sock)
		return x->sock < y->sock ? -1 : 1;
	return (x->mono_ns > y->mono_ns) - (x->mono_ns < y->mono_ns);
}

/* At `mono_ns` or later. */
static bool has_left(struct stuck_list *list, uint64_t sock, uint64_t mono_ns)
{
	const struct leaver wanted = { sock, mono_ns };
	size_t low = 0, high = list->leaver_count;

	if (high && !list->are_leavers_sorted)
		qsort(list->leavers, high, sizeof(*list->leavers), compare_leavers);
	list->are_leavers_sorted = true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_leavers(&list->leavers[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->leaver_count && list->leavers[low].sock == sock;
}

bool stuck_list_amend(struct stuck_list *list, struct stuck *s)
{
	const struct entry *e = find(list, s->c.sock);

	if (e && e->state == s->state) {
		if (e->entered_ns != TIME_UNKNOWN && e->entered_ns <= s->mono_ns) {
			s->age_ns = s->age_at_most_ns = s->mono_ns - e->entered_ns;
			s->age_is_exact = true;
		}
		return true;
	}
	return !has_left(list, s->c.sock, s->mono_ns);
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

/* A look knows whose it is. */
static void own(struct stuck_list *list, struct entry *e, const struct share *share)
{
	e->share = *share;
	crowd_put(&list->crowd, (uint32_t)(e - list->entries) + 1, share);
}

bool stuck_list_add(struct stuck_list *list, const struct stuck *s)
{
	const struct share share = conn_share(&s->c);
	struct entry *e = find(list, s->c.sock);

	/* Another state, or another connection in the same memory. */
	if (e && e->state != s->state) {
		release(list, e, s->mono_ns, false);
		e = NULL;
	}
	if (!e) {
		e = insert(list, s->c.sock, &share);
		if (!e)
			return true;
		e->state = s->state;
		e->entered_ns = TIME_UNKNOWN;
	}
	own(list, e, &share);
	e->found_ns = list->look_ns;
	if (e->told)
		return false;
	e->told = copy_of(s);
	if (!e->told) {
		list->dropped++;
		return true;
	}
	list->told++;
	return true;
}

void stuck_list_end(struct stuck_list *list)
{
	list->is_looking = false;
	for (uint32_t n = 0; n < list->made; n++) {
		struct entry *e = &list->entries[n];

		if (e->is_free || e->found_ns == list->look_ns)
			continue;
		if (e->told)
			release(list, e, list->look_ns, false);
		else /* Old enough for this look, which did not want it. */
			e->is_dull |= e->entered_ns + list->settings.least_ns[e->state] <=
				      list->look_ns;
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

const struct payers *stuck_list_payers(const struct stuck_list *list)
{
	return &list->crowd.payers;
}
