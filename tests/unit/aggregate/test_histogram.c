// SPDX-License-Identifier: GPL-2.0-only
/* The histogram against sorted data: error of quantiles, exact merges, buckets without holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/histogram.h"

#define NS_PER_US 1000ULL
#define NS_PER_DAY (86400ULL * 1000000000)
#define ERROR_MOST 0.01
#define PARTS 10000 /* quantiles are tried in these steps */
#define KIB 1024

/* xorshift64*: the same numbers on every machine. */
static uint64_t state;

static uint64_t random_u64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static uint64_t clamp(uint64_t value)
{
	return value < NS_PER_US ? NS_PER_US : value > NS_PER_DAY ? NS_PER_DAY : value;
}

/* As many values in each octave. */
static uint64_t octaves(void)
{
	uint64_t low = NS_PER_US << random_u64() % 37;

	return clamp(low + random_u64() % low);
}

static uint64_t uniform(void)
{
	return NS_PER_US + random_u64() % (NS_PER_DAY - NS_PER_US);
}

/* Pareto: half of the values are below 2 us, one in 1,000 is above 1 ms. */
static uint64_t long_tail(void)
{
	return clamp((uint64_t)(NS_PER_US * 0x1p53 / ((double)(random_u64() >> 11) + 1)));
}

/* The sum of many: nearly normal, about 80 ms. */
static uint64_t bell(void)
{
	uint64_t value = 74000000;

	for (int i = 0; i < 12; i++)
		value += random_u64() % 1000000;
	return value;
}

/* A fast path, and the second of a lost SYN. */
static uint64_t two_peaks(void)
{
	return random_u64() % 100 < 97 ? 40000 + random_u64() % 9000 :
					 1000000000 + random_u64() % 20000000;
}

static uint64_t one_value(void)
{
	return 81234567;
}

/* Where a bucket ends and the next one begins. */
static uint64_t powers(void)
{
	return (1ULL << (10 + random_u64() % 36)) - random_u64() % 2;
}

static const struct distribution {
	const char *name;
	uint64_t (*draw)(void);
} distributions[] = {
	{ "octaves", octaves }, { "uniform", uniform },	    { "long tail", long_tail },
	{ "bell", bell },	{ "two peaks", two_peaks }, { "one value", one_value },
	{ "powers", powers },
};
#define DISTRIBUTIONS (sizeof(distributions) / sizeof(distributions[0]))

