/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens what a run reads from, and makes the table that it fills. */
#ifndef USER_RUN_OPEN_H
#define USER_RUN_OPEN_H

#include <stddef.h>

struct options;
struct run;

/*
 * Opens the source that the options name, and makes the table if the task has consumers. Returns 0,
 * or -errno after one sentence.
 */
int open_run(struct run *run);

/* The table alone, of a source that is open. Returns 0, or -ENOMEM after one sentence. */
int open_table(struct run *run);

/* How many ring buffers a run has on this machine; at least 1. */
unsigned int open_rings(const struct options *options);

/* In 2^so many slots is collected what connections do, where the table has so many of them. */
unsigned int open_slot_bits(size_t max_connections);

#endif
