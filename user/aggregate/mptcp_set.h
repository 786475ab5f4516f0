/* SPDX-License-Identifier: GPL-2.0-only */
/* MPTCP connections, each put together of its subflows until the last of them has ended. */
#ifndef USER_AGGREGATE_MPTCP_SET_H
#define USER_AGGREGATE_MPTCP_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"
#include "user/conn/conn.h"
#include "user/conn/subflows.h"

#define MPTCP_SET_MOST 8192 /* that wait; of the user with most of them one is told of too early */
#define MPTCP_LISTED 16	    /* subflows of each; the kernel has eight at a time */

/* As it was when it was told of. */
struct mptcp_subflow {
	struct conn c;
	struct subflow place;
};

struct mptcp_connection {
	struct mptcp_subflow *subflows; /* in the order of birth, as far as that is known */
	size_t listed;
	size_t count;  /* these, and those that there was no room for */
	uint32_t open; /* of its subflows so many were alive when it was told of; of these or not */
	bool is_early; /* `open` is unknown: it had to make room for others */
	/* Sums of all that are counted. */
	uint64_t bytes_sent, bytes_received, retransmits;
	bool has_counters;
	uint64_t end_ns; /* the latest of theirs; TIME_UNKNOWN where one is */
};

/* All that is known of it has ended and is listed, from the first subflow on. */
bool mptcp_is_complete(const struct mptcp_connection *m);

/*
 * It as one connection: ends, owner and handshake of the subflow that made it, or only the owner
 * where that one is unknown; the sums of all. It has no steps.
 */
void mptcp_as_conn(const struct mptcp_connection *m, struct conn *ret_conn);

/* When its first subflow began, and when its last one ended; TIME_UNKNOWN. */
uint64_t mptcp_start(const struct mptcp_connection *m);
uint64_t mptcp_end(const struct mptcp_connection *m);

struct mptcp_set;

typedef void (*mptcp_tell)(void *context, const struct mptcp_connection *m);

/* `tell` is called for each once, with `context`. NULL when there is no memory. */
struct mptcp_set *mptcp_set_new(mptcp_tell tell, void *context);
void mptcp_set_free(struct mptcp_set *set);

/*
 * One of a connection that is known, which has ended, or will not be told of again; of those of its
 * connection `open` are alive: with none, it is told of. Returns 0, or -ENOMEM: then nothing was
 * done, and who asked tells of the subflow by itself.
 */
int mptcp_set_add(struct mptcp_set *set, const struct conn *c, const struct subflow *place,
		  uint32_t open);

/* Nothing more will come: tells of the rest, in the order of the first that was added of each. */
void mptcp_set_finish(struct mptcp_set *set);

/* So many were told of before their last subflow had ended, and whose they were. */
uint64_t mptcp_set_early(const struct mptcp_set *set);
const struct payers *mptcp_set_payers(const struct mptcp_set *set);

#endif
