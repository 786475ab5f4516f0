/* SPDX-License-Identifier: GPL-2.0-only */
/* Which lines of a flood are shown: so many a second, and some for whoever comes late. */
#ifndef USER_AGGREGATE_FLOOD_H
#define USER_AGGREGATE_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"

#define FLOOD_LINES 200 /* a second; a port that is alone has half of them */
#define FLOOD_SHARES 128

/* The lines of one port of a network namespace, in this second. */
struct flood_share {
	struct share share; /* the owner is the port */
	uint32_t lines;
};

/*
 * None has more lines than are left, nor has a namespace twice as many: so whoever floods leaves
 * room for others, who leave some for those behind them, however few they are. All zero: it begins.
 */
struct flood {
	uint64_t second;
	uint32_t lines;
	struct flood_share shares[FLOOD_SHARES];
	size_t share_count;
	uint64_t unprinted;
	struct payers payers; /* of those */
};

/* Whether one more is to be shown, of what took place then. Counts it. */
bool flood_is_due(struct flood *flood, uint32_t netns, uint16_t port, uint64_t mono_ns);

#endif
