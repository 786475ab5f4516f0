// SPDX-License-Identifier: GPL-2.0-only
/* Children, and theirs, are found among all processes, however these are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/names/descendants.h"

static void all_generations_are_found(void **state)
{
	/* 10 -> 11 -> 5 -> 20; 40 and 41 are each other's, 50 has lost its parent. */
	struct descent all[] = { { 1, 0 },   { 5, 11 },	 { 10, 1 }, { 11, 10 },
				 { 12, 10 }, { 20, 5 },	 { 30, 1 }, { 31, 30 },
				 { 40, 41 }, { 41, 40 }, { 50, 49 } };
	const uint32_t roots[] = { 10, 12, 99 };

	(void)state;
	assert_int_equal(descendants_choose(all, sizeof(all) / sizeof(*all), roots, 3), 3);
	assert_int_equal(all[0].pid, 5);
	assert_int_equal(all[1].pid, 11);
	assert_int_equal(all[2].pid, 20);
	assert_int_equal(all[2].parent, 5);
	assert_int_equal(descendants_choose(all, 0, roots, 3), 0);
}

static void this_process_is_its_parent_s(void **state)
{
	const uint32_t root = (uint32_t)getppid();
	struct descent *all;
	size_t count, i = 0;

	(void)state;
	assert_int_equal(descendants_read(&root, 1, &all, &count), 0);
	while (i < count && all[i].pid != (uint32_t)getpid())
		i++;
	assert_true(i < count && all[i].parent == root);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_generations_are_found),
		cmocka_unit_test(this_process_is_its_parent_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
