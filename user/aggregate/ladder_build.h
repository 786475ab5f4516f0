/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts that make a ladder share: adding steps, and asking both stories. */
#ifndef USER_AGGREGATE_LADDER_BUILD_H
#define USER_AGGREGATE_LADDER_BUILD_H

#include "user/aggregate/ladder.h"

struct ladder_build {
	struct ladder *ladder;
	const struct story *left;
	const struct story *right; /* NULL: it is not known */
};

/* When this end entered the state; TIME_UNKNOWN. NULL for a story that is not known. */
uint64_t build_ns(const struct story *story, enum tcp_state state);

/* The time between the two steps of a life; TIME_UNKNOWN. */
uint64_t build_dwell(const struct story *story, enum tcp_state state);

bool build_has(const struct story *story, enum tcp_state state);

struct ladder_number build_number(const struct ladder_build *b, enum ladder_symbol symbol,
				  uint8_t plus);

/* A number that has a letter only if it is that letter's. */
struct ladder_number build_plain(const struct ladder_build *b, enum ladder_symbol symbol,
				 bool is_known, uint32_t value);

/* A number that the segment has and nobody saw. */
struct ladder_number build_unseen(void);

/*
 * Adds a step behind which this end and the other one are in these states (0: nobody knows).
 * Returns it, to be filled in; where there is no room, the last one, again.
 */
struct ladder_step *build_step(struct ladder_build *b, enum ladder_kind kind, enum tcp_state local,
			       enum tcp_state remote);
struct ladder_step *build_segment(struct ladder_build *b, enum ladder_direction direction,
				  unsigned int flags, enum tcp_state local, enum tcp_state remote);

/* A moment of this end at the time it entered the state. */
struct ladder_step *build_moment(struct ladder_build *b, enum tcp_state local,
				 enum tcp_state remote, enum ladder_phrase phrase, uint64_t ns);

void build_note(struct ladder_step *step, enum ladder_phrase phrase, uint64_t ns, uint64_t n);

/* A note if the time is known and long. */
void build_lost_time(struct ladder_step *step, enum ladder_phrase phrase, uint64_t ns);

/* From the first segment up to ESTABLISHED, or to the end of a life that did not get there. */
void build_open(struct ladder_build *b);

/* From the first FIN on. */
void build_close(struct ladder_build *b);

#endif
