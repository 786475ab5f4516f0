// SPDX-License-Identifier: GPL-2.0-only
/* A namespace is found again in other readings, however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/sockets/counters.h"

#define COUNT 100000u

static struct counters_reading reading_of(uint32_t netns, uint64_t cookie, bool is_known)
{
	return (struct counters_reading){ .netns = netns, .cookie = cookie, .is_known = is_known };
}

/* An inode that is used again is another namespace's, as far as that is known. */
static void one_is_known_by_its_cookie(void **state)
{
	struct counters_reading list[] = { reading_of(3, 30, true), reading_of(5, 50, true),
					   reading_of(7, 0, false) };
	const struct counters_readings r = { .list = list, .count = 3 };
	const struct counters_readings none = { .list = NULL };
	const struct counters_reading same = reading_of(5, 50, true),
				      again = reading_of(5, 51, true),
				      unread = reading_of(5, 0, false),
				      was = reading_of(7, 70, true),
				      other = reading_of(4, 40, true);

	(void)state;
	assert_ptr_equal(counters_find(&r, &same), &list[1]);
	assert_null(counters_find(&r, &again));
	assert_ptr_equal(counters_find(&r, &unread), &list[1]);
	assert_ptr_equal(counters_find(&r, &was), &list[2]);
	assert_null(counters_find(&r, &other));
	assert_null(counters_find(&none, &same));
}

/* A user may have so many; read from end to end for each of them, they take half a minute. */
static void each_is_found_among_many(void **state)
{
	struct counters_readings r = { .list = calloc(COUNT, sizeof(*r.list)), .count = COUNT };

	(void)state;
	assert_non_null(r.list);
	for (uint32_t i = 0; i < COUNT; i++)
		r.list[i] = reading_of(2 * i + 1, i + 1, true);
	alarm(10);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_ptr_equal(counters_find(&r, &r.list[i]), &r.list[i]);
	alarm(0);
	counters_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_known_by_its_cookie),
		cmocka_unit_test(each_is_found_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
