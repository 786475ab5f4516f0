/* SPDX-License-Identifier: GPL-2.0-only */
/* The clocks of the machines that recordings come from, compared by the handshakes they share. */
#ifndef USER_AGGREGATE_CLOCK_PAIRS_H
#define USER_AGGREGATE_CLOCK_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/aggregate/clock_fit.h"
#include "user/conn/consumer.h"
#include "user/conn/story.h"

struct clock_pairs;

/* NULL when there is no memory. */
struct clock_pairs *clock_pairs_new(void);
void clock_pairs_free(struct clock_pairs *pairs);

/* To be told of connections: those that both ends have recorded bound their clocks. */
struct consumer *clock_pairs_consumer(struct clock_pairs *pairs);

/* The clock that a recording has timed with, by the space of its sockets; without, the clock 0. */
void clock_pairs_name(struct clock_pairs *pairs, uint8_t space, uint8_t clock);

/* Whether both were timed by one clock. */
bool clock_pairs_is_one(const struct clock_pairs *pairs, const struct conn *here,
			const struct conn *there);

/*
 * How far the clock of `there` is ahead of that of `here`, when the latter shows `at_ns`, and of
 * how many handshakes that comes.
 */
enum clock_verdict clock_pairs_at(const struct clock_pairs *pairs, const struct conn *here,
				  const struct conn *there, uint64_t at_ns,
				  struct clock_bounds *ret, uint64_t *ret_handshakes);

/* Moves all times of `story` from its own clock to that of `here`. False: it is not known how. */
bool clock_pairs_move(const struct clock_pairs *pairs, const struct conn *here,
		      struct story *story);

#endif
