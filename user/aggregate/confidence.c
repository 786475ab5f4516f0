// SPDX-License-Identifier: GPL-2.0-only
/* Binomial bounds by the incomplete beta function, and how far bursts widen them. */
#include "user/aggregate/confidence.h"

#include <math.h>
#include <stdbool.h>

#define FRACTION_TERMS 20000
#define FRACTION_PRECISION 1e-13
#define HALVINGS 80
/* Of more there is no need, and the fraction would be long; fewer never say more. */
#define COUNTS_MOST 1e7

/* The continued fraction of the incomplete beta function (DLMF 8.17.22), after Lentz. */
static double fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), f;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	f = d;
	for (int m = 1; m <= FRACTION_TERMS; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		f *= d * c;
		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		f *= step;
		if (fabs(step - 1) < FRACTION_PRECISION)
			break;
	}
	return f;
}

double confidence_beta(double a, double b, double x)
{
	double front;

	if (!(x > 0))
		return 0;
	if (!(x < 1))
		return 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	/* On the side where the fraction converges fast. */
	if (x < (a + 1) / (a + b + 2))
		return front * fraction(a, b, x) / a;
	return 1 - front * fraction(b, a, 1 - x) / b;
}

/* P(X <= k) of n trials with the probability p each. */
static double at_most(double k, double n, double p)
{
	return k < 0 ? 0 : k >= n ? 1 : confidence_beta(n - k, k + 1, 1 - p);
}

void confidence_ranks(uint64_t n, double p, double tail, uint64_t *ret_below, uint64_t *ret_above)
{
	uint64_t low = 0, high = n + 1;

	/* The last r for which it is too unlikely that no more than r - 1 lie below. */
	while (high - low > 1) {
		uint64_t r = low + (high - low) / 2;

		if (at_most((double)r - 1, (double)n, p) <= tail)
			low = r;
		else
			high = r;
	}
	*ret_below = low;
	low = 0;
	high = n + 1;
	/* The first s for which it is too unlikely that s or more do. */
	while (high - low > 1) {
		uint64_t s = low + (high - low) / 2;

		if (confidence_beta((double)s, (double)(n - s) + 1, p) <= tail)
			high = s;
		else
			low = s;
	}
	*ret_above = high;
}

/* The x of which I_x(a, b) is `wanted`. */
static double beta_inverse(double a, double b, double wanted)
{
	double low = 0, high = 1;

	for (int i = 0; i < HALVINGS; i++) {
		double x = low + (high - low) / 2;

		if (confidence_beta(a, b, x) < wanted)
			low = x;
		else
			high = x;
	}
	return low;
}

/* Of the two shares of all that came, which are 1 together. */
static double factor_of(double share, double base_share, double base_size, double size)
{
	return base_share > 0 ? share / base_share * base_size / size : INFINITY;
}

void confidence_factor(double base, double base_size, double count, double size, double tail,
		       double *ret_low, double *ret_high)
{
	double all = base + count, shrink = all > COUNTS_MOST ? COUNTS_MOST / all : 1;
	double least = 0, base_least = 0;

	base *= shrink;
	count *= shrink;
	if (count > 0)
		least = beta_inverse(count, base + 1, tail);
	if (base > 0)
		base_least = beta_inverse(base, count + 1, tail);
	/* Of little, 1 - least has none of its digits. */
	*ret_low = factor_of(least, 1 - least, base_size, size);
	*ret_high = factor_of(1 - base_least, base_least, base_size, size);
}

/* The square of how much wider the t distribution is (Cornish and Fisher 1938). */
static double widening(double tail, double freedom)
{
	double square = -2 * log(tail), wider = 1 + (square + 1) / (4 * freedom);

	return wider * wider;
}

double confidence_burst(const struct confidence_part *parts, size_t count, double variance,
			double tail)
{
	double events = 0, sizes = 0, squares = 0, burst;
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		events += parts[i].count;
		sizes += parts[i].size;
		used += parts[i].size > 0;
	}
	if (used < 2 || !(events > 0) || !(variance > 0))
		return 1;
	for (size_t i = 0; i < count; i++) {
		double off = parts[i].count - events * parts[i].size / sizes;

		squares += off * off;
	}
	burst = squares * (double)used / ((double)used - 1) / (events * variance);
	return burst > 1 ? burst * widening(tail, (double)used - 1) : 1;
}
