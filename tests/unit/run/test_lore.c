// SPDX-License-Identifier: GPL-2.0-only
/* Names as recordings keep them, and what is said where nobody knows any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/run/lore.h"

static void nobody_knows_anything(void **state)
{
	static const struct lore_class mute_class = { .cgroup = NULL };
	struct lore mute = { &mute_class };
	struct lore *lores[] = { NULL, &mute };
	char text[RESET_REASON_SIZE];
	struct conn c = { .id = 1 };
	struct resent resent;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_null(lore_cgroup(lores[i], 1));
		assert_null(lore_netns(lores[i], 1, 1));
		assert_null(lore_congestion(lores[i], 1));
		assert_false(lore_resent(lores[i], &c, &resent));
		assert_string_equal(lore_reset_reason(lores[i], 3, text), "unknown(3)");
	}
}

/* Nobody has asked for cgroups, and no table is there. */
static void an_empty_lore_is_as_mute(void **state)
{
	struct conn c = { .id = 1 };
	struct run_lore lore;
	struct resent resent;

	(void)state;
	run_lore_init(&lore);
	run_lore_add_cgroup(&lore, 1, "/a", 2);
	assert_int_equal(run_lore_learn_cgroups(&lore), 0);
	assert_null(lore_cgroup(&lore.lore, 1));
	assert_null(lore_netns(&lore.lore, 1, 1));
	assert_null(lore_congestion(&lore.lore, 1));
	assert_false(lore_resent(&lore.lore, &c, &resent));
	run_lore_done(&lore);
}

/* Recordings name them in any order, and the bytes do not end. */
static void cgroups_of_recordings_are_found(void **state)
{
	struct run_lore lore;

	(void)state;
	run_lore_init(&lore);
	assert_int_equal(run_lore_want_cgroups(&lore), 0);
	run_lore_add_cgroup(&lore, 9, "/nine...", 5);
	run_lore_add_cgroup(&lore, 7, "/seven", 6);
	run_lore_add_cgroup(&lore, 8, "/eight", 6);
	assert_string_equal(lore_cgroup(&lore.lore, 7), "/seven");
	assert_string_equal(lore_cgroup(&lore.lore, 9), "/nine");
	assert_null(lore_cgroup(&lore.lore, 6));
	run_lore_done(&lore);
	assert_null(lore_cgroup(&lore.lore, 7));
}

/* Of the kernel that it was made on, not of this one. */
static void resets_are_called_as_recorded(void **state)
{
	const struct recording_about about = { .text = { [RECORDING_REASONS] = "3 ELSEWHERE\n" } };
	const struct recording_about silent = { .text = { NULL } };
	char text[RESET_REASON_SIZE];
	struct run_lore lore;

	(void)state;
	run_lore_init(&lore);
	lore.recorded = &about;
	assert_string_equal(lore_reset_reason(&lore.lore, 3, text), "ELSEWHERE");
	assert_string_equal(lore_reset_reason(&lore.lore, 2, text), "unknown(2)");
	run_lore_done(&lore);
	lore.recorded = &silent;
	assert_string_equal(lore_reset_reason(&lore.lore, 3, text), "unknown(3)");
	run_lore_done(&lore);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_knows_anything),
		cmocka_unit_test(an_empty_lore_is_as_mute),
		cmocka_unit_test(cgroups_of_recordings_are_found),
		cmocka_unit_test(resets_are_called_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
