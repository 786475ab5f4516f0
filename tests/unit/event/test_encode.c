// SPDX-License-Identifier: GPL-2.0-only
/* What is encoded says the same when it is decoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/event/encode.h"

static void assert_comes_back(const struct event *e)
{
	uint8_t bytes[EVENT_RECORD_MAX], again[EVENT_RECORD_MAX];
	size_t size = event_encode(e, bytes);
	struct event got;

	assert_true(size);
	assert_int_equal(event_decode(bytes, size, &got), 0);
	assert_int_equal(event_encode(&got, again), size);
	assert_memory_equal(bytes, again, size);
	assert_int_equal(got.mono_ns, e->mono_ns);
	assert_int_equal(got.sock, e->sock);
	assert_int_equal(got.from, e->from);
	assert_int_equal(got.to, e->to);
	assert_int_equal(got.flags, e->flags);
	assert_int_equal(got.lport, e->lport);
	assert_int_equal(got.rport, e->rport);
	assert_int_equal(got.retransmits, e->retransmits);
	assert_int_equal(got.pid, e->pid);
	assert_string_equal(got.comm, e->comm);
	assert_int_equal(got.signs, e->signs);
	assert_int_equal(got.bytes_sent, e->bytes_sent);
	if (e->flags & EVENT_FLAG_ENDPOINTS)
		assert_memory_equal(&got.raddr, &e->raddr, sizeof(got.raddr));
}

static void lives_come_back(void **state)
{
	static const enum tcp_state life[] = { STATE_SYN_SENT, STATE_ESTABLISHED, STATE_FIN_WAIT1,
					       STATE_FIN_WAIT2, STATE_CLOSED };

	(void)state;
	for (unsigned int family = 0; family < 2; family++) {
		struct sock s = sock_client(0xffff888000001000);

		s.is_ipv6 = family;
		for (size_t i = 0; i < sizeof(life) / sizeof(*life); i++) {
			struct event e = sock_step(&s, 100 + i, life[i]);

			e.signs = e.kind == EVENT_CLOSE ? 0x1234 & 0x1fff : 0;
			e.bytes_sent = e.kind == EVENT_CLOSE ? 5000000000 : 0;
			e.retransmits = e.kind == EVENT_CLOSE ? 1000 : 7;
			assert_comes_back(&e);
		}
	}
}

static void numbers_stand_behind(void **state)
{
	struct sock s = sock_client(0xffff888000001000);
	uint8_t bytes[EVENT_RECORD_MAX];
	struct event e = sock_step(&s, 1, STATE_SYN_SENT), got;

	(void)state;
	e.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL;
	e.local_seq = 4711;
	assert_int_equal(event_decode(bytes, event_encode(&e, bytes), &got), 0);
	assert_int_equal(got.local_seq, 4711);
	assert_int_equal(got.sequences, e.sequences);
}

static void what_a_server_owes_comes_back(void **state)
{
	struct event e = { .mono_ns = 5,
			   .sock = 0xffff888000001000,
			   .kind = EVENT_PASSIVE,
			   .from = STATE_LISTEN,
			   .to = STATE_SYN_RECV,
			   .synack_ns = 3,
			   .ack_ns = 4,
			   .retransmits = 2 };
	uint8_t bytes[EVENT_RECORD_MAX];
	struct event got;

	(void)state;
	assert_comes_back(&e);
	assert_int_equal(event_decode(bytes, event_encode(&e, bytes), &got), 0);
	assert_int_equal(got.synack_ns, 3);
	assert_int_equal(got.ack_ns, 4);
	e.kind = EVENT_ACCEPT;
	e.from = e.to = STATE_ESTABLISHED;
	e.retransmits = 0;
	e.pid = 4712;
	memcpy(e.comm, "nginx", 6);
	assert_comes_back(&e);
}

static void no_other_kind_is_encoded(void **state)
{
	struct event e = { .kind = EVENT_RESET };
	uint8_t bytes[EVENT_RECORD_MAX];

	(void)state;
	assert_int_equal(event_encode(&e, bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_come_back),
		cmocka_unit_test(numbers_stand_behind),
		cmocka_unit_test(what_a_server_owes_comes_back),
		cmocka_unit_test(no_other_kind_is_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
