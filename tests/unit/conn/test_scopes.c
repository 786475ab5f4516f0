// SPDX-License-Identifier: GPL-2.0-only
/* Connections that nothing but their interface tells apart: each has its own, and its own life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/base/atom.h"
#include "user/conn/listeners.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define SOCK(n) (UINT64_C(0xffff888012340000) + (n)*UINT64_C(0x800))
#define TIMEWAIT(n) (SOCK(n) + 0x400)
#define SECOND UINT64_C(1000000) /* in microseconds */
#define LEFT 2u
#define RIGHT 3u

static struct conn gone[8];
static struct half_open half;
static size_t gone_count;

static void on_gone(struct consumer *self, const struct conn *c)
{
	(void)self;
	gone[gone_count++] = *c;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	(void)self;
	half = *h;
}

static struct conn_table *table_of(const struct conn_filter *filter)
{
	static const struct consumer_class class = { .gone = on_gone, .half_open = on_half_open };
	static const struct conn_filter all;
	static struct consumer consumer = { &class };
	struct consumer *consumers[] = { &consumer };
	struct conn_table *table =
		conn_table_new(64, filter ? filter : &all, &(struct consumer_list){ consumers, 1 });

	assert_non_null(table);
	gone_count = 0;
	return table;
}

static uint16_t name_of(uint32_t ifindex)
{
	return atom_of(ifindex == LEFT ? "left" : "right", 6, &(struct share){ 0, TEST_NETNS });
}

static void apply(struct conn_table *table, struct event e)
{
	assert_int_equal(conn_table_apply(table, &e), 0);
}

/* In front of it that its socket is bound. */
static void apply_bound(struct conn_table *table, struct event e, uint32_t ifindex)
{
	apply(table, (struct event){ .mono_ns = e.mono_ns,
				     .sock = e.sock,
				     .netns = e.netns,
				     .kind = EVENT_SCOPE,
				     .from = e.from,
				     .to = e.to,
				     .ifindex = ifindex,
				     .ifname = name_of(ifindex) });
	apply(table, e);
}

/* All is alike but the socket. */
static struct sock connect_on(struct conn_table *table, unsigned int n, uint32_t ifindex)
{
	struct sock k = sock_client(SOCK(n));

	k.is_ipv6 = true;
	apply_bound(table, sock_step(&k, 1000 + n, STATE_SYN_SENT), ifindex);
	apply(table, sock_step(&k, 2000 + n, STATE_ESTABLISHED));
	return k;
}

static void close_first(struct conn_table *table, struct sock *k, uint64_t us)
{
	apply(table, sock_step(k, us, STATE_FIN_WAIT1));
	apply(table, sock_step(k, us + 1, STATE_FIN_WAIT2));
	apply(table, sock_close(k, us + 2));
}

static struct conn found[8];
static size_t count;

static void keep(void *context, const struct conn *c)
{
	(void)context;
	found[count++] = *c;
}

static size_t look(struct conn_table *table)
{
	count = 0;
	conn_table_each(table, keep, NULL);
	return count;
}

static void assert_on(const struct conn *c, uint32_t ifindex)
{
	char text[CONN_IFNAME_SIZE];

	assert_int_equal(c->ifindex, ifindex);
	assert_string_equal(conn_ifname(c->ifindex, c->ifname, text),
			    ifindex == LEFT ? "left" : "right");
}

static void each_has_its_interface(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock k = sock_client(SOCK(3));

	(void)state;
	connect_on(table, 1, LEFT);
	connect_on(table, 2, RIGHT);
	apply(table, sock_step(&k, 3000, STATE_SYN_SENT));
	assert_int_equal(look(table), 3);
	assert_on(&found[0], LEFT);
	assert_on(&found[1], RIGHT);
	assert_int_equal(found[2].ifindex, 0);
	conn_table_free(table);
}

/* Of a server's child it is known when the handshake is over. */
static void a_child_has_it_when_it_is_established(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock k = sock_server(SOCK(1));

	(void)state;
	apply(table, sock_step(&k, 1000, STATE_SYN_RECV));
	apply_bound(table, sock_step(&k, 1001, STATE_ESTABLISHED), RIGHT);
	assert_int_equal(look(table), 1);
	assert_on(&found[0], RIGHT);
	conn_table_free(table);
}

/* What is told later of the same socket, or at the same time of another one, has no part in it. */
static void a_note_is_for_one_event(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock k = sock_client(SOCK(1)), other = sock_client(SOCK(2));
	struct event e = sock_step(&k, 1000, STATE_SYN_SENT);

	(void)state;
	apply(table, (struct event){ .mono_ns = e.mono_ns - 1,
				     .sock = e.sock,
				     .kind = EVENT_SCOPE,
				     .to = STATE_SYN_SENT,
				     .from = STATE_CLOSED,
				     .ifindex = LEFT });
	apply(table, e);
	apply(table, sock_step(&other, 999, STATE_SYN_SENT));
	assert_int_equal(look(table), 2);
	assert_int_equal(found[0].ifindex, 0);
	assert_int_equal(found[1].ifindex, 0);
	conn_table_free(table);
}

