// SPDX-License-Identifier: GPL-2.0-only
/* Loads in, shares out: it stays within the budget, comes back, and does not go to and fro. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/run/budget.h"

#define PERCENT (BUDGET_WHOLE / 100)

/* A machine, on which events cost something each, and connections that are followed more. */
struct load {
	double idle;	 /* spent whatever happens, of BUDGET_WHOLE */
	double event;	 /* for each thousand of events that is not followed */
	double followed; /* for each that is, in addition */
	uint64_t events; /* between two looks */
};

static uint32_t spent(const struct load *l, uint32_t one_of)
{
	double thousands = (double)l->events / 1000;

	return (uint32_t)(l->idle + thousands * (l->event + l->followed / one_of));
}

/* Looks so often; counts how often the share has changed. */
static unsigned int run(struct budget *b, const struct load *l, unsigned int looks)
{
	unsigned int changes = 0;
	uint32_t one_of = 1u << b->shift;

	for (unsigned int i = 0; i < looks; i++) {
		uint32_t next = budget_look(b, spent(l, one_of), l->events);

		changes += next != one_of;
		one_of = next;
	}
	return changes;
}

static void what_is_cheap_is_followed(void **state)
{
	const struct load light = { 100, 1, 50, 100000 };
	struct budget b;

	(void)state;
	budget_init(&b, PERCENT);
	assert_int_equal(run(&b, &light, 100), 0);
	assert_int_equal(b.shift, 0);
	/* Nothing happens, and little is spent on that. */
	assert_int_equal(budget_look(&b, 20, 0), 1);
}

/* Whatever the load, it ends within the budget, where that can be, and stays as it is. */
static void it_settles(void **state)
{
	(void)state;
	for (uint32_t allowed = PERCENT / 10; allowed <= 20 * PERCENT; allowed *= 3) {
		for (uint64_t events = 1000; events <= 64000000; events = events * 7 / 4) {
			const struct load l = { 100, 1, 400, events };
			struct budget b;
			uint32_t one_of;

			budget_init(&b, allowed);
			run(&b, &l, 60);
			/* Where it cannot be kept, there are trials. */
			assert_in_range(run(&b, &l, 500), 0, b.is_vain ? 12 : 0);
			one_of = 1u << b.shift;
			if (spent(&l, 1) <= allowed)
				assert_int_equal(one_of, 1);
			if (spent(&l, BUDGET_WHOLE) * 2 <= allowed)
				assert_true(spent(&l, one_of) <= allowed);
			/* No fewer are followed than must be. */
			if (one_of > 1)
				assert_true(spent(&l, one_of / 2) * 2 > allowed * 3 / 4);
		}
	}
}

static uint64_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 33;
}

/* A load that varies by a tenth and more does not make the share do so. */
static void noise_is_no_load(void **state)
{
	uint64_t seed = 4711;

	(void)state;
	for (uint64_t events = 10000; events <= 10000000; events = events * 5 / 4) {
		struct load l = { 100, 1, 400, events };
		unsigned int changes = 0;
		struct budget b;

		budget_init(&b, PERCENT);
		run(&b, &l, 60);
		for (int i = 0; i < 400; i++) {
			l.events = events * (85 + random_number(&seed) % 31) / 100;
			changes += run(&b, &l, 1);
		}
		assert_true(changes <= 2);
	}
}

static void it_follows_the_load(void **state)
{
	const struct load night = { 100, 1, 400, 10000 }, day = { 100, 1, 400, 2000000 };
	struct budget b;
	uint8_t by_day;

	(void)state;
	budget_init(&b, PERCENT);
	assert_int_equal(run(&b, &night, 10), 0);
	run(&b, &day, 30);
	by_day = b.shift;
	assert_true(by_day > 3);
	/* It is within it soon. */
	budget_init(&b, PERCENT);
	run(&b, &day, 6);
	assert_true(spent(&day, 1u << b.shift) <= PERCENT);
	run(&b, &night, 200);
	assert_int_equal(b.shift, 0);
	run(&b, &day, 30);
	assert_int_equal(b.shift, by_day);
}

/* A look that takes in what was before the last change is not taken for a load. */
static void late_costs_are_waited_for(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, PERCENT);
	assert_int_equal(budget_look(&b, 2 * PERCENT, 1000), 2);
	assert_int_equal(budget_look(&b, PERCENT * 3 / 2, 1000), 2);
	assert_int_equal(budget_look(&b, PERCENT, 1000), 2);
}

/* It is the others that cost: following none is of no use, which is tried ever more seldom. */
static void vain_is_vain(void **state)
{
	const unsigned int idle = 5 * PERCENT;
	const struct load hopeless = { idle, 0, 1, 100000 };
	struct budget b;

	(void)state;
	budget_init(&b, PERCENT);
	run(&b, &hopeless, 1000);
	assert_true(b.is_vain);
	assert_in_range(b.shift, 1, 4);
	assert_in_range(run(&b, &hopeless, 10000), 0, 8);
	assert_in_range(b.shift, 1, 5);
}

/* The first look may see a load begin, of which little has been spent so far. */
static void it_tries_again(void **state)
{
	const struct load day = { 100, 1, 400, 2000000 };
	struct budget b;

	(void)state;
	budget_init(&b, PERCENT);
	assert_int_equal(budget_look(&b, 2 * PERCENT, 100000000), 2);
	run(&b, &day, 60);
	assert_true(spent(&day, 1u << b.shift) <= PERCENT);
}

static void there_is_an_end(void **state)
{
	struct budget b;
	uint32_t one_of = 0;

	(void)state;
	budget_init(&b, 1);
	/* An event is ever cheaper, and still too dear. */
	for (uint64_t i = 1; i < 200; i++)
		one_of = budget_look(&b, BUDGET_WHOLE, 1000 * i * i);
	assert_int_equal(one_of, 1u << BUDGET_SHIFT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cheap_is_followed),
		cmocka_unit_test(it_settles),
		cmocka_unit_test(noise_is_no_load),
		cmocka_unit_test(it_follows_the_load),
		cmocka_unit_test(late_costs_are_waited_for),
		cmocka_unit_test(vain_is_vain),
		cmocka_unit_test(it_tries_again),
		cmocka_unit_test(there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
