// SPDX-License-Identifier: GPL-2.0-only
/* The range of ports as the kernel writes it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/sockets/port_ranges.h"

static void a_range_is_read(void **state)
{
	struct port_range range = { .netns = 7 };

	(void)state;
	assert_int_equal(port_range_parse("32768\t60999\n2\n\n", &range), 0);
	assert_int_equal(range.netns, 7);
	assert_int_equal(range.low, 32768);
	assert_int_equal(range.high, 60999);
	assert_int_equal(range.usable, 28232);
	assert_int_equal(range.reuse, 2);
}

static void what_is_reserved_is_left_out(void **state)
{
	struct port_range range = { .netns = 7 };

	(void)state;
	assert_int_equal(port_range_parse("100\t199\n0\n80,100,110-119,190-300\n", &range), 0);
	assert_int_equal(range.usable, 100 - 1 - 10 - 10);
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = { "",
					     "1\n",
					     "1\t2",
					     "2\t1\n0\n\n",
					     "1\t70000\n0\n\n",
					     "-1\t2\n0\n\n",
					     "1\t2\nx\n\n",
					     "1\t2\n999\n\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct port_range range = { .netns = 7 };

		assert_int_equal(port_range_parse(texts[i], &range), -ENOENT);
		assert_int_equal(range.usable, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_read),
		cmocka_unit_test(what_is_reserved_is_left_out),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
