// SPDX-License-Identifier: GPL-2.0-only
/* What the table knows of a moment that is over, as records that a replay begins with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/command/top/alive.h"
#include "user/event/socket.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304))

static struct conn_table *table;
static struct socket_info found[8];
static size_t count;

static int begin(void **state)
{
	static const struct conn_filter all;

	(void)state;
	table = conn_table_new(64, &all, NULL);
	count = 0;
	return table ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	conn_table_free(table);
	return 0;
}

static void note(void *context, const struct event_socket *record)
{
	(void)context;
	assert_true(count < 8);
	assert_int_equal(socket_decode(record, sizeof(*record), &found[count++]), 0);
}

static void step(struct sock *s, uint64_t us, enum tcp_state to)
{
	struct event e = sock_step(s, us, to);

	assert_int_equal(conn_table_apply(table, &e), 0);
}

static void each_is_in_the_state_of_that_time(void **state)
{
	struct sock s = sock_client(SOCK(1));

	(void)state;
	step(&s, 1000, STATE_SYN_SENT);
	step(&s, 2000, STATE_ESTABLISHED);
	step(&s, 3000, STATE_CLOSE_WAIT);
	alive_each(table, 2500000, note, NULL);
	assert_int_equal(count, 1);
	assert_int_equal(found[0].state, STATE_ESTABLISHED);
	assert_int_equal(found[0].mono_ns, 2500000);
	assert_int_equal(found[0].since_ns, 2000000);
	assert_int_equal(found[0].role, CONN_ROLE_CLIENT);
	assert_int_equal(found[0].lport, s.lport);
	assert_int_equal(found[0].rport, s.rport);
	assert_int_equal(found[0].ack_age_ns, EVENT_TIME_UNKNOWN);
	alive_each(table, 3000000, note, NULL);
	assert_int_equal(found[1].state, STATE_CLOSE_WAIT);
}

static void who_was_not_born_or_is_over_is_left_out(void **state)
{
	struct sock late = sock_client(SOCK(1)), over = sock_client(SOCK(2));
	struct event e;

	(void)state;
	step(&over, 1000, STATE_SYN_SENT);
	e = sock_fail(&over, 1500, 111);
	assert_int_equal(conn_table_apply(table, &e), 0);
	step(&late, 3000, STATE_SYN_SENT);
	alive_each(table, 2500000, note, NULL);
	assert_int_equal(count, 0);
}

/* One that is older than top is in its state since then at least, and so it is in what is saved. */
static void what_is_older_stays_as_old(void **state)
{
	const struct socket_info info = { .mono_ns = 90000000,
					  .sock = SOCK(1),
					  .netns = TEST_NETNS,
					  .state = STATE_CLOSE_WAIT,
					  .flags = EVENT_FLAG_ENDPOINTS,
					  .lport = SERVER_LPORT,
					  .rport = PEER_PORT,
					  .laddr = test_address(false, 1),
					  .raddr = test_address(false, 2),
					  .since_ns = EVENT_TIME_UNKNOWN,
					  .ack_age_ns = 70000000 };

	(void)state;
	assert_int_equal(conn_table_begin_snapshot(table, CONN_SNAPSHOT_SEED, info.mono_ns), 0);
	conn_table_see(table, &info);
	conn_table_end_snapshot(table, info.mono_ns);
	conn_table_settle(table, UINT64_MAX);
	alive_each(table, 100000000, note, NULL);
	assert_int_equal(count, 1);
	assert_int_equal(found[0].state, STATE_CLOSE_WAIT);
	assert_int_equal(found[0].since_ns, 90000000 - (70000000 - SOCKET_TICK_NS));
	assert_false(found[0].marks & EVENT_SOCKET_SINCE_EXACT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_is_in_the_state_of_that_time, begin, end),
		cmocka_unit_test_setup_teardown(who_was_not_born_or_is_over_is_left_out, begin,
						end),
		cmocka_unit_test_setup_teardown(what_is_older_stays_as_old, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
