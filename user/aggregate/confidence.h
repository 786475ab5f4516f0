/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be said of a run from what was seen of it, whatever the shape of its values. */
#ifndef USER_AGGREGATE_CONFIDENCE_H
#define USER_AGGREGATE_CONFIDENCE_H

#include <stddef.h>
#include <stdint.h>

/* The regularized incomplete beta function I_x(a, b); a and b above 0. */
double confidence_beta(double a, double b, double x);

/*
 * Of `n` sorted values, counted from 1, those that the quantile `p` of what they come from lies
 * between: it is below the one, or above the other, with a probability of no more than `tail` each,
 * whatever the shape (order statistics; David and Nagaraja, Order Statistics, 7.1). 0, or n + 1: it
 * may be beyond all of them.
 */
void confidence_ranks(uint64_t n, double p, double tail, uint64_t *ret_below, uint64_t *ret_above);

/*
 * By which factor the rate of `count` events in `size` is that of `base` events in `base_size`: it
 * is below the one, or above the other, with a probability of no more than `tail` each. Exact for
 * events that come by chance (Przyborowski and Wilenski 1940, Clopper and Pearson 1934): of both
 * together, each is the later run's with a probability that hangs on nothing but the factor. Counts
 * need not be whole. INFINITY: there is no upper bound.
 */
void confidence_factor(double base, double base_size, double count, double size, double tail,
		       double *ret_low, double *ret_high);

/* One part of what is looked at: how many events, in how much. */
struct confidence_part {
	double count, size;
};

/*
 * Events that come in bursts say less than as many that come by chance: how many of them say no
 * more than one does, from how much parts that lie one behind the other differ; 1 at least.
 * `variance`: that of one event by chance, 1 where they are rare. Few parts do not tell it well:
 * it is taken for as much more as the t distribution is wider, at `tail`, than the normal one.
 */
double confidence_burst(const struct confidence_part *parts, size_t count, double variance,
			double tail);

#endif
