// SPDX-License-Identifier: GPL-2.0-only
/* A spread's edges are frozen, its exponential buckets hold what they should, nothing gets lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/spread.h"
#include "user/base/units.h"

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += counts[i];
	return sum;
}

static void edges_are_those_of_the_past(void **unused)
{
	static const double latency[] = { .00005, .0001, .00025, .0005, .001, .0025, .005,
					  .01,	  .025,	 .05,	 .1,	.25,  .5,    1,
					  3,	  7,	 15,	 31,	63,   127 };
	static const double time_wait[] = { .01, .1, 1, 5, 15, 30, 45, 59, 61, 75, 120 };
	unsigned int count;
	const uint64_t *edges = spread_edges(SPREAD_LATENCY, &count);

	(void)unused;
	assert_int_equal(count, sizeof(latency) / sizeof(latency[0]));
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(edges[i], llround(latency[i] * 1e9));
	edges = spread_edges(SPREAD_TIME_WAIT, &count);
	assert_int_equal(count, sizeof(time_wait) / sizeof(time_wait[0]));
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(edges[i], llround(time_wait[i] * 1e9));
	edges = spread_edges(SPREAD_STATE, &count);
	assert_int_equal(edges[count - 1], NS_PER_DAY);
}

static void edges_rise(void **unused)
{
	(void)unused;
	for (unsigned int kind = 0; kind < SPREAD_EDGES_COUNT; kind++) {
		unsigned int count;
		const uint64_t *edges = spread_edges(kind, &count);

		for (unsigned int i = 1; i < count; i++)
			assert_true(edges[i - 1] < edges[i]);
	}
}

static void an_edge_belongs_to_what_is_below_it(void **unused)
{
	struct spread s = { .edges = SPREAD_LATENCY };

	(void)unused;
	spread_add(&s, 50000);
	spread_add(&s, 50001);
	spread_add(&s, 127 * NS_PER_S);
	spread_add(&s, 127 * NS_PER_S + 1);
	assert_int_equal(s.below[0], 1);
	assert_int_equal(s.below[1], 1);
	assert_int_equal(s.below[19], 1);
	assert_int_equal(s.below[20], 1);
	assert_int_equal(s.count, 4);
}

/* The bucket that the definition gives, by the math library. */
static int32_t wanted_index(uint64_t ns, int schema)
{
	return (int32_t)ceil(log2((double)ns / 1e9) * pow(2, schema) - 1e-9);
}

static void buckets_hold_what_the_definition_says(void **unused)
{
	(void)unused;
	for (uint64_t ns = 900; ns < 3 * NS_PER_DAY; ns += ns / 7 + 1) {
		struct spread s = { .edges = SPREAD_LATENCY };

		spread_add(&s, ns);
		assert_int_equal(s.used, 1);
		assert_int_equal(s.first, wanted_index(ns, SPREAD_SCHEMA));
	}
}

static void a_power_of_two_is_the_upper_end(void **unused)
{
	struct spread s = { .edges = SPREAD_LATENCY };

	(void)unused;
	spread_add(&s, NS_PER_S);
	assert_int_equal(s.first, 0);
	spread_add(&s, NS_PER_S + 1);
	assert_int_equal(s.used, 2);
	assert_int_equal(s.bucket[1], 1);
	spread_add(&s, 2 * NS_PER_S);
	assert_int_equal(s.first + (int32_t)s.used - 1, 8);
}

/* From 1 ns to 584 years: more buckets than there is room for, so that neighbours are joined. */
static void neighbours_are_joined_for_lack_of_room(void **unused)
{
	struct spread s = { .edges = SPREAD_STATE };
	uint64_t count = 0;

	(void)unused;
	for (unsigned int bit = 63; bit < 64; bit--) {
		spread_add(&s, UINT64_C(1) << bit);
		count++;
		assert_int_equal(sum_of(s.bucket, SPREAD_BUCKETS), count);
		assert_true(s.used <= SPREAD_BUCKETS);
	}
	assert_true(s.schema_below > 0);
	for (unsigned int bit = 0; bit < 64; bit++) {
		int32_t index = wanted_index(UINT64_C(1) << bit, spread_schema(&s));

		assert_in_range(index - s.first, 0, (int32_t)s.used - 1);
		assert_true(s.bucket[index - s.first] > 0);
	}
}

static void a_value_of_nothing_is_a_value(void **unused)
{
	struct spread s = { .edges = SPREAD_LATENCY };

	(void)unused;
	spread_add(&s, 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.zeros, 1);
	assert_int_equal(s.used, 0);
	assert_int_equal(s.below[0], 1);
}

static void the_sum_is_exact(void **unused)
{
	struct spread s = { .edges = SPREAD_STATE };

	(void)unused;
	for (unsigned int i = 0; i < 4; i++)
		spread_add(&s, UINT64_MAX);
	assert_true(fabs(spread_sum(&s) / (4 * 0x1p64 / 1e9) - 1) < 1e-12);
}

