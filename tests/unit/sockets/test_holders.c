// SPDX-License-Identifier: GPL-2.0-only
/* A table of holders has room for everybody: who has many descriptors leaves some to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/sockets/holders_proc.h"

#define ROOM 1000
#define ATTACKER 1000
#define VICTIM 1001

static size_t add(struct holder_table *table, uint32_t uid, uint32_t netns, size_t count)
{
	const struct share whose = { uid, netns };
	size_t added = 0;

	for (size_t i = 0; i < count; i++)
		added += holders_add(table, &whose) != NULL;
	return added;
}

static void nobody_has_more_than_he_leaves(void **state)
{
	const struct holder_question question = { .most = ROOM };
	struct holder_table table = { .all = NULL };
	const struct payer *payer;
	size_t more;

	(void)state;
	holders_begin(&table, &question);
	assert_int_equal(add(&table, ATTACKER, 1, ROOM), ROOM / 2);
	/* Of another namespace next to nothing, for it may be another container. */
	more = add(&table, ATTACKER, 2, ROOM);
	assert_in_range(more, 1, ROOM / 2 / QUOTA_PART);
	assert_int_equal(add(&table, VICTIM, 1, ROOM / 8), ROOM / 8);
	assert_int_equal(table.count, ROOM / 2 + more + ROOM / 8);
	assert_int_equal(table.dropped, ROOM / 2 + ROOM - more);
	payer = payers_at(&table.quota.payers, 0);
	assert_int_equal(payer->share.owner, ATTACKER);
	assert_int_equal(payer->share.place, 2);
	assert_int_equal(payer->paid, ROOM - more);
	payer = payers_at(&table.quota.payers, 1);
	assert_int_equal(payer->share.owner, ATTACKER);
	assert_int_equal(payer->paid, ROOM / 2);
	holders_done(&table);
}

static void what_was_counted_elsewhere_is_kept(void **state)
{
	struct holder_table table = { .all = NULL };

	(void)state;
	for (size_t i = 0; i < ROOM; i++)
		assert_non_null(holders_append(&table));
	assert_int_equal(table.count, ROOM);
	assert_int_equal(table.dropped, 0);
	holders_done(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_has_more_than_he_leaves),
		cmocka_unit_test(what_was_counted_elsewhere_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
