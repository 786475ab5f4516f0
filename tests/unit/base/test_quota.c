// SPDX-License-Identifier: GPL-2.0-only
/* Who is refused of what is kept for good: by an owner's share, and by each of his places'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/base/quota.h"

#define ROOM 1024
#define ATTACKER 1000
#define VICTIM 33
#define SHARED 0

/* How many of so many it gets. */
static unsigned int take(struct quota *q, uint32_t owner, uint32_t place, unsigned int many)
{
	const struct share share = { owner, place };
	unsigned int taken = 0;

	for (unsigned int i = 0; i < many; i++)
		taken += quota_take(q, &share);
	return taken;
}

static void who_is_alone_has_half_and_another_what_he_needs(void **state)
{
	struct quota q = { .max = ROOM };

	(void)state;
	assert_int_equal(take(&q, ATTACKER, 1, 2 * ROOM), ROOM / 2);
	assert_int_equal(q.refused, 2 * ROOM - ROOM / 2);
	assert_int_equal(take(&q, VICTIM, 1, 100), 100);
	assert_int_equal(payers_at(&q.payers, 0)->share.owner, ATTACKER);
	assert_null(payers_at(&q.payers, 1));
	assert_int_equal(quota_owner(&q, ATTACKER), 1);
	assert_int_equal(quota_owner(&q, VICTIM), 2);
	quota_give_back(&q);
	assert_int_equal(quota_owner(&q, VICTIM), 0);
	assert_int_equal(take(&q, VICTIM, 1, 100), 100);
	quota_done(&q);
}

/* Two containers, whose processes all are root's. */
static void a_place_is_let_in_whatever_another_of_the_same_owner_has(void **state)
{
	struct quota q = { .max = ROOM };

	(void)state;
	assert_int_equal(take(&q, SHARED, 1, 2 * ROOM), ROOM / 2);
	assert_int_equal(take(&q, SHARED, 2, 23), 23);
	assert_int_equal(payers_at(&q.payers, 0)->share.place, 1);
	assert_null(payers_at(&q.payers, 1));
	assert_in_range(take(&q, SHARED, 2, ROOM), 1, ROOM / 2 / QUOTA_PART);
	quota_done(&q);
}

static void more_places_bring_little_more(void **state)
{
	struct quota q = { .max = ROOM };
	unsigned int taken = take(&q, ATTACKER, 1, ROOM);

	(void)state;
	for (uint32_t place = 2; place < 7; place++)
		taken += take(&q, ATTACKER, place, ROOM);
	assert_int_equal(taken, q.taken);
	assert_true(taken < ROOM * 3 / 4);
	assert_int_equal(take(&q, VICTIM, 1, 100), 100);
	quota_done(&q);
}

/* For one thing several are taken, or none. */
static void many_are_taken_at_once_or_none(void **state)
{
	const struct share share = { ATTACKER, 1 };
	struct quota q = { .max = ROOM };

	(void)state;
	assert_false(quota_take_many(&q, &share, ROOM + 1));
	assert_true(quota_take_many(&q, &share, ROOM / 2));
	assert_true(quota_take_many(&q, &share, 1) == false);
	assert_int_equal(q.taken, ROOM / 2);
	assert_int_equal(q.refused, 2);
	quota_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_alone_has_half_and_another_what_he_needs),
		cmocka_unit_test(a_place_is_let_in_whatever_another_of_the_same_owner_has),
		cmocka_unit_test(more_places_bring_little_more),
		cmocka_unit_test(many_are_taken_at_once_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
