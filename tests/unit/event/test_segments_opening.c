// SPDX-License-Identifier: GPL-2.0-only
/* Captured handshakes: crossed, sent again, refused, early, and those that come to nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/tape.h"

static void simultaneous_open(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN, 0, 0, 0);
	client(&t, SYN | ACK, 0, 1, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	expect(&t, "c:CLOSED>SYN_SENT s:CLOSED>SYN_SENT c:SYN_SENT>SYN_RECV "
		   "s:SYN_SENT>SYN_RECV c:SYN_RECV>ESTABLISHED s:SYN_RECV>ESTABLISHED");
	client(&t, FIN | ACK, 1, 1, 0);
	server(&t, ACK, 1, 2, 0);
	expect(&t, "c:ESTABLISHED>FIN_WAIT1 s:ESTABLISHED>CLOSE_WAIT c:FIN_WAIT1>FIN_WAIT2");
	end(&t);
}

static void handshake_sent_again(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	t.ms += 1000;
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	t.ms += 1000;
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, ACK, 1, 1, 0);
	expect(&t, "c:CLOSED>SYN_SENT again0 again1 c:SYN_SENT>ESTABLISHED "
		   "s:LISTEN>SYN_RECV passive s:SYN_RECV>ESTABLISHED");
	assert_int_equal(segments_counts(t.segments)->retransmits, 2);
	end(&t);
}

static void refused(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	t.s = 0;
	server(&t, RST | ACK, 0, 1, 0);
	expect(&t, "c:CLOSED>SYN_SENT reset3 reset0 c:SYN_SENT>CLOSED!111");
	/* One that does not acknowledge the SYN refuses nothing. */
	t.c = 70000;
	client(&t, SYN, 0, 0, 0);
	server(&t, RST | ACK, 0, 77, 0);
	expect(&t, "c:CLOSED>SYN_SENT");
	assert_int_equal(segments_counts(t.segments)->resets_outside, 1);
	end(&t);
}

static void request_reset(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, RST, 1, 0, 0);
	expect(&t, "c:CLOSED>SYN_SENT reset1 c:SYN_SENT>CLOSED request3");
	end(&t);
	/* By the one who had agreed: that is no refusal. */
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	server(&t, RST | ACK, 1, 1, 0);
	expect(&t, "c:CLOSED>SYN_SENT request6 reset0 c:SYN_SENT>CLOSED!104");
	end(&t);
}

static void request_abandoned(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	segments_pass(t.segments, 1100 * NS_PER_S);
	expect(&t, "c:CLOSED>SYN_SENT request0 lost");
	end(&t);
}

/* As often as Linux tries, and no answer. */
static void syn_timed_out(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	for (int i = 0; i < 6; i++) {
		t.ms += 1000u << i;
		client(&t, SYN, 0, 0, 0);
	}
	segments_pass(t.segments, 1200 * NS_PER_S);
	expect(&t, "c:CLOSED>SYN_SENT again0 again0 again0 again0 again0 again0 "
		   "c:SYN_SENT>CLOSED!110");
	end(&t);
}

/* The SYN-ACK is the first that was captured. */
static void begins_in_a_handshake(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	server(&t, SYN | ACK, 0, 1, 0);
	expect(&t, "");
	client(&t, ACK, 1, 1, 0);
	expect(&t, "c:seed1 s:LISTEN>SYN_RECV passive s:SYN_RECV>ESTABLISHED");
	end(&t);
}

#define EARLY "c:CLOSED>SYN_SENT s:LISTEN>SYN_RECV passive"

