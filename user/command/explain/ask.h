/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks, step by step, for the states of both ends, before it tells them. */
#ifndef USER_COMMAND_EXPLAIN_ASK_H
#define USER_COMMAND_EXPLAIN_ASK_H

#include "user/aggregate/ladder.h"
#include "user/run/run.h"

struct ask_score {
	uint64_t asked, right;
};

/*
 * Draws the ladder on the output of the run; answers are lines of standard input. Where that ends
 * nothing more is asked. Adds to the score.
 */
void ask_ladder(struct run *run, const struct ladder *ladder, struct ask_score *score);

/* Says how many were right, if any was asked for. */
void ask_tell(struct run *run, const struct ask_score *score);

#endif
