/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram of durations with a bounded relative error and memory for the octaves in use. */
#ifndef USER_AGGREGATE_HISTOGRAM_H
#define USER_AGGREGATE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64 buckets an octave: a bucket is at most 1.6 % wide, its middle 0.8 % off. */
#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_SUBS (1 << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_OCTAVES (64 - HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t count, min, max;
	uint64_t sum_low, sum_high; /* 128 bits: the sum is exact, in whatever order values come */
	/* From the bucket of the least value on that has the octave's width. NULL: none was seen */
	uint64_t *octaves[HISTOGRAM_OCTAVES];
};

/* Zeroed memory is an empty histogram. */
void histogram_done(struct histogram *h);

/* The same, but there is room for the values that were in it. */
void histogram_clear(struct histogram *h);

/*
 * Octave k holds 2^(k+6) .. 2^(k+7) - 1 in buckets of 2^k, and octave 0 the values below 64 as
 * well, one by one.
 */
static inline unsigned int histogram_octave(uint64_t value)
{
	/* As it stands here it is one instruction for the number of the highest bit. */
	return (63 ^ (unsigned int)__builtin_clzll(value | HISTOGRAM_SUBS)) - HISTOGRAM_SUB_BITS;
}

/* Its bucket's place in its octave; below 0: it is one of those below 64. */
static inline ptrdiff_t histogram_sub(uint64_t value, unsigned int octave)
{
	return (ptrdiff_t)(value >> octave) - HISTOGRAM_SUBS;
}

/* The first place in an octave; the last one is HISTOGRAM_SUBS - 1. */
static inline ptrdiff_t histogram_first_sub(unsigned int octave)
{
	return octave ? 0 : -HISTOGRAM_SUBS;
}

/*
 * Makes room for the values of an octave; before the first one `min` is beyond all that may come.
 * Returns 0, or -ENOMEM.
 */
int histogram_reserve(struct histogram *h, unsigned int octave);

/* Adds a value in O(1) where there is room for its octave; without any, nothing was added. */
static inline bool histogram_add_quickly(struct histogram *h, uint64_t value)
{
	unsigned int octave = histogram_octave(value);

	if (!h->octaves[octave])
		return false;
	h->octaves[octave][histogram_sub(value, octave)]++;
	/* Seldom, once there are some. */
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count++;
	h->sum_high += __builtin_add_overflow(h->sum_low, value, &h->sum_low);
	return true;
}

/* Adds any. Returns 0, or -ENOMEM (then nothing was added). */
static inline int histogram_add(struct histogram *h, uint64_t value)
{
	int error = 0;

	if (!histogram_add_quickly(h, value)) {
		error = histogram_reserve(h, histogram_octave(value));
		if (!error)
			histogram_add_quickly(h, value);
	}
	return error;
}

/*
 * Adds `count` values of one bucket, the one of `low`, of which no more is known than the least,
 * the most and their sum. Returns 0, or -ENOMEM (then nothing was added).
 */
int histogram_add_bucket(struct histogram *h, uint64_t low, uint64_t count, uint64_t least,
			 uint64_t most, uint64_t sum);

/* Adds all of `from` to `h`, exactly. Returns 0, or -ENOMEM (then nothing was added). */
int histogram_merge(struct histogram *h, const struct histogram *from);

/*
 * The value below or at which the fraction `p` (0..1) of the values lie, within 1 % for values from
 * 1 us up, never outside min..max; 0 when the histogram is empty.
 */
uint64_t histogram_quantile(const struct histogram *h, double p);

/* Which of `count` sorted values, from 1 on, the fraction `p` (0..1) of them reaches to. */
uint64_t histogram_rank(double p, uint64_t count);

/* Between which bounds, both included, the value of this rank lies; of one that there is. */
void histogram_at(const struct histogram *h, uint64_t rank, uint64_t *ret_low, uint64_t *ret_high);

/* How many values are in buckets that begin at `value` or below. */
uint64_t histogram_up_to(const struct histogram *h, uint64_t value);

double histogram_mean(const struct histogram *h);

/*
 * Calls `visit` for each non-empty bucket in rising order; values v of it have low <= v < high
 * (in the bucket that ends at UINT64_MAX: <=).
 */
void histogram_each(const struct histogram *h,
		    void (*visit)(void *context, uint64_t low, uint64_t high, uint64_t count),
		    void *context);

#endif
