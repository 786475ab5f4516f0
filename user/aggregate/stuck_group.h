/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups of stuck sockets that have the same cause: what they share, and their sums. */
#ifndef USER_AGGREGATE_STUCK_GROUP_H
#define USER_AGGREGATE_STUCK_GROUP_H

#include "user/aggregate/ladder_phrase.h"
#include "user/aggregate/stuck.h"
#include "user/base/buffer.h"

/* Sockets that have the state in common, and a holder and a service, or the keys of --by. */
struct stuck_group {
	const struct stuck *oldest; /* one of them, which has what they share */
	size_t count;
	bool is_age_exact;  /* of all */
	bool is_one_holder; /* their first holder is the same */
	bool is_one_raddr;
	bool is_one_rport;
	bool is_one_lport;
	bool is_one_grip;
	size_t were_held;	 /* when the run began: it did not hear how they were opened */
	size_t were_accepted;	 /* of the others; those that are neither were opened */
	size_t still;		 /* of a past: how many their tracer saw no end of */
	size_t windows_closed;	 /* by the peer */
	size_t movers;		 /* half closed, and still sending */
	size_t unnoticed;	 /* of these, by a side that does not know it */
	uint64_t rx_queue_bytes; /* sums of what is known */
	uint64_t tx_queue_bytes;
	uint32_t most_resent; /* STUCK_RESENT_UNKNOWN: of one of them it is */
	uint32_t others;      /* processes beside the first that hold the oldest */
	uint64_t stack;	   /* of who opened the oldest of which that is known; 0: of none it is */
	size_t same_stack; /* so many were opened by that */
};

/*
 * Finds out which of the sockets serve: those that listeners made, and where nobody listens any
 * more those that share their local port rather than their remote end. Returns 0 or -ENOMEM.
 */
int stuck_set_services(struct stuck *all, size_t count);

struct group_joiner;

/*
 * Groups `count` sockets, which are in the order of stuck_sort, by `keys`: a set of 1 <<
 * GROUP_BY_..., or 0 for the holder and the service, which is the local port of those that serve,
 * or else the remote end. `joiner` knows what a key by cgroups does not tell apart; NULL: each is
 * one. The largest comes first, then the oldest. The caller frees `ret_groups`. Returns 0 or
 * -ENOMEM.
 */
int stuck_groups_new(const struct stuck *all, size_t count, unsigned int keys,
		     const struct group_joiner *joiner, struct stuck_group **ret_groups,
		     size_t *ret_count);

/* Who opened or accepted it, where that is all that is known of its holder; 0: it is not. */
uint32_t stuck_opener(const struct stuck *s);

/* A group of its own. */
void stuck_group_of_one(const struct stuck *s, struct stuck_group *ret_group);

/* Adds one sentence: what it means, in numbers, and where to look. Names are escaped. */
void stuck_group_say_reason(const struct stuck_group *group, enum ladder_language language,
			    struct buffer *out);

#endif
