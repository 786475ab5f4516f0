// SPDX-License-Identifier: GPL-2.0-only
/* Captures made segment by segment: what they say of both ends, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tape.h"

static void life(bool is_ipv6)
{
	struct tape t;

	begin(&t);
	t.is_ipv6 = is_ipv6;
	shake_hands(&t);
	client(&t, ACK, 1, 1, 100);
	server(&t, ACK, 1, 101, 0);
	server(&t, ACK, 1, 101, 2000);
	client(&t, ACK, 101, 2001, 0);
	expect(&t, "");
	client(&t, FIN | ACK, 101, 2001, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1");
	assert_int_equal(t.last.local_seq, 1101);
	server(&t, ACK, 2001, 102, 0);
	expect(&t, "s:ESTABLISHED>CLOSE_WAIT c:FIN_WAIT1>FIN_WAIT2");
	server(&t, FIN | ACK, 2001, 102, 0);
	expect(&t, "s:CLOSE_WAIT>LAST_ACK");
	client(&t, ACK, 102, 2002, 0);
	expect(&t, "c:FIN_WAIT2>TIME_WAIT s:LAST_ACK>CLOSED");
	assert_int_equal(t.last.bytes_sent, 2000);
	assert_int_equal(t.last.bytes_received, 100);
	assert_int_equal(t.last.retransmits, 0);
	segments_pass(t.segments, (t.ms + 59000) * NS_PER_MS);
	expect(&t, "");
	segments_pass(t.segments, (t.ms + 60001) * NS_PER_MS);
	expect(&t, "timewait4");
	end(&t);
}

static void life_of_both_families(void **state)
{
	(void)state;
	life(false);
	life(true);
}

/* The FIN comes with the ACK of the other one's, as most often. */
static void fin_with_its_ack(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	server(&t, FIN | ACK, 1, 1, 0);
	client(&t, FIN | ACK, 1, 2, 0);
	server(&t, ACK, 2, 2, 0);
	expect(&t, "s:ESTABLISHED>FIN_WAIT1 c:ESTABLISHED>CLOSE_WAIT c:CLOSE_WAIT>LAST_ACK "
		   "s:FIN_WAIT1>FIN_WAIT2 s:FIN_WAIT2>TIME_WAIT c:LAST_ACK>CLOSED");
	end(&t);
}

static void half_close(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, ACK, 1, 2, 500);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT c:FIN_WAIT1>FIN_WAIT2");
	client(&t, ACK, 2, 501, 0);
	server(&t, ACK, 501, 2, 700);
	client(&t, ACK, 2, 1201, 0);
	expect(&t, "");
	server(&t, FIN | ACK, 1201, 2, 0);
	client(&t, ACK, 2, 1202, 0);
	expect(&t, "s:CLOSE_WAIT>LAST_ACK c:FIN_WAIT2>TIME_WAIT s:LAST_ACK>CLOSED");
	assert_int_equal(t.last.bytes_sent, 1200);
	end(&t);
}

static void simultaneous_close(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, FIN | ACK, 1, 1, 0);
	client(&t, ACK, 2, 2, 0);
	server(&t, ACK, 2, 2, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>FIN_WAIT1 c:FIN_WAIT1>CLOSING "
		   "s:FIN_WAIT1>CLOSING s:CLOSING>TIME_WAIT c:CLOSING>TIME_WAIT");
	end(&t);
}

static void itself(struct tape *t, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t payload)
{
	struct segment segment = client_segment(t, flags, seq, ack, payload);

	segment.to = segment.from;
	segment.to_port = segment.from_port;
	segments_add(t->segments, &segment);
	t->ms++;
}

