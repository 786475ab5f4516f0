// SPDX-License-Identifier: GPL-2.0-only
/* Evidence of why a connection ended that comes before its end, or after it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/conn/subject.h"

#define REASON 11

/* An established client that closes with data unread, as the kernel tells until its reset. */
static struct sock close_unread(struct subject *s, uint64_t us)
{
	struct sock k = begin_client(s, SOCK(1), us);
	struct event close = sock_step(&k, us + 1000, STATE_CLOSED);

	close.shutdown = 3;
	close.signs = EVENT_SIGN_HELD | EVENT_SIGN_UNREAD;
	forget(s);
	apply(s, close);
	return k;
}

static void begin_watched(struct subject *s, size_t max)
{
	begin(s, max, NULL);
	conn_table_expect_resets(s->table);
}

/* One that waits for word of its reset. */
static struct sock begin_awaited(struct subject *s)
{
	struct sock k;

	begin_watched(s, 100);
	k = close_unread(s, 1000);
	forget(s);
	return k;
}

static void reset_after_the_end_is_waited_for(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_unread(&s, 1000);
	/* The transition is told at once, why it happened is not. */
	assert_told(&s, "1:ESTABLISHED>CLOSED");
	assert_counts(&s, 1, 0, 1, 0);
	apply(&s, sock_reset(&k, 2001, EVENT_RESET_SENT, REASON));
	assert_told(&s, "1:reset_sent 1:gone");
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_UNREAD_DATA);
	assert_int_equal(s.last_closed.reset_reason, REASON + 1);
	assert_counts(&s, 1, 0, 0, 1);
	/* Nothing is left to be decided. */
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "");
	assert_int_equal(counts_of(&s)->resets_sent, 1);
	done(&s);
}

