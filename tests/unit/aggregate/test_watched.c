// SPDX-License-Identifier: GPL-2.0-only
/* Looks tell numbers of the connection that is watched, and of its other end: of no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/watched.h"

#define X 1000u
#define Y 2000u
#define ELSEWHERE 4711u

struct world {
	struct watched *watched;
	struct consumer *told[1];
	struct conn_table *table;
	struct sock client, server;
	uint64_t us;
};

static void step(struct world *w, struct sock *s, enum tcp_state to)
{
	struct event e = sock_step(s, w->us++, to);

	/* The server's ends are the client's, the other way round. */
	if (s == &w->server && e.flags & EVENT_FLAG_ENDPOINTS) {
		e.laddr = test_address(false, 2);
		e.raddr = test_address(false, 1);
	}
	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

static void set_up(struct world *w)
{
	static const struct conn_filter all;
	struct consumer_list list = { w->told, 1 };

	*w = (struct world){ .watched = watched_new(0), .us = 1000000 };
	w->told[0] = watched_consumer(w->watched);
	w->table = conn_table_new(64, &all, &list);
	w->client = sock_client(0xffff888000000040);
	w->server = sock_server(0xffff888000001040);
	w->server.lport = PEER_PORT;
	w->server.rport = CLIENT_LPORT;
	w->server.netns = ELSEWHERE;
	step(w, &w->client, STATE_SYN_SENT);
	step(w, &w->server, STATE_SYN_RECV);
	step(w, &w->server, STATE_ESTABLISHED);
	step(w, &w->client, STATE_ESTABLISHED);
}

static void tear_down(struct world *w)
{
	conn_table_free(w->table);
	watched_free(w->watched);
}

static void pick_client(void *context, const struct conn *c)
{
	struct world *w = context;

	if (c->role == CONN_ROLE_CLIENT)
		watched_choose(w->watched, c, w->table);
}

static struct socket_info socket_of(const struct sock *s)
{
	bool is_client = s->lport == CLIENT_LPORT;

	return (struct socket_info){
		.sock = s->address,
		.netns = s->netns,
		.state = s->state,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_COUNTED,
		.lport = s->lport,
		.rport = s->rport,
		.laddr = test_address(false, is_client ? 1 : 2),
		.raddr = test_address(false, is_client ? 2 : 1),
		.snd_una = (is_client ? X : Y) + 1,
		.snd_nxt = (is_client ? X : Y) + 1,
		.rcv_nxt = (is_client ? Y : X) + 1,
		.bytes_acked = is_client,
		.send_age_ns = EVENT_TIME_UNKNOWN,
		.receive_age_ns = EVENT_TIME_UNKNOWN,
	};
}

static struct ladder ladder_of(const struct world *w)
{
	struct ladder ladder;

	assert_true(watched_ladder(w->watched, &ladder));
	return ladder;
}

static void both_ends_are_known_by_their_numbers(void **state)
{
	struct watched_search search;
	struct socket_info info;
	struct ladder ladder;
	struct world w;

	(void)state;
	set_up(&w);
	assert_false(watched_search(w.watched, w.table, &search));
	conn_table_scan(w.table, pick_client, &w);
	ladder = ladder_of(&w);
	assert_false(ladder.symbols[LADDER_SYMBOL_X].is_known);
	assert_null(ladder.other);
	/* Nothing is kept beforehand: it may be here and over. */
	assert_int_equal(ladder_measured(&ladder), LADDER_SAYS_ONE_LEFT);

	assert_true(watched_search(w.watched, w.table, &search));
	assert_int_equal(search.ports[0], CLIENT_LPORT);
	assert_int_equal(search.ports[1], PEER_PORT);
	assert_int_equal(search.netns.count, 2);
	assert_int_equal(search.netns.inodes[0], TEST_NETNS);
	assert_int_equal(search.netns.inodes[1], ELSEWHERE);
	info = socket_of(&w.client);
	watched_see(w.watched, &info);
	info = socket_of(&w.server);
	watched_see(w.watched, &info);
	watched_end_search(w.watched, w.table);
	ladder = ladder_of(&w);
	assert_int_equal(ladder.symbols[LADDER_SYMBOL_X].value, X);
	assert_int_equal(ladder.symbols[LADDER_SYMBOL_Y].value, Y);
	assert_non_null(ladder.other);
	assert_int_equal(ladder.other->netns, ELSEWHERE);
	tear_down(&w);
}