/* It has no name, for no program may read that, or there was no room for it: the number is one. */
static void an_unknown_name_is_a_number(void **state)
{
	char text[CONN_IFNAME_SIZE];

	(void)state;
	assert_null(conn_ifname(0, name_of(LEFT), text));
	assert_string_equal(conn_ifname(12, ATOM_NONE, text), "if12");
	assert_string_equal(conn_ifname(UINT32_MAX, ATOM_NONE, text), "if4294967295");
}

static struct event timewait(unsigned int n, uint64_t us, uint32_t ifindex,
			     enum event_timewait_act act)
{
	struct event e = { .mono_ns = us * US,
			   .sock = TIMEWAIT(n),
			   .netns = TEST_NETNS,
			   .kind = EVENT_TIMEWAIT,
			   .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
			   .from = STATE_TIME_WAIT,
			   .to = act == EVENT_TIMEWAIT_BORN ? STATE_TIME_WAIT : STATE_CLOSED,
			   .detail = act };

	if (act != EVENT_TIMEWAIT_BORN)
		return e;
	e.ifindex = ifindex;
	e.lport = CLIENT_LPORT;
	e.rport = PEER_PORT;
	e.laddr = test_address(true, 1);
	e.raddr = test_address(true, 2);
	return e;
}

/* A timewait socket whose full socket no record names is found by its ends, and its interface. */
static void a_timewait_socket_goes_to_its_own(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock left, right;

	(void)state;
	conn_table_expect_timewaits(table);
	left = connect_on(table, 1, LEFT);
	right = connect_on(table, 2, RIGHT);
	apply(table, timewait(2, 3000, RIGHT, EVENT_TIMEWAIT_BORN));
	apply(table, timewait(1, 3001, LEFT, EVENT_TIMEWAIT_BORN));
	close_first(table, &left, 3002);
	close_first(table, &right, 3010);
	apply(table, timewait(2, 4000, 0, EVENT_TIMEWAIT_RESET));
	apply(table, timewait(1, 5000, 0, EVENT_TIMEWAIT_EXPIRED));
	assert_int_equal(gone_count, 2);
	assert_on(&gone[0], RIGHT);
	assert_int_equal(gone[0].time_wait_end, CONN_TW_END_RESET);
	assert_on(&gone[1], LEFT);
	assert_int_equal(gone[1].time_wait_end, CONN_TW_END_EXPIRED);
	conn_table_free(table);
}

/* Where polls alone tell of them, one that is there is no sign of the other. */
static void polls_tell_them_apart(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct socket_info info = { .sock = SOCK(9),
				    .netns = TEST_NETNS,
				    .state = STATE_TIME_WAIT,
				    .object = EVENT_SOCKET_TIMEWAIT,
				    .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
				    .lport = CLIENT_LPORT,
				    .rport = PEER_PORT,
				    .laddr = test_address(true, 1),
				    .raddr = test_address(true, 2),
				    .ifindex = RIGHT };
	struct sock left, right;

	(void)state;
	conn_table_expect_polls(table);
	left = connect_on(table, 1, LEFT);
	right = connect_on(table, 2, RIGHT);
	close_first(table, &left, 3000);
	close_first(table, &right, 3010);
	conn_table_settle(table, SECOND * US);
	for (uint64_t us = 2 * SECOND; us <= 3 * SECOND; us += SECOND) {
		assert_int_equal(conn_table_begin_poll(table, us * US), 0);
		info.mono_ns = us * US;
		info.since_ns = 3012 * US;
		info.timer_ns = (60 * SECOND + 3012 - us) * US;
		conn_table_poll_socket(table, &info);
		conn_table_poll_looked(table, TEST_NETNS);
		conn_table_end_poll(table, us * US, false, false);
		conn_table_settle(table, (us + SECOND / 2) * US);
	}
	assert_int_equal(gone_count, 1);
	assert_on(&gone[0], LEFT);
	conn_table_free(table);
}

