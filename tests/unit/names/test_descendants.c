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

/* A user may have so many, each the child of the one before. */
static void a_long_line_is_found_at_once(void **state)
{
	static const uint32_t length = 60000;
	struct descent *all = calloc(length, sizeof(*all));
	const uint32_t root = 2 * length;

	(void)state;
	assert_non_null(all);
	for (uint32_t i = 0; i < length; i++)
		all[i] = (struct descent){ i + 1, i + 1 < length ? i + 2 : root };
	alarm(10);
	assert_int_equal(descendants_choose(all, length, &root, 1), length);
	assert_int_equal(descendants_choose(all, length, &(uint32_t){ 1 }, 1), 0);
	alarm(0);
	free(all);
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
		cmocka_unit_test(a_long_line_is_found_at_once),
		cmocka_unit_test(this_process_is_its_parent_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