/* One end, which opens and closes at the same time as the other would: that is itself. */
static void socket_connected_to_itself(void **state)
{
	const struct segments_counts *n;
	struct tape t;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&t);
		t.is_ipv6 = i;
		t.s = t.c;
		n = segments_counts(t.segments);
		itself(&t, SYN, 0, 0, 0);
		itself(&t, SYN, 0, 0, 0);
		expect(&t, "c:CLOSED>SYN_SENT again0");
		itself(&t, SYN | ACK, 0, 1, 0);
		expect(&t, "c:SYN_SENT>SYN_RECV c:SYN_RECV>ESTABLISHED");
		itself(&t, ACK, 1, 1, 0);
		itself(&t, ACK, 1, 1, 100);
		itself(&t, ACK, 101, 101, 0);
		expect(&t, "");
		itself(&t, FIN | ACK, 101, 101, 0);
		itself(&t, ACK, 102, 102, 0);
		expect(&t, "c:ESTABLISHED>FIN_WAIT1 c:FIN_WAIT1>CLOSING c:CLOSING>TIME_WAIT");
		assert_int_equal(t.last.bytes_sent, 100);
		assert_int_equal(t.last.bytes_received, 100);
		assert_int_equal(n->segments, 8);
		assert_int_equal(n->retransmits, 1);
		assert_int_equal(n->outside + n->duplicates + n->unseen + n->strays, 0);
		end(&t);
	}
}

/* All of it, with numbers that wrap in the middle of the data. */
static void numbers_wrap(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	t.c = UINT32_MAX - 50;
	t.s = UINT32_MAX;
	shake_hands(&t);
	client(&t, ACK, 1, 1, 100);
	server(&t, ACK, 1, 101, 300);
	client(&t, ACK | FIN, 101, 301, 0);
	server(&t, ACK | FIN, 301, 102, 0);
	client(&t, ACK, 102, 302, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT s:CLOSE_WAIT>LAST_ACK "
		   "c:FIN_WAIT1>FIN_WAIT2 c:FIN_WAIT2>TIME_WAIT s:LAST_ACK>CLOSED");
	assert_int_equal(t.last.bytes_sent, 300);
	assert_int_equal(t.last.bytes_received, 100);
	end(&t);
}

/* More than 4 GiB each way: numbers come twice. */
static void numbers_come_twice(void **state)
{
	const uint32_t much = 1 << 29;
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	for (uint32_t i = 0; i < 20; i++) {
		client(&t, ACK, 1 + i * much, 1, much);
		server(&t, ACK, 1, 1 + (i + 1) * much, 0);
	}
	client(&t, RST | ACK, 1 + 20 * much, 1, 0);
	assert_int_equal(t.last.bytes_received, 20 * (uint64_t)much);
	assert_int_equal(segments_counts(t.segments)->retransmits, 0);
	end(&t);
}

/* Who sends a reset has what that acknowledges; who takes it has learnt nothing of it. */
static void a_reset_acknowledges(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	server(&t, ACK, 1, 1, 300);
	client(&t, RST | ACK, 1, 301, 0);
	expect(&t, "reset1 c:ESTABLISHED>CLOSED reset0 s:ESTABLISHED>CLOSED!104");
	assert_int_equal(t.closes[0].bytes_sent, 300);
	assert_int_equal(t.closes[1].bytes_received, 300);
	end(&t);
	begin(&t);
	shake_hands(&t);
	server(&t, ACK, 1, 1, 300);
	client(&t, RST | ACK, 1, 302, 0);
	assert_int_equal(t.closes[1].bytes_received, 0);
	end(&t);
}

/* Whether one segment acknowledged a FIN and was the other FIN is for ladders to tell. */
static void a_fin_replies_by_itself_or_with_an_ack(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, ACK | FIN, 1, 1, 0);
	server(&t, ACK | FIN, 1, 2, 0);
	assert_false(t.last_ack & EVENT_SEQUENCE_ACKED);
	end(&t);
	begin(&t);
	shake_hands(&t);
	client(&t, ACK | FIN, 1, 1, 0);
	server(&t, ACK, 1, 2, 0);
	server(&t, ACK | FIN, 1, 2, 0);
	assert_true(t.last_ack & EVENT_SEQUENCE_ACKED);
	end(&t);
}

