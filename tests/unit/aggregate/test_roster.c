// SPDX-License-Identifier: GPL-2.0-only
/* A look at all connections finds what there is, in any order, in groups that are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/roster.h"
#include "user/base/units.h"
#include "user/conn/table.h"

#define FEW 23
#define SEVERAL 1013
#define MILLION 1000000
#define ROWS 40
#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304))

struct world {
	struct roster *roster;
	struct conn_table *table;
	struct consumer *told[1];
	uint64_t us;
};

static void set_up(struct world *w, size_t max)
{
	static const struct conn_filter all;
	struct consumer_list list = { w->told, 1 };

	w->roster = roster_new(ROSTER_KEY_PROCESS);
	w->told[0] = roster_consumer(w->roster);
	w->table = conn_table_new(max, &all, &list);
	w->us = 1000000;
}

static void tear_down(struct world *w)
{
	conn_table_free(w->table);
	roster_free(w->roster);
}

static void step(struct world *w, struct sock *s, enum tcp_state to)
{
	struct event e = sock_step(s, w->us++, to);

	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

/* A client of its own name that gets as far as `to`, if that is not CLOSED. */
static void open_one(struct world *w, size_t n, const char *comm, enum tcp_state to)
{
	struct sock s = sock_client(SOCK(n));
	struct event e;

	s.lport = (uint16_t)(10000 + n % 50000);
	e = sock_step(&s, w->us++, STATE_SYN_SENT);
	memset(e.comm, 0, sizeof(e.comm));
	memcpy(e.comm, comm, strnlen(comm, sizeof(e.comm)));
	memcpy(e.process, e.comm, sizeof(e.comm));
	assert_int_equal(conn_table_apply(w->table, &e), 0);
	if (to == STATE_SYN_SENT)
		return;
	step(w, &s, STATE_ESTABLISHED);
	if (to == STATE_CLOSE_WAIT)
		step(w, &s, STATE_CLOSE_WAIT);
	if (to != STATE_CLOSED)
		return;
	e = sock_fail(&s, w->us++, 104);
	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

static struct roster_found look(struct world *w, const struct roster_query *query)
{
	struct roster_found found;

	assert_int_equal(roster_look(w->roster, w->table, query, &found), 0);
	return found;
}

static void states_and_groups_are_counted(void **state)
{
	struct roster_query query = { .count = ROWS };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < FEW; i++)
		open_one(&w, i, i % 3 ? "curl" : "nginx",
			 i % 2 ? STATE_ESTABLISHED : STATE_CLOSE_WAIT);
	open_one(&w, FEW, "curl", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	query.now_ns = w.us * US;
	found = look(&w, &query);
	assert_int_equal(found.live, FEW);
	assert_int_equal(found.in[STATE_CLOSE_WAIT], 12);
	assert_int_equal(found.in[STATE_ESTABLISHED], 11);
	assert_int_equal(found.matching, FEW);
	assert_int_equal(found.count, FEW);
	assert_int_equal(found.group_count, 2);
	assert_string_equal(found.groups[0].example.comm, "curl");
	assert_int_equal(found.groups[0].live, 15);
	assert_int_equal(found.groups[0].closed, 1);
	assert_int_equal(found.groups[0].failed, 1);
	assert_int_equal(found.groups[1].live, 8);
	assert_int_equal(found.groups[1].failed, 0);
	tear_down(&w);
}

static void only_what_is_old_enough_is_stuck(void **state)
{
	struct roster_query query = { .count = ROWS, .only_stuck = true };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	open_one(&w, 1, "curl", STATE_CLOSE_WAIT);
	open_one(&w, 2, "curl", STATE_ESTABLISHED);
	query.now_ns = w.us * US + 9 * NS_PER_S;
	found = look(&w, &query);
	assert_int_equal(found.matching, 0);
	assert_int_equal(found.stuck[STATE_CLOSE_WAIT], 0);
	query.now_ns = w.us * US + 10 * NS_PER_S;
	found = look(&w, &query);
	assert_int_equal(found.matching, 1);
	assert_int_equal(found.stuck[STATE_CLOSE_WAIT], 1);
	assert_int_equal(conn_state(&found.rows[0]), STATE_CLOSE_WAIT);
	tear_down(&w);
}

/* Nobody saw how it got there: it has been there since its last ACK, which a live run asks for. */
static void what_is_older_than_the_tracing_is_stuck_as_well(void **state)
{
	struct roster_query query = { .count = ROWS, .only_stuck = true };
	const struct socket_info info = { .mono_ns = 100 * NS_PER_S,
					  .sock = SOCK(1),
					  .netns = TEST_NETNS,
					  .state = STATE_CLOSE_WAIT,
					  .flags = EVENT_FLAG_ENDPOINTS,
					  .lport = SERVER_LPORT,
					  .rport = PEER_PORT,
					  .since_ns = EVENT_TIME_UNKNOWN,
					  .ack_age_ns = 7 * NS_PER_S + SOCKET_TICK_NS };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	assert_int_equal(conn_table_begin_snapshot(w.table, CONN_SNAPSHOT_SEED, info.mono_ns), 0);
	conn_table_see(w.table, &info);
	conn_table_end_snapshot(w.table, info.mono_ns);
	conn_table_settle(w.table, UINT64_MAX);
	query.now_ns = info.mono_ns + 2 * NS_PER_S;
	found = look(&w, &query);
	assert_int_equal(found.in[STATE_CLOSE_WAIT], 1);
	assert_int_equal(found.stuck[STATE_CLOSE_WAIT], 0);
	query.now_ns = info.mono_ns + 3 * NS_PER_S;
	found = look(&w, &query);
	assert_int_equal(found.matching, 1);
	assert_int_equal(found.stuck[STATE_CLOSE_WAIT], 1);
	assert_int_equal(found.oldest_ns[STATE_CLOSE_WAIT], 93 * NS_PER_S);
	assert_true(found.oldest_is_older[STATE_CLOSE_WAIT]);
	tear_down(&w);
}

/*
 * A server's that is ESTABLISHED, and waited for its accept in the snapshot; nobody knows since
 * when, but since then at least.
 */
static void who_waited_for_an_accept_before_the_tracing_is_stuck(void **state)
{
	static const uint8_t marks[] = { EVENT_SOCKET_UNACCEPTED, 0 };
	struct roster_query query = { .count = ROWS,
				      .only_stuck = true,
				      .sees_queues_served = true };
	struct socket_info info = { .mono_ns = 100 * NS_PER_S,
				    .netns = TEST_NETNS,
				    .state = STATE_ESTABLISHED,
				    .role = CONN_ROLE_SERVER,
				    .flags = EVENT_FLAG_ENDPOINTS,
				    .lport = SERVER_LPORT,
				    .rport = PEER_PORT,
				    .since_ns = EVENT_TIME_UNKNOWN,
				    .ack_age_ns = EVENT_TIME_UNKNOWN };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	assert_int_equal(conn_table_begin_snapshot(w.table, CONN_SNAPSHOT_SEED, info.mono_ns), 0);
	for (size_t i = 0; i < 2; i++) {
		info.sock = SOCK(i);
		info.rport++;
		info.marks = marks[i];
		conn_table_see(w.table, &info);
	}
	conn_table_end_snapshot(w.table, info.mono_ns);
	conn_table_settle(w.table, UINT64_MAX);
	query.now_ns = info.mono_ns + NS_PER_S;
	found = look(&w, &query);
	assert_int_equal(found.in[STATE_ESTABLISHED], 2);
	assert_int_equal(found.stuck[STATE_ESTABLISHED], 1);
	assert_true(found.oldest_is_older[STATE_ESTABLISHED]);
	assert_int_equal(found.rows[0].sock, SOCK(0));
	tear_down(&w);
}

/* Whichever window is asked for, it is the same part of the same order. */
static void any_window_is_a_part_of_the_whole(void **state)
{
	struct roster_query query = { .count = SEVERAL };
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < SEVERAL; i++) {
		char comm[EVENT_COMM_SIZE];

		snprintf(comm, sizeof(comm), "p%zu", i * 7919 % 101);
		open_one(&w, i, comm, i % 5 ? STATE_ESTABLISHED : STATE_SYN_SENT);
	}
	query.now_ns = w.us * US;
	for (unsigned int order = 0; order < 2 * ROSTER_ORDER_COUNT; order++) {
		uint64_t whole[SEVERAL];
		struct roster_found found;

		query.order = order % ROSTER_ORDER_COUNT;
		query.is_falling = order >= ROSTER_ORDER_COUNT;
		query.first = 0;
		query.count = SEVERAL;
		found = look(&w, &query);
		assert_int_equal(found.count, SEVERAL);
		for (size_t i = 0; i < SEVERAL; i++)
			whole[i] = found.rows[i].id;
		query.count = ROWS;
		for (query.first = 0; query.first < SEVERAL + ROWS; query.first += ROWS - 1) {
			found = look(&w, &query);
			assert_true(found.count <= ROWS);
			for (size_t i = 0; i < found.count; i++)
				assert_int_equal(found.rows[i].id, whole[found.first + i]);
		}
		assert_int_equal(found.first, SEVERAL);
	}
	tear_down(&w);
}

