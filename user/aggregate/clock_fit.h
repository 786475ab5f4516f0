/* SPDX-License-Identifier: GPL-2.0-only */
/* How far two clocks are apart, and drift apart: bounded by effects that follow their causes. */
#ifndef USER_AGGREGATE_CLOCK_FIT_H
#define USER_AGGREGATE_CLOCK_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_FIT_POINTS 1024

/* Times behind it, of a recording that anybody may have made, bound nothing. */
#define CLOCK_FIT_TIME_MAX (UINT64_C(1) << 61)

/* Two clocks that are disciplined drift apart by no more: 500 parts of a million each. */
#define CLOCK_FIT_DRIFT 1e-3

/* By this clock's time `at`, the difference is at most, or at least, `offset`. */
struct clock_point {
	double at, offset; /* nanoseconds, from the first point on */
};

struct clock_points {
	struct clock_point all[CLOCK_FIT_POINTS];
	size_t count;
};

/*
 * What is sent comes later: each segment whose sending one clock has timed, and the other one its
 * coming, bounds the difference from one side. All lines that go between all bounds are possible;
 * what is told is the range of these. Begins as zeros.
 */
struct clock_fit {
	struct clock_points most, least;
	int64_t first_at_ns, first_offset_ns;
	bool has_first;
};

/* It left at `sent_ns` of the clock of who sent it, and came at `came_ns` of the other's. */
void clock_fit_add(struct clock_fit *fit, bool is_sent_here, uint64_t sent_ns, uint64_t came_ns);

enum clock_verdict {
	CLOCK_UNBOUNDED, /* from one side, or both: too little was seen */
	CLOCK_BOUNDED,
	CLOCK_CONTRADICTORY, /* no two steady clocks are like that */
};

struct clock_bounds {
	int64_t offset_ns; /* of the other clock: what it shows less what this one shows */
	uint64_t bound_ns; /* so far it may be off, either way */
	double drift_ppm, drift_bound_ppm; /* how fast it goes ahead */
};

/* The difference when this clock shows `at_ns`. */
enum clock_verdict clock_fit_at(const struct clock_fit *fit, uint64_t at_ns,
				struct clock_bounds *ret);

#endif
