// SPDX-License-Identifier: GPL-2.0-only
/* Connections that are concluded from captured segments: what of them is known, and what is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/units.h"
#include "user/conn/table.h"
#include "user/event/segments.h"
#include "user/event/socket.h"

#define CLIENT 0
#define SERVER 1
#define PORT_OF_CLIENT 40001
#define PORT_OF_SERVER 80

enum { FIN = SEGMENT_FIN, SYN = SEGMENT_SYN, RST = SEGMENT_RST, ACK = SEGMENT_ACK };

struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	struct segments *segments;
	struct conn end[2]; /* as it was told of last */
	uint64_t ms;
	uint16_t id;
};

static void keep(void *context, const struct conn *c)
{
	struct subject *s = context;

	s->end[c->lport == PORT_OF_SERVER] = *c;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	keep(self, c);
}

static void on_record(void *context, const void *bytes, size_t size)
{
	struct subject *s = context;
	struct socket_info info;
	struct event e;

	if (socket_is_record(bytes, size)) {
		assert_int_equal(socket_decode(bytes, size, &info), 0);
		conn_table_see_recorded(s->table, CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_KNOW, &info);
		return;
	}
	assert_int_equal(event_decode(bytes, size, &e), 0);
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

static void begin(struct subject *s, bool sees_all)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .closed = on_closed, .gone = on_closed };

	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table = conn_table_new(16, &all, &(struct consumer_list){ s->told, 1 });
	s->segments = segments_new(16, on_record, s);
	assert_true(s->table && s->segments);
	s->ms = 1000;
	if (!sees_all)
		return;
	conn_table_expect_timewaits(s->table);
	conn_table_expect_requests(s->table);
	conn_table_expect_resets(s->table);
	conn_table_expect_retransmits(s->table);
}

/* Takes the last of it from the table. */
static void end(struct subject *s)
{
	conn_table_settle(s->table, UINT64_MAX);
	conn_table_each(s->table, keep, s);
	segments_free(s->segments);
	conn_table_free(s->table);
}

static void pass(struct subject *s, unsigned int by, uint8_t flags, uint32_t seq, uint32_t ack,
		 uint32_t payload)
{
	const uint8_t bytes[2][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };
	const uint16_t ports[2] = { PORT_OF_CLIENT, PORT_OF_SERVER };
	struct segment segment = { .time_ns = s->ms++ * NS_PER_MS,
				   .from = address_from_ipv4(bytes[by]),
				   .to = address_from_ipv4(bytes[!by]),
				   .from_port = ports[by],
				   .to_port = ports[!by],
				   .seq = (by ? 5000 : 1000) + seq,
				   .ack = flags & ACK ? (by ? 1000 : 5000) + ack : 0,
				   .payload = payload,
				   .id = ++s->id,
				   .flags = flags,
				   .hops = by ? 57 : 64 };

	segments_add(s->segments, &segment);
}

/* 30 ms to the server, and 2 ms to the client. */
static void open_it(struct subject *s)
{
	pass(s, CLIENT, SYN, 0, 0, 0);
	s->ms += 29;
	pass(s, SERVER, SYN | ACK, 0, 1, 0);
	s->ms += 1;
	pass(s, CLIENT, ACK, 1, 1, 0);
}

static void whole_life(void **state)
{
	struct subject s;

	(void)state;
	for (int sees_all = 0; sees_all < 2; sees_all++) {
		begin(&s, sees_all);
		open_it(&s);
		pass(&s, CLIENT, FIN | ACK, 1, 1, 0);
		pass(&s, SERVER, FIN | ACK, 1, 2, 0);
		pass(&s, CLIENT, ACK, 2, 2, 0);
		segments_pass(s.segments, 100 * NS_PER_S);
		end(&s);
		for (int i = 0; i < 2; i++) {
			const struct conn *c = &s.end[i];

			assert_true(c->flags & CONN_WIRE && c->flags & CONN_FINISHED);
			assert_false(c->flags & (CONN_HAS_OWNER | CONN_INCOMPLETE));
			/* Both have the whole way, there and back. */
			assert_int_equal(c->handshake_ns, 32 * NS_PER_MS);
			assert_int_equal(c->handshake_quality, CONN_QUALITY_EXACT);
			assert_int_equal(c->outcome, CONN_OUTCOME_CLOSED);
			assert_string_equal(conn_point(c), "client");
			assert_true(c->flow != 0);
		}
		assert_int_equal(s.end[0].flow, s.end[1].flow);
		assert_int_equal(s.end[0].role, CONN_ROLE_CLIENT);
		assert_int_equal(s.end[1].role, CONN_ROLE_SERVER);
		/* It began when its SYN-ACK passed by. */
		assert_int_equal(s.end[1].step_ns[0], 1030 * NS_PER_MS);
		/* Nobody saw how long it was: that is what nearly all systems wait. */
		assert_int_equal(s.end[0].time_wait_quality, CONN_QUALITY_ESTIMATED);
		assert_int_equal(s.end[0].time_wait_end, CONN_TW_END_EXPIRED);
		assert_int_equal(conn_dwell(&s.end[0], s.end[0].step_count - 2U), 60 * NS_PER_S);
	}
}

