// SPDX-License-Identifier: GPL-2.0-only
/* How far two clocks are apart, and drift apart: bounded by effects that follow their causes. */
#include "user/aggregate/clock_fit.h"

#include <float.h>
#include <stdlib.h>

#define PPM 1e6
#define ROUNDS 100 /* of a search, each of which leaves two thirds */
#define ROUNDING_NS 1.0

static int by_time(const void *a, const void *b)
{
	const struct clock_point *one = a, *other = b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return (one->offset > other->offset) - (one->offset < other->offset);
}

/* Whether the middle one of three in the order of time bounds no line that the others let pass. */
static bool is_idle(const struct clock_point *a, const struct clock_point *middle,
		    const struct clock_point *b, double side)
{
	double turn = (middle->at - a->at) * (b->offset - a->offset) -
		      (middle->offset - a->offset) * (b->at - a->at);

	return turn * side <= 0;
}

/* Keeps those that a line may touch (`side` 1: from below), and of too many every other one. */
static void thin(struct clock_points *points, double side)
{
	size_t kept = 0;

	qsort(points->all, points->count, sizeof(*points->all), by_time);
	for (size_t i = 0; i < points->count; i++) {
		while (kept > 1 && is_idle(&points->all[kept - 2], &points->all[kept - 1],
					   &points->all[i], side))
			kept--;
		points->all[kept++] = points->all[i];
	}
	if (kept > CLOCK_FIT_POINTS / 2) {
		for (size_t i = 0; i < kept / 2; i++)
			points->all[i] = points->all[2 * i];
		kept /= 2;
	}
	points->count = kept;
}

static void add_point(struct clock_points *points, struct clock_point point, double side)
{
	if (points->count == CLOCK_FIT_POINTS)
		thin(points, side);
	points->all[points->count++] = point;
}

void clock_fit_add(struct clock_fit *fit, bool is_sent_here, uint64_t sent_ns, uint64_t came_ns)
{
	int64_t at_ns = (int64_t)(is_sent_here ? sent_ns : came_ns);
	int64_t offset_ns = (int64_t)(is_sent_here ? came_ns - sent_ns : sent_ns - came_ns);
	struct clock_point point;

	if (sent_ns > CLOCK_FIT_TIME_MAX || came_ns > CLOCK_FIT_TIME_MAX)
		return;
	if (!fit->has_first) {
		fit->has_first = true;
		fit->first_at_ns = at_ns;
		fit->first_offset_ns = offset_ns;
	}
	point.at = (double)(at_ns - fit->first_at_ns);
	point.offset = (double)(offset_ns - fit->first_offset_ns);
	if (is_sent_here)
		add_point(&fit->most, point, 1);
	else
		add_point(&fit->least, point, -1);
}

/* The most, or least, that a line of this drift may have at that time. */
static double most_at(const struct clock_fit *fit, double at, double drift)
{
	double most = DBL_MAX;

	for (const struct clock_point *p = fit->most.all; p < fit->most.all + fit->most.count;
	     p++) {
		double offset = p->offset + drift * (at - p->at);

		most = offset < most ? offset : most;
	}
	return most;
}

static double least_at(const struct clock_fit *fit, double at, double drift)
{
	double least = -DBL_MAX;

	for (const struct clock_point *p = fit->least.all; p < fit->least.all + fit->least.count;
	     p++) {
		double offset = p->offset + drift * (at - p->at);

		least = offset > least ? offset : least;
	}
	return least;
}

static double room_at(const struct clock_fit *fit, double at, double drift)
{
	return most_at(fit, at, drift) - least_at(fit, at, drift);
}

static double negative_least_at(const struct clock_fit *fit, double at, double drift)
{
	return -least_at(fit, at, drift);
}

typedef double bound_at(const struct clock_fit *fit, double at, double drift);

/* The drift from `low` to `high` for which the bound, which is concave, is largest. */
static double best_drift(const struct clock_fit *fit, double at, bound_at *bound, double low,
			 double high)
{
	for (int i = 0; i < ROUNDS; i++) {
		double a = low + (high - low) / 3, b = high - (high - low) / 3;

		if (bound(fit, at, a) < bound(fit, at, b))
			low = a;
		else
			high = b;
	}
	return (low + high) / 2;
}

/* The drift nearest to `far` for which there is room, as there is for `good`. */
static double last_drift(const struct clock_fit *fit, double at, double good, double far)
{
	if (room_at(fit, at, far) >= 0)
		return far;
	for (int i = 0; i < ROUNDS; i++) {
		double middle = (good + far) / 2;

		if (room_at(fit, at, middle) >= 0)
			good = middle;
		else
			far = middle;
	}
	return good;
}

enum clock_verdict clock_fit_at(const struct clock_fit *fit, uint64_t at_ns,
				struct clock_bounds *ret)
{
	int64_t sensible_ns = (int64_t)(at_ns < CLOCK_FIT_TIME_MAX ? at_ns : CLOCK_FIT_TIME_MAX);
	double at = (double)(sensible_ns - fit->first_at_ns);
	double good, low, high, most, least;

	*ret = (struct clock_bounds){ 0 };
	if (!fit->most.count || !fit->least.count)
		return CLOCK_UNBOUNDED;
	good = best_drift(fit, at, room_at, -CLOCK_FIT_DRIFT, CLOCK_FIT_DRIFT);
	if (room_at(fit, at, good) < -ROUNDING_NS)
		return CLOCK_CONTRADICTORY;
	low = last_drift(fit, at, good, -CLOCK_FIT_DRIFT);
	high = last_drift(fit, at, good, CLOCK_FIT_DRIFT);
	most = most_at(fit, at, best_drift(fit, at, most_at, low, high)) + ROUNDING_NS;
	least = least_at(fit, at, best_drift(fit, at, negative_least_at, low, high)) - ROUNDING_NS;
	ret->offset_ns = fit->first_offset_ns + (int64_t)((most + least) / 2);
	ret->bound_ns = (uint64_t)((most - least) / 2) + 1;
	ret->drift_ppm = (low + high) / 2 * PPM;
	ret->drift_bound_ppm = (high - low) / 2 * PPM;
	return CLOCK_BOUNDED;
}