/* A client of another port that is reset, and has sent something again. */
static void reset_client(struct subject *s, uint64_t address, uint16_t lport, uint64_t us)
{
	struct sock k = sock_client(address);
	struct event again = { .kind = EVENT_RETRANSMIT,
			       .sock = address,
			       .mono_ns = (us + 100) * US,
			       .detail = EVENT_RETRANSMIT_TIMEOUT,
			       .retransmits = 3,
			       .netns = TEST_NETNS,
			       .from = STATE_ESTABLISHED };

	k.lport = lport;
	apply(s, sock_step(&k, us, STATE_SYN_SENT));
	apply(s, sock_step(&k, us + 50, STATE_ESTABLISHED));
	apply(s, again);
	apply(s, sock_reset(&k, us + 200, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	apply_last(s, &k, sock_step(&k, us + 201, STATE_CLOSED));
}

/* What is told of those that are not asked for is counted, but not as theirs who are. */
static void resets_are_told_apart(void **state)
{
	static struct conn_filter filter = { .has_lports = true };
	const struct conn_counts *counts;
	struct subject s;

	(void)state;
	conn_filter_add_port(filter.lports, 40001);
	begin(&s, 100, &filter);
	conn_table_expect_resets(s.table);
	conn_table_expect_retransmits(s.table);
	reset_client(&s, SOCK(1), 40001, 1000);
	reset_client(&s, SOCK(2), 40002, 2000);
	reset_client(&s, SOCK(3), 40003, 3000);
	counts = conn_table_counts(s.table);
	assert_int_equal(counts->opened, 1);
	assert_int_equal(counts->resets_received, 3);
	assert_int_equal(counts->retransmits[EVENT_RETRANSMIT_TIMEOUT], 9);
	assert_int_equal(counts->wanted.resets_received, 1);
	assert_int_equal(counts->wanted.retransmits[EVENT_RETRANSMIT_TIMEOUT], 3);
	done(&s);
}

/* A recording has what happened in other namespaces as well. */
static void resets_elsewhere_are_not_counted(void **state)
{
	static struct conn_filter filter;
	struct subject s;

	(void)state;
	assert_int_equal(netns_list_add(&filter.netns, TEST_NETNS + 1), 0);
	begin(&s, 100, &filter);
	conn_table_expect_resets(s.table);
	conn_table_expect_retransmits(s.table);
	reset_client(&s, SOCK(1), 40001, 1000);
	assert_int_equal(conn_table_counts(s.table)->resets_received, 0);
	assert_int_equal(conn_table_counts(s.table)->retransmits[EVENT_RETRANSMIT_TIMEOUT], 0);
	done(&s);
}

/* Before a connect is answered nobody has told its port. */
static void early_reset_is_counted_late(void **state)
{
	struct sock k = sock_client(SOCK(1));
	static struct conn_filter filter = { .has_lports = true };
	struct subject s;

	(void)state;
	conn_filter_add_port(filter.lports, k.lport);
	begin(&s, 100, &filter);
	conn_table_expect_resets(s.table);
	apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(&s, sock_reset(&k, 1100, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	assert_int_equal(conn_table_counts(s.table)->opened, 0);
	assert_int_equal(conn_table_counts(s.table)->wanted.resets_received, 0);
	apply_last(&s, &k, sock_fail(&k, 1101, ECONNREFUSED));
	assert_int_equal(conn_table_counts(s.table)->opened, 1);
	assert_int_equal(conn_table_counts(s.table)->wanted.resets_received, 1);
	done(&s);
}

/* Of one that nobody knew, word of a reset was nobody's: that there was none is not known. */
static void what_ends_unheard_may_have_been_reset(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin_watched(&s, 100);
	k.state = STATE_SYN_SENT;
	apply(&s, sock_reset(&k, 1000, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	apply_last(&s, &k, sock_fail(&k, 1001, ECONNREFUSED));
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_REFUSED);
	k = sock_client(SOCK(2));
	apply(&s, sock_step(&k, 2000, STATE_SYN_SENT));
	apply_last(&s, &k, sock_fail(&k, 2001, ECONNREFUSED));
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_REFUSED_BY_ICMP);
	done(&s);
}

/* Nobody told of a reset of the one that close_unread() closed. */
static void time_decides(struct subject *s)
{
	conn_table_settle(s->table, 2000 * US + 90000000);
	assert_told(s, "1:aborted 1:gone");
	assert_int_equal(s->last_closed.reset_reason, 0);
}

static void without_a_reset_time_decides(void **state)
{
	struct subject s;

	(void)state;
	begin_watched(&s, 100);
	close_unread(&s, 1000);
	forget(&s);
	conn_table_settle(s.table, 2000 * US + 70000000);
	assert_told(&s, "");
	time_decides(&s);
	done(&s);
}

static void unwatched_resets_are_not_waited_for(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 100, NULL);
	close_unread(&s, 1000);
	assert_told(&s, "1:ESTABLISHED>CLOSED 1:reset_sent 1:gone");
	done(&s);
}

/* Its socket connects again, or is told of by somebody who lost its birth. */
static void next_life_ends_the_wait(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	k = begin_awaited(&s);
	apply(&s, sock_step(&k, 3000, STATE_SYN_SENT));
	assert_told(&s, "1:aborted 1:gone 2:CLOSED>SYN_SENT");
	/* The reset of the former life says nothing of this one's end. */
	apply(&s, sock_reset(&k, 3001, EVENT_RESET_ANSWERED, REASON));
	apply(&s, sock_fail(&k, 4000, ECONNREFUSED));
	assert_told(&s, "2:SYN_SENT>CLOSED 2:refused 2:gone");
	assert_int_equal(s.last_closed.reset_reason, 0);

	k = close_unread(&s, 7000);
	forget(&s);
	k.state = STATE_CLOSE_WAIT;
	apply(&s, sock_step(&k, 8001, STATE_LAST_ACK));
	assert_told(&s, "3:aborted 3:gone 4:CLOSE_WAIT>LAST_ACK");
	assert_int_equal(counts_of(&s)->gaps, 0);
	done(&s);
}

/* What is not closed yet is one that is left out, at the same address. */
static void a_living_sockets_reset_is_anothers(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	k = begin_awaited(&s);
	k.state = STATE_ESTABLISHED;
	apply(&s, sock_reset(&k, 2002, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	apply(&s, sock_reset(&k, 2003, EVENT_RESET_SENT, REASON));
	assert_told(&s, "");
	assert_int_equal(counts_of(&s)->wanted.resets_received, 0);
	assert_int_equal(counts_of(&s)->wanted.resets_sent, 0);
	time_decides(&s);
	done(&s);
}

/* tcp_rcv_state_process frees it, and its caller answers the segment that it died of. */
static void a_socket_answers_after_it_was_freed(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	conn_table_note_loss(s.table);
	k = close_unread(&s, 1000);
	forget(&s);
	apply(&s, sock_destroy(&k, 2001));
	assert_told(&s, "");
	apply(&s, sock_reset(&k, 2002, EVENT_RESET_ANSWERED, REASON));
	assert_told(&s, "1:reset_sent 1:gone");
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_DATA_AFTER_CLOSE);
	done(&s);
}

/* Word of its reset may come a moment later: it is told of as where nobody tells of resets. */
static void awaited_one_makes_room_with_its_line(void **state)
{
	struct sock other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin_watched(&s, 1);
	close_unread(&s, 1000);
	forget(&s);
	apply(&s, sock_step(&other, 3000, STATE_SYN_SENT));
	assert_told(&s, "1:reset_sent 1:gone 2:CLOSED>SYN_SENT");
	assert_int_equal(counts_of(&s)->evicted, 0);
	done(&s);
}

/* Closed by this side, and its FIN acknowledged: if data came with that, a reset tells. */
static struct sock close_first(struct subject *s, uint64_t us)
{
	struct sock k = begin_client(s, SOCK(1), us);

	apply(s, sock_step(&k, us + 100, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, us + 200, STATE_FIN_WAIT2));
	forget(s);
	apply(s, sock_step(&k, us + 201, STATE_CLOSED));
	apply(s, sock_destroy(&k, us + 202));
	assert_told(s, "");
	return k;
}

static void data_with_the_ack_of_the_fin_is_answered(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_first(&s, 1000);
	apply(&s, sock_reset(&k, 1203, EVENT_RESET_ANSWERED, REASON));
	assert_told(&s, "1:FIN_WAIT2>CLOSED 1:reset_sent 1:gone");
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_DATA_AFTER_CLOSE);
	assert_int_equal(conn_end(&s.last_closed), 1201 * US);
	done(&s);
}

/* No reset came: it was handed over, though nobody tells of timewait sockets. */
static void unanswered_it_is_handed_over(void **state)
{
	struct subject s;
	struct event again;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_first(&s, 1000);
	k.state = STATE_FIN_WAIT2;
	again = sock_step(&k, 1201, STATE_CLOSED);
	again.witness = true;
	apply(&s, again);
	assert_told(&s, "");
	conn_table_settle(s.table, 1201 * US + 90000000);
	assert_told(&s, "1:FIN_WAIT2~>CLOSED 1:unknown 1:gone");
	assert_int_equal(counts_of(&s)->gaps, 0);
	/* So it is where nobody can wait, or its address is another one's. */
	close_first(&s, 2000);
	apply(&s, sock_step(&(struct sock){ .address = SOCK(1), .netns = TEST_NETNS }, 3000,
			    STATE_SYN_SENT));
	assert_told(&s, "2:FIN_WAIT2~>CLOSED 2:unknown 2:gone 3:CLOSED>SYN_SENT");
	done(&s);
	begin_watched(&s, 1);
	close_first(&s, 1000);
	k = sock_client(SOCK(2));
	apply(&s, sock_step(&k, 3000, STATE_SYN_SENT));
	assert_told(&s, "1:FIN_WAIT2~>CLOSED 1:unknown 1:gone 2:CLOSED>SYN_SENT");
	assert_int_equal(counts_of(&s)->evicted, 0);
	done(&s);
}

/* A keepalive's reset, and a reset that comes, are told of before the end. */
static void early_evidence_is_kept(void **state)
{
	struct subject s;
	struct event close;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = begin_client(&s, SOCK(1), 1000);
	apply(&s, sock_reset(&k, 1999, EVENT_RESET_SENT, REASON));
	close = sock_fail(&k, 2000, ETIMEDOUT);
	close.probes = 9;
	apply(&s, close);
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_KEEPALIVE_TIMEOUT);
	assert_int_equal(s.last_closed.tries, 9);
	assert_int_equal(s.last_closed.reset_reason, REASON + 1);

	/* SO_ERROR was asked for between the error and the end. */
	k = begin_client(&s, SOCK(1), 3000);
	close = sock_destroy(&k, 3500);
	close.kind = EVENT_ERROR;
	close.from = close.to = STATE_ESTABLISHED;
	close.error = ETIMEDOUT;
	apply(&s, close);
	close = sock_step(&k, 4000, STATE_CLOSED);
	close.tries = 15;
	close.signs = EVENT_SIGN_HELD;
	apply(&s, close);
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_RETRANSMIT_TIMEOUT);
	assert_int_equal(s.last_closed.error, ETIMEDOUT);
	done(&s);
}

/* An error that was reported long before a close in order is not its cause. */
static void reported_error_is_no_cause_of_a_close(void **state)
{
	struct subject s;
	struct event e;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = begin_client(&s, SOCK(1), 1000);
	e = sock_destroy(&k, 1500);
	e.kind = EVENT_ERROR;
	e.error = EHOSTUNREACH;
	apply(&s, e);
	apply(&s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 2010, STATE_LAST_ACK));
	e = sock_close(&k, 2100);
	e.shutdown = 3;
	apply(&s, e);
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_CLOSED_BY_REMOTE);
	assert_int_equal(s.last_closed.error, 0);
	done(&s);
}