static void the_oldest_comes_first_and_the_unknown_last(void **state)
{
	struct roster_query query = { .count = ROWS, .is_falling = true };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < FEW; i++)
		open_one(&w, i, "curl", STATE_ESTABLISHED);
	open_one(&w, FEW, "curl", STATE_SYN_SENT);
	query.now_ns = w.us * US;
	found = look(&w, &query);
	for (size_t i = 1; i < found.count; i++)
		assert_true(roster_entered_ns(&found.rows[i - 1]) <
			    roster_entered_ns(&found.rows[i]));
	query.order = ROSTER_BY_HANDSHAKE;
	found = look(&w, &query);
	assert_int_equal(conn_state(&found.rows[FEW]), STATE_SYN_SENT);
	query.is_falling = false;
	found = look(&w, &query);
	assert_int_equal(conn_state(&found.rows[FEW]), STATE_SYN_SENT);
	tear_down(&w);
}

/* A client of 2001:db8::1, towards the `last` byte of an address in another network. */
static void open_ipv6(struct world *w, size_t n, uint8_t last, uint16_t port)
{
	struct sock s = sock_client(SOCK(n));
	struct event e = sock_step(&s, w->us++, STATE_SYN_SENT);

	e.laddr = e.raddr = (struct address){ { 0x20, 1, 0x0d, 0xb8, [15] = 1 } };
	e.raddr.byte[5] = 1;
	e.raddr.byte[15] = last;
	e.rport = port;
	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

/* By all bytes of the address, and then by the port; in a window as among all. */
static void addresses_of_one_network_are_in_order(void **state)
{
	static const struct {
		uint8_t last;
		uint16_t port;
	} ends[] = { { 9, 443 }, { 7, 443 }, { 8, 40000 }, { 8, 22 }, { 255, 1 } };
	static const uint16_t rising[] = { 443, 22, 40000, 443, 1 };
	struct roster_query query = { .count = ROWS, .order = ROSTER_BY_REMOTE };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < 5; i++)
		open_ipv6(&w, i, ends[i].last, ends[i].port);
	query.now_ns = w.us * US;
	found = look(&w, &query);
	assert_int_equal(found.count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(found.rows[i].rport, rising[i]);
	assert_int_equal(found.rows[0].raddr.byte[15], 7);
	query.is_falling = true;
	found = look(&w, &query);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(found.rows[i].rport, rising[4 - i]);
	query.first = 1;
	query.count = 2;
	found = look(&w, &query);
	assert_int_equal(found.rows[0].raddr.byte[15], 9);
	assert_int_equal(found.rows[1].rport, 40000);
	tear_down(&w);
}

/* Whose life is over has had it, whenever that was; those that live on stand before them. */
static void lives_that_are_over_do_not_grow(void **state)
{
	static const uint64_t last_us[] = { 500, 9000, 100 };
	struct roster_query query = { .count = ROWS, .order = ROSTER_BY_LIFE };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < 3; i++) {
		struct sock s = sock_client(SOCK(i));

		s.lport = (uint16_t)(10000 + i);
		step(&w, &s, STATE_SYN_SENT);
		step(&w, &s, STATE_ESTABLISHED);
		w.us += last_us[i];
		step(&w, &s, STATE_FIN_WAIT1);
		step(&w, &s, STATE_FIN_WAIT2);
		step(&w, &s, STATE_TIME_WAIT);
	}
	open_one(&w, FEW, "curl", STATE_ESTABLISHED);
	query.now_ns = w.us * US + NS_PER_S;
	for (unsigned int rising = 0; rising < 2; rising++) {
		static const uint16_t ports[2][3] = { { 10001, 10000, 10002 },
						      { 10002, 10000, 10001 } };

		query.is_falling = !rising;
		found = look(&w, &query);
		assert_int_equal(found.count, 4);
		assert_int_equal(conn_state(&found.rows[0]), STATE_ESTABLISHED);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(found.rows[i + 1].lport, ports[rising][i]);
	}
	tear_down(&w);
}