static void sent_again(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, ACK, 1, 1, 100);
	t.ms += 200;
	client(&t, ACK, 1, 1, 100);
	expect(&t, "again2");
	client(&t, ACK, 101, 1, 100);
	client(&t, ACK, 201, 1, 100);
	server(&t, ACK, 1, 101, 0);
	server(&t, ACK, 1, 101, 0);
	server(&t, ACK, 1, 101, 0);
	server(&t, ACK, 1, 101, 0);
	client(&t, ACK, 101, 1, 100);
	expect(&t, "again3");
	t.ms += 20;
	client(&t, ACK, 201, 1, 100);
	server(&t, ACK, 1, 301, 0);
	t.ms += 20;
	client(&t, ACK, 301, 1, 100);
	t.ms += 20;
	client(&t, ACK, 301, 1, 100);
	expect(&t, "again3 again4");
	server(&t, RST, 1, 0, 0);
	expect(&t, "reset1 s:ESTABLISHED>CLOSED reset0 c:ESTABLISHED>CLOSED!104");
	assert_int_equal(t.last.retransmits, 4);
	end(&t);
}

/* Overtaken is not sent again; what fills a hole later is. */
static void reordered(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, ACK, 101, 1, 100);
	client(&t, ACK, 1, 1, 100);
	expect(&t, "");
	assert_int_equal(segments_counts(t.segments)->reordered, 1);
	client(&t, ACK, 301, 1, 100);
	t.ms += 300;
	client(&t, ACK, 201, 1, 100);
	expect(&t, "again2");
	end(&t);
}

static void probes(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, ACK, 1, 1, 100);
	server(&t, ACK, 1, 101, 0);
	t.ms += 1000;
	client(&t, ACK, 100, 1, 0);
	server(&t, ACK, 1, 101, 0);
	t.ms += 1000;
	client(&t, ACK, 100, 1, 1);
	server(&t, ACK, 1, 101, 0);
	expect(&t, "");
	assert_int_equal(segments_counts(t.segments)->keepalives, 2);
	/* A window that is closed. */
	t.window = 0;
	server(&t, ACK, 1, 101, 0);
	t.window = 1000;
	client(&t, ACK, 100, 1, 0);
	expect(&t, "");
	assert_int_equal(segments_counts(t.segments)->retransmits, 0);
	assert_int_equal(segments_counts(t.segments)->keepalives, 3);
	/* The same with the byte that has no room there, until there is some. */
	client(&t, ACK, 101, 1, 1);
	for (int i = 0; i < 3; i++) {
		t.window = 0;
		server(&t, ACK, 1, 101, 0);
		t.window = 1000;
		t.ms += 1000;
		client(&t, ACK, 101, 1, 1);
	}
	server(&t, ACK, 1, 102, 0);
	expect(&t, "");
	assert_int_equal(segments_counts(t.segments)->retransmits, 0);
	assert_int_equal(segments_counts(t.segments)->keepalives, 6);
	/* An open window is no reason. */
	client(&t, ACK, 102, 1, 1);
	t.ms += 1000;
	client(&t, ACK, 102, 1, 1);
	assert_int_equal(segments_counts(t.segments)->retransmits, 1);
	end(&t);
}

/* Who has a number that is not the next one may be anybody. */
static void resets_are_judged(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, ACK, 1, 1, 100);
	server(&t, ACK, 1, 101, 0);
	client(&t, RST, 500, 0, 0);
	client(&t, RST, 50, 0, 0);
	server(&t, RST, 4000000, 0, 0);
	expect(&t, "");
	assert_int_equal(segments_counts(t.segments)->resets_outside, 3);
	client(&t, RST, 101, 0, 0);
	expect(&t, "reset1 c:ESTABLISHED>CLOSED reset0 s:ESTABLISHED>CLOSED!104");
	end(&t);
}