/* Whatever the one before it was. */
static void each_value_falls_where_it_belongs(void **unused)
{
	(void)unused;
	for (unsigned int kind = 0; kind < SPREAD_EDGES_COUNT; kind++) {
		unsigned int count;
		const uint64_t *edges = spread_edges(kind, &count);
		uint64_t want[SPREAD_EDGES_MAX + 1] = { 0 };
		struct spread s = { .edges = kind };

		for (unsigned int i = 0; i < 3 * count; i++)
			for (unsigned int j = 0; j < 3 * count; j++) {
				const uint64_t both[] = { edges[i / 3] + i % 3 - 1,
							  edges[j / 3] + j % 3 - 1 };

				for (unsigned int k = 0; k < 2; k++) {
					unsigned int below = 0;

					while (below < count && edges[below] < both[k])
						below++;
					want[below]++;
					spread_add(&s, both[k]);
				}
			}
		assert_memory_equal(s.below, want, sizeof(want));
	}
}

/* What was put off, around all powers of two and all edges, is where it would be at once. */
static void what_is_put_off_is_not_changed(void **unused)
{
	static struct spread_pending pending;

	(void)unused;
	for (unsigned int kind = 0; kind < SPREAD_EDGES_COUNT; kind++) {
		struct spread late = { .edges = kind }, soon = { .edges = kind };
		uint64_t row = kind + 1;
		unsigned int count;
		const uint64_t *edges = spread_edges(kind, &count);

		for (unsigned int i = 0; i < 200000; i++) {
			uint64_t ns;

			row ^= row << 13;
			row ^= row >> 7;
			row ^= row << 17;
			ns = row & 1 ? edges[row / 2 % count] + row / 64 % 3 - 1 : row >> row % 61;
			spread_add(&soon, ns);
			spread_put_off(&pending, &late, kind, ns);
			if (i % 50000 == 0)
				spread_settle(&pending, &late);
		}
		spread_settle(&pending, &late);
		assert_memory_equal(&soon, &late, sizeof(soon));
		spread_settle(&pending, &late);
		assert_memory_equal(&soon, &late, sizeof(soon));
	}
}

/* The same of what belongs to two of them. */
static void what_is_put_off_for_two_is_not_changed(void **unused)
{
	static struct spread_pending pending;
	struct spread late[] = { { .edges = SPREAD_LATENCY }, { .edges = SPREAD_STATE } };
	struct spread soon[] = { { .edges = SPREAD_LATENCY }, { .edges = SPREAD_STATE } };
	uint64_t row = 1;

	(void)unused;
	for (unsigned int i = 0; i < 200000; i++) {
		unsigned int count;
		const uint64_t *edges = spread_edges(soon[i % 2].edges, &count);
		uint64_t ns;

		row ^= row << 13;
		row ^= row >> 7;
		row ^= row << 17;
		ns = row & 1 ? edges[row / 2 % count] + row / 64 % 3 - 1 : row >> row % 61;
		for (unsigned int of = 0; of < 2; of++)
			spread_add(&soon[of], ns);
		if (!spread_put_off_quickly(&pending, SPREAD_BOTH, ns))
			spread_put_off_both_slowly(&pending, &late[0], &late[1], ns);
		if (i % 50000 == 0)
			spread_settle_both(&pending, &late[0], &late[1]);
	}
	spread_settle_both(&pending, &late[0], &late[1]);
	assert_memory_equal(soon, late, sizeof(soon));
	spread_settle_both(&pending, &late[0], &late[1]);
	assert_memory_equal(soon, late, sizeof(soon));
}

static void what_is_small_is_counted_by_itself(void **unused)
{
	static struct spread_small small;
	struct spread late = { .edges = SPREAD_LATENCY }, soon = { .edges = SPREAD_LATENCY };

	(void)unused;
	for (uint32_t us = 0; us < 2 * SPREAD_SMALL_US; us++)
		for (uint32_t times = 0; times < 1 + us % 3; times++) {
			bool is_small = spread_count_small(&small, us);

			assert_int_equal(is_small, us && us < SPREAD_SMALL_US);
			if (is_small)
				spread_add(&soon, us * NS_PER_US);
		}
	assert_false(spread_count_small(&small, UINT32_MAX));
	for (unsigned int i = 0; i < 2; i++) {
		spread_settle_small(&small, &late);
		assert_memory_equal(&soon, &late, sizeof(soon));
	}
	small.of[SPREAD_SMALL_US - 1] = UINT64_MAX;
	spread_settle_small(&small, &late);
	/* With what the sum of the others carries. */
	assert_int_equal(late.sum_high, (SPREAD_SMALL_US - 1) * NS_PER_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_are_those_of_the_past),
		cmocka_unit_test(edges_rise),
		cmocka_unit_test(an_edge_belongs_to_what_is_below_it),
		cmocka_unit_test(buckets_hold_what_the_definition_says),
		cmocka_unit_test(a_power_of_two_is_the_upper_end),
		cmocka_unit_test(neighbours_are_joined_for_lack_of_room),
		cmocka_unit_test(a_value_of_nothing_is_a_value),
		cmocka_unit_test(each_value_falls_where_it_belongs),
		cmocka_unit_test(the_sum_is_exact),
		cmocka_unit_test(what_is_put_off_is_not_changed),
		cmocka_unit_test(what_is_put_off_for_two_is_not_changed),
		cmocka_unit_test(what_is_small_is_counted_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
