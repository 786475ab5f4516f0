/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram as monitoring systems take it: counts at fixed edges, and in exponential buckets. */
#ifndef USER_AGGREGATE_SPREAD_H
#define USER_AGGREGATE_SPREAD_H

#include <stdbool.h>
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
};

void spread_add(struct spread *s, uint64_t ns);

/*
 * Values that have their first six bits in common: no more than one end of a bucket, at the finest
 * schema, lies among them.
 */
#define SPREAD_TELLING_BITS 5 /* behind the first one */
#define SPREAD_INTERVALS ((64 - SPREAD_TELLING_BITS + 1) << SPREAD_TELLING_BITS)

static inline unsigned int spread_interval_shift(uint64_t ns)
{
	/* As it stands here it is one instruction for the number of the highest bit. */
	return (63 ^ (unsigned int)__builtin_clzll(ns | UINT64_C(1) << SPREAD_TELLING_BITS)) -
	       SPREAD_TELLING_BITS;
}

/*
 * Values that are counted, and not yet in a spread: of each interval all, and of them those beyond
 * its end. Zeroes are none; they may be put off as long as nobody looks.
 */
struct spread_pending {
	uint64_t all[SPREAD_INTERVALS], beyond[SPREAD_INTERVALS];
	uint64_t sum_low, sum_high;
};

/* A kind of what belongs to two spreads, of LATENCY and of STATE. */
#define SPREAD_BOTH SPREAD_EDGES_COUNT

/* By kind and interval: the last value before an edge or an end of a bucket; 0: add it slowly. */
extern uint64_t spread_ends[SPREAD_EDGES_COUNT + 1][SPREAD_INTERVALS];

/* What has no end so far, or two. */
void spread_put_off_slowly(struct spread_pending *p, struct spread *s, uint64_t ns);

/* What is put off for `s` in the end, which is of this kind; false: nothing was done. */
static inline bool spread_put_off_quickly(struct spread_pending *p, unsigned int kind, uint64_t ns)
{
	unsigned int shift = spread_interval_shift(ns);
	uint64_t interval = (shift << SPREAD_TELLING_BITS) + (ns >> shift);
	uint64_t end = spread_ends[kind][interval];

	if (!end)
		return false;
	p->all[interval]++;
	p->beyond[interval] += end < ns;
	p->sum_high += __builtin_add_overflow(p->sum_low, ns, &p->sum_low);
	return true;
}

static inline void spread_put_off(struct spread_pending *p, struct spread *s,
				  enum spread_edges kind, uint64_t ns)
{
	if (!spread_put_off_quickly(p, kind, ns))
		spread_put_off_slowly(p, s, ns);
}

/* Adds all of them. */
void spread_settle(struct spread_pending *p, struct spread *s);

/* The same of SPREAD_BOTH. */
void spread_put_off_both_slowly(struct spread_pending *p, struct spread *latency,
				struct spread *state, uint64_t ns);
void spread_settle_both(struct spread_pending *p, struct spread *latency, struct spread *state);

/* Values of a few whole microseconds, which are counted one by one; zeroes are none. */
#define SPREAD_SMALL_US 4096
struct spread_small {
	uint64_t of[SPREAD_SMALL_US];
};

/* False: it is none of these, and nothing was done; 0 is none. */
static inline bool spread_count_small(struct spread_small *p, uint32_t us)
{
	if (us - 1 >= SPREAD_SMALL_US - 1)
		return false;
	p->of[us]++;
	return true;
}

/* Adds all of them. */
void spread_settle_small(struct spread_small *p, struct spread *s);

static inline int spread_schema(const struct spread *s)
{
	return SPREAD_SCHEMA - (int)s->schema_below;
}

/* The sum in seconds. */
double spread_sum(const struct spread *s);

#endif
