// SPDX-License-Identifier: GPL-2.0-only
/* Connections are counted as the kernel counts them, by the namespace that they are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/any_life.h"
#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/kernel_tally.h"
#include "user/conn/life.h"

#define CROWD 5000
#define LIVES 100000

static int set_up(void **state)
{
	*state = kernel_tallies_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	kernel_tallies_free(*state);
	return 0;
}

static void live(struct kernel_tallies *t, const struct conn *c)
{
	struct consumer *consumer = kernel_tallies_consumer(t);

	for (unsigned int i = 0; i < c->step_count; i++) {
		struct transition step;

		life_transition(c, i, &step);
		feed_transition(consumer, c, &step);
	}
	feed_closed(consumer, c);
	feed_gone(consumer, c);
}

static int64_t told(struct kernel_tallies *t, uint32_t netns, enum kernel_tally_id id)
{
	bool is_left_out;
	const struct kernel_tally *k = kernel_tallies_find(t, netns, &is_left_out);

	assert_false(is_left_out);
	return k ? k->now[id] : 0;
}

static void each_namespace_has_its_own(void **state)
{
	struct conn c = sample_client();

	c.netns = 7;
	live(*state, &c);
	live(*state, &c);
	c = sample_server();
	c.netns = 8;
	live(*state, &c);
	assert_int_equal(told(*state, 7, TALLY_ActiveOpens), 2);
	assert_int_equal(told(*state, 7, TALLY_PassiveOpens), 0);
	assert_int_equal(told(*state, 8, TALLY_ActiveOpens), 0);
	assert_int_equal(told(*state, 8, TALLY_PassiveOpens), 1);
	assert_int_equal(told(*state, 9, TALLY_ActiveOpens), 0);
}

static void who_is_refused_has_failed(void **state)
{
	struct conn c = sample_refused();

	live(*state, &c);
	assert_int_equal(told(*state, c.netns, TALLY_ActiveOpens), 1);
	assert_int_equal(told(*state, c.netns, TALLY_AttemptFails), 1);
	assert_int_equal(told(*state, c.netns, TALLY_EstabResets), 0);
}

static void who_sent_no_syn_has_opened_nothing(void **state)
{
	struct conn c = sample_refused();

	c.flags |= CONN_UNSENT;
	c.cause = CONN_CAUSE_CONNECT_UNSENT;
	live(*state, &c);
	assert_int_equal(told(*state, c.netns, TALLY_ActiveOpens), 0);
	assert_int_equal(told(*state, c.netns, TALLY_AttemptFails), 0);
}

static void a_timewait_socket_is_counted_once(void **state)
{
	struct conn c = sample_client();

	c.flags |= CONN_MINISOCK;
	live(*state, &c);
	assert_int_equal(told(*state, c.netns, TALLY_TW), 1);
	c.time_wait_end = CONN_TW_END_OVERFLOW;
	live(*state, &c);
	assert_int_equal(told(*state, c.netns, TALLY_TW), 1);
	assert_int_equal(told(*state, c.netns, TALLY_TCPTimeWaitOverflow), 1);
}

/* More kinds of lives than are kept apart. */
static void lives_count_alike_at_once_and_step_by_step(void **state)
{
	struct kernel_tallies *t = *state;
	struct consumer *consumer = kernel_tallies_consumer(t);
	uint64_t row = 1;

	for (unsigned int life = 0; life < LIVES; life++) {
		struct conn c = sample_any_life(&row);

		c.netns = 7;
		consumer->class->steps(consumer, &c, 0);
		c.netns = 8;
		for (unsigned int i = 0; i < c.step_count; i++) {
			struct transition step;

			life_transition(&c, i, &step);
			feed_transition(consumer, &c, &step);
		}
	}
	assert_true(told(t, 7, TALLY_ActiveOpens) > 0);
	for (int id = 0; id < KERNEL_TALLY_COUNT; id++)
		assert_int_equal(told(t, 7, (enum kernel_tally_id)id),
				 told(t, 8, (enum kernel_tally_id)id));
}

static bool is_seven(void *context, uint32_t netns)
{
	(void)context;
	return netns == 7;
}

/* What finds no place is not taken for nothing. */
static void a_crowd_of_namespaces_is_bounded(void **state)
{
	struct conn c = sample_client();
	bool is_left_out;

	for (c.netns = 1; c.netns <= CROWD; c.netns++)
		live(*state, &c);
	assert_int_equal(told(*state, 7, TALLY_ActiveOpens), 1);
	assert_null(kernel_tallies_find(*state, CROWD, &is_left_out));
	assert_true(is_left_out);
	kernel_tallies_keep(*state, is_seven, NULL);
	assert_int_equal(told(*state, 7, TALLY_ActiveOpens), 1);
	assert_int_equal(told(*state, 6, TALLY_ActiveOpens), 0);
	c.netns = CROWD;
	live(*state, &c);
	assert_int_equal(told(*state, CROWD, TALLY_ActiveOpens), 1);
}

static void names_are_the_kernels(void **state)
{
	(void)state;
	assert_string_equal(kernel_tally_name(TALLY_TCPAbortOnClose), "TCPAbortOnClose");
	assert_null(kernel_tally_name(KERNEL_TALLY_COUNT));
	assert_int_equal(kernel_tally_sums(),
			 1u << TALLY_OutRsts | 1u << TALLY_RetransSegs | 1u << TALLY_TCPSynRetrans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_namespace_has_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_refused_has_failed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_sent_no_syn_has_opened_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_timewait_socket_is_counted_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lives_count_alike_at_once_and_step_by_step, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_crowd_of_namespaces_is_bounded, set_up,
						tear_down),
		cmocka_unit_test(names_are_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