static void reset_by_who_has_closed(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, ACK, 1, 2, 0);
	server(&t, ACK, 1, 2, 10);
	client(&t, RST, 2, 0, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT c:FIN_WAIT1>FIN_WAIT2 "
		   "reset1 c:FIN_WAIT2>CLOSED reset0 s:CLOSE_WAIT>CLOSED!32");
	end(&t);
}

/* Whose FIN was not acknowledged is not closed in order, whatever the states say. */
static void reset_in_closing(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	server(&t, FIN | ACK, 1, 1, 0);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, ACK, 2, 2, 0);
	server(&t, RST | ACK, 2, 2, 0);
	expect(&t, "s:ESTABLISHED>FIN_WAIT1 c:ESTABLISHED>FIN_WAIT1 s:FIN_WAIT1>CLOSING "
		   "c:FIN_WAIT1>CLOSING c:CLOSING>TIME_WAIT reset1 s:CLOSING>CLOSED timewait6");
	end(&t);
}

/* What acknowledges a FIN, or lies behind one, has it. */
static void reset_behind_a_fin(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	server(&t, FIN | ACK, 1, 1, 0);
	server(&t, RST | ACK, 2, 1, 0);
	expect(&t, "s:ESTABLISHED>FIN_WAIT1 c:ESTABLISHED>CLOSE_WAIT reset1 s:FIN_WAIT1>CLOSED "
		   "reset0 c:CLOSE_WAIT>CLOSED!32");
	end(&t);
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, RST | ACK, 1, 2, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT reset1 s:CLOSE_WAIT>CLOSED "
		   "reset0 c:FIN_WAIT1>CLOSED!104");
	end(&t);
}

/* Older than the capture: seeded, whoever is heard of first. */
static void begins_in_mid_life(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	server(&t, ACK, 77, 88, 100);
	expect(&t, "s:seed0 c:seed0");
	client(&t, FIN | ACK, 88, 177, 0);
	server(&t, FIN | ACK, 177, 89, 0);
	client(&t, ACK, 89, 178, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT s:CLOSE_WAIT>LAST_ACK "
		   "c:FIN_WAIT1>FIN_WAIT2 c:FIN_WAIT2>TIME_WAIT s:LAST_ACK>CLOSED");
	assert_int_equal(t.last.bytes_sent, 0);
	end(&t);
}

