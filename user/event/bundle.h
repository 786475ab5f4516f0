/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that are several events of one socket: taken apart, into what would have been sent. */
#ifndef USER_EVENT_BUNDLE_H
#define USER_EVENT_BUNDLE_H

#include "user/event/event.h"

/* Events in one record, at most: its steps, a PASSIVE, an ACCEPT, a CLOSE. */
#define EVENT_BUNDLE_MAX (EVENT_STEPS + 3)

/* A record that was judged, and how far it is taken apart. */
struct event_bundle {
	struct event_head head;
	struct event_steps steps;
	struct event close;			 /* of a LIFE */
	bool has_passive, has_accept, has_close; /* which are to come */
	uint8_t next;				 /* the step that is to come */
};

/* Whether the record says that it is a PART or a LIFE. */
bool event_is_bundle(const void *bytes, size_t size);

/* How many events a record says that it is; 1 of every other. It need not be sound. */
unsigned int event_count(const void *bytes, size_t size);

/*
 * Trusts nothing, as event_decode(). Returns 0, -EMSGSIZE or -EBADMSG; `bundle` is untouched then.
 */
int event_bundle_open(const void *bytes, size_t size, struct event_bundle *bundle);

/* The next event, in the order of time. Returns false, and leaves `event`, when there is none. */
bool event_bundle_next(struct event_bundle *bundle, struct event *event);

#endif
