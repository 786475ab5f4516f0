// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of two runs in words: values with their units, and by how much they changed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/sink/change.h"

static void values_have_three_digits_and_a_unit(void **unused)
{
	char text[CHANGE_SIZE];

	(void)unused;
	assert_string_equal(change_value(QUANTITY_NS, 1583104, text), "1.58ms");
	assert_string_equal(change_value(QUANTITY_COUNT, 1009, text), "1009");
	assert_string_equal(change_value(QUANTITY_SHARE, 0.00005, text), "50.00ppm");
	assert_string_equal(change_value(QUANTITY_SHARE, 0.005, text), "0.500%");
	assert_string_equal(change_value(QUANTITY_SHARE, 0.125, text), "12.5%");
	assert_string_equal(change_value(QUANTITY_RATE, 0.025, text), "0.0250/s");
	assert_string_equal(change_value(QUANTITY_RATE, 1234, text), "1234/s");
	/* Unknown is no number. */
	assert_string_equal(change_value(QUANTITY_NS, NAN, text), "-");
	assert_string_equal(change_value(QUANTITY_RATE, INFINITY, text), "-");
}

static void changes_are_factors_or_parts_of_a_hundred(void **unused)
{
	char text[CHANGE_SIZE];

	(void)unused;
	assert_string_equal(change_factor(3.21, text), "x3.2");
	assert_string_equal(change_factor(12.7, text), "x13");
	assert_string_equal(change_factor(1.12, text), "+12%");
	assert_string_equal(change_factor(0.6, text), "-40%");
	assert_string_equal(change_factor(1, text), "+0.0%");
	assert_string_equal(change_factor(INFINITY, text), "new");
	assert_string_equal(change_factor(NAN, text), "-");
}

static void what_is_not_sure_is_not_called_a_change(void **unused)
{
	struct difference_row row = { .old_value = 2, .new_value = 8 };
	char text[CHANGE_SIZE];

	(void)unused;
	assert_true(change_of(&row) == 4);
	row.factor_low = 2.5;
	row.factor_high = 0.4;
	for (int verdict = 0; verdict < DIFFERENCE_VERDICT_COUNT; verdict++) {
		row.verdict = verdict;
		assert_int_equal(change_is(&row),
				 verdict == DIFFERENCE_MORE || verdict == DIFFERENCE_LESS);
	}
	row.verdict = DIFFERENCE_MORE;
	assert_string_equal(change_sure(&row, text), "x2.5");
	row.verdict = DIFFERENCE_LESS;
	assert_string_equal(change_sure(&row, text), "-60%");
	row.verdict = DIFFERENCE_TOO_FEW;
	assert_string_equal(change_sure(&row, text), "too few");
	row.old_value = 0;
	assert_true(isinf(change_of(&row)));
	row.old_value = NAN;
	assert_true(isnan(change_of(&row)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_three_digits_and_a_unit),
		cmocka_unit_test(changes_are_factors_or_parts_of_a_hundred),
		cmocka_unit_test(what_is_not_sure_is_not_called_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
