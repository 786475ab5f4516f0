/* SPDX-License-Identifier: GPL-2.0-only */
/* A run that is compared with another one, and what is left of it when it is over. */
#ifndef USER_COMMAND_COMPARED_H
#define USER_COMMAND_COMPARED_H

#include <stdbool.h>

#include "user/aggregate/difference.h"
#include "user/aggregate/failure_set.h"
#include "user/aggregate/summary.h"
#include "user/option/options.h"
#include "user/rights/role.h"
#include "user/run/run.h"

struct compared {
	struct options options;
	struct portions *portions;
	struct failure_set *failures;
	struct summary summary;
	struct buffer filters; /* see compared_read_filters() */
	bool is_over;
	/* As soon as it is over, with the run that still is there; NULL: nothing. */
	void (*over)(void *context, struct run *run);
	void *context;
};

/*
 * Of the recording `input`, or of the kernel where it is NULL, by the same options else; both names
 * have to last. NULL when there is no memory.
 */
struct compared *compared_new(const struct options *options, const char *input);
void compared_free(struct compared *c);

/* Whether it may be opened, now rather than when the other run is over; says so if not. */
bool compared_can_read(const char *input);

/* The same, and whether it begins as what can be read does. */
bool compared_is_readable(const char *input);

/*
 * Returns the exit status. Of two, the second one keeps the rights that the first one has left
 * (RIGHTS_ALL), which leaves that `reads_later` can be read; NULL: nothing more is.
 */
int compared_follow(struct compared *c, enum rights_role role, const char *reads_later);

/*
 * Adds what a run was filtered by, a line for each, in order and once. Network namespaces,
 * processes and cgroups have other numbers in another run: it is said that they were asked for, of
 * namespaces nothing.
 */
void compared_read_filters(const struct conn_filter *filter, struct buffer *filters);

/* Whether these are not the same; if so, it is said what that means. */
bool compared_filters_differ(const struct buffer *old, const struct buffer *new);

/* Once it is over. */
struct difference_side compared_side(const struct compared *c);

#endif
