/* SPDX-License-Identifier: GPL-2.0-only */
/* The ladder of a connection whose other end may have been timed by another machine's clock. */
#ifndef USER_AGGREGATE_TWO_ENDS_H
#define USER_AGGREGATE_TWO_ENDS_H

#include "user/aggregate/clock_pairs.h"
#include "user/aggregate/ladder.h"

/*
 * `other`: NULL where it is not known; its times are moved onto the clock of this end, or left out.
 * `clocks`: NULL where there is one. Both stories must live as long as the ladder.
 */
void two_ends_ladder(struct ladder *ret_ladder, const struct story *subject, struct story *other,
		     const struct clock_pairs *clocks);

#endif
