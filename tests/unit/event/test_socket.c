// SPDX-License-Identifier: GPL-2.0-only
/* The decoder of snapshots: every field, every state of every object, what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/event/event.h"
#include "user/event/socket.h"

#define NOW 5000000000ull

static struct event_socket sample(void)
{
	return (struct event_socket){
		.head = { .mono_ns = NOW,
			  .sock = 0xffff888012345600ull,
			  .netns = 4026531840u,
			  .kind = EVENT_SOCKET,
			  .states = EVENT_STATES(STATE_CLOSE_WAIT, STATE_CLOSE_WAIT),
			  .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_FIN_RECEIVED },
		.cgroup = 101,
		.inode = 102,
		.bytes_sent = 103,
		.bytes_acked = 104,
		.bytes_received = 105,
		.since_ns = 106,
		.ack_age_ns = 107,
		.receive_age_ns = 108,
		.send_age_ns = 109,
		.timer_ns = 110,
		.laddr = { 192, 0, 2, 1 },
		.raddr = { 192, 0, 2, 2 },
		.uid = 111,
		.rx_queue = 112,
		.tx_queue = 113,
		.in_flight = 114,
		.retransmits = 115,
		.snd_una = 116,
		.snd_nxt = 117,
		.rcv_nxt = 118,
		.snd_wnd = 119,
		.srtt_us = 120,
		.lport = 121,
		.rport = 122,
		.error = 123,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_COUNTED | EVENT_SOCKET_ORPHAN,
		.timer = EVENT_TIMER_PROBE,
		.attempts = 124,
		.probes = 125,
		.backoff = 126,
		.shutdown = 1,
	};
}

static int decode(const struct event_socket *s, struct socket_info *info)
{
	return socket_decode(s, sizeof(*s), info);
}

static void every_field_is_decoded(void **state)
{
	static const uint8_t local[4] = { 192, 0, 2, 1 }, remote[4] = { 192, 0, 2, 2 };
	const struct address laddr = address_from_ipv4(local), raddr = address_from_ipv4(remote);
	struct event_socket s = sample();
	struct socket_info info;
	uint8_t bytes[sizeof(s) + 1];

	(void)state;
	memcpy(bytes + 1, &s, sizeof(s));
	assert_int_equal(socket_decode(bytes + 1, sizeof(s), &info), 0);
	assert_int_equal(info.mono_ns, NOW);
	assert_int_equal(info.sock, s.head.sock);
	assert_int_equal(info.netns, s.head.netns);
	assert_int_equal(info.state, STATE_CLOSE_WAIT);
	assert_int_equal(info.object, EVENT_SOCKET_FULL);
	assert_int_equal(info.timer, EVENT_TIMER_PROBE);
	assert_int_equal(info.flags, s.head.flags);
	assert_int_equal(info.marks, s.marks);
	assert_memory_equal(&info.laddr, &laddr, sizeof(laddr));
	assert_memory_equal(&info.raddr, &raddr, sizeof(raddr));
	assert_int_equal(info.cgroup, 101);
	assert_int_equal(info.inode, 102);
	assert_int_equal(info.bytes_sent, 103);
	assert_int_equal(info.bytes_acked, 104);
	assert_int_equal(info.bytes_received, 105);
	assert_int_equal(info.since_ns, 106);
	assert_int_equal(info.ack_age_ns, 107);
	assert_int_equal(info.receive_age_ns, 108);
	assert_int_equal(info.send_age_ns, 109);
	assert_int_equal(info.timer_ns, 110);
	assert_int_equal(info.uid, 111);
	assert_int_equal(info.rx_queue, 112);
	assert_int_equal(info.tx_queue, 113);
	assert_int_equal(info.in_flight, 114);
	assert_int_equal(info.retransmits, 115);
	assert_int_equal(info.snd_una, 116);
	assert_int_equal(info.snd_nxt, 117);
	assert_int_equal(info.rcv_nxt, 118);
	assert_int_equal(info.snd_wnd, 119);
	assert_int_equal(info.srtt_us, 120);
	assert_int_equal(info.lport, 121);
	assert_int_equal(info.rport, 122);
	assert_int_equal(info.error, 123);
	assert_int_equal(info.attempts, 124);
	assert_int_equal(info.probes, 125);
	assert_int_equal(info.backoff, 126);
	assert_int_equal(info.shutdown, 1);
}

static void addresses_of_ipv6_are_whole(void **state)
{
	struct event_socket s = sample();
	struct socket_info info;

	(void)state;
	s.head.flags |= EVENT_FLAG_IPV6;
	memset(s.laddr, 0x20, sizeof(s.laddr));
	memset(s.raddr, 0x30, sizeof(s.raddr));
	assert_int_equal(decode(&s, &info), 0);
	assert_memory_equal(info.laddr.byte, s.laddr, sizeof(s.laddr));
	assert_memory_equal(info.raddr.byte, s.raddr, sizeof(s.raddr));
}

static void other_sizes_are_refused(void **state)
{
	uint8_t bytes[sizeof(struct event_socket) + 1] = { 0 };
	struct event_socket s = sample();
	struct socket_info info;

	(void)state;
	memcpy(bytes, &s, sizeof(s));
	for (size_t size = 0; size <= sizeof(bytes); size++)
		assert_int_equal(socket_decode(bytes, size, &info),
				 size == sizeof(s) ? 0 : -EMSGSIZE);
}

static void states_belong_to_objects(void **state)
{
	static const uint32_t states[] = {
		[EVENT_SOCKET_FULL] = 0xf3e & ~(1 << STATE_TIME_WAIT),
		[EVENT_SOCKET_REQUEST] = 1 << STATE_SYN_RECV,
		[EVENT_SOCKET_TIMEWAIT] = 1 << STATE_TIME_WAIT | 1 << STATE_FIN_WAIT2,
	};
	struct socket_info info;

	(void)state;
	for (unsigned int object = 0; object < 5; object++) {
		for (unsigned int each = 0; each < 16; each++) {
			uint32_t wanted = object <= EVENT_SOCKET_TIMEWAIT ? states[object] : 0;
			struct event_socket s = sample();
			int expected = wanted >> each & 1 ? 0 : -EBADMSG;

			s.object = (uint8_t)object;
			s.head.states = (uint8_t)EVENT_STATES(each, each);
			if (each == STATE_LISTEN)
				s.head.flags &= ~EVENT_FLAG_ENDPOINTS;
			assert_int_equal(decode(&s, &info), expected);
		}
	}
}

static void only_a_listener_has_no_remote_end(void **state)
{
	struct event_socket s = sample();
	struct socket_info info;

	(void)state;
	s.head.flags &= ~EVENT_FLAG_ENDPOINTS;
	assert_int_equal(decode(&s, &info), -EBADMSG);
	s.head.states = EVENT_STATES(STATE_LISTEN, STATE_LISTEN);
	assert_int_equal(decode(&s, &info), 0);
	s.head.flags |= EVENT_FLAG_ENDPOINTS;
	assert_int_equal(decode(&s, &info), -EBADMSG);
}

static void heads_and_enums_are_judged(void **state)
{
	struct socket_info info = { .inode = 77 };
	struct event_socket s = sample();

	(void)state;
	s.head.kind = EVENT_DESTROY;
	assert_int_equal(decode(&s, &info), -EBADMSG);
	s = sample();
	s.head.sock = 0;
	assert_int_equal(decode(&s, &info), -EBADMSG);
	s = sample();
	s.head.mono_ns = 1ull << 63;
	assert_int_equal(decode(&s, &info), -EBADMSG);
	s = sample();
	s.head.states = EVENT_STATES(STATE_CLOSE_WAIT, STATE_LAST_ACK);
	assert_int_equal(decode(&s, &info), -EBADMSG);
	s = sample();
	s.timer = EVENT_TIMER_PROBE + 1;
	assert_int_equal(decode(&s, &info), -EBADMSG);
	assert_int_equal(info.inode, 77);
}

static void times_are_unknown_or_possible(void **state)
{
	static const size_t places[] = {
		offsetof(struct event_socket, since_ns),
		offsetof(struct event_socket, ack_age_ns),
		offsetof(struct event_socket, receive_age_ns),
		offsetof(struct event_socket, send_age_ns),
		offsetof(struct event_socket, timer_ns),
	};
	static const uint64_t unknown = EVENT_TIME_UNKNOWN, absurd = 1ull << 63;
	struct socket_info info;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct event_socket s = sample();

		memcpy((uint8_t *)&s + places[i], &unknown, sizeof(unknown));
		assert_int_equal(decode(&s, &info), 0);
		memcpy((uint8_t *)&s + places[i], &absurd, sizeof(absurd));
		assert_int_equal(decode(&s, &info), -EBADMSG);
	}
}

static void a_state_does_not_begin_in_the_future(void **state)
{
	struct event_socket s = sample();
	struct socket_info info;

	(void)state;
	s.since_ns = NOW + 4000000;
	assert_int_equal(decode(&s, &info), 0);
	assert_int_equal(info.since_ns, NOW);
}

static struct event_polled polled(void)
{
	return (struct event_polled){
		.mono_ns = NOW,
		.since_ns = 106,
		.timer_ns = 110,
		.laddr = { 192, 0, 2, 1 },
		.raddr = { 192, 0, 2, 2 },
		.ifindex = 3,
		.lport = 121,
		.rport = 122,
		.state = STATE_TIME_WAIT,
	};
}

static void what_is_polled_is_a_timewait_socket(void **state)
{
	struct socket_info info = { .netns = 7, .mono_ns = 1 }, other = info;
	struct event_polled s = polled();

	(void)state;
	assert_int_equal(socket_decode_polled(&s, sizeof(s), &info), 0);
	assert_int_equal(info.netns, 7);
	assert_int_equal(info.mono_ns, NOW);
	assert_int_equal(info.since_ns, 106);
	assert_int_equal(info.timer_ns, 110);
	assert_int_equal(info.ifindex, 3);
	assert_int_equal(info.lport, 121);
	assert_int_equal(info.rport, 122);
	assert_int_equal(info.state, STATE_TIME_WAIT);
	assert_int_equal(info.object, EVENT_SOCKET_TIMEWAIT);
	assert_int_equal(info.flags, EVENT_FLAG_ENDPOINTS);
	assert_true(address_is_ipv4(&info.laddr));
	assert_int_equal(info.raddr.byte[ADDRESS_SIZE - 1], 2);
	/* The one after it has nothing of it. */
	s = polled();
	s.is_ipv6 = 1;
	s.state = STATE_FIN_WAIT2;
	s.since_ns = NOW + 1;
	assert_int_equal(socket_decode_polled(&s, sizeof(s), &info), 0);
	assert_int_equal(info.flags, EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6);
	assert_memory_equal(info.raddr.byte, s.raddr, ADDRESS_SIZE);
	assert_int_equal(info.state, STATE_FIN_WAIT2);
	assert_int_equal(info.since_ns, NOW);
	assert_true(socket_is_state_known(&info));
	/* One that was seen to be there, and no more. */
	s = polled();
	s.since_ns = s.timer_ns = EVENT_TIME_UNKNOWN;
	assert_int_equal(socket_decode_polled(&s, sizeof(s), &info), 0);
	assert_false(socket_is_state_known(&info));
	assert_int_equal(info.timer_ns, EVENT_TIME_UNKNOWN);
	assert_int_equal(socket_decode_polled(&s, sizeof(s) - 1, &other), -EMSGSIZE);
	s.state = STATE_ESTABLISHED;
	assert_int_equal(socket_decode_polled(&s, sizeof(s), &other), -EBADMSG);
	s = polled();
	s.timer_ns = 1ull << 63;
	assert_int_equal(socket_decode_polled(&s, sizeof(s), &other), -EBADMSG);
	assert_int_equal(other.mono_ns, 1);
}

static void it_is_no_event(void **state)
{
	struct event_socket s = sample();
	struct event event;

	(void)state;
	assert_int_equal(event_decode(&s, sizeof(s), &event), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_decoded),
		cmocka_unit_test(addresses_of_ipv6_are_whole),
		cmocka_unit_test(other_sizes_are_refused),
		cmocka_unit_test(states_belong_to_objects),
		cmocka_unit_test(only_a_listener_has_no_remote_end),
		cmocka_unit_test(heads_and_enums_are_judged),
		cmocka_unit_test(times_are_unknown_or_possible),
		cmocka_unit_test(a_state_does_not_begin_in_the_future),
		cmocka_unit_test(what_is_polled_is_a_timewait_socket),
		cmocka_unit_test(it_is_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
