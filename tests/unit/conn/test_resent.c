// SPDX-License-Identifier: GPL-2.0-only
/* What was sent again, connection by connection: counted, found, forgotten, bounded. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "user/conn/resent.h"

static struct resent_set *set;

#define ATTACKER 1000
#define VICTIM 33

/* Segments of a connection that began in sight. */
static int add(uint64_t id, uint8_t cause, uint32_t segments)
{
	return resent_add(set, id, cause, segments, true, &(struct share){ VICTIM, 1 });
}

static int begin(void **state)
{
	(void)state;
	set = resent_set_new();
	return !set;
}

static int end(void **state)
{
	(void)state;
	resent_set_free(set);
	resent_set_free(NULL);
	return 0;
}

static void each_is_counted_by_its_cause(void **state)
{
	const struct resent *found;

	(void)state;
	assert_null(resent_find(set, 7));
	assert_int_equal(add(7, EVENT_RETRANSMIT_FAST, 1), 0);
	assert_int_equal(add(7, EVENT_RETRANSMIT_FAST, 1), 0);
	assert_int_equal(add(7, EVENT_RETRANSMIT_PROBE, 11), 0);
	assert_int_equal(add(8, EVENT_RETRANSMIT_SYN, 1), 0);
	found = resent_find(set, 7);
	assert_non_null(found);
	assert_int_equal(found->times[EVENT_RETRANSMIT_FAST], 2);
	assert_int_equal(found->times[EVENT_RETRANSMIT_PROBE], 11);
	assert_int_equal(found->times[EVENT_RETRANSMIT_SYN], 0);
	resent_remove(set, 7);
	resent_remove(set, 7);
	assert_null(resent_find(set, 7));
	assert_int_equal(resent_find(set, 8)->times[EVENT_RETRANSMIT_SYN], 1);
}

/* Against a plain array, through growth, and through holes in every place. */
static void any_order_of_adding_and_removing_is_kept(void **state)
{
	static uint32_t times[5000];
	unsigned int chance = 1;

	(void)state;
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t id;

		chance = chance * 1103515245 + 12345;
		id = chance >> 8 & 4095;
		if (chance >> 24 & 1) {
			assert_int_equal(add(id + 1, EVENT_RETRANSMIT_TIMEOUT, 1), 0);
			times[id]++;
		} else {
			resent_remove(set, id + 1);
			times[id] = 0;
		}
	}
	for (uint32_t id = 0; id < 4096; id++) {
		const struct resent *found = resent_find(set, id + 1);

		assert_int_equal(found ? found->times[EVENT_RETRANSMIT_TIMEOUT] : 0, times[id]);
	}
}

/* Whoever has most makes room, and what is missing of one that made room stays unknown. */
static void the_heaviest_makes_room(void **state)
{
	const struct share attacker = { ATTACKER, 7 };
	const struct payer *payer;

	(void)state;
	for (uint64_t id = 1; id <= 100; id++)
		assert_int_equal(add(id, EVENT_RETRANSMIT_TIMEOUT, 2), 0);
	for (uint64_t id = 1000; id < 1000 + 2 * RESENT_MAX; id++)
		assert_int_equal(resent_add(set, id, EVENT_RETRANSMIT_TIMEOUT, 1, true, &attacker),
				 0);
	for (uint64_t id = 1; id <= 100; id++)
		assert_int_equal(resent_find(set, id)->times[EVENT_RETRANSMIT_TIMEOUT], 2);
	assert_null(resent_find(set, 1000));
	assert_int_equal(resent_add(set, 1000, EVENT_RETRANSMIT_TIMEOUT, 1, false, &attacker), 0);
	assert_null(resent_find(set, 1000));
	payer = payers_at(&resent_crowd(set)->payers, 0);
	assert_int_equal(payer->share.owner, ATTACKER);
	assert_int_equal(payer->paid, resent_crowd(set)->paid);
	assert_int_equal(payer->paid, RESENT_MAX + 100);
	assert_in_range(resent_bytes(set), RESENT_MAX * sizeof(struct resent), 8 << 20);
	/* The victim's last one as well: room is found, and nobody else pays. */
	assert_int_equal(add(999, EVENT_RETRANSMIT_TIMEOUT, 3), 0);
	assert_int_equal(resent_find(set, 999)->times[EVENT_RETRANSMIT_TIMEOUT], 3);
	assert_null(payers_at(&resent_crowd(set)->payers, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_is_counted_by_its_cause, begin, end),
		cmocka_unit_test_setup_teardown(any_order_of_adding_and_removing_is_kept, begin,
						end),
		cmocka_unit_test_setup_teardown(the_heaviest_makes_room, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
