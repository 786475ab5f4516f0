/* SPDX-License-Identifier: GPL-2.0-only */
/* Which connections failed, and how often: by cause, service and process. */
#ifndef USER_AGGREGATE_FAILURE_SET_H
#define USER_AGGREGATE_FAILURE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/consumer.h"

/*
 * Kinds of failures of a lone user that are kept apart: those with the largest counts; the others
 * are the rest. Whatever one user's are, those of others have room.
 */
#define FAILURE_SET_MOST 2048

/*
 * Failures of one cause, to one service and by one process. The service of a client is its peer's
 * address and port, that of a server its own port; the process goes by its name. Errno and the
 * reason of a reset part them only where the cause leaves it open, and are 0 where they differ. The
 * outcome parts none, and is unknown where it differs: of what a closed listener left, connections
 * alone are reset.
 */
struct failure {
	struct conn example; /* one of them; these facts hold for all */
	struct conn last;    /* the one that came last, as it was */
	bool is_other;	     /* the rest: neither says anything */
	uint64_t missed;     /* at most so many more of this kind are in the rest */
};

struct failure_set;

/* Whether its errno, or its reason of a reset, says more than its cause. */
bool failure_has_errno(const struct conn *c);
bool failure_has_reset_reason(const struct conn *c);

/* At most `most` are reported (at least 1), and the rest together. NULL when there is no memory. */
struct failure_set *failure_set_new(size_t most);
void failure_set_free(struct failure_set *set);

/* To be told of connections that are closed, and of requests; what is no failure passes by. */
struct consumer *failure_set_consumer(struct failure_set *set);

/* How many failures were added. */
uint64_t failure_set_count(const struct failure_set *set);

/* How many of them ended by this cause, or so; whatever else is kept of them. */
uint64_t failure_set_by_cause(const struct failure_set *set, enum conn_cause cause);
uint64_t failure_set_by_outcome(const struct failure_set *set, enum conn_outcome outcome);

/* Whose kinds made room for others of theirs. */
const struct payers *failure_set_payers(const struct failure_set *set);

/* Failures that are in no row for lack of memory. */
uint64_t failure_set_lost(const struct failure_set *set);

/* Calls `visit` for each row, the largest first, the rest last. Returns 0, or -ENOMEM. */
int failure_set_each(const struct failure_set *set,
		     void (*visit)(void *context, const struct failure *f, uint64_t count),
		     void *context);

#endif
