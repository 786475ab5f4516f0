/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is in a state that is watched, and since when: from transitions, corrected by looks. */
#ifndef USER_AGGREGATE_STUCK_LIST_H
#define USER_AGGREGATE_STUCK_LIST_H

#include "user/aggregate/stuck.h"
#include "user/event/event.h"

struct stuck_list_settings {
	uint64_t least_ns[STATE_COUNT]; /* the age that makes stuck; TIME_UNKNOWN: not watched */
	size_t max;			/* sockets remembered, at least 1 */
	/* One that was told of is no longer stuck; `s` lives as long as the call. */
	void (*released)(void *context, const struct stuck *s);
	void *context;
};

struct stuck_list;

/* NULL when there is no memory. */
struct stuck_list *stuck_list_new(const struct stuck_list_settings *settings);
void stuck_list_free(struct stuck_list *list);

/* A record about a transition; the others are ignored. */
void stuck_list_apply(struct stuck_list *list, const struct event *event);

/* When the next of those that transitions told of is old enough for a look; or TIME_UNKNOWN. */
uint64_t stuck_list_due(const struct stuck_list *list);

/*
 * A look at `mono_ns`: begin it before the first socket is read; apply all records that came until
 * it ended; call amend for each socket, tell those for which add is true, and end it.
 */
void stuck_list_look(struct stuck_list *list, uint64_t mono_ns);

/* Sets the age where its beginning was seen. Whether the socket is still in that state. */
bool stuck_list_amend(struct stuck_list *list, struct stuck *s);

/* Whether it is to be told of, because it has not been; it counts as told of from now on. */
bool stuck_list_add(struct stuck_list *list, const struct stuck *s);

/* Releases those that were told of and that the look did not find. */
void stuck_list_end(struct stuck_list *list);

size_t stuck_list_count(const struct stuck_list *list);	    /* told of, and not released */
uint64_t stuck_list_dropped(const struct stuck_list *list); /* for lack of room */
/* Whose they were: of whoever has most, the one that was heard of least recently makes room. */
const struct payers *stuck_list_payers(const struct stuck_list *list);

#endif