static void one_direction(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	client(&t, ACK, 1, 1, 0);
	expect(&t, "c:CLOSED>SYN_SENT c:SYN_SENT>ESTABLISHED s:seed2");
	client(&t, ACK, 1, 1, 10);
	client(&t, ACK | FIN, 11, 501, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1");
	end(&t);
	begin(&t);
	server(&t, SYN | ACK, 0, 1, 0);
	server(&t, ACK, 1, 11, 10);
	expect(&t, "s:seed2 c:seed1");
	end(&t);
}

/* Each segment twice, as from two interfaces. */
static void duplicates(void **state)
{
	struct tape t;
	struct segment segment;

	(void)state;
	begin(&t);
	segment = client_segment(&t, SYN, 0, 0, 0);
	segments_add(t.segments, &segment);
	segment.time_ns += 30000;
	segments_add(t.segments, &segment);
	t.ms++;
	segment = server_segment(&t, SYN | ACK, 0, 1, 0);
	segments_add(t.segments, &segment);
	segments_add(t.segments, &segment);
	t.ms++;
	segment = client_segment(&t, ACK, 1, 1, 50);
	segments_add(t.segments, &segment);
	/* One hop further. */
	segment.hops--;
	segment.time_ns += 1000000;
	segments_add(t.segments, &segment);
	expect(&t, OPEN);
	assert_int_equal(segments_counts(t.segments)->duplicates, 3);
	assert_int_equal(segments_counts(t.segments)->retransmits, 0);
	end(&t);
}

/* What was never captured was sent all the same. */
static void gaps(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	server(&t, ACK, 1, 501, 0);
	assert_int_equal(segments_counts(t.segments)->unseen, 1);
	client(&t, RST, 501, 0, 0);
	expect(&t, "reset1 c:ESTABLISHED>CLOSED reset0 s:ESTABLISHED>CLOSED!104");
	assert_true(t.last.flags & EVENT_FLAG_WIRE_GAP);
	assert_int_equal(t.last.bytes_received, 500);
	end(&t);
	begin(&t);
	shake_hands(&t);
	segments_note_loss(t.segments);
	client(&t, FIN | ACK, 1, 1, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1");
	assert_true(t.last.flags & EVENT_FLAG_WIRE_GAP);
	end(&t);
}

/* The same ports once more: in TIME_WAIT, and where its end was not captured. */
static void taken_over(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, FIN | ACK, 1, 2, 0);
	client(&t, ACK, 2, 2, 0);
	t.size = 0;
	t.told[0] = '\0';
	t.c += 100000;
	client(&t, SYN, 0, 0, 0);
	expect(&t, "timewait5 c:CLOSED>SYN_SENT");
	t.s += 100000;
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, ACK, 1, 1, 0);
	t.size = 0;
	t.told[0] = '\0';
	t.c += 100000;
	client(&t, SYN, 0, 0, 0);
	expect(&t, "");
	t.s += 100000;
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, ACK, 1, 1, 0);
	expect(&t, "lost lost c:CLOSED>SYN_SENT c:SYN_SENT>ESTABLISHED s:LISTEN>SYN_RECV passive "
		   "s:SYN_RECV>ESTABLISHED");
	end(&t);
}

/* Whoever is over makes room for those that begin, and whoever begins is not lost for them. */
static void ends_make_room(void **state)
{
	struct tape t;

	(void)state;
	begin_with(&t, 4);
	for (uint16_t i = 0; i < 4; i++) {
		shake_hands(&t);
		client(&t, FIN | ACK, 1, 1, 0);
		server(&t, FIN | ACK, 1, 2, 0);
		client(&t, ACK, 2, 2, 0);
		t.size = 0;
		t.told[0] = '\0';
		/* The next one is another's. */
		t.port++;
	}
	client(&t, SYN, 0, 0, 0);
	expect(&t, "timewait10 c:CLOSED>SYN_SENT");
	t.port++;
	client(&t, SYN, 0, 0, 0);
	expect(&t, "timewait10 c:CLOSED>SYN_SENT");
	assert_int_equal(segments_counts(t.segments)->waits_cut, 2);
	assert_int_equal(segments_counts(t.segments)->evicted, 0);
	/* No more of these than of others: then who begins does. */
	t.port++;
	client(&t, SYN, 0, 0, 0);
	expect(&t, "lost c:CLOSED>SYN_SENT");
	assert_int_equal(segments_counts(t.segments)->evicted, 1);
	end(&t);
}

/* What comes after the end begins nothing. */
static void late_segments(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	shake_hands(&t);
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, FIN | ACK, 1, 2, 0);
	client(&t, ACK, 2, 2, 0);
	t.size = 0;
	t.told[0] = '\0';
	t.ms += 300;
	server(&t, FIN | ACK, 1, 2, 0);
	client(&t, ACK, 2, 2, 0);
	expect(&t, "again2 timewait1");
	server(&t, RST, 2, 0, 0);
	expect(&t, "reset3 timewait6");
	server(&t, ACK, 2, 2, 0);
	expect(&t, "");
	end(&t);
}

