// SPDX-License-Identifier: GPL-2.0-only
/* What a look at a socket tells of a story's numbers is what its segments had, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/conn/story.h"

#define X 0xfffffff0u /* both wrap */
#define Y 0xffffff00u
#define SAID 1009u
#define HEARD 5003u
#define SECOND (1000 * MS)

/* Of a client that has said and heard all of it, as the kernel counts. */
static struct socket_info open_socket(enum tcp_state state)
{
	return (struct socket_info){
		.mono_ns = 100 * SECOND,
		.sock = 0xffff888000000040,
		.state = state,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_COUNTED,
		.snd_una = X + 1 + SAID,
		.snd_nxt = X + 1 + SAID,
		.rcv_nxt = Y + 1 + HEARD,
		.bytes_sent = SAID,
		.bytes_acked = SAID + 1,
		.bytes_received = HEARD,
		.send_age_ns = 5 * SECOND,
		.receive_age_ns = 5 * SECOND,
	};
}

/* In this state since `since_ns` before the look. */
static struct story story_in(enum tcp_state state, uint64_t since_ns)
{
	struct conn c = { .role = CONN_ROLE_CLIENT };
	struct story story;

	sample_step(&c, STATE_SYN_SENT, 10 * SECOND);
	sample_step(&c, STATE_ESTABLISHED, 11 * SECOND);
	if (state != STATE_ESTABLISHED)
		sample_step(&c, state, 100 * SECOND - since_ns);
	story_begin(&story, &c);
	return story;
}

static void assert_number(const struct story *s, enum story_number number, uint32_t value)
{
	assert_true(story_knows(s, number));
	assert_int_equal(s->number[number], value);
}

static void first_numbers(void **state)
{
	struct socket_info info = open_socket(STATE_ESTABLISHED);
	struct story s = story_in(STATE_ESTABLISHED, 0);

	(void)state;
	assert_true(story_lacks_numbers(&s));
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_number(&s, STORY_PEER_SYN, Y);
	assert_false(story_lacks_numbers(&s));
	assert_int_equal(s.known, 1u << STORY_SYN | 1u << STORY_PEER_SYN);
	assert_true(s.has_counts);
	assert_int_equal(s.sent, SAID);
	assert_int_equal(s.received, HEARD);

	/* A server does not count its SYN. */
	s = story_in(STATE_ESTABLISHED, 0);
	s.conn.role = CONN_ROLE_SERVER;
	info.bytes_acked--;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_number(&s, STORY_PEER_SYN, Y);
}

static void of_a_syn(void **state)
{
	struct socket_info info = { .sock = 1,
				    .state = STATE_SYN_SENT,
				    .object = EVENT_SOCKET_FULL,
				    .snd_una = X,
				    .snd_nxt = X + 1 };
	struct story s = { .known = 0 };

	(void)state;
	s.conn.role = CONN_ROLE_CLIENT;
	sample_step(&s.conn, STATE_SYN_SENT, 10 * SECOND);
	assert_true(story_lacks_numbers(&s));
	info.snd_nxt = X; /* it has not left */
	story_see(&s, &info);
	assert_int_equal(s.known, 0);
	info.snd_nxt = X + 1;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_false(story_lacks_numbers(&s));
}

static void the_peers_fin(void **state)
{
	struct socket_info info = open_socket(STATE_CLOSE_WAIT);
	struct story s = story_in(STATE_CLOSE_WAIT, 4 * SECOND);

	(void)state;
	info.flags = EVENT_FLAG_FIN_RECEIVED;
	info.rcv_nxt++;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_number(&s, STORY_PEER_SYN, Y);
	assert_number(&s, STORY_PEER_FIN, Y + 1 + HEARD);
	assert_number(&s, STORY_REPLY, X + 1 + SAID);
	assert_false(story_lacks_numbers(&s));

	/* Whether what was sent of late was sent before is not known. */
	for (int i = 0; i < 2; i++) {
		s = story_in(STATE_CLOSE_WAIT, 5 * SECOND - (i ? 0 : 29 * MS));
		story_see(&s, &info);
		assert_number(&s, STORY_PEER_FIN, Y + 1 + HEARD);
		assert_false(story_knows(&s, STORY_REPLY));
	}
	/* Nor is it since when it is in the state that it was found in. */
	s = story_in(STATE_CLOSE_WAIT, 4 * SECOND);
	s.conn.flags = CONN_SEEDED;
	s.conn.step_state[0] = STATE_CLOSE_WAIT;
	s.conn.step_ns[0] = 96 * SECOND;
	s.conn.step_count = 1;
	story_see(&s, &info);
	assert_false(story_knows(&s, STORY_REPLY));
}