/* A snapshot knows older ones by it. */
static void a_snapshot_tells_it(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct socket_info info = { .netns = TEST_NETNS,
				    .mono_ns = 1000,
				    .state = STATE_ESTABLISHED,
				    .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
				    .lport = CLIENT_LPORT,
				    .rport = PEER_PORT,
				    .laddr = test_address(true, 1),
				    .raddr = test_address(true, 2) };

	(void)state;
	assert_int_equal(conn_table_begin_snapshot(table, CONN_SNAPSHOT_SEED, 900), 0);
	for (uint32_t ifindex = LEFT; ifindex <= RIGHT; ifindex++) {
		info.sock = SOCK(ifindex);
		info.ifindex = ifindex;
		info.ifname = name_of(ifindex);
		conn_table_see(table, &info);
	}
	conn_table_end_snapshot(table, 2000);
	conn_table_settle(table, SECOND * US);
	assert_int_equal(look(table), 2);
	assert_on(&found[0], LEFT);
	assert_on(&found[1], RIGHT);
	conn_table_free(table);
}

/* What is bound to none is nobody's, and is let go as soon as that is known. */
static void a_filter_has_one_of_them(void **state)
{
	static struct conn_filter filter;
	struct sock k = sock_server(SOCK(3)), bound = sock_server(SOCK(4));
	struct conn_table *table;

	(void)state;
	assert_int_equal(conn_filter_add_name(&filter.interfaces, "nobody"), 0);
	assert_int_equal(conn_filter_add_name(&filter.interfaces, "ri*"), 0);
	assert_false(conn_filter_wants_all(&filter));
	table = table_of(&filter);
	connect_on(table, 1, LEFT);
	connect_on(table, 2, RIGHT);
	apply(table, sock_step(&k, 3000, STATE_SYN_RECV));
	apply(table, sock_step(&bound, 3000, STATE_SYN_RECV));
	apply(table, sock_step(&k, 3001, STATE_ESTABLISHED));
	apply_bound(table, sock_step(&bound, 3001, STATE_ESTABLISHED), RIGHT);
	assert_int_equal(look(table), 2);
	assert_on(&found[0], RIGHT);
	assert_int_equal(found[1].lport, SERVER_LPORT);
	assert_on(&found[1], RIGHT);
	assert_int_equal(conn_table_counts(table)->live, 2);
	conn_table_free(table);
}

static void a_request_and_a_connect_have_it(void **state)
{
	struct conn_table *table = table_of(NULL);

	(void)state;
	apply(table, (struct event){ .mono_ns = 1000,
				     .sock = SOCK(1),
				     .netns = TEST_NETNS,
				     .kind = EVENT_REQUEST,
				     .from = STATE_SYN_RECV,
				     .to = STATE_CLOSED,
				     .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
				     .ifindex = LEFT,
				     .ifname = name_of(LEFT) });
	assert_int_equal(half.ifindex, LEFT);
	assert_int_equal(half.ifname, name_of(LEFT));
	apply_bound(table,
		    (struct event){ .mono_ns = 2000,
				    .sock = SOCK(2),
				    .netns = TEST_NETNS,
				    .kind = EVENT_CONNECT,
				    .from = STATE_CLOSED,
				    .to = STATE_CLOSED,
				    .error = 101 },
		    RIGHT);
	assert_int_equal(gone_count, 1);
	assert_on(&gone[0], RIGHT);
	conn_table_free(table);
}

/* Who listens on an interface has what comes there, before who listens on all. */
static void the_nearest_listener_has_it(void **state)
{
	struct listeners *l = listeners_new();
	struct listener_owner owner;
	struct conn c = { .sock = SOCK(20),
			  .netns = TEST_NETNS,
			  .lport = SERVER_LPORT,
			  .laddr = address_from_ipv4((const uint8_t[4]){ 10, 0, 0, 1 }) };

	(void)state;
	for (uint32_t ifindex = 0; ifindex <= LEFT; ifindex += LEFT) {
		struct event e = listener_event(SOCK(10 + ifindex), STATE_CLOSED, STATE_LISTEN);

		e.ifindex = ifindex;
		e.pid = 100 + ifindex;
		assert_int_equal(listeners_apply(l, &e), 0);
	}
	for (uint32_t ifindex = 0; ifindex <= RIGHT; ifindex++) {
		c.ifindex = ifindex;
		assert_true(listeners_find(l, &c, &owner));
		assert_int_equal(owner.pid, ifindex == LEFT ? 102 : 100);
	}
	listeners_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_interface),
		cmocka_unit_test(a_child_has_it_when_it_is_established),
		cmocka_unit_test(a_note_is_for_one_event),
		cmocka_unit_test(an_unknown_name_is_a_number),
		cmocka_unit_test(a_timewait_socket_goes_to_its_own),
		cmocka_unit_test(polls_tell_them_apart),
		cmocka_unit_test(a_snapshot_tells_it),
		cmocka_unit_test(a_filter_has_one_of_them),
		cmocka_unit_test(a_request_and_a_connect_have_it),
		cmocka_unit_test(the_nearest_listener_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
