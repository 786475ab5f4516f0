/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram as monitoring systems take it: counts at fixed edges, and in exponential buckets. */
#ifndef USER_AGGREGATE_SPREAD_H
#define USER_AGGREGATE_SPREAD_H

#include <stdint.h>

/* X(NAME, edges in ns, in rising order): frozen, because series of the past have them. */
#define SPREAD_EDGES(X)                                                                           \
	X(LATENCY, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 25000000,  \
	  50000000, 100000000, 250000000, 500000000, 1000000000, 3000000000, 7000000000,          \
	  15000000000, 31000000000, 63000000000, 127000000000)                                    \
	X(STATE, 100000, 1000000, 10000000, 100000000, 1000000000, 5000000000, 15000000000,       \
	  60000000000, 300000000000, 900000000000, 3600000000000, 14400000000000, 43200000000000, \
	  86400000000000)                                                                         \
	X(TIME_WAIT, 10000000, 100000000, 1000000000, 5000000000, 15000000000, 30000000000,       \
	  45000000000, 59000000000, 61000000000, 75000000000, 120000000000)

enum spread_edges {
#define X(NAME, ...) SPREAD_##NAME,
	SPREAD_EDGES(X)
#undef X
		SPREAD_EDGES_COUNT
};

#define SPREAD_EDGES_MAX 20

/* The edges of a kind in ns, and how many in `ret_count`. */
const uint64_t *spread_edges(enum spread_edges kind, unsigned int *ret_count);

/*
 * Bucket i of schema s holds the seconds v with 2^((i-1) / 2^s) < v <= 2^(i / 2^s), as of
 * Prometheus and, with i one less, of OpenTelemetry. Two neighbours become one, and the schema one
 * less, when there is no room: so many are enough for any resolution that is worth storing.
 */
#define SPREAD_SCHEMA 3
#define SPREAD_BUCKETS 160

/* Plain data, so that it can be copied out of shared memory. Zeroes are an empty one. */
struct spread {
	uint64_t count;		    /* of all values */
	uint64_t sum_low, sum_high; /* ns, 128 bits */
	uint64_t zeros;		    /* values of 0 ns, which are in no exponential bucket */
	uint64_t below[SPREAD_EDGES_MAX + 1]; /* values up to each edge and above the one before */
	uint64_t bucket[SPREAD_BUCKETS];
	int32_t first;	       /* the index of bucket[0] */
	uint32_t used;	       /* buckets from there on that were ever needed */
	uint32_t schema_below; /* the schema is so much less than SPREAD_SCHEMA */
	uint32_t edges;	       /* enum spread_edges */
	/* below[last] was the last one that was added to: so many ns from `above` + 1 on. */
	uint32_t last;
	uint32_t zero;
	uint64_t above, span;
};

void spread_add(struct spread *s, uint64_t ns);

static inline int spread_schema(const struct spread *s)
{
	return SPREAD_SCHEMA - (int)s->schema_below;
}

/* The sum in seconds. */
double spread_sum(const struct spread *s);

#endif