static void our_fin(void **state)
{
	struct socket_info info = open_socket(STATE_FIN_WAIT1);
	struct story s = story_in(STATE_FIN_WAIT1, 4 * SECOND);

	(void)state;
	/* It waits behind data that the peer has no room for. */
	info.tx_queue = 4711;
	story_see(&s, &info);
	assert_int_equal(s.known, 0);
	info.snd_nxt++;
	info.tx_queue = 1;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_number(&s, STORY_FIN, X + 1 + SAID);
	assert_number(&s, STORY_FIN_ACK, Y + 1 + HEARD);
	assert_false(story_lacks_numbers(&s));

	s = story_in(STATE_FIN_WAIT2, 4 * SECOND);
	info = open_socket(STATE_FIN_WAIT2);
	info.snd_una = ++info.snd_nxt;
	info.bytes_acked++;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, X);
	assert_number(&s, STORY_FIN, X + 1 + SAID);
	assert_number(&s, STORY_PEER_REPLY, Y + 1 + HEARD);
	assert_false(story_knows(&s, STORY_PEER_FIN));
}

static void of_a_timewait_socket(void **state)
{
	struct socket_info info = { .sock = 2,
				    .object = EVENT_SOCKET_TIMEWAIT,
				    .state = STATE_FIN_WAIT2,
				    .snd_nxt = X + 2 + SAID,
				    .rcv_nxt = Y + 1 };
	struct story s = story_in(STATE_FIN_WAIT2, SECOND);

	(void)state;
	story_see(&s, &info);
	assert_int_equal(s.known, 1u << STORY_FIN);
	assert_number(&s, STORY_FIN, X + 1 + SAID);
	info.state = STATE_TIME_WAIT;
	info.rcv_nxt = Y + 2 + HEARD;
	story_see(&s, &info);
	assert_number(&s, STORY_PEER_FIN, Y + 1 + HEARD);
}

/* What does not add up, or was not counted from the first number on. */
static void not_what_may_be_wrong(void **state)
{
	const struct socket_info good = open_socket(STATE_ESTABLISHED);
	struct socket_info bad = good;
	struct story s = story_in(STATE_ESTABLISHED, 0);

	(void)state;
	bad.bytes_sent += 5;
	story_see(&s, &bad);
	bad = good;
	bad.bytes_acked--; /* as a server would count */
	story_see(&s, &bad);
	bad = good;
	bad.sock = 0; /* netlink tells no numbers */
	story_see(&s, &bad);
	bad = good;
	bad.object = EVENT_SOCKET_REQUEST;
	story_see(&s, &bad);
	assert_int_equal(s.known, 0);

	s.conn.handshake_flags = CONN_HANDSHAKE_RESTORED;
	story_see(&s, &good);
	assert_int_equal(s.known, 0);
}

static void what_is_known_stays(void **state)
{
	struct socket_info info = open_socket(STATE_ESTABLISHED);
	struct story s = story_in(STATE_ESTABLISHED, 0);

	(void)state;
	s.number[STORY_SYN] = 17;
	s.known = 1u << STORY_SYN;
	story_see(&s, &info);
	assert_number(&s, STORY_SYN, 17);
	assert_number(&s, STORY_PEER_SYN, Y);
}

static void nothing_is_asked_of_the_closed(void **state)
{
	struct story s = story_in(STATE_CLOSED, SECOND);

	(void)state;
	assert_false(story_lacks_numbers(&s));
}

static void one_socket_is_both_ends(void **state)
{
	struct conn c = { .role = CONN_ROLE_CLIENT, .lport = 7001, .rport = 7001 };
	struct story s;

	(void)state;
	story_begin(&s, &c);
	assert_false(story_is_both_ends(&s)); /* nothing is known of its addresses */
	s.conn.flags = CONN_HAS_ENDPOINTS;
	assert_true(story_is_both_ends(&s));
	s.conn.rport = 7002;
	assert_false(story_is_both_ends(&s));
	s.conn.lport = s.conn.rport = 0; /* to port 0, before it has a port of its own */
	assert_false(story_is_both_ends(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_numbers),
		cmocka_unit_test(of_a_syn),
		cmocka_unit_test(the_peers_fin),
		cmocka_unit_test(one_socket_is_both_ends),
		cmocka_unit_test(our_fin),
		cmocka_unit_test(of_a_timewait_socket),
		cmocka_unit_test(not_what_may_be_wrong),
		cmocka_unit_test(what_is_known_stays),
		cmocka_unit_test(nothing_is_asked_of_the_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