static const size_t sizes[] = { 1, 2, 3, 10, 100, 999, 1000, 50021 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static int compare(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

static uint64_t *draw(const struct distribution *d, size_t count, uint64_t seed)
{
	uint64_t *values = calloc(count, sizeof(*values));

	assert_non_null(values);
	state = seed;
	for (size_t i = 0; i < count; i++)
		values[i] = d->draw();
	return values;
}

static void add_all(struct histogram *h, const uint64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(histogram_add(h, values[i]), 0);
}

/* The largest relative error of all quantiles, against values that are sorted. */
static double worst_error(const struct histogram *h, const uint64_t *sorted, size_t count)
{
	double worst = 0;

	for (unsigned int part = 0; part <= PARTS; part++) {
		size_t rank = (part * count + PARTS - 1) / PARTS;
		uint64_t right = sorted[rank ? rank - 1 : 0];
		uint64_t got = histogram_quantile(h, (double)part / PARTS);
		double error = (double)(got > right ? got - right : right - got) / (double)right;

		assert_in_range(got, sorted[0], sorted[count - 1]);
		if (error > worst)
			worst = error;
	}
	return worst;
}

static void quantiles_are_within_one_percent(void **unused)
{
	(void)unused;
	for (size_t d = 0; d < DISTRIBUTIONS; d++) {
		for (size_t n = 0; n < SIZES; n++) {
			uint64_t *values =
				draw(&distributions[d], sizes[n], 0x9e3779b9 + d * 31 + n);
			struct histogram h = { 0 };
			double error;

			add_all(&h, values, sizes[n]);
			qsort(values, sizes[n], sizeof(*values), compare);
			error = worst_error(&h, values, sizes[n]);
			if (error > ERROR_MOST)
				fail_msg("%s, %zu values: off by %g", distributions[d].name,
					 sizes[n], error);
			assert_int_equal(h.count, sizes[n]);
			assert_int_equal(h.min, values[0]);
			assert_int_equal(h.max, values[sizes[n] - 1]);
			assert_int_equal(histogram_quantile(&h, 0), values[0]);
			assert_int_equal(histogram_quantile(&h, 1), values[sizes[n] - 1]);
			histogram_done(&h);
			free(values);
		}
	}
}

/* The twin: the measure of error is one that notices two percent. */
static void two_percent_would_be_noticed(void **unused)
{
	struct histogram h = { 0 };
	uint64_t *values = draw(&distributions[0], 1000, 7);

	(void)unused;
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(histogram_add(&h, values[i]), 0);
	qsort(values, 1000, sizeof(*values), compare);
	assert_true(worst_error(&h, values, 1000) <= ERROR_MOST);
	for (size_t i = 1; i < 999; i++)
		values[i] += values[i] / 50;
	values[999] += values[999] / 50;
	assert_true(worst_error(&h, values, 1000) > ERROR_MOST);
	histogram_done(&h);
	free(values);
}

struct total {
	uint64_t count, end, buckets;
	const uint64_t *sorted;
};

static void check_bucket(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct total *total = context;

	assert_true(count > 0);
	assert_true(low < high);
	assert_true(low >= total->end);
	assert_true(high == low + 1 || (double)(high - low) / (double)low <= 1.0 / HISTOGRAM_SUBS);
	for (uint64_t i = 0; i < count; i++)
		assert_in_range(total->sorted[total->count + i], low, high - 1);
	total->count += count;
	total->end = high;
	total->buckets++;
}

static void buckets_hold_their_values(void **unused)
{
	(void)unused;
	for (size_t d = 0; d < DISTRIBUTIONS; d++) {
		uint64_t *values = draw(&distributions[d], 20011, d + 1);
		struct total total = { .sorted = values };
		struct histogram h = { 0 };

		add_all(&h, values, 20011);
		qsort(values, 20011, sizeof(*values), compare);
		histogram_each(&h, check_bucket, &total);
		assert_int_equal(total.count, 20011);
		histogram_done(&h);
		free(values);
	}
}

static void small_values_are_exact(void **unused)
{
	struct histogram h = { 0 };

	(void)unused;
	for (uint64_t i = 0; i < 128; i++)
		assert_int_equal(histogram_add(&h, i), 0);
	for (unsigned int i = 1; i <= 128; i++)
		assert_int_equal(histogram_quantile(&h, i / 128.0), i - 1);
	histogram_done(&h);
}

static void remember_last(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	uint64_t *last = context;

	last[0] = low;
	last[1] = high;
	last[2] = count;
}

static void extremes_fit(void **unused)
{
	struct histogram h = { 0 };
	uint64_t last[3] = { 0 };

	(void)unused;
	assert_int_equal(histogram_add(&h, 0), 0);
	assert_int_equal(histogram_add(&h, UINT64_MAX), 0);
	assert_int_equal(histogram_add(&h, UINT64_MAX), 0);
	assert_int_equal(h.min, 0);
	assert_int_equal(h.max, UINT64_MAX);
	assert_int_equal(histogram_quantile(&h, 0.1), 0);
	assert_int_equal(histogram_quantile(&h, 0.9), UINT64_MAX);
	histogram_each(&h, remember_last, last);
	assert_int_equal(last[0], 0xfe00000000000000);
	assert_int_equal(last[1], UINT64_MAX);
	assert_int_equal(last[2], 2);
	/* The sum needs more than 64 bits. */
	assert_int_equal(h.sum_high, 1);
	assert_int_equal(h.sum_low, UINT64_MAX - 1);
	assert_true(histogram_mean(&h) == 0x1p65 / 3);
	histogram_done(&h);
}

static void empty_has_no_values(void **unused)
{
	struct histogram h = { 0 };
	uint64_t last[3] = { 0 };

	(void)unused;
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_true(histogram_mean(&h) == 0);
	histogram_each(&h, remember_last, last);
	assert_int_equal(last[2], 0);
	histogram_done(&h);
	histogram_done(NULL);
}

static void mean_is_exact(void **unused)
{
	struct histogram h = { 0 };

	(void)unused;
	assert_int_equal(histogram_add(&h, 100), 0);
	assert_int_equal(histogram_add(&h, 301), 0);
	assert_int_equal(histogram_add(&h, NS_PER_DAY), 0);
	assert_true(histogram_mean(&h) == (100 + 301 + (double)NS_PER_DAY) / 3);
	histogram_done(&h);
}

static void assert_same(const struct histogram *a, const struct histogram *b)
{
	static const uint64_t none[2 * HISTOGRAM_SUBS];

	assert_int_equal(a->count, b->count);
	assert_int_equal(a->min, b->min);
	assert_int_equal(a->max, b->max);
	assert_int_equal(a->sum_low, b->sum_low);
	assert_int_equal(a->sum_high, b->sum_high);
	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++) {
		const ptrdiff_t first = histogram_first_sub(i);

		assert_memory_equal(a->octaves[i] ? a->octaves[i] + first : none,
				    b->octaves[i] ? b->octaves[i] + first : none,
				    (size_t)(HISTOGRAM_SUBS - first) * sizeof(*none));
	}
}

/* However values are parted, the parts make the same whole. */
static void merge_is_exact(void **unused)
{
	(void)unused;
	for (size_t d = 0; d < DISTRIBUTIONS; d++) {
		uint64_t *values = draw(&distributions[d], 5003, d + 99);
		struct histogram whole = { 0 }, merged = { 0 }, parts[4] = { 0 };

		/* The last part stays empty. */
		for (size_t i = 0; i < 5003; i++)
			assert_int_equal(histogram_add(&parts[random_u64() % 3], values[i]), 0);
		add_all(&whole, values, 5003);
		for (int i = 3; i >= 0; i--)
			assert_int_equal(histogram_merge(&merged, &parts[i]), 0);
		assert_same(&whole, &merged);
		assert_int_equal(histogram_add(&merged, 1), 0);
		assert_int_not_equal(whole.count, merged.count);
		histogram_done(&whole);
		histogram_done(&merged);
		for (int i = 0; i < 4; i++)
			histogram_done(&parts[i]);
		free(values);
	}
}

static void merge_carries_the_sum(void **unused)
{
	struct histogram a = { 0 }, b = { 0 };

	(void)unused;
	assert_int_equal(histogram_add(&a, UINT64_MAX - 1), 0);
	assert_int_equal(histogram_add(&b, UINT64_MAX - 1), 0);
	assert_int_equal(histogram_merge(&a, &b), 0);
	assert_int_equal(a.sum_high, 1);
	assert_int_equal(a.sum_low, UINT64_MAX - 3);
	assert_int_equal(histogram_merge(&b, &a), 0);
	assert_int_equal(b.sum_high, 2);
	assert_int_equal(b.sum_low, UINT64_MAX - 5);
	histogram_done(&a);
	histogram_done(&b);
}

static size_t bytes_of(const struct histogram *h)
{
	size_t bytes = sizeof(*h);

	for (unsigned int i = 0; i < HISTOGRAM_OCTAVES; i++)
		if (h->octaves[i])
			bytes += (size_t)(HISTOGRAM_SUBS - histogram_first_sub(i)) *
				 sizeof(*h->octaves[i]);
	return bytes;
}

/* Twelve octaves, 100 us to 400 ms: where round-trip times lie. */
static uint64_t round_trips(void)
{
	uint64_t low = 100 * NS_PER_US << random_u64() % 12;

	return low + random_u64() % low;
}

/* What a histogram holds after the same values have come so many times. */
static size_t bytes_after(uint64_t (*next)(void), size_t count, unsigned int times)
{
	struct histogram h = { 0 };
	size_t bytes;

	for (unsigned int i = 0; i < times; i++) {
		state = 11;
		for (size_t n = 0; n < count; n++)
			assert_int_equal(histogram_add(&h, next()), 0);
	}
	assert_int_equal(h.count, times * count);
	bytes = bytes_of(&h);
	histogram_done(&h);
	return bytes;
}

static void memory_is_a_few_kib(void **unused)
{
	(void)unused;
	assert_in_range(bytes_after(one_value, 1, 1), 1, 1 * KIB);
	assert_in_range(bytes_after(bell, 50021, 1), 1, 2 * KIB);
	assert_in_range(bytes_after(round_trips, 50021, 1), 1, 7 * KIB);
	/* All there is from 1 us to 1 day, and all that 64 bits can say. */
	assert_in_range(bytes_after(octaves, 50021, 1), 1, 20 * KIB);
	assert_in_range(bytes_after(random_u64, 50021, 1), 1, 30 * KIB);
}

/* Adding writes one bucket and a few sums: there is nothing that could grow with the count. */
static void memory_depends_on_values_alone(void **unused)
{
	(void)unused;
	for (size_t d = 0; d < DISTRIBUTIONS; d++)
		assert_int_equal(bytes_after(distributions[d].draw, 5003, 1),
				 bytes_after(distributions[d].draw, 5003, 50));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_within_one_percent),
		cmocka_unit_test(two_percent_would_be_noticed),
		cmocka_unit_test(buckets_hold_their_values),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(extremes_fit),
		cmocka_unit_test(empty_has_no_values),
		cmocka_unit_test(mean_is_exact),
		cmocka_unit_test(merge_is_exact),
		cmocka_unit_test(merge_carries_the_sum),
		cmocka_unit_test(memory_is_a_few_kib),
		cmocka_unit_test(memory_depends_on_values_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
