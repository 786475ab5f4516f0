// SPDX-License-Identifier: GPL-2.0-only
/* Counts values at fixed edges and in exponential buckets, without a call of the math library. */
#include "user/aggregate/spread.h"

#include <stdbool.h>
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

/* So many of one bucket. */
static void add_to_bucket(struct spread *s, int32_t finest, uint64_t count)
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
	s->bucket[index - s->first] += count;
}

/* So many that are between the same edges and in one bucket, without their sum. */
static void add_many(struct spread *s, uint64_t ns, uint64_t count)
{
	s->count += count;
	if (ns) {
		s->below[find_edge(all_edges[s->edges], ns)] += count;
		add_to_bucket(s, index_of(ns), count);
	} else {
		s->below[0] += count;
		s->zeros += count;
	}
}

static void add_sum(struct spread *s, uint64_t low, uint64_t high)
{
	s->sum_high += high + __builtin_add_overflow(s->sum_low, low, &s->sum_low);
}

void spread_add(struct spread *s, uint64_t ns)
{
	add_many(s, ns, 1);
	add_sum(s, ns, 0);
}

/* ---- what is put off ------------------------------------------------------------------------ */

uint64_t spread_ends[SPREAD_EDGES_COUNT + 1][SPREAD_INTERVALS];

/* Between which edges what is of this kind is to be told apart. */
static const enum spread_edges edges_of[SPREAD_EDGES_COUNT + 1][2] = {
#define X(NAME, ...) [SPREAD_##NAME] = { SPREAD_##NAME, SPREAD_##NAME },
	SPREAD_EDGES(X)
#undef X
		[SPREAD_BOTH] = { SPREAD_LATENCY, SPREAD_STATE },
};

static bool is_between(enum spread_edges kind, uint64_t a, uint64_t b)
{
	return find_edge(all_edges[kind], a) == find_edge(all_edges[kind], b);
}

/* Whether they are between the same edges and in one bucket; neither is 0. */
static bool is_alike(unsigned int kind, uint64_t a, uint64_t b)
{
	return index_of(a) == index_of(b) && is_between(edges_of[kind][0], a, b) &&
	       is_between(edges_of[kind][1], a, b);
}

/* The last value up to `high` that is like `low`. */
static uint64_t find_end(unsigned int kind, uint64_t low, uint64_t high)
{
	uint64_t end = low;

	while (end < high) {
		uint64_t middle = high - (high - end) / 2;

		if (is_alike(kind, low, middle))
			end = middle;
		else
			high = middle - 1;
	}
	return end;
}

static uint64_t interval_of(uint64_t ns)
{
	unsigned int shift = spread_interval_shift(ns);

	return ((uint64_t)shift << SPREAD_TELLING_BITS) + (ns >> shift);
}

/* Finds the end of the interval that it lies in; false: there are two. 0 is alone. */
static bool fill_in(unsigned int kind, uint64_t ns)
{
	unsigned int shift = spread_interval_shift(ns);
	uint64_t low = ns >> shift << shift, high = low + ((UINT64_C(1) << shift) - 1), end;

	if (!ns)
		return false;
	end = find_end(kind, low, high);
	if (end != high && !is_alike(kind, end + 1, high))
		return false;
	spread_ends[kind][interval_of(ns)] = end;
	return true;
}

void spread_put_off_slowly(struct spread_pending *p, struct spread *s, uint64_t ns)
{
	if (fill_in(s->edges, ns))
		spread_put_off(p, s, (enum spread_edges)s->edges, ns);
	else
		spread_add(s, ns);
}

void spread_put_off_both_slowly(struct spread_pending *p, struct spread *latency,
				struct spread *state, uint64_t ns)
{
	if (fill_in(SPREAD_BOTH, ns) && spread_put_off_quickly(p, SPREAD_BOTH, ns))
		return;
	spread_add(latency, ns);
	spread_add(state, ns);
}

/* The first value of the interval. */
static uint64_t low_of(uint64_t interval)
{
	unsigned int shift = interval >> SPREAD_TELLING_BITS ?
				     (unsigned int)(interval >> SPREAD_TELLING_BITS) - 1 :
				     0;

	return (interval - ((uint64_t)shift << SPREAD_TELLING_BITS)) << shift;
}

static void settle_interval(struct spread_pending *p, uint64_t interval, uint64_t end,
			    struct spread *s)
{
	uint64_t beyond = p->beyond[interval], others = p->all[interval] - beyond;

	if (others)
		add_many(s, low_of(interval), others);
	if (beyond)
		add_many(s, end + 1, beyond);
}

/* To each of so many spreads. */
static void settle(struct spread_pending *p, unsigned int kind, struct spread *const *spreads,
		   size_t count)
{
	if (!p->sum_low && !p->sum_high)
		return;
	for (uint64_t interval = 0; interval < SPREAD_INTERVALS; interval++) {
		if (!p->all[interval])
			continue;
		for (size_t i = 0; i < count; i++)
			settle_interval(p, interval, spread_ends[kind][interval], spreads[i]);
		p->all[interval] = p->beyond[interval] = 0;
	}
	for (size_t i = 0; i < count; i++)
		add_sum(spreads[i], p->sum_low, p->sum_high);
	p->sum_low = p->sum_high = 0;
}

void spread_settle(struct spread_pending *p, struct spread *s)
{
	settle(p, s->edges, &s, 1);
}

void spread_settle_both(struct spread_pending *p, struct spread *latency, struct spread *state)
{
	settle(p, SPREAD_BOTH, (struct spread *const[]){ latency, state }, 2);
}

void spread_settle_small(struct spread_small *p, struct spread *s)
{
	for (uint64_t us = 0; us < SPREAD_SMALL_US; us++) {
		unsigned __int128 sum = (unsigned __int128)p->of[us] * (us * NS_PER_US);

		if (!p->of[us])
			continue;
		add_many(s, us * NS_PER_US, p->of[us]);
		add_sum(s, (uint64_t)sum, (uint64_t)(sum >> 64));
		p->of[us] = 0;
	}
}

double spread_sum(const struct spread *s)
{
	return ((double)s->sum_high * 0x1p64 + (double)s->sum_low) / NS_PER_S;
}
