/* SPDX-License-Identifier: GPL-2.0-only */
/* The account that a recording carries: sums, differences, and where a file has which counter. */
#ifndef USER_RECORD_COUNTERS_H
#define USER_RECORD_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/event/counters.h"
#include "user/record/format.h"

/* Those of a run that stand in recordings. */
struct recording_counters recording_counters_of(const struct event_counters *events);

void recording_counters_add(struct recording_counters *sum, const struct recording_counters *more);

/* `a` less `b`; what would be below 0 is 0. */
struct recording_counters recording_counters_less(const struct recording_counters *a,
						  const struct recording_counters *b);

/* Which counter of ours is the file's first, second, ... */
struct counter_order {
	uint8_t count;
	uint8_t place[RECORDING_COUNTERS_MAX]; /* among ours; UINT8_MAX: none has that name */
};

/* As blocks written by this program have them: a line for each name. */
void counter_order_write(struct buffer *out);

/* Reads such lines, which are untrusted; false: there are more than a block can have. */
bool counter_order_read(struct counter_order *order, const char *lines, size_t size);

/* As in files of version 1, which do not say. */
void counter_order_first(struct counter_order *ret_order);

/* Of `order->count` numbers at `bytes`, which need no alignment; what is not there is 0. */
struct recording_counters counter_order_apply(const struct counter_order *order,
					      const uint8_t *bytes);

#endif
