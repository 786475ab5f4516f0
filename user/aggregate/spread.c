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

uint64_t spread_ends[SPREAD_EDGES_COUNT][SPREAD_INTERVALS];

/* Whether they are between the same edges and in one bucket; neither is 0. */
static bool is_alike(const uint64_t *edges, uint64_t a, uint64_t b)
{
	return index_of(a) == index_of(b) && find_edge(edges, a) == find_edge(edges, b);
}

/* The last value up to `high` that is like `low`. */
static uint64_t find_end(const uint64_t *edges, uint64_t low, uint64_t high)
{
	uint64_t end = low;

	while (end < high) {
		uint64_t middle = high - (high - end) / 2;

		if (is_alike(edges, low, middle))
			end = middle;
		else
			high = middle - 1;
	}
	return end;
}

/* 0 is alone. */
static void fill_in(uint64_t *end, const uint64_t *edges, uint64_t ns)
{
	unsigned int shift = spread_interval_shift(ns);
	uint64_t low = ns >> shift << shift, high = low + ((UINT64_C(1) << shift) - 1), found;

	if (!ns)
		return;
	found = find_end(edges, low, high);
	if (found == high || is_alike(edges, found + 1, high))
		*end = found;
}

void spread_put_off_slowly(struct spread_pending *p, struct spread *s, uint64_t ns)
{
	unsigned int shift = spread_interval_shift(ns);
	uint64_t interval = (shift << SPREAD_TELLING_BITS) + (ns >> shift);
	uint64_t *end = &spread_ends[s->edges][interval];

	fill_in(end, all_edges[s->edges], ns);
	if (*end)
		spread_put_off(p, s, (enum spread_edges)s->edges, ns);
	else
		spread_add(s, ns);
}

/* Some value of the interval's first part, or of its second. */
static uint64_t value_of(uint64_t interval, unsigned int part, uint64_t end)
{
	unsigned int shift = interval >> SPREAD_TELLING_BITS ?
				     (unsigned int)(interval >> SPREAD_TELLING_BITS) - 1 :
				     0;

	return part ? end + 1 : (interval - ((uint64_t)shift << SPREAD_TELLING_BITS)) << shift;
}

void spread_settle(struct spread_pending *p, struct spread *s)
{
	if (!p->sum_low && !p->sum_high)
		return;
	for (uint64_t interval = 0; interval < SPREAD_INTERVALS; interval++)
		for (unsigned int part = 0; part < 2; part++) {
			uint64_t *count = &p->of[interval][part];

			if (*count)
				add_many(s,
					 value_of(interval, part, spread_ends[s->edges][interval]),
					 *count);
			*count = 0;
		}
	add_sum(s, p->sum_low, p->sum_high);
	p->sum_low = p->sum_high = 0;
}

double spread_sum(const struct spread *s)
{
	return ((double)s->sum_high * 0x1p64 + (double)s->sum_low) / NS_PER_S;
}