/* Who has taken data with the SYN is there, and may send and end, before the ACK. */
static void fast_open(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 5);
	server(&t, SYN | ACK, 0, 6, 0);
	expect(&t, EARLY);
	server(&t, ACK, 1, 6, 20);
	expect(&t, "");
	client(&t, ACK, 6, 1, 0);
	expect(&t, "c:SYN_SENT>ESTABLISHED s:SYN_RECV>ESTABLISHED");
	client(&t, RST, 6, 0, 0);
	expect(&t, "reset1 c:ESTABLISHED>CLOSED reset0 s:ESTABLISHED>CLOSED!104");
	assert_int_equal(t.last.bytes_received, 5);
	end(&t);
	/* It closes at once. */
	begin(&t);
	client(&t, SYN, 0, 0, 5);
	server(&t, SYN | ACK, 0, 6, 0);
	server(&t, FIN | ACK, 1, 6, 20);
	expect(&t, EARLY " s:SYN_RECV>FIN_WAIT1");
	client(&t, FIN | ACK, 6, 22, 0);
	expect(&t, "c:SYN_SENT>ESTABLISHED c:ESTABLISHED>CLOSE_WAIT c:CLOSE_WAIT>LAST_ACK "
		   "s:FIN_WAIT1>FIN_WAIT2");
	end(&t);
	/* It resets, and it is reset. */
	for (int is_client = 0; is_client < 2; is_client++) {
		begin(&t);
		client(&t, SYN, 0, 0, 5);
		server(&t, SYN | ACK, 0, 6, 0);
		expect(&t, EARLY);
		if (is_client)
			client(&t, RST, 6, 0, 0);
		else
			server(&t, RST | ACK, 1, 6, 0);
		expect(&t, is_client ? "reset1 c:SYN_SENT>CLOSED reset0 s:SYN_RECV>CLOSED!104" :
				       "reset1 s:SYN_RECV>CLOSED reset0 c:SYN_SENT>CLOSED!104");
		end(&t);
	}
	/* Both come again. */
	begin(&t);
	client(&t, SYN, 0, 0, 5);
	server(&t, SYN | ACK, 0, 6, 0);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 6, 0);
	expect(&t, EARLY " again0 again1");
	assert_true(t.last.flags & EVENT_FLAG_FASTOPEN);
	client(&t, ACK, 6, 1, 0);
	expect(&t, "c:SYN_SENT>ESTABLISHED s:SYN_RECV>ESTABLISHED");
	end(&t);
}

/* All that it has to say comes with the SYN-ACK. */
static void fin_with_the_synack(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 5);
	server(&t, SYN | FIN | ACK, 0, 6, 10);
	client(&t, FIN | ACK, 6, 12, 0);
	server(&t, ACK, 12, 7, 0);
	expect(&t, EARLY " c:SYN_SENT>ESTABLISHED s:SYN_RECV>ESTABLISHED "
			 "s:ESTABLISHED>FIN_WAIT1 c:ESTABLISHED>CLOSE_WAIT "
			 "c:CLOSE_WAIT>LAST_ACK s:FIN_WAIT1>FIN_WAIT2 s:FIN_WAIT2>TIME_WAIT "
			 "c:LAST_ACK>CLOSED");
	assert_int_equal(t.last.bytes_received, 10);
	end(&t);
}

/* It acknowledges what nobody has sent, and the reset that answers it is of no connection. */
static void bad_third_segment(void **state)
{
	struct tape t;

	(void)state;
	begin(&t);
	client(&t, SYN, 0, 0, 0);
	server(&t, SYN | ACK, 0, 1, 0);
	client(&t, ACK, 1, 1001, 0);
	server(&t, RST, 1001, 0, 0);
	expect(&t, "c:CLOSED>SYN_SENT");
	assert_int_equal(segments_counts(t.segments)->outside, 1);
	assert_int_equal(segments_counts(t.segments)->resets_outside, 1);
	client(&t, ACK, 1, 1, 0);
	expect(&t, "c:SYN_SENT>ESTABLISHED s:LISTEN>SYN_RECV passive s:SYN_RECV>ESTABLISHED");
	assert_false(t.last.flags & EVENT_FLAG_WIRE_GAP);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simultaneous_open),
		cmocka_unit_test(handshake_sent_again),
		cmocka_unit_test(refused),
		cmocka_unit_test(request_reset),
		cmocka_unit_test(request_abandoned),
		cmocka_unit_test(syn_timed_out),
		cmocka_unit_test(begins_in_a_handshake),
		cmocka_unit_test(fast_open),
		cmocka_unit_test(fin_with_the_synack),
		cmocka_unit_test(bad_third_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
