/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms of those connections that a filter wants, which is chosen while they come and go. */
#ifndef USER_AGGREGATE_SIFTED_H
#define USER_AGGREGATE_SIFTED_H

#include "user/aggregate/histogram_set.h"
#include "user/event/filter.h"

struct sifted;

/* NULL when there is no memory. */
struct sifted *sifted_new(void);
void sifted_free(struct sifted *sifted);

/* To be told of connections. */
struct consumer *sifted_consumer(struct sifted *sifted);

/*
 * From now on those that are closed and wanted are counted, by `filter`, which must stay, and by
 * `states`, a set of 1 << state (0: all). What was counted before is forgotten. Returns 0, or
 * -ENOMEM: then nothing is counted.
 */
int sifted_begin(struct sifted *sifted, const struct conn_filter *filter, uint32_t states,
		 uint64_t now_ns);
void sifted_end(struct sifted *sifted);

/* What has come of it; `set` is NULL where nothing is counted. */
struct sifted_found {
	struct histogram_set *set;
	uint64_t since_ns;
	uint64_t matching, all; /* connections that were closed since then */
};

void sifted_look(const struct sifted *sifted, struct sifted_found *ret_found);

/* Whether a connection is wanted, by what is known of it now; of one that is over, `states` mean
 * the one before its end. */
bool sifted_wants(const struct conn_filter *filter, uint32_t states, const struct conn *c);

#endif
