// SPDX-License-Identifier: GPL-2.0-only
/* Log-linear histogram: octaves of equal buckets, allocated when their first value comes. */
#include "user/aggregate/histogram.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t bucket_width(unsigned int octave)
{
	return 1ULL << octave;
}

static uint64_t bucket_low(unsigned int octave, ptrdiff_t sub)
{
	return (uint64_t)(HISTOGRAM_SUBS + sub) << octave;
}

/* The first value above the bucket; the last bucket of all ends at the largest value instead. */
static uint64_t bucket_high(unsigned int octave, ptrdiff_t sub)
{
	uint64_t high = bucket_low(octave, sub) + bucket_width(octave);

	return high ? high : UINT64_MAX;
}

int histogram_reserve(struct histogram *h, unsigned int octave)
{
	const ptrdiff_t first = histogram_first_sub(octave);

	if (!h->octaves[octave]) {
		uint64_t *buckets = calloc((size_t)(HISTOGRAM_SUBS - first), sizeof(*buckets));

		h->octaves[octave] = buckets ? buckets - first : NULL;
	}
	if (h->octaves[octave] && !h->count)
		h->min = UINT64_MAX;
	return h->octaves[octave] ? 0 : -ENOMEM;
}

void histogram_done(struct histogram *h)
{
	if (!h)
		return;
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		if (h->octaves[i])
			free(h->octaves[i] + histogram_first_sub(i));
	*h = (struct histogram){ 0 };
}

void histogram_clear(struct histogram *h)
{
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		for (ptrdiff_t sub = histogram_first_sub(i); h->octaves[i] && sub < HISTOGRAM_SUBS;
		     sub++)
			h->octaves[i][sub] = 0;
	h->count = h->max = h->sum_low = h->sum_high = 0;
	h->min = UINT64_MAX;
}

int histogram_add_bucket(struct histogram *h, uint64_t low, uint64_t count, uint64_t least,
			 uint64_t most, uint64_t sum)
{
	unsigned int octave = histogram_octave(low);
	int error;

	if (!count)
		return 0;
	error = h->octaves[octave] ? 0 : histogram_reserve(h, octave);
	if (error)
		return error;
	h->octaves[octave][histogram_sub(low, octave)] += count;
	if (!h->count || least < h->min)
		h->min = least;
	if (most > h->max)
		h->max = most;
	h->count += count;
	h->sum_high += __builtin_add_overflow(h->sum_low, sum, &h->sum_low);
	return 0;
}

int histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (!from->count)
		return 0;
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		if (from->octaves[i] && histogram_reserve(h, i))
			return -ENOMEM;
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		for (ptrdiff_t sub = histogram_first_sub(i);
		     from->octaves[i] && sub < HISTOGRAM_SUBS; sub++)
			h->octaves[i][sub] += from->octaves[i][sub];
	if (!h->count || from->min < h->min)
		h->min = from->min;
	if (from->max > h->max)
		h->max = from->max;
	h->count += from->count;
	h->sum_high += from->sum_high;
	h->sum_high += __builtin_add_overflow(h->sum_low, from->sum_low, &h->sum_low);
	return 0;
}

uint64_t histogram_rank(double p, uint64_t count)
{
	/* A product like 0.07 * 100 is a hair above the whole number that is meant. */
	double wanted = p * (double)count * (1 - 1e-12);
	uint64_t rank;

	if (!(wanted > 0))
		return 1;
	if (wanted >= (double)count)
		return count;
	rank = (uint64_t)wanted;
	if ((double)rank < wanted)
		rank++;
	return rank > count ? count : rank;
}

uint64_t histogram_quantile(const struct histogram *h, double p)
{
	uint64_t rank = histogram_rank(p, h->count), below = 0;

	if (!h->count)
		return 0;
	if (rank == 1)
		return h->min;
	if (rank == h->count)
		return h->max;
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++) {
		for (ptrdiff_t sub = histogram_first_sub(i); h->octaves[i] && sub < HISTOGRAM_SUBS;
		     sub++) {
			uint64_t middle;

			below += h->octaves[i][sub];
			if (below < rank)
				continue;
			middle = bucket_low(i, sub) + bucket_width(i) / 2;
			if (middle < h->min)
				return h->min;
			return middle > h->max ? h->max : middle;
		}
	}
	return h->max;
}

void histogram_at(const struct histogram *h, uint64_t rank, uint64_t *ret_low, uint64_t *ret_high)
{
	uint64_t below = 0, low = h->max, high = h->max;

	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES && below < rank; i++)
		for (ptrdiff_t sub = histogram_first_sub(i); h->octaves[i] && sub < HISTOGRAM_SUBS;
		     sub++) {
			below += h->octaves[i][sub];
			if (below < rank)
				continue;
			low = bucket_low(i, sub);
			high = bucket_high(i, sub) - 1;
			break;
		}
	*ret_low = low > h->min && rank > 1 ? low : h->min;
	*ret_high = rank == 1 ? h->min : high < h->max ? high : h->max;
	if (rank == h->count)
		*ret_low = h->max;
}

uint64_t histogram_up_to(const struct histogram *h, uint64_t value)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		for (ptrdiff_t sub = histogram_first_sub(i); h->octaves[i] && sub < HISTOGRAM_SUBS;
		     sub++)
			if (bucket_low(i, sub) <= value)
				count += h->octaves[i][sub];
	return count;
}

double histogram_mean(const struct histogram *h)
{
	if (!h->count)
		return 0;
	return ((double)h->sum_high * 0x1p64 + (double)h->sum_low) / (double)h->count;
}

void histogram_each(const struct histogram *h,
		    void (*visit)(void *context, uint64_t low, uint64_t high, uint64_t count),
		    void *context)
{
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		for (ptrdiff_t sub = histogram_first_sub(i); h->octaves[i] && sub < HISTOGRAM_SUBS;
		     sub++)
			if (h->octaves[i][sub])
				visit(context, bucket_low(i, sub), bucket_high(i, sub),
				      h->octaves[i][sub]);
}
