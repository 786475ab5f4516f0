// SPDX-License-Identifier: GPL-2.0-only
/* Counts values at fixed edges and in exponential buckets, without a call of the math library. */
#include "user/aggregate/spread.h"

#include <string.h>

#include "user/base/units.h"

#define SUBS (1 << SPREAD_SCHEMA)
#define EDGES_STEP 16 /* the greatest power of two that is no more than there are edges */

/* Before the first of a kind is a 0, and so are all behind the last. */
#define X(NAME, ...) [SPREAD_##NAME] = { 0, __VA_ARGS__ },
static const uint64_t all_edges[SPREAD_EDGES_COUNT][2 * EDGES_STEP] = { SPREAD_EDGES(X) };
#undef X
#define X(NAME, ...) sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t),
static const unsigned int edge_counts[SPREAD_EDGES_COUNT] = { SPREAD_EDGES(X) };
#undef X
#define X(NAME, ...)                                                                   \
	_Static_assert(sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t) <= \
			       SPREAD_EDGES_MAX,                                       \
		       "room for each edge");
SPREAD_EDGES(X)
#undef X
_Static_assert(SPREAD_EDGES_MAX < 2 * EDGES_STEP, "each edge can be reached");

const uint64_t *spread_edges(enum spread_edges kind, unsigned int *ret_count)
{
	*ret_count = edge_counts[kind];
	return all_edges[kind] + 1;
}

/* How many are below. Less 1, the zeroes behind the last edge are beyond all. */
static uint32_t find_edge(const uint64_t *edges, uint64_t ns)
{
	uint32_t below = 0;

#define STEP(step) below += edges[below + (step)] - 1 < ns - 1 ? (step) : 0
	STEP(EDGES_STEP);
	STEP(EDGES_STEP / 2);
	STEP(EDGES_STEP / 4);
	STEP(EDGES_STEP / 8);
	STEP(EDGES_STEP / 16);
#undef STEP
	return below;
}

/* Edges are so far apart that most fall where the one before did. */
static void look_for_edge(struct spread *s, uint64_t ns)
{
	const uint64_t *edges = all_edges[s->edges];

	s->last = find_edge(edges, ns);
	s->above = edges[s->last];
	/* Behind the last edge is a 0, and all that there is. */
	s->span = (edges[s->last + 1] ? edges[s->last + 1] : UINT64_MAX) - s->above;
}

/* The upper ends of the buckets between two powers of two, as fractions of the greater one. */
static const double ends[SUBS + 1] = {
	0.5,
	0.5452538663326288,
	0.5946035575013605,
	0.6484197773255048,
	0.7071067811865476,
	0.7711054127039704,
	0.8408964152537145,
	0.9170040432046712,
	1,
};

#define MANTISSA_BITS 52
#define EXPONENT_OF_HALF 1022 /* as a double of 64 bits has it */

/*
 * Of a value that is not 0, at the finest schema: what frexp() would say, from the bits, for it is
 * the dearest part of all that is counted of a connection.
 */
static int32_t index_of(uint64_t ns)
{
	double seconds = (double)ns / NS_PER_S, fraction;
	int32_t exponent, sub;
	uint64_t bits;

	memcpy(&bits, &seconds, sizeof(bits));
	exponent = (int32_t)(bits >> MANTISSA_BITS) - EXPONENT_OF_HALF;
	/* The ends lie so close to equal parts that one or two of them have to be looked at. */
	sub = (int32_t)(bits >> (MANTISSA_BITS - SPREAD_SCHEMA) & (SUBS - 1));
	bits = (bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | (uint64_t)EXPONENT_OF_HALF
								       << MANTISSA_BITS;
	memcpy(&fraction, &bits, sizeof(fraction));
	sub += (ends[sub] < fraction) + (ends[sub + 1] < fraction);
	return (exponent - 1) * SUBS + sub;
}

/*
 * What index_of() says of values that have their first six bits in common: no more than one end of
 * a bucket lies among them. Filled in as values come.
 */
#define TELLING_BITS 5 /* behind the first one */
static struct interval {
	uint64_t end; /* the last value that is in the bucket of the least; 0: not filled in */
	int32_t index;
} intervals[(64 - TELLING_BITS + 1) << TELLING_BITS];

__attribute__((noinline)) static void fill_in(struct interval *interval, uint64_t ns,
					      unsigned int shift)
{
	uint64_t low = ns >> shift << shift, high = low + (UINT64_C(1) << shift);

	interval->index = index_of(low);
	/* It lies at or above `low`, and below `high`, which is 0 behind all values. */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (index_of(middle) == interval->index)
			low = middle;
		else
			high = middle;
	}
	interval->end = low;
}

