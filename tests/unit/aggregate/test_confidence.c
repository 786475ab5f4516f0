// SPDX-License-Identifier: GPL-2.0-only
/* Bounds of quantiles and of rates, against sums of binomials and against chance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "user/aggregate/confidence.h"

static double binomial(unsigned int k, unsigned int n, double p)
{
	return exp(lgamma(n + 1.) - lgamma(k + 1.) - lgamma(n - k + 1.) + k * log(p) +
		   (n - k) * log1p(-p));
}

static double at_most(int k, unsigned int n, double p)
{
	double sum = 0;

	for (int i = 0; i <= k; i++)
		sum += binomial((unsigned int)i, n, p);
	return sum;
}

static void assert_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-9 * fabs(b)))
		fail_msg("%.17g is not %.17g", a, b);
}

static void beta_is_a_sum_of_binomials(void **state)
{
	static const double ps[] = { 1e-6, 0.01, 0.3, 0.5, 0.9, 0.999 };

	(void)state;
	for (size_t i = 0; i < sizeof(ps) / sizeof(*ps); i++)
		for (unsigned int n = 1; n < 300; n += 23)
			for (unsigned int k = 0; k < n; k += 7) {
				double p = ps[i], sum = at_most((int)k, n, p);

				if (sum > 1e-12 && sum < 0.99)
					assert_near(confidence_beta(n - k, k + 1., 1 - p), sum);
			}
	assert_true(confidence_beta(3, 4, 0) == 0);
	assert_true(confidence_beta(3, 4, 1) == 1);
	/* Symmetric, however large. */
	assert_true(fabs(confidence_beta(5e8, 5e8, 0.5) - 0.5) < 1e-4);
}

static void ranks_are_the_narrowest_that_hold(void **state)
{
	static const double ps[] = { 0.5, 0.9, 0.99 };

	(void)state;
	for (size_t i = 0; i < sizeof(ps) / sizeof(*ps); i++)
		for (unsigned int n = 1; n < 800; n = n * 2 + 1) {
			double p = ps[i], tail = 1.1e-3;
			uint64_t low, high;

			confidence_ranks(n, p, tail, &low, &high);
			assert_true(low < high && high <= n + 1);
			if (low)
				assert_true(at_most((int)low - 1, n, p) <= tail);
			assert_true(at_most((int)low, n, p) > tail);
			if (high <= n)
				assert_true(1 - at_most((int)high - 1, n, p) <= tail * (1 + 1e-9));
			if (high > 1)
				assert_true(1 - at_most((int)high - 2, n, p) > tail);
		}
}

static void few_values_bound_nothing(void **state)
{
	uint64_t low, high;

	(void)state;
	confidence_ranks(0, 0.5, 1e-6, &low, &high);
	assert_int_equal(low, 0);
	assert_int_equal(high, 1);
	confidence_ranks(10, 0.5, 1e-6, &low, &high);
	assert_int_equal(low, 0);
	assert_int_equal(high, 11);
	confidence_ranks(30, 0.5, 1e-6, &low, &high);
	assert_true(low > 0 && high < 31);
	confidence_ranks(1000000000, 0.5, 1e-6, &low, &high);
	assert_true(low > 499900000 && high < 500100000);
}

static void factors_have_what_is_true_between_them(void **state)
{
	double low, high;

	(void)state;
	confidence_factor(100, 1, 100, 1, 1e-6, &low, &high);
	assert_true(low < 1 && high > 1);
	assert_near(low, 1 / high);
	confidence_factor(100, 1, 300, 1, 1e-6, &low, &high);
	assert_true(low > 1 && low < 3 && high > 3);
	/* As many in twice the time are half the rate. */
	confidence_factor(1000, 1, 1000, 2, 1e-6, &low, &high);
	assert_true(low < 0.5 && high > 0.5 && high < 1);
	/* 10 of 10, where each is in the later run with a probability of one half: 1/1024. */
	confidence_factor(0, 1, 10, 1, pow(0.5, 10), &low, &high);
	assert_near(low, 1);
	assert_true(isinf(high));
	confidence_factor(10, 1, 0, 1, pow(0.5, 10), &low, &high);
	assert_true(low == 0);
	assert_near(high, 1);
	confidence_factor(0, 1, 0, 1, 1e-6, &low, &high);
	assert_true(low == 0 && isinf(high));
	/* Of next to nothing the bounds are far apart, and the one as far off as the other. */
	confidence_factor(0.35, 1, 0.35, 1, 1e-6, &low, &high);
	assert_true(low > 0 && low < 1e-16);
	assert_near(low * high, 1);
	confidence_factor(0.01, 1, 0.01, 1, 1e-6, &low, &high);
	assert_true(low == 0 && isinf(high));
	confidence_factor(1e12, 1, 1.1e12, 1, 1e-6, &low, &high);
	assert_true(low > 1.09 && high < 1.11);
}

static void bursts_count_as_less(void **state)
{
	struct confidence_part parts[64];
	double burst;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < 64; i++)
		parts[i] = (struct confidence_part){ 0, 100 };
	for (int i = 0; i < 6400; i++)
		parts[random() % 64].count++;
	burst = confidence_burst(parts, 64, 1, 1e-6);
	assert_true(burst >= 1 && burst < 2);
	/* The same, but they come forty at a time. */
	for (size_t i = 0; i < 64; i++)
		parts[i].count = 0;
	for (int i = 0; i < 160; i++)
		parts[random() % 64].count += 40;
	burst = confidence_burst(parts, 64, 1, 1e-6);
	assert_true(burst > 20 && burst < 100);
	/* Few parts that differ as much tell it less well. */
	for (size_t i = 0; i < 64; i++)
		parts[i].count = i % 2 ? 150 : 50;
	assert_true(confidence_burst(parts, 8, 1, 1e-6) > 2 * confidence_burst(parts, 64, 1, 1e-6));
	assert_true(confidence_burst(parts, 64, 1, 1e-6) > 25);
	/* All at once are one. */
	for (size_t i = 0; i < 64; i++)
		parts[i].count = i ? 0 : 500;
	assert_true(confidence_burst(parts, 64, 1, 1e-6) > 400);
	assert_true(confidence_burst(parts, 1, 1, 1e-6) == 1);
	assert_true(confidence_burst(parts, 0, 1, 1e-6) == 1);
	assert_true(confidence_burst(parts, 64, 0, 1e-6) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beta_is_a_sum_of_binomials),
		cmocka_unit_test(ranks_are_the_narrowest_that_hold),
		cmocka_unit_test(few_values_bound_nothing),
		cmocka_unit_test(factors_have_what_is_true_between_them),
		cmocka_unit_test(bursts_count_as_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