/* Data behind a FIN, of whichever side, is taken for a reset first, and answered by one. */
static void data_behind_a_fin_is_no_reset_of_the_peer(void **state)
{
	static const struct {
		enum tcp_state state;
		int error;
		uint8_t shutdown;
		enum conn_cause cause;
	} cases[] = {
		{ STATE_FIN_WAIT1, ECONNRESET, 3 | EVENT_SHUTDOWN_ORPHAN,
		  CONN_CAUSE_DATA_AFTER_CLOSE },
		{ STATE_CLOSE_WAIT, EPIPE, 1, CONN_CAUSE_RESET_SENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct subject s;
		struct event close;
		struct sock k;

		begin_watched(&s, 100);
		k = begin_client(&s, SOCK(1), 1000);
		apply(&s, sock_step(&k, 2000, cases[i].state));
		apply(&s, sock_reset(&k, 2999, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
		close = sock_fail(&k, 3000, cases[i].error);
		close.shutdown = cases[i].shutdown;
		apply(&s, close);
		forget(&s);
		apply(&s, sock_reset(&k, 3001, EVENT_RESET_ANSWERED, 8));
		assert_told(&s, "1:reset_sent 1:gone");
		assert_int_equal(s.last_closed.cause, cases[i].cause);
		assert_int_equal(s.last_closed.error, cases[i].error);
		done(&s);
	}
}

/* Of who is left out comes no birth that would say so, but word of what happens to him. */
static void what_comes_to_its_address_is_not_taken_for_it(void **state)
{
	static const enum tcp_state states[] = { STATE_ESTABLISHED, STATE_CLOSED };

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		struct subject s;
		struct sock k = sock_server(SOCK(1));
		struct event close, other = { .mono_ns = 3500 * US,
					      .sock = SOCK(1),
					      .kind = EVENT_ACCEPT,
					      .from = states[i],
					      .to = states[i],
					      .pid = OWNER_PID };

		begin_watched(&s, 100);
		apply(&s, sock_step(&k, 1511, STATE_SYN_RECV));
		apply(&s, sock_accept(&k, 1523, 523));
		apply(&s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
		apply(&s, sock_reset(&k, 2999, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
		close = sock_fail(&k, 3000, EPIPE);
		close.shutdown = 1;
		apply(&s, close);
		apply(&s, other);
		other.kind = EVENT_RETRANSMIT;
		other.detail = EVENT_RETRANSMIT_FAST;
		apply(&s, other);
		conn_table_settle(s.table, 200000 * US);
		assert_int_equal(s.last_closed.cause, CONN_CAUSE_RESET_RECEIVED);
		assert_int_equal(!!(s.last_closed.flags & CONN_HAS_OWNER),
				 states[i] == STATE_CLOSED);
		assert_int_equal(!!(s.last_closed.flags & CONN_RESENT), 0);
		done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_after_the_end_is_waited_for),
		cmocka_unit_test(without_a_reset_time_decides),
		cmocka_unit_test(resets_are_told_apart),
		cmocka_unit_test(resets_elsewhere_are_not_counted),
		cmocka_unit_test(early_reset_is_counted_late),
		cmocka_unit_test(what_ends_unheard_may_have_been_reset),
		cmocka_unit_test(unwatched_resets_are_not_waited_for),
		cmocka_unit_test(next_life_ends_the_wait),
		cmocka_unit_test(a_socket_answers_after_it_was_freed),
		cmocka_unit_test(a_living_sockets_reset_is_anothers),
		cmocka_unit_test(awaited_one_makes_room_with_its_line),
		cmocka_unit_test(data_with_the_ack_of_the_fin_is_answered),
		cmocka_unit_test(unanswered_it_is_handed_over),
		cmocka_unit_test(early_evidence_is_kept),
		cmocka_unit_test(reported_error_is_no_cause_of_a_close),
		cmocka_unit_test(data_behind_a_fin_is_no_reset_of_the_peer),
		cmocka_unit_test(what_comes_to_its_address_is_not_taken_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