static void a_filter_leaves_out_rows_and_no_counts(void **state)
{
	struct roster_query query = { .count = ROWS };
	struct conn_filter *filter = calloc(1, sizeof(*filter));
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < FEW; i++)
		open_one(&w, i, i % 3 ? "curl" : "nginx", STATE_ESTABLISHED);
	memcpy(filter->comms[filter->comm_count++], "nginx", 5);
	query.filter = filter;
	found = look(&w, &query);
	assert_int_equal(found.live, FEW);
	assert_int_equal(found.all, FEW);
	assert_int_equal(found.matching, 8);
	assert_int_equal(found.group_count, 1);
	free(filter);
	tear_down(&w);
}

/* Of more names than there is room for, the rest is one group, and nobody is lost. */
static void names_that_find_no_room_are_others(void **state)
{
	struct roster_query query = { .count = 0 };
	uint64_t live = 0, closed = 0;
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, 2 * ROSTER_GROUPS);
	for (size_t i = 0; i < 2 * ROSTER_GROUPS; i++) {
		char comm[EVENT_COMM_SIZE];

		snprintf(comm, sizeof(comm), "q%zu", i);
		open_one(&w, i, comm, i % 2 ? STATE_CLOSED : STATE_ESTABLISHED);
	}
	conn_table_settle(w.table, UINT64_MAX);
	for (unsigned int turn = 0; turn < 3; turn++) {
		found = look(&w, &query);
		assert_true(found.group_count <= ROSTER_GROUPS + 1);
		assert_true(found.groups[found.group_count - 1].is_other);
		live = closed = 0;
		for (size_t i = 0; i < found.group_count; i++) {
			live += found.groups[i].live;
			closed += found.groups[i].closed;
		}
		assert_int_equal(live, ROSTER_GROUPS);
		assert_int_equal(closed, ROSTER_GROUPS);
	}
	tear_down(&w);
}