/* Its FIN was never acknowledged: it resets instead, and there is no TIME_WAIT. */
static void reset_in_closing(void **state)
{
	struct subject s;

	(void)state;
	for (int sees_all = 0; sees_all < 2; sees_all++) {
		begin(&s, sees_all);
		open_it(&s);
		pass(&s, SERVER, FIN | ACK, 1, 1, 0);
		pass(&s, CLIENT, FIN | ACK, 1, 1, 0);
		pass(&s, SERVER, ACK, 2, 2, 0);
		pass(&s, SERVER, RST | ACK, 2, 2, 0);
		end(&s);
		assert_int_equal(s.end[SERVER].outcome, CONN_OUTCOME_RESET_SENT);
		assert_false(s.end[SERVER].flags & CONN_TIME_WAIT_SEEN);
		assert_int_equal(s.end[CLIENT].time_wait_end, CONN_TW_END_RESET);
	}
}

/* A reset has no reason, and nobody saw that it was not accepted. */
static void no_accusation(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, true);
	open_it(&s);
	pass(&s, SERVER, RST | ACK, 1, 1, 0);
	end(&s);
	assert_int_equal(s.end[SERVER].cause, CONN_CAUSE_RESET_SENT);
	assert_int_equal(s.end[CLIENT].cause, CONN_CAUSE_RESET_RECEIVED);
	assert_int_equal(s.end[CLIENT].error, ECONNRESET);
	begin(&s, true);
	pass(&s, CLIENT, SYN, 0, 0, 0);
	pass(&s, SERVER, RST | ACK, 0, 1, 0);
	end(&s);
	assert_int_equal(s.end[CLIENT].cause, CONN_CAUSE_REFUSED);
}

static void middle_of_life(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, true);
	pass(&s, SERVER, ACK, 100, 100, 50);
	pass(&s, CLIENT, FIN | ACK, 100, 150, 0);
	pass(&s, SERVER, FIN | ACK, 150, 101, 0);
	pass(&s, CLIENT, ACK, 101, 151, 0);
	end(&s);
	for (int i = 0; i < 2; i++) {
		assert_true(s.end[i].flags & CONN_SEEDED);
		assert_false(s.end[i].flags & CONN_HAS_COUNTERS);
		assert_int_equal(s.end[i].handshake_ns, TIME_UNKNOWN);
		assert_int_equal(conn_dwell(&s.end[i], 0), TIME_UNKNOWN);
		assert_int_equal(s.end[i].outcome, CONN_OUTCOME_CLOSED);
	}
}

/* It is there, though it does nothing but live. */
static void alive_from_before(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, true);
	pass(&s, SERVER, ACK, 100, 100, 50);
	end(&s);
	for (int i = 0; i < 2; i++) {
		assert_true(s.end[i].flags & CONN_WIRE && s.end[i].flags & CONN_SEEDED);
		assert_int_equal(conn_state(&s.end[i]), STATE_ESTABLISHED);
	}
}

static void loss_is_marked(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, true);
	open_it(&s);
	segments_note_loss(s.segments);
	pass(&s, CLIENT, FIN | ACK, 1, 1, 0);
	pass(&s, SERVER, FIN | ACK, 1, 2, 0);
	pass(&s, CLIENT, ACK, 2, 2, 0);
	end(&s);
	for (int i = 0; i < 2; i++) {
		assert_true(s.end[i].flags & CONN_INCOMPLETE);
		assert_int_equal(s.end[i].gaps, 1);
		/* It may have been in other states meanwhile. */
		assert_int_equal(conn_dwell(&s.end[i], 1), TIME_UNKNOWN);
		/* What was told before and after that is as it was. */
		assert_true(conn_step_time(&s.end[i], 1) != TIME_UNKNOWN);
		assert_true(conn_dwell(&s.end[i], 0) != TIME_UNKNOWN);
		assert_true(conn_dwell(&s.end[i], 2) != TIME_UNKNOWN);
	}
}

static void without_the_syn(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, true);
	pass(&s, SERVER, SYN | ACK, 0, 1, 0);
	pass(&s, CLIENT, ACK, 1, 1, 0);
	pass(&s, CLIENT, RST, 1, 0, 0);
	end(&s);
	assert_int_equal(s.end[SERVER].handshake_ns, NS_PER_MS);
	assert_int_equal(s.end[SERVER].handshake_quality, CONN_QUALITY_ESTIMATED);
	assert_true(s.end[CLIENT].flags & CONN_SEEDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_life),	     cmocka_unit_test(reset_in_closing),
		cmocka_unit_test(no_accusation),     cmocka_unit_test(middle_of_life),
		cmocka_unit_test(alive_from_before), cmocka_unit_test(loss_is_marked),
		cmocka_unit_test(without_the_syn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
