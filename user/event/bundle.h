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
static inline bool event_is_bundle(const void *bytes, size_t size)
{
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return false;
	kind = ((const uint8_t *)bytes)[offsetof(struct event_head, kind)];
	return kind == EVENT_PART || kind == EVENT_LIFE;
}

/* The LIFE that the record says it is, of its size but not judged; NULL: it is none. */
static inline const struct event_life_at *event_as_life(const void *bytes, size_t size)
{
	const struct event_life_at *life = bytes;

	return size == sizeof(*life) && life->at.close.head.kind == EVENT_LIFE ? life : NULL;
}

/* How many events such a record says that it is; 1 of every other. It need not be sound. */
unsigned int event_count_bundle(const void *bytes, size_t size);

static inline unsigned int event_count_steps(const struct event_steps_at *steps)
{
	return steps->at.count + (unsigned int)(steps->at.passive_ns != 0) +
	       (unsigned int)(steps->at.accept_ns != 0);
}

/* The same of any record. Most are lives, where they are collected. */
static inline unsigned int event_count(const void *bytes, size_t size)
{
	const struct event_life_at *life = event_as_life(bytes, size);

	if (life)
		return event_count_steps((const void *)&life->at.steps) + 1;
	return event_is_bundle(bytes, size) ? event_count_bundle(bytes, size) : 1;
}

/*
 * Trusts nothing, as event_decode(). Returns 0, -EMSGSIZE or -EBADMSG; `bundle` is untouched then.
 */
int event_bundle_open(const void *bytes, size_t size, struct event_bundle *bundle);

/* The next event, in the order of time, which is the bundle's until then; NULL: there is none. */
const struct event *event_bundle_next(struct event_bundle *bundle);

/* How many are to come. */
unsigned int event_bundle_left(const struct event_bundle *bundle);

#endif
