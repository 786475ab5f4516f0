// SPDX-License-Identifier: GPL-2.0-only
/* MPTCP connections are told of once their last subflow has ended, and nobody hides another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/aggregate/mptcp_set.h"

#define ATTACKER 1000
#define VICTIM 33

/* Those that were told of, without their subflows but the first in the list. */
static struct mptcp_connection told[4 * MPTCP_LISTED];
static struct mptcp_subflow listed[4 * MPTCP_LISTED];
static size_t count, victims_early;

static void keep(void *context, const struct mptcp_connection *m)
{
	(void)context;
	if (m->is_early && m->subflows[0].c.uid == VICTIM)
		victims_early++;
	if (count < sizeof(told) / sizeof(*told)) {
		told[count] = *m;
		listed[count] = m->subflows[0];
	}
	count++;
}

static struct mptcp_set *begin(void)
{
	struct mptcp_set *set = mptcp_set_new(keep, NULL);

	assert_non_null(set);
	count = victims_early = 0;
	return set;
}

/* Subflow `number` of a connection, the first of which begins at 1 s and ends at 2.09 s. */
static struct conn subflow_of(uint64_t id, uint8_t number)
{
	struct conn c = sample_client();

	c.id = id;
	c.flags |= CONN_MPTCP | CONN_SUBFLOW;
	for (unsigned int i = 0; i < c.step_count; i++)
		c.step_ns[i] += (number - 1) * 10 * MS;
	return c;
}

static void add(struct mptcp_set *set, const struct conn *c, uint64_t connection, uint8_t number,
		uint32_t open)
{
	const struct subflow place = {
		.token = 77, .number = number, .has_joined = number != 1, .connection = connection
	};

	assert_int_equal(mptcp_set_add(set, c, &place, open), 0);
}

static void told_of_when_the_last_has_ended(void **state)
{
	struct mptcp_set *set = begin();
	struct conn first = subflow_of(5, 1), second = subflow_of(6, 2), whole;

	(void)state;
	second.bytes_sent = 66;
	second.lport = 40001;
	add(set, &second, 1, 2, 1);
	assert_int_equal(count, 0);
	add(set, &first, 1, 1, 0);
	assert_int_equal(count, 1);
	assert_int_equal(told[0].count, 2);
	assert_int_equal(listed[0].c.id, 5);
	told[0].subflows = (struct mptcp_subflow[]){ listed[0], { second, { 77, 2, true, 1 } } };
	assert_true(mptcp_is_complete(&told[0]));
	assert_int_equal(told[0].bytes_sent, 1300);
	assert_int_equal(mptcp_start(&told[0]), 1000 * MS);
	assert_int_equal(mptcp_end(&told[0]), 2100 * MS);
	mptcp_as_conn(&told[0], &whole);
	assert_int_equal(whole.lport, 40000);
	assert_int_equal(whole.bytes_sent, 1300);
	assert_int_equal(whole.pid, 4321);
	assert_int_equal(whole.handshake_ns, first.handshake_ns);
	/* The next of its name has nothing of it. */
	add(set, &first, 2, 1, 0);
	assert_int_equal(told[1].count, 1);
	mptcp_set_free(set);
}

static void nothing_is_known_of_a_first_one_that_was_not_seen(void **state)
{
	struct mptcp_set *set = begin();
	struct conn second = subflow_of(6, 2), whole;

	(void)state;
	second.flags &= ~(unsigned int)CONN_HAS_COUNTERS;
	add(set, &second, 1, 2, 0);
	told[0].subflows = listed;
	mptcp_as_conn(&told[0], &whole);
	assert_false(mptcp_is_complete(&told[0]));
	assert_false(told[0].has_counters);
	assert_false(whole.flags & CONN_HAS_ENDPOINTS);
	assert_int_equal(whole.id, 0);
	assert_int_equal(whole.lport, 0);
	assert_int_equal(whole.handshake_ns, TIME_UNKNOWN);
	assert_int_equal(mptcp_start(&told[0]), TIME_UNKNOWN);
	assert_true(whole.flags & CONN_HAS_OWNER);
	mptcp_set_free(set);
}

static void the_rest_comes_in_its_order_at_the_end(void **state)
{
	static const uint64_t ids[] = { 0, 101, 103, 104, 105, 106 };
	struct mptcp_set *set = begin();
	struct conn c = subflow_of(5, 1);

	(void)state;
	for (uint64_t connection = 1; connection <= 5; connection++) {
		c.id = 100 + connection;
		add(set, &c, connection, 1, 1);
	}
	c.id = 200;
	add(set, &c, 2, 1, 0);
	c.id = 106;
	add(set, &c, 6, 1, 2);
	mptcp_set_finish(set);
	assert_int_equal(count, 6);
	for (size_t i = 1; i < count; i++) {
		told[i].subflows = &listed[i];
		assert_int_equal(listed[i].c.id, ids[i]);
		assert_int_equal(told[i].open, i == 5 ? 2 : 1);
		assert_false(mptcp_is_complete(&told[i]));
		assert_int_equal(mptcp_end(&told[i]), TIME_UNKNOWN);
	}
	mptcp_set_free(set);
}

static void a_list_is_bounded_and_the_sums_are_not(void **state)
{
	struct mptcp_set *set = begin();

	(void)state;
	for (unsigned int i = 1; i <= 3 * MPTCP_LISTED; i++) {
		struct conn c = subflow_of(i, (uint8_t)i);

		add(set, &c, 1, (uint8_t)i, i < 3 * MPTCP_LISTED);
	}
	assert_int_equal(count, 1);
	assert_int_equal(told[0].listed, MPTCP_LISTED);
	assert_int_equal(told[0].count, 3 * MPTCP_LISTED);
	assert_int_equal(told[0].bytes_sent, 3 * MPTCP_LISTED * 1234);
	told[0].subflows = (struct mptcp_subflow[MPTCP_LISTED]){ listed[0] };
	assert_false(mptcp_is_complete(&told[0]));
	mptcp_set_free(set);
}

/* However many an attacker leaves half ended, those of the victim wait for their end. */
static void whoever_has_most_is_told_of_early(void **state)
{
	struct mptcp_set *set = begin();
	struct conn c = subflow_of(1, 1);
	const struct payer *payer;

	(void)state;
	c.uid = VICTIM;
	for (uint64_t connection = 1; connection <= 10; connection++)
		add(set, &c, connection, 1, 1);
	c.uid = ATTACKER;
	for (uint64_t connection = 11; connection <= 3 * MPTCP_SET_MOST; connection++) {
		c.netns = (uint32_t)connection % 7;
		add(set, &c, connection, 1, 1);
	}
	assert_int_equal(victims_early, 0);
	assert_int_equal(mptcp_set_early(set), 2 * MPTCP_SET_MOST);
	payer = payers_at(mptcp_set_payers(set), 0);
	assert_int_equal(payer->share.owner, ATTACKER);
	assert_null(payers_at(mptcp_set_payers(set), 7));
	count = 0;
	c.uid = VICTIM;
	for (uint64_t connection = 1; connection <= 10; connection++)
		add(set, &c, connection, 2, 0);
	assert_int_equal(count, 10);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(told[i].count, 2);
	mptcp_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_of_when_the_last_has_ended),
		cmocka_unit_test(nothing_is_known_of_a_first_one_that_was_not_seen),
		cmocka_unit_test(the_rest_comes_in_its_order_at_the_end),
		cmocka_unit_test(a_list_is_bounded_and_the_sums_are_not),
		cmocka_unit_test(whoever_has_most_is_told_of_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
