/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms out of buckets that others have counted: percentiles are those of all values. */
#ifndef USER_FLEET_BUCKETS_H
#define USER_FLEET_BUCKETS_H

#include <stddef.h>

#include "user/base/buffer.h"
#include "user/fleet/answer.h"
#include "user/option/options.h"
#include "user/sink/sink.h"

/* Behind the name and the group: low, count, least, most, sum. */
#define BUCKETS_NUMBERS 5
#define BUCKETS_HISTOGRAMS 100000 /* at most */

struct buckets;

/* `keys`: the names of the columns of a group, which live as long. NULL without memory. */
struct buckets *buckets_new(const char *const *keys, size_t key_count);
void buckets_free(struct buckets *b);

/*
 * Adds a row: 1 + key_count + BUCKETS_NUMBERS values, rows of one histogram one after another.
 * Returns 0, -EBADMSG, -E2BIG or -ENOMEM.
 */
int buckets_add(struct buckets *b, const struct answer_value *values);

/*
 * Prints them, once, by the order of the local command's names, the largest group first, as many of
 * each name as --top says, and what the others hold in one. Returns 0 or -ENOMEM.
 */
int buckets_print(struct buckets *b, struct buffer *out, const struct options *o,
		  const struct sink_settings *s);

#endif
