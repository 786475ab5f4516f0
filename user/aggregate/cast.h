/* SPDX-License-Identifier: GPL-2.0-only */
/* All connections of a short story, in the order they end in, each as one ladder of both ends. */
#ifndef USER_AGGREGATE_CAST_H
#define USER_AGGREGATE_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder.h"
#include "user/conn/consumer.h"

#define CAST_MAX 16 /* ends; more than a story of the textbook has */

struct cast;

/*
 * `left`: enum conn_role of the end that stands on the left side, where both are known. Connections
 * of a port of `extras` or above are none of the story's. NULL when there is no memory.
 */
struct cast *cast_new(uint8_t left, uint16_t extras);
void cast_free(struct cast *cast);

/* To be told of connections. */
struct consumer *cast_consumer(struct cast *cast);

/*
 * Of the connection that ended as number `index`, from 0; the ladder lives until something more is
 * told. false: there are not so many.
 */
bool cast_ladder(const struct cast *cast, size_t index, struct ladder *ret_ladder);

/* Whether no life goes on, TIME_WAIT included where that is `full`. */
bool cast_is_over(const struct cast *cast, bool full);

/* Ends for which there was no room. */
uint64_t cast_left_out(const struct cast *cast);

#endif