static unsigned int shift_of(uint64_t ns)
{
	return 63 - TELLING_BITS - (unsigned int)__builtin_clzll(ns | UINT64_C(1) << TELLING_BITS);
}

static struct interval *interval_of(uint64_t ns, unsigned int shift)
{
	return &intervals[(shift << TELLING_BITS) + (ns >> shift)];
}

/* Division by two that rounds up, of negative numbers too: what a bucket is in the next schema. */
static int32_t half_up(int32_t index)
{
	return (index + 1) >> 1;
}

/* Each bucket that is left holds two. */
static void coarsen(struct spread *s)
{
	uint64_t merged[SPREAD_BUCKETS] = { 0 };
	int32_t first = half_up(s->first);

	for (uint32_t i = 0; i < s->used; i++)
		merged[half_up(s->first + (int32_t)i) - first] += s->bucket[i];
	s->used = s->used ? (uint32_t)(half_up(s->first + (int32_t)s->used - 1) - first) + 1 : 0;
	s->first = first;
	s->schema_below++;
	memcpy(s->bucket, merged, sizeof(merged));
}

static int32_t at_schema(const struct spread *s, int32_t index)
{
	for (uint32_t i = 0; i < s->schema_below; i++)
		index = half_up(index);
	return index;
}

/* Moves what there is so that bucket[0] is `index`, which is below the first; there is room. */
static void grow_down(struct spread *s, int32_t index)
{
	uint32_t by = (uint32_t)(s->first - index);

	memmove(&s->bucket[by], &s->bucket[0], s->used * sizeof(s->bucket[0]));
	memset(&s->bucket[0], 0, by * sizeof(s->bucket[0]));
	s->first = index;
	s->used += by;
}

/* How many buckets there are if this one is among them. */
static uint32_t needed(const struct spread *s, int32_t index)
{
	int32_t last = s->first + (int32_t)s->used - 1;
	int32_t low = index < s->first ? index : s->first, high = index > last ? index : last;

	return s->used ? (uint32_t)(high - low) + 1 : 1;
}

/* The first of its bucket. */
__attribute__((noinline)) static void add_bucket(struct spread *s, int32_t finest)
{
	int32_t index = at_schema(s, finest);

	while (needed(s, index) > SPREAD_BUCKETS) {
		coarsen(s);
		index = at_schema(s, finest);
	}
	if (!s->used)
		s->first = index;
	else if (index < s->first)
		grow_down(s, index);
	if (s->used <= (uint32_t)(index - s->first))
		s->used = (uint32_t)(index - s->first) + 1;
	s->bucket[index - s->first]++;
}

static void add_to_buckets(struct spread *s, uint64_t ns)
{
	int32_t finest = index_of(ns), index = at_schema(s, finest);

	if ((uint32_t)(index - s->first) < s->used)
		s->bucket[index - s->first]++;
	else
		add_bucket(s, finest);
}

/* What is not there so far, or seldom is. */
__attribute__((noinline)) static void add_slowly(struct spread *s, uint64_t ns)
{
	unsigned int shift = shift_of(ns);
	struct interval *interval = interval_of(ns, shift);

	s->count++;
	s->sum_high += __builtin_add_overflow(s->sum_low, ns, &s->sum_low);
	if (!ns) {
		s->below[0]++;
		s->zeros++;
		return;
	}
	if (!interval->end)
		fill_in(interval, ns, shift);
	if (ns - 1 - s->above >= s->span)
		look_for_edge(s, ns);
	s->below[s->last]++;
	add_to_buckets(s, ns);
}

/* The interval of 0 is never filled in. */
void spread_add(struct spread *s, uint64_t ns)
{
	const struct interval *interval = interval_of(ns, shift_of(ns));
	uint32_t at = (uint32_t)(interval->index + (ns > interval->end) - s->first);

	if (!interval->end || at >= s->used || s->schema_below || ns - 1 - s->above >= s->span) {
		add_slowly(s, ns);
		return;
	}
	s->count++;
	s->sum_high += __builtin_add_overflow(s->sum_low, ns, &s->sum_low);
	s->below[s->last]++;
	s->bucket[at]++;
}

double spread_sum(const struct spread *s)
{
	return ((double)s->sum_high * 0x1p64 + (double)s->sum_low) / NS_PER_S;
}
