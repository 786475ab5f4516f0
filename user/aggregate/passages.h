/* SPDX-License-Identifier: GPL-2.0-only */
/* The state machine as it was used: how many went from where to where, and where they are now. */
#ifndef USER_AGGREGATE_PASSAGES_H
#define USER_AGGREGATE_PASSAGES_H

#include <stdint.h>

#include "user/conn/consumer.h"

struct conn_table;

/* Those who are in a state when the run ends. */
struct passages_left {
	uint64_t count;
	uint64_t stuck;	    /* of them, for longer than one that works */
	uint64_t oldest_ns; /* how long the one is in it that got there first; 0: not known */
	bool is_older;	    /* at least: nobody saw it get there */
};

struct passages {
	struct consumer consumer;
	/* From CLOSED where one begins. What is older than the run came from nowhere. */
	uint64_t moves[STATE_COUNT][STATE_COUNT];
	uint64_t inferred; /* of these, nobody told of so many */
	struct passages_left left[STATE_COUNT];
	/* Of the ESTABLISHED, those that are stuck because nobody accepts them. */
	struct passages_left unaccepted;
	/* Before it is told who is alive: theirs, if each accept was seen; NULL: nobody knows. */
	const struct conn_table *accepts;
};

void passages_init(struct passages *p);

/* How many came into a state, and how many there ever were. */
uint64_t passages_into(const struct passages *p, enum tcp_state state);
uint64_t passages_begun(const struct passages *p);

#endif
