/* SPDX-License-Identifier: GPL-2.0-only */
/* The account of captures: what their packets were, and what became of them. */
#ifndef USER_EVENT_CAPTURED_H
#define USER_EVENT_CAPTURED_H

#include <stdint.h>

#include "user/event/segments.h"

/* X(name, grave, "words"), behind a number of packets. Grave: told without being asked for. */
#define CAPTURED_COUNTS(X)                                      \
	X(packets, 0, "packets")                                \
	X(dropped, 1, "dropped before they were captured")      \
	X(foreign, 1, "of a link layer that is not understood") \
	X(other, 0, "without TCP")                              \
	X(cut, 1, "cut too short to tell what they are")        \
	X(broken, 1, "whose headers contradict each other")     \
	X(fragments, 0, "parts of datagrams")                   \
	X(timeless, 1, "without a time that can be")            \
	SEGMENTS_COUNTS(X)

struct captured {
#define X(name, grave, words) uint64_t name;
	CAPTURED_COUNTS(X)
#undef X
	uint64_t points[SEGMENTS_POINTS]; /* handshakes, by where they seem to be captured */
	uint64_t captures;
	uint64_t resolution_ns; /* the coarsest step of their clocks; 0: they do not say */
};

/* Adds what another one counted. */
static inline void captured_add(struct captured *sum, const struct captured *c)
{
#define X(name, grave, words) sum->name += c->name;
	CAPTURED_COUNTS(X)
#undef X
	for (int i = 0; i < SEGMENTS_POINTS; i++)
		sum->points[i] += c->points[i];
	sum->captures += c->captures;
	if (c->resolution_ns > sum->resolution_ns)
		sum->resolution_ns = c->resolution_ns;
}

#endif