static void point_by_hops(void **state)
{
	static const struct {
		uint8_t client, server;
		uint16_t point;
	} cases[] = {
		{ 64, 57, EVENT_POINT_CLIENT },
		{ 120, 255, EVENT_POINT_SERVER },
		{ 60, 60, EVENT_POINT_BETWEEN },
		{ 64, 64, EVENT_POINT_UNKNOWN },
	};
	struct tape t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(&t);
		t.client_hops = cases[i].client;
		t.server_hops = cases[i].server;
		shake_hands(&t);
		assert_int_equal(t.last.left_lport, cases[i].point);
		end(&t);
	}
	/* Nothing but the time tells, and it tells enough. */
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	t.ms += 40;
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, ACK, 1, 1, 0);
	assert_int_equal(t.last.left_lport, EVENT_POINT_CLIENT);
	end(&t);
}

/* A flood of SYNs makes room for itself, not by who is open. */
static void flood(void **state)
{
	struct tape t;

	(void)state;
	begin_with(&t, 4);
	shake_hands(&t);
	for (uint16_t i = 0; i < 500; i++) {
		struct segment syn = client_segment(&t, SYN, i, 0, 0);

		syn.from_port = 1000 + i;
		segments_add(t.segments, &syn);
		t.size = 0;
	}
	t.told[0] = '\0';
	assert_int_equal(segments_counts(t.segments)->evicted, 497);
	client(&t, FIN | ACK, 1, 1, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1");
	end(&t);
}

/* Times that go back are counted, and nothing ends by them. */
static void clock_runs_back(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	t.ms = 5000000;
	shake_hands(&t);
	t.ms = 1000;
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, FIN | ACK, 1, 2, 0);
	client(&t, ACK, 2, 2, 0);
	assert_int_equal(segments_counts(t.segments)->backwards, 3);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT s:CLOSE_WAIT>LAST_ACK "
		   "c:FIN_WAIT1>FIN_WAIT2 c:FIN_WAIT2>TIME_WAIT s:LAST_ACK>CLOSED");
	end(&t);
}

/* Whatever comes, each record is sound: see on_record(). */
static void chaos(void **state)
{
	static const uint8_t flags[] = {
		SYN, SYN | ACK, ACK, ACK, ACK, FIN | ACK, RST, RST | ACK, 0, FIN, SYN | FIN | RST
	};
	struct tape t;
	uint64_t x = 88172645463325252;

	(void)state;
	begin_with(&t, 8);
	for (int i = 0; i < 200000; i++) {
		struct segment segment;
		uint8_t f;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		f = flags[x % sizeof(flags)];
		t.ms += (x >> 60) == 7 ? 70000 : (x >> 58) & 1;
		segment = x >> 20 & 1 ?
				  client_segment(&t, f, x >> 21 & 3, x >> 23 & 3, x >> 25 & 1) :
				  server_segment(&t, f, x >> 21 & 3, x >> 23 & 3, x >> 25 & 1);
		if (x >> 30 & 1)
			segment.from_port += x >> 31 & 7;
		segments_add(t.segments, &segment);
		t.size = 0;
	}
	assert_true(t.records > 10000);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_of_both_families),
		cmocka_unit_test(fin_with_its_ack),
		cmocka_unit_test(half_close),
		cmocka_unit_test(simultaneous_close),
		cmocka_unit_test(socket_connected_to_itself),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(numbers_come_twice),
		cmocka_unit_test(a_reset_acknowledges),
		cmocka_unit_test(a_fin_replies_by_itself_or_with_an_ack),
		cmocka_unit_test(sent_again),
		cmocka_unit_test(reordered),
		cmocka_unit_test(probes),
		cmocka_unit_test(resets_are_judged),
		cmocka_unit_test(reset_by_who_has_closed),
		cmocka_unit_test(reset_in_closing),
		cmocka_unit_test(reset_behind_a_fin),
		cmocka_unit_test(begins_in_mid_life),
		cmocka_unit_test(one_direction),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(gaps),
		cmocka_unit_test(taken_over),
		cmocka_unit_test(ends_make_room),
		cmocka_unit_test(late_segments),
		cmocka_unit_test(point_by_hops),
		cmocka_unit_test(flood),
		cmocka_unit_test(clock_runs_back),
		cmocka_unit_test(chaos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
