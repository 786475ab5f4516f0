// SPDX-License-Identifier: GPL-2.0-only
/* Who has been waited for too long is not for a while, and others are all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/base/patience.h"

#define ATTACKER 1000
#define VICTIM 33
#define BEGIN_NS (1000 * NS_PER_S)

static void whoever_used_it_up_pays(void **state)
{
	struct patience p = { 0 };
	uint64_t now_ns = BEGIN_NS;

	(void)state;
	assert_true(patience_is_whole(&p, now_ns));
	assert_int_equal(patience_left(&p, ATTACKER, now_ns), PATIENCE_MOST_NS);
	patience_spend(&p, ATTACKER, now_ns, PATIENCE_MOST_NS - 1);
	assert_false(patience_is_whole(&p, now_ns));
	assert_int_equal(patience_left(&p, ATTACKER, now_ns), 1);
	patience_spend(&p, ATTACKER, now_ns, NS_PER_S);
	assert_int_equal(patience_left(&p, ATTACKER, now_ns), 0);
	assert_int_equal(patience_left(&p, VICTIM, now_ns), PATIENCE_MOST_NS);
}

static void time_makes_it_good(void **state)
{
	struct patience p = { 0 };
	uint64_t now_ns = BEGIN_NS;

	(void)state;
	patience_spend(&p, ATTACKER, now_ns, PATIENCE_MOST_NS);
	/* However often it is asked for. */
	for (uint64_t i = 0; i < PATIENCE_PART * 1000; i++)
		patience_left(&p, ATTACKER, ++now_ns);
	assert_int_equal(patience_left(&p, ATTACKER, now_ns), 1000);
	now_ns = BEGIN_NS + PATIENCE_PART * PATIENCE_MOST_NS;
	assert_int_equal(patience_left(&p, ATTACKER, now_ns), PATIENCE_MOST_NS);
	assert_true(patience_is_whole(&p, now_ns));
}

/* All that they take together is bounded: there is no place for more of them. */
static void many_have_no_more_than_a_few(void **state)
{
	struct patience p = { 0 };
	uint64_t now_ns = BEGIN_NS, sum_ns = 0;

	(void)state;
	for (uint32_t uid = 0; uid < 1000; uid++) {
		uint64_t left_ns = patience_left(&p, uid, now_ns);

		patience_spend(&p, uid, now_ns, left_ns);
		sum_ns += left_ns;
	}
	assert_int_equal(sum_ns, PATIENCE_USERS * PATIENCE_MOST_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_used_it_up_pays),
		cmocka_unit_test(time_makes_it_good),
		cmocka_unit_test(many_have_no_more_than_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
