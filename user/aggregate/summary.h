/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run saw, lost and kept: the contents of the last line. */
#ifndef USER_AGGREGATE_SUMMARY_H
#define USER_AGGREGATE_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/table.h"

#define SUMMARY_HOOKS 16

/* Records of the kernel side; seen = filtered + submitted + ring_full, submitted = received. */
struct summary_events {
	uint64_t seen, filtered, submitted, ring_full;
	uint64_t missed;    /* program runs that the kernel skipped (recursion) */
	uint64_t received;  /* records that reached user space */
	uint64_t malformed; /* of these, not understood */
};

struct summary_hook {
	const char *family; /* "state" */
	const char *rung;   /* "tp_btf"; NULL: none in use */
};

struct summary {
	struct summary_events events;
	struct conn_counts connections;
	struct summary_hook hooks[SUMMARY_HOOKS];
	size_t hook_count;
	uint64_t duration_ns; /* of the run */
	uint64_t values_lost; /* histogram_set_lost(): not in the histograms, for lack of memory */
};

#endif
