// SPDX-License-Identifier: GPL-2.0-only
/* Two made-up clocks: what is told of them is true, however few or many segments there were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "user/aggregate/clock_fit.h"

#define US UINT64_C(1000)
#define SEC UINT64_C(1000000000)
#define BEGIN_NS (12345 * SEC)
#define ROUNDS 300

static uint64_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 16;
}

/* The other machine's clock: ahead by `offset_ns` at BEGIN_NS, and by more each second. */
struct other {
	int64_t offset_ns;
	double drift_ppm;
};

static uint64_t there(const struct other *o, uint64_t here_ns)
{
	double since_ns = (double)(here_ns - BEGIN_NS);

	return here_ns + (uint64_t)(o->offset_ns + (int64_t)(since_ns * o->drift_ppm / 1e6));
}

/* A handshake at `here_ns`, of which each segment takes from `least` ns to a few times that. */
static void shake(struct clock_fit *fit, const struct other *o, uint64_t here_ns, uint64_t least,
		  uint64_t *seed)
{
	uint64_t syn = here_ns, synack = syn + least + random_number(seed) % (3 * least);
	uint64_t ack = synack + least + random_number(seed) % (3 * least);
	uint64_t open = ack + least + random_number(seed) % (3 * least);

	clock_fit_add(fit, true, syn, there(o, synack));
	clock_fit_add(fit, false, there(o, synack), ack);
	clock_fit_add(fit, true, ack, there(o, open));
}

static void assert_holds(const struct clock_fit *fit, const struct other *o, uint64_t here_ns,
			 struct clock_bounds *ret)
{
	int64_t truth_ns = (int64_t)(there(o, here_ns) - here_ns);

	assert_int_equal(clock_fit_at(fit, here_ns, ret), CLOCK_BOUNDED);
	assert_true(truth_ns >= ret->offset_ns - (int64_t)ret->bound_ns);
	assert_true(truth_ns <= ret->offset_ns + (int64_t)ret->bound_ns);
	assert_true(o->drift_ppm >= ret->drift_ppm - ret->drift_bound_ppm - 1e-3);
	assert_true(o->drift_ppm <= ret->drift_ppm + ret->drift_bound_ppm + 1e-3);
}

/* 3.7 s, as one that nobody has set may be: the bound is no more than half a round trip. */
static void a_single_handshake(void **state)
{
	struct clock_fit *fit = calloc(1, sizeof(*fit));
	const struct other o = { 3700 * 1000 * 1000LL, 0 };
	struct clock_bounds bounds;
	uint64_t seed = 1;

	(void)state;
	assert_non_null(fit);
	assert_int_equal(clock_fit_at(fit, BEGIN_NS, &bounds), CLOCK_UNBOUNDED);
	clock_fit_add(fit, true, BEGIN_NS, there(&o, BEGIN_NS + 50 * US));
	assert_int_equal(clock_fit_at(fit, BEGIN_NS, &bounds), CLOCK_UNBOUNDED);
	shake(fit, &o, BEGIN_NS, 50 * US, &seed);
	assert_holds(fit, &o, BEGIN_NS, &bounds);
	assert_in_range(bounds.bound_ns, 50 * US, 210 * US);
	free(fit);
}

/* Whatever the clocks are, in each of many worlds, and at any time of it and around. */
static void always_true(void **state)
{
	struct clock_fit *fit = malloc(sizeof(*fit));
	struct clock_bounds bounds;
	uint64_t seed = 4711;

	(void)state;
	assert_non_null(fit);
	for (int i = 0; i < ROUNDS; i++) {
		const struct other o = { (int64_t)(random_number(&seed) % (100 * SEC)) -
						 (int64_t)(50 * SEC),
					 (double)(random_number(&seed) % 1600) - 800 };
		uint64_t handshakes = 1 + random_number(&seed) % 40;
		uint64_t long_ns = 1 + random_number(&seed) % (3600 * SEC);

		*fit = (struct clock_fit){ .has_first = false };
		for (uint64_t n = 0; n < handshakes; n++)
			shake(fit, &o, BEGIN_NS + random_number(&seed) % long_ns,
			      1 + random_number(&seed) % (5000 * US), &seed);
		for (int n = 0; n < 5; n++)
			assert_holds(fit, &o, BEGIN_NS + random_number(&seed) % (2 * long_ns),
				     &bounds);
	}
	free(fit);
}

/* With many the bounds get close, and no more is kept of them than there is room for. */
static void many_handshakes(void **state)
{
	struct clock_fit *fit = calloc(1, sizeof(*fit));
	const struct other o = { -3700 * 1000 * 1000LL, 31.5 };
	struct clock_bounds bounds;
	uint64_t seed = 9;

	(void)state;
	assert_non_null(fit);
	for (uint64_t i = 0; i < 20000; i++)
		shake(fit, &o, BEGIN_NS + i * SEC / 10, 50 * US, &seed);
	assert_holds(fit, &o, BEGIN_NS + 1000 * SEC, &bounds);
	assert_true(bounds.bound_ns < 60 * US);
	assert_true(bounds.drift_bound_ppm < 0.2);
	free(fit);
}

/* A clock that was set meanwhile: nothing is claimed. */
static void a_clock_is_set(void **state)
{
	struct clock_fit *fit = calloc(1, sizeof(*fit));
	struct other o = { 1000, 0 };
	struct clock_bounds bounds;
	uint64_t seed = 3;

	(void)state;
	assert_non_null(fit);
	for (uint64_t i = 0; i < 10; i++) {
		shake(fit, &o, BEGIN_NS + i * SEC, 50 * US, &seed);
		o.offset_ns += i == 5 ? (int64_t)SEC : 0;
	}
	assert_int_equal(clock_fit_at(fit, BEGIN_NS, &bounds), CLOCK_CONTRADICTORY);
	free(fit);
}

/* Times that nobody can have measured, as a recording may have them. */
static void absurd_times(void **state)
{
	static const uint64_t times[] = {
		0, 1, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1, CLOCK_FIT_TIME_MAX
	};
	const size_t count = sizeof(times) / sizeof(*times);
	struct clock_fit *fit = calloc(1, sizeof(*fit));
	struct clock_bounds bounds;

	(void)state;
	assert_non_null(fit);
	for (size_t i = 0; i < 2 * count * count; i++)
		clock_fit_add(fit, i & 1, times[i / 2 % count], times[i / 2 / count]);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(clock_fit_at(fit, times[i], &bounds), CLOCK_CONTRADICTORY);
	*fit = (struct clock_fit){ .has_first = false };
	clock_fit_add(fit, true, 0, CLOCK_FIT_TIME_MAX);
	clock_fit_add(fit, false, 0, CLOCK_FIT_TIME_MAX);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(clock_fit_at(fit, times[i], &bounds), CLOCK_BOUNDED);
	free(fit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_handshake), cmocka_unit_test(always_true),
		cmocka_unit_test(many_handshakes),    cmocka_unit_test(a_clock_is_set),
		cmocka_unit_test(absurd_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
