/* SPDX-License-Identifier: GPL-2.0-only */
/* What was counted here less what the kernel has counted meanwhile, in the namespaces in view. */
#ifndef USER_RUN_KERNEL_COMPARE_H
#define USER_RUN_KERNEL_COMPARE_H

#include "user/aggregate/kernel_tally.h"
#include "user/aggregate/metrics.h"
#include "user/sockets/counters.h"

struct run;
struct kernel_compare;

/* NULL: no memory. */
struct kernel_compare *kernel_compare_new(void);
void kernel_compare_free(struct kernel_compare *c);

/* To be told of connections. */
struct consumer *kernel_compare_consumer(struct kernel_compare *c);

/*
 * Compares, after it has caught up: the first time it begins to count. What moves while it looks is
 * no difference, nor what happened in a namespace before it was first seen, or after it was last.
 * What the kernel has counted now is in `ret_now`, to be let go of by the caller.
 */
void kernel_compare_look(struct kernel_compare *c, struct run *run, struct metrics_difference *ret,
			 struct counters_readings *ret_now);

/* Since the first look. */
struct kernel_compare_moved {
	int64_t kernel[KERNEL_TALLY_COUNT]; /* what the kernel has counted of what is compared */
	size_t namespaces;		    /* that are compared now */
};
const struct kernel_compare_moved *kernel_compare_moved(const struct kernel_compare *c);

#endif
