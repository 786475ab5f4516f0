// SPDX-License-Identifier: GPL-2.0-only
/* Holders are put in order, found by their sockets, and missed where there are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/event/holder.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void repeated_holders_are_one(void **state)
{
	struct holder holders[] = {
		{ .inode = 7, .pid = 2, .fd = 3 },
		{ .inode = 5, .pid = 9, .fd = 4 },
		{ .inode = 7, .pid = 2, .fd = 3 },
		{ .inode = 7, .pid = 1, .fd = 8 },
	};
	size_t found, count = holder_sort(holders, COUNT(holders));

	(void)state;
	assert_int_equal(count, 3);
	assert_int_equal(holder_find(holders, count, 7, &found)->pid, 1);
	assert_int_equal(found, 2);
	assert_null(holder_find(holders, count, 6, &found));
	assert_int_equal(found, 0);
}

static void inodes_are_asked_for_once(void **state)
{
	uint64_t inodes[] = { 9, 5, UINT64_MAX, 5, 9, 9, 1 };
	const uint64_t want[] = { 1, 5, 9, UINT64_MAX };

	(void)state;
	assert_int_equal(holder_sort_inodes(inodes, 0), 0);
	assert_int_equal(holder_sort_inodes(inodes, COUNT(inodes)), COUNT(want));
	assert_memory_equal(inodes, want, sizeof(want));
}

static void those_that_nobody_holds_are_left(void **state)
{
	const struct holder holders[] = { { .inode = 5 }, { .inode = 7 }, { .inode = 7 } };
	uint64_t inodes[] = { 4, 5, 6, 7, 8 };
	const uint64_t want[] = { 4, 6, 8 };

	(void)state;
	assert_int_equal(holder_unheld(holders, COUNT(holders), inodes, COUNT(inodes)),
			 COUNT(want));
	assert_memory_equal(inodes, want, sizeof(want));
	assert_int_equal(holder_unheld(NULL, 0, inodes, COUNT(want)), COUNT(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeated_holders_are_one),
		cmocka_unit_test(inodes_are_asked_for_once),
		cmocka_unit_test(those_that_nobody_holds_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
