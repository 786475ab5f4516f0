// SPDX-License-Identifier: GPL-2.0-only
/* Lines of a flood: whoever floods leaves some for others, and is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/flood.h"
#include "user/base/units.h"

#define NETNS 4026531840u

/* So many come to a port at a time in seconds; how many are shown. */
static unsigned int come(struct flood *f, uint32_t netns, uint16_t port, unsigned int second,
			 unsigned int count)
{
	unsigned int shown = 0;

	for (unsigned int i = 0; i < count; i++)
		shown += flood_is_due(f, netns, port, second * NS_PER_S + i);
	return shown;
}

static void one_that_is_alone_has_half_of_them(void **state)
{
	struct flood f = { .second = 0 };

	(void)state;
	assert_int_equal(come(&f, NETNS, 80, 1, 5000), FLOOD_LINES / 2);
	assert_int_equal(f.unprinted, 5000 - FLOOD_LINES / 2);
	assert_int_equal(payers_at(&f.payers, 0)->paid, 5000 - FLOOD_LINES / 2);
	assert_int_equal(payers_at(&f.payers, 0)->share.owner, 80);
	/* Each second anew. */
	assert_int_equal(come(&f, NETNS, 80, 2, 5000), FLOOD_LINES / 2);
	assert_int_equal(come(&f, NETNS, 80, 3, 7), 7);
}

static void whoever_comes_behind_a_flood_is_shown(void **state)
{
	struct flood f = { .second = 0 };

	(void)state;
	come(&f, NETNS, 80, 1, 5000);
	assert_int_equal(come(&f, NETNS, 22, 1, 23), 23);
	assert_int_equal(come(&f, NETNS + 1, 80, 1, 23), 23);
	assert_int_equal(payers_at(&f.payers, 0)->share.owner, 80);
	assert_null(payers_at(&f.payers, 1));
}

static void who_floods_many_ports_leaves_some_for_other_namespaces(void **state)
{
	struct flood f = { .second = 0 };
	unsigned int shown = 0;

	(void)state;
	for (uint16_t port = 1; port <= 2000; port++)
		shown += come(&f, NETNS, port, 1, 50);
	assert_in_range(shown, FLOOD_LINES / 2, FLOOD_LINES - 60);
	assert_int_equal(come(&f, NETNS + 1, 80, 1, 23), 23);
}

static void never_more_than_all(void **state)
{
	struct flood f = { .second = 0 };
	unsigned int shown = 0;

	(void)state;
	for (uint32_t netns = 1; netns <= 1000; netns++)
		shown += come(&f, netns, 80, 1, 50);
	assert_in_range(shown, FLOOD_LINES / 2, FLOOD_LINES);
	assert_int_equal(f.unprinted, 50000 - shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_alone_has_half_of_them),
		cmocka_unit_test(whoever_comes_behind_a_flood_is_shown),
		cmocka_unit_test(who_floods_many_ports_leaves_some_for_other_namespaces),
		cmocka_unit_test(never_more_than_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
