/* SPDX-License-Identifier: GPL-2.0-only */
/* Failures as they were at one moment, the largest kinds first. */
#ifndef USER_AGGREGATE_FAILURE_LIST_H
#define USER_AGGREGATE_FAILURE_LIST_H

#include "user/aggregate/failure_set.h"

struct failure_row {
	struct failure failure;
	uint64_t count;
};

/* Zeroed memory is an empty one. */
struct failure_list {
	struct failure_row *rows;
	size_t count, room;
	uint64_t sum; /* of all failures */
};

/* What the set has now. Returns 0, or -ENOMEM: then some are missing. */
int failure_list_take(struct failure_list *list, const struct failure_set *set);
void failure_list_done(struct failure_list *list);

#endif
