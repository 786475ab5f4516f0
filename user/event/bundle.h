/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that are several events of one socket: taken apart, into what would have been sent. */
#ifndef USER_EVENT_BUNDLE_H
#define USER_EVENT_BUNDLE_H

#include "user/event/event.h"

/* Events in one record, at most: its steps, a PASSIVE, an ACCEPT, a CLOSE. */
#define EVENT_BUNDLE_MAX (EVENT_STEPS + 3)

/* Its steps, wherever they stand among bytes. */
struct event_steps_at {
	struct event_steps at;
} __attribute__((packed, may_alias));

/* All of a LIFE, there. */
struct event_life_at {
	struct event_life at;
} __attribute__((packed, may_alias));

/* A record that was judged, and how far it is taken apart. Its bytes are to stay. */
struct event_bundle {
	uint64_t sock;
	uint32_t netns;
	const struct event_steps_at *steps;
	const struct event_life_at *life;	 /* NULL: it is none */
	bool has_passive, has_accept, has_close; /* which are to come */
	bool has_owner, has_request;		 /* what `event` says that not every step says */
	uint8_t next;				 /* the step that is to come */
	struct event event, close;		 /* the one that was next; that of a LIFE */
};

/* Whether the record says that it is a PART or a LIFE. */
bool event_is_bundle(const void *bytes, size_t size);

/* The LIFE that the record says it is, of its size but not judged; NULL: it is none. */
const struct event_life_at *event_as_life(const void *bytes, size_t size);

/* How many events a record says that it is; 1 of every other. It need not be sound. */
unsigned int event_count(const void *bytes, size_t size);

/*
 * Trusts nothing, as event_decode(). Returns 0, -EMSGSIZE or -EBADMSG; `bundle` is untouched then.
 */
int event_bundle_open(const void *bytes, size_t size, struct event_bundle *bundle);

/* The next event, in the order of time, which is the bundle's until then; NULL: there is none. */
const struct event *event_bundle_next(struct event_bundle *bundle);

/* How many are to come. */
unsigned int event_bundle_left(const struct event_bundle *bundle);

#endif
