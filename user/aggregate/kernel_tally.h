/* SPDX-License-Identifier: GPL-2.0-only */
/* What connections did, counted as the kernel counts it: by network namespace, to be compared. */
#ifndef USER_AGGREGATE_KERNEL_TALLY_H
#define USER_AGGREGATE_KERNEL_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/consumer.h"
#include "user/conn/table.h"

/*
 * X(name, WHERE): which of the kernel's counters ours can be held against; CONNECTIONS are told of
 * by namespace, of EVENTS there is a sum alone. TW stands for TW and TWKilled.
 */
#define KERNEL_TALLIES(X)                   \
	X(ActiveOpens, CONNECTIONS)         \
	X(PassiveOpens, CONNECTIONS)        \
	X(AttemptFails, CONNECTIONS)        \
	X(EstabResets, CONNECTIONS)         \
	X(EmbryonicRsts, CONNECTIONS)       \
	X(TW, CONNECTIONS)                  \
	X(TCPTimeWaitOverflow, CONNECTIONS) \
	X(TCPAbortOnClose, CONNECTIONS)     \
	X(TCPAbortOnMemory, CONNECTIONS)    \
	X(TCPAbortOnTimeout, CONNECTIONS)   \
	X(OutRsts, EVENTS)                  \
	X(RetransSegs, EVENTS)              \
	X(TCPSynRetrans, EVENTS)

enum kernel_tally_id {
#define X(name, where) TALLY_##name,
	KERNEL_TALLIES(X)
#undef X
		KERNEL_TALLY_COUNT
};

const char *kernel_tally_name(enum kernel_tally_id id);

/* Those that are a sum over all namespaces, as bits of 1 << id. */
unsigned int kernel_tally_sums(void);

/* Of one namespace. */
struct kernel_tally {
	int64_t now[KERNEL_TALLY_COUNT];
	int64_t marked[KERNEL_TALLY_COUNT]; /* as they were at the last mark */
	/* At the last look: what the kernel has counted, and will be told of soon. */
	uint32_t closing, halfway;
	uint32_t netns;
};

struct kernel_tallies;

/* NULL: no memory. */
struct kernel_tallies *kernel_tallies_new(void);
void kernel_tallies_free(struct kernel_tallies *t);

/* To be told of connections. */
struct consumer *kernel_tallies_consumer(struct kernel_tallies *t);

/* What is true now, until the next look. */
void kernel_tallies_mark(struct kernel_tallies *t);

/* Sees which connections are closed without a cause so far, and which wait for a FIN. */
void kernel_tallies_look(struct kernel_tallies *t, struct conn_table *table);

/*
 * NULL: nothing has happened there, as far as that is known; `*ret_left_out`: there was no room
 * for all, so that it is not.
 */
const struct kernel_tally *kernel_tallies_find(struct kernel_tallies *t, uint32_t netns,
					       bool *ret_left_out);

/* Nobody can compare what happened in the others any more. */
void kernel_tallies_keep(struct kernel_tallies *t, bool (*is_there)(void *context, uint32_t netns),
			 void *context);

/* What is a sum alone, of what was counted; `ret` has KERNEL_TALLY_COUNT places. */
void kernel_tallies_sum(const struct conn_counts *counts, int64_t *ret);

#endif