static void another_socket_tells_nothing(void **state)
{
	struct watched_search search;
	struct socket_info info;
	struct world w;

	(void)state;
	set_up(&w);
	conn_table_scan(w.table, pick_client, &w);
	assert_true(watched_search(w.watched, w.table, &search));
	info = socket_of(&w.client);
	info.sock += 64; /* the same ends, later */
	watched_see(w.watched, &info);
	info = socket_of(&w.client);
	info.netns++;
	watched_see(w.watched, &info);
	info = socket_of(&w.server);
	info.snd_nxt = ++info.snd_una; /* the same ends, at another time */
	watched_see(w.watched, &info);
	watched_end_search(w.watched, w.table);
	assert_false(ladder_of(&w).symbols[LADDER_SYMBOL_X].is_known);
	assert_null(ladder_of(&w).other);
	tear_down(&w);
}

/* Another may have its place by the time of the look. */
static void one_that_is_over_meanwhile_learns_nothing(void **state)
{
	struct watched_search search;
	struct socket_info info;
	struct event e;
	struct world w;

	(void)state;
	set_up(&w);
	conn_table_scan(w.table, pick_client, &w);
	assert_true(watched_search(w.watched, w.table, &search));
	info = socket_of(&w.client);
	watched_see(w.watched, &info);
	e = sock_fail(&w.client, w.us++, 104);
	assert_int_equal(conn_table_apply(w.table, &e), 0);
	watched_end_search(w.watched, w.table);
	assert_false(ladder_of(&w).symbols[LADDER_SYMBOL_X].is_known);
	assert_false(watched_search(w.watched, w.table, &search));
	tear_down(&w);
}

/* What an open one carries is asked as long as it is open. */
static void the_ladder_of_an_open_one_goes_on(void **state)
{
	struct watched_search search;
	struct socket_info info;
	struct ladder ladder;
	struct world w;

	(void)state;
	set_up(&w);
	conn_table_scan(w.table, pick_client, &w);
	for (uint32_t bytes = 17; bytes < 100; bytes += 17) {
		size_t data = 0;

		assert_true(watched_search(w.watched, w.table, &search));
		info = socket_of(&w.client);
		info.bytes_sent = bytes;
		info.bytes_acked += bytes;
		info.snd_una = info.snd_nxt += bytes;
		watched_see(w.watched, &info);
		watched_end_search(w.watched, w.table);
		ladder = ladder_of(&w);
		assert_int_equal(ladder.symbols[LADDER_SYMBOL_X].value, X);
		while (data < ladder.count && ladder.steps[data].kind != LADDER_DATA)
			data++;
		assert_int_equal(ladder.steps[data].bytes_out, bytes);
		assert_int_equal(ladder.steps[data].bytes_in, 0);
	}
	tear_down(&w);
}

/* What cannot be told is not asked for ever, but again in another state. */
static void looks_come_to_an_end(void **state)
{
	struct watched_search search;
	struct world w;
	int looks = 0;

	(void)state;
	set_up(&w);
	conn_table_scan(w.table, pick_client, &w);
	step(&w, &w.client, STATE_FIN_WAIT1);
	while (looks < 100 && watched_search(w.watched, w.table, &search)) {
		watched_end_search(w.watched, w.table);
		looks++;
	}
	assert_in_range(looks, 1, 9);
	step(&w, &w.client, STATE_FIN_WAIT2);
	assert_true(watched_search(w.watched, w.table, &search));
	watched_stand_still(w.watched);
	assert_false(watched_search(w.watched, w.table, &search));
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_are_known_by_their_numbers),
		cmocka_unit_test(another_socket_tells_nothing),
		cmocka_unit_test(one_that_is_over_meanwhile_learns_nothing),
		cmocka_unit_test(the_ladder_of_an_open_one_goes_on),
		cmocka_unit_test(looks_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