static void another_key_begins_anew(void **state)
{
	struct roster_query query = { .count = 0 };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	for (size_t i = 0; i < FEW; i++)
		open_one(&w, i, i % 3 ? "curl" : "nginx", STATE_ESTABLISHED);
	open_one(&w, FEW, "curl", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	roster_group_by(w.roster, ROSTER_KEY_PORT);
	found = look(&w, &query);
	assert_int_equal(found.group_count, 1);
	assert_int_equal(found.groups[0].live, FEW);
	assert_int_equal(found.groups[0].closed, 0);
	assert_int_equal(roster_service_port(&found.groups[0].example), PEER_PORT);
	tear_down(&w);
}

/* Of those that close, only who is wanted counts, from when the filter was chosen. */
static void a_filter_counts_anew(void **state)
{
	static struct conn_filter filter = { .comm_count = 1, .comms = { "nginx" } };
	struct roster_query query = { .count = 0, .filter = &filter };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	open_one(&w, 0, "nginx", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	roster_sift(w.roster, &filter, 0);
	for (size_t i = 1; i < FEW; i++)
		open_one(&w, i, i % 3 ? "curl" : "nginx", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	found = look(&w, &query);
	assert_int_equal(found.group_count, 1);
	assert_int_equal(found.groups[0].closed, (FEW - 1) / 3);
	roster_sift(w.roster, NULL, 0);
	query.filter = NULL;
	found = look(&w, &query);
	assert_int_equal(found.group_count, 0);
	tear_down(&w);
}

/* While it stands still nothing is seen of what happens, and nothing of it is lost. */
static void what_is_frozen_goes_on_unseen(void **state)
{
	struct roster_query query = { .count = ROWS };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, SEVERAL);
	open_one(&w, 1, "curl", STATE_ESTABLISHED);
	open_one(&w, 2, "curl", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	assert_int_equal(roster_freeze(w.roster, w.table), 0);
	open_one(&w, 3, "curl", STATE_ESTABLISHED);
	open_one(&w, 4, "curl", STATE_CLOSED);
	open_one(&w, 5, "nginx", STATE_CLOSED);
	conn_table_settle(w.table, UINT64_MAX);
	found = look(&w, &query);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.group_count, 1);
	assert_int_equal(found.groups[0].closed, 1);
	roster_thaw(w.roster);
	found = look(&w, &query);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.group_count, 2);
	assert_int_equal(found.groups[0].live, 2);
	assert_int_equal(found.groups[0].closed, 2);
	assert_int_equal(found.groups[1].closed, 1);
	tear_down(&w);
}

static void what_finds_no_room_while_frozen_is_counted(void **state)
{
	struct roster_query query = { .count = ROWS, .needs_no_groups = true };
	struct roster_found found;
	struct world w;

	(void)state;
	set_up(&w, ROSTER_FROZEN + FEW);
	for (size_t i = 0; i < ROSTER_FROZEN + FEW; i++)
		open_one(&w, i, "curl", STATE_ESTABLISHED);
	assert_int_equal(roster_freeze(w.roster, w.table), 0);
	assert_int_equal(roster_left_out(w.roster), FEW);
	found = look(&w, &query);
	assert_int_equal(found.live, ROSTER_FROZEN + FEW);
	assert_int_equal(found.in[STATE_ESTABLISHED], ROSTER_FROZEN + FEW);
	assert_int_equal(found.all, ROSTER_FROZEN + FEW);
	assert_int_equal(found.matching, ROSTER_FROZEN);
	roster_thaw(w.roster);
	assert_int_equal(roster_left_out(w.roster), 0);
	assert_int_equal(look(&w, &query).matching, ROSTER_FROZEN + FEW);
	tear_down(&w);
}

static double milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

/* How long that takes is printed, and judged by people. */
static void a_million_are_looked_at(void **state)
{
	struct roster_query query = { .count = ROWS, .is_falling = true };
	struct roster_found found;
	struct world w;
	double begin;

	(void)state;
	set_up(&w, MILLION);
	for (size_t i = 0; i < MILLION; i++)
		open_one(&w, i, i % 3 ? "curl" : "nginx", STATE_ESTABLISHED);
	query.now_ns = w.us * US;
	look(&w, &query);
	begin = milliseconds();
	look(&w, &query);
	print_message("# a look at %d connections: %.1f ms\n", MILLION, milliseconds() - begin);
	query.needs_no_groups = true;
	begin = milliseconds();
	found = look(&w, &query);
	print_message("# without groups: %.1f ms\n", milliseconds() - begin);
	assert_int_equal(found.live, MILLION);
	assert_int_equal(found.count, ROWS);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_and_groups_are_counted),
		cmocka_unit_test(only_what_is_old_enough_is_stuck),
		cmocka_unit_test(what_is_older_than_the_tracing_is_stuck_as_well),
		cmocka_unit_test(who_waited_for_an_accept_before_the_tracing_is_stuck),
		cmocka_unit_test(any_window_is_a_part_of_the_whole),
		cmocka_unit_test(the_oldest_comes_first_and_the_unknown_last),
		cmocka_unit_test(addresses_of_one_network_are_in_order),
		cmocka_unit_test(lives_that_are_over_do_not_grow),
		cmocka_unit_test(a_filter_leaves_out_rows_and_no_counts),
		cmocka_unit_test(names_that_find_no_room_are_others),
		cmocka_unit_test(another_key_begins_anew),
		cmocka_unit_test(a_filter_counts_anew),
		cmocka_unit_test(what_is_frozen_goes_on_unseen),
		cmocka_unit_test(what_finds_no_room_while_frozen_is_counted),
		cmocka_unit_test(a_million_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
