/* SPDX-License-Identifier: GPL-2.0-only */
/* The one connection that is chosen of many, and its other end: their stories. */
#ifndef USER_AGGREGATE_CHOSEN_H
#define USER_AGGREGATE_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/clock_pairs.h"
#include "user/aggregate/ladder.h"
#include "user/conn/choice.h"
#include "user/conn/consumer.h"
#include "user/conn/filter.h"

struct chosen_settings {
	struct choice choice;
	/* It passes; of the others, which may be its other end, the table may know more. */
	const struct conn_filter *filter;
	bool full;  /* it is over when its TIME_WAIT is */
	size_t max; /* stories at a time */
};

struct chosen;

/* `settings` are copied; the filter must live as long. NULL when there is no memory. */
struct chosen *chosen_new(const struct chosen_settings *settings);
void chosen_free(struct chosen *chosen);

/* To be told of connections. */
struct consumer *chosen_consumer(struct chosen *chosen);

/* From when on the story is over if nothing more happens; UINT64_MAX: it is not. */
uint64_t chosen_over_ns(const struct chosen *chosen);

/*
 * The ladder of it, which lives as long; false: there was no connection to choose. `clocks`: those
 * of the recordings; NULL: there is one.
 */
bool chosen_ladder(struct chosen *chosen, const struct clock_pairs *clocks,
		   struct ladder *ret_ladder);

/* Connections whose numbers were forgotten, for lack of room, before they were over. */
uint64_t chosen_forgotten(const struct chosen *chosen);

/* Whose they were. */
const struct payers *chosen_payers(const struct chosen *chosen);

#endif
