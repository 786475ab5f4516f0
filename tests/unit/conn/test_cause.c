// SPDX-License-Identifier: GPL-2.0-only
/* Every row of the table of causes is walked, by ends as the kernel makes them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/conn/cause.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CLOSED_BY_OWNER (CAUSE_HELD | CAUSE_SHUT_RECEIVE | CAUSE_SHUT_BOTH)
#define CLOSED_BEFORE (CAUSE_DEAD | CAUSE_SHUT_RECEIVE | CAUSE_SHUT_BOTH)

/* Beside the conditions: the error was there before, and is not that of the end. */
#define BEFORE 0x80

/* What is seen of an end, and what is to be said of it. */
static const struct ending {
	enum tcp_state from;
	uint16_t error;
	uint32_t evidence;
	uint8_t conditions;
	const char *cause, *outcome;
} endings[] = {
	/* subflows: whatever the kernel says, and whether it has let go of the connection before */
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT | CAUSE_UNREAD | CLOSED_BEFORE,
	  CAUSE_WATCHED | CAUSE_SUBFLOW, "unread_data", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT | CAUSE_LINGER_ZERO | CLOSED_BEFORE,
	  CAUSE_WATCHED | CAUSE_SUBFLOW, "linger_zero", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT | CAUSE_HELD, CAUSE_WATCHED | CAUSE_SUBFLOW, NULL,
	  NULL },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT | CLOSED_BEFORE, CAUSE_WATCHED | CAUSE_SUBFLOW,
	  NULL, NULL },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT, CAUSE_WATCHED | CAUSE_PASSIVE | CAUSE_SUBFLOW,
	  "listener_closed", "reset_sent" },
	/* MPTCP sockets that fell back to TCP */
	{ STATE_ESTABLISHED, 0,
	  CAUSE_RESET_SENT | CAUSE_SAID_OTHER | CAUSE_LINGER_ZERO | CLOSED_BEFORE,
	  CAUSE_WATCHED | CAUSE_FELL_BACK, "linger_zero", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT | CAUSE_DISCONNECT | CAUSE_HELD,
	  CAUSE_WATCHED | CAUSE_FELL_BACK, "disconnect", "reset_sent" },
	/* resets that come */
	{ STATE_SYN_SENT, ECONNREFUSED, CAUSE_RESET_RECEIVED | CAUSE_HELD, CAUSE_WATCHED, "refused",
	  "refused" },
	{ STATE_SYN_SENT, ECONNREFUSED, CAUSE_HELD, 0, "refused", "refused" },
	{ STATE_SYN_SENT, ECONNREFUSED, CAUSE_HELD, CAUSE_WATCHED | CAUSE_HEARD, "refused_by_icmp",
	  "refused" },
	/* its end was the first that was heard of it, and a reset is heard before */
	{ STATE_SYN_SENT, ECONNREFUSED, CAUSE_HELD, CAUSE_WATCHED, "refused", "refused" },
	{ STATE_ESTABLISHED, ECONNRESET, CAUSE_RESET_RECEIVED | CAUSE_HELD, CAUSE_WATCHED,
	  "reset_received", "reset_received" },
	{ STATE_ESTABLISHED, ECONNRESET, CAUSE_HELD, 0, "reset_received", "reset_received" },
	{ STATE_CLOSE_WAIT, EPIPE, CAUSE_RESET_RECEIVED | CAUSE_HELD | CAUSE_SHUT_RECEIVE,
	  CAUSE_WATCHED, "reset_received", "reset_received" },
	{ STATE_FIN_WAIT1, ECONNRESET, CAUSE_RESET_RECEIVED | CLOSED_BEFORE, CAUSE_WATCHED,
	  "reset_received", "reset_received" },
	{ STATE_SYN_RECV, ECONNRESET, CAUSE_RESET_RECEIVED, CAUSE_WATCHED | CAUSE_PASSIVE,
	  "reset_received", "reset_received" },
	/* an error as if one had come, and none has */
	{ STATE_ESTABLISHED, ECONNRESET, CAUSE_HELD, CAUSE_WATCHED, NULL, NULL },
	/* data after the end, on its two ways through the kernel */
	{ STATE_FIN_WAIT1, ECONNRESET, CAUSE_RESET_RECEIVED | CAUSE_RESET_ANSWERED | CLOSED_BEFORE,
	  CAUSE_WATCHED, "data_after_close", "reset_sent" },
	{ STATE_FIN_WAIT2, 0, CAUSE_RESET_ANSWERED | CLOSED_BEFORE, CAUSE_WATCHED,
	  "data_after_close", "reset_sent" },
	/* data behind the peer's own end: he has not reset, and this side had not closed */
	{ STATE_CLOSE_WAIT, EPIPE,
	  CAUSE_RESET_RECEIVED | CAUSE_RESET_ANSWERED | CAUSE_HELD | CAUSE_SHUT_RECEIVE,
	  CAUSE_WATCHED, "reset_sent", "reset_sent" },
	/* data after the end where nobody tells of resets: it may have been one */
	{ STATE_FIN_WAIT1, ECONNRESET, CLOSED_BEFORE, 0, NULL, NULL },
	/* timeouts */
	{ STATE_SYN_SENT, ETIMEDOUT, CAUSE_TRIES | CAUSE_HELD, CAUSE_WATCHED, "syn_timeout",
	  "timed_out" },
	{ STATE_SYN_SENT, ETIMEDOUT, CAUSE_TRIES | CAUSE_HELD | CAUSE_TIME_OVER, 0, "user_timeout",
	  "timed_out" },
	{ STATE_SYN_SENT, ETIMEDOUT, CAUSE_TRIES | CAUSE_HELD | CAUSE_MAY_BE_OVER, 0, "timed_out",
	  "timed_out" },
	{ STATE_SYN_RECV, ETIMEDOUT, CAUSE_SYNACK_OUT | CAUSE_TIME_OVER, CAUSE_PASSIVE,
	  "synack_timeout", "timed_out" },
	{ STATE_SYN_RECV, ETIMEDOUT, CAUSE_HELD, CAUSE_PASSIVE, "synack_timeout", "timed_out" },
	{ STATE_FIN_WAIT1, ETIMEDOUT, CAUSE_TRIES | CAUSE_SYNACK_OUT | CLOSED_BEFORE, CAUSE_WATCHED,
	  "synack_timeout", "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_TRIES | CAUSE_HELD, CAUSE_WATCHED,
	  "retransmit_timeout", "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_TRIES | CAUSE_PROBES | CAUSE_HELD, CAUSE_WATCHED,
	  "retransmit_timeout", "timed_out" },
	{ STATE_FIN_WAIT1, ETIMEDOUT, CAUSE_TRIES | CLOSED_BEFORE, 0, "retransmit_timeout",
	  "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_TRIES | CAUSE_HELD | CAUSE_TIME_OVER, CAUSE_WATCHED,
	  "user_timeout", "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_PROBES | CAUSE_RESET_SENT | CAUSE_HELD, CAUSE_WATCHED,
	  "keepalive_timeout", "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_PROBES | CAUSE_HELD, CAUSE_WATCHED, "probe_timeout",
	  "timed_out" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_PROBES | CAUSE_HELD, 0, "timed_out", "timed_out" },
	{ STATE_CLOSE_WAIT, ETIMEDOUT, 0, CAUSE_WATCHED, "timed_out", "timed_out" },
	/* no way */
	{ STATE_SYN_SENT, EHOSTUNREACH, CAUSE_TRIES | CAUSE_HELD, CAUSE_WATCHED, "unreachable",
	  "unreachable" },
	{ STATE_SYN_SENT, ENETUNREACH, CAUSE_HELD, 0, "unreachable", "unreachable" },
	{ STATE_ESTABLISHED, EHOSTUNREACH, CAUSE_TRIES | CAUSE_HELD, CAUSE_WATCHED, "lost_way",
	  "unreachable" },
	{ STATE_ESTABLISHED, ECONNREFUSED, CAUSE_TRIES | CAUSE_HELD, CAUSE_WATCHED, "lost_way",
	  "unreachable" },
	{ STATE_ESTABLISHED, EHOSTUNREACH, CAUSE_PROBES | CAUSE_RESET_SENT | CAUSE_HELD,
	  CAUSE_WATCHED, "unreachable", "unreachable" },
	{ STATE_ESTABLISHED, ECONNREFUSED, CAUSE_PROBES | CAUSE_HELD, CAUSE_WATCHED, "unreachable",
	  "unreachable" },
	{ STATE_ESTABLISHED, EHOSTUNREACH, CAUSE_HELD, 0, "unreachable", "unreachable" },
	/* what ICMP had said before has nothing to do with the end */
	{ STATE_LAST_ACK, EHOSTUNREACH, CLOSED_BEFORE, CAUSE_WATCHED | BEFORE, "closed_by_remote",
	  "closed" },
	{ STATE_ESTABLISHED, EHOSTUNREACH, CLOSED_BY_OWNER | CAUSE_UNREAD | CAUSE_RESET_SENT,
	  CAUSE_WATCHED | BEFORE, "unread_data", "reset_sent" },
	{ STATE_ESTABLISHED, ECONNREFUSED, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_RESET_SENT,
	  CAUSE_WATCHED | BEFORE, "linger_zero", "reset_sent" },
	{ STATE_ESTABLISHED, ECONNREFUSED,
	  CLOSED_BY_OWNER | CAUSE_TRIES | CAUSE_LINGER_ZERO | CAUSE_RESET_SENT,
	  CAUSE_WATCHED | BEFORE, "linger_zero", "reset_sent" },
	{ STATE_ESTABLISHED, EHOSTUNREACH, CAUSE_HELD | CAUSE_RESET_SENT, CAUSE_WATCHED | BEFORE,
	  "disconnect", "reset_sent" },
	{ STATE_FIN_WAIT2, EHOSTUNREACH, CLOSED_BEFORE | CAUSE_RESET_SENT, CAUSE_WATCHED | BEFORE,
	  "fin_timeout", "timed_out" },
	{ STATE_SYN_SENT, ECONNRESET, CAUSE_HELD, CAUSE_SILENT | CAUSE_WATCHED | BEFORE,
	  "connect_failed", "aborted" },
	/* ended from outside */
	{ STATE_ESTABLISHED, ECONNABORTED, CAUSE_RESET_SENT | CAUSE_HELD, CAUSE_WATCHED, "killed",
	  "aborted" },
	{ STATE_ESTABLISHED, ETIMEDOUT, CAUSE_ABORT | CAUSE_RESET_SENT | CAUSE_HELD, CAUSE_WATCHED,
	  "killed", "aborted" },
	{ STATE_FIN_WAIT2, 0, CAUSE_ABORT | CLOSED_BEFORE, CAUSE_WATCHED, "killed", "aborted" },
	{ STATE_LAST_ACK, ECONNABORTED, CAUSE_UNACKED | CLOSED_BEFORE, CAUSE_WATCHED, "killed",
	  "aborted" },
	{ STATE_ESTABLISHED, EIO, CAUSE_HELD, CAUSE_WATCHED, "error", "aborted" },
	{ STATE_FIN_WAIT1, 0, CAUSE_DYING | CLOSED_BEFORE, CAUSE_WATCHED, "namespace_gone",
	  "aborted" },
	/* connects that nobody answered */
	{ STATE_SYN_SENT, 0, CAUSE_HELD, CAUSE_SILENT | CAUSE_WATCHED, "connect_failed",
	  "aborted" },
	{ STATE_SYN_SENT, 0, CLOSED_BY_OWNER, CAUSE_WATCHED, "connect_abandoned", "aborted" },
	{ STATE_SYN_SENT, 0, CAUSE_HELD | CAUSE_DISCONNECT, CAUSE_WATCHED, "connect_disconnected",
	  "aborted" },
	{ STATE_SYN_SENT, 0, CAUSE_HELD | CAUSE_CONNECTING, CAUSE_WATCHED, "connect_disconnected",
	  "aborted" },
	{ STATE_SYN_SENT, 0, CAUSE_HELD | CAUSE_DISCONNECT | CAUSE_SHUT_DOWN, CAUSE_WATCHED,
	  "connect_shut", "aborted" },
	/* and that asked nobody */
	{ STATE_SYN_SENT, 0, CLOSED_BY_OWNER | CAUSE_CONNECTING, CAUSE_SILENT | CAUSE_WATCHED,
	  "connect_unsent", "aborted" },
	{ STATE_SYN_SENT, 0, CAUSE_HELD | CAUSE_SHUT_DOWN, CAUSE_SILENT, "connect_unsent",
	  "aborted" },
	{ STATE_SYN_SENT, 0, CAUSE_HELD | CAUSE_CONNECTING, CAUSE_SILENT, "connect_unsent",
	  "aborted" },
	/* closed by this side */
	{ STATE_LAST_ACK, 0, CLOSED_BEFORE, CAUSE_WATCHED, "closed_by_remote", "closed" },
	{ STATE_LAST_ACK, 0, 0, 0, "closed_by_remote", "closed" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_UNREAD | CAUSE_RESET_SENT, CAUSE_WATCHED,
	  "unread_data", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_RESET_SENT | CAUSE_SAID_UNREAD,
	  CAUSE_WATCHED, "unread_data", "reset_sent" },
	{ STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_UNACKED | CAUSE_UNREAD | CAUSE_RESET_SENT,
	  CAUSE_WATCHED, "unread_data", "reset_sent" },
	{ STATE_FIN_WAIT2, 0,
	  CLOSED_BY_OWNER | CAUSE_UNREAD | CAUSE_LINGER_ZERO | CAUSE_RESET_SENT | CAUSE_SAID_OTHER,
	  CAUSE_WATCHED, "linger_zero", "reset_sent" },
	{ STATE_CLOSE_WAIT, 0, CLOSED_BY_OWNER | CAUSE_UNREAD | CAUSE_LINGER_ZERO, 0, "unread_data",
	  "reset_sent" },
	{ STATE_ESTABLISHED, 0,
	  CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_RESET_SENT | CAUSE_DISCONNECT, CAUSE_WATCHED,
	  "linger_zero", "reset_sent" },
	{ STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_UNACKED | CAUSE_RESET_SENT,
	  CAUSE_WATCHED, "linger_zero", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CAUSE_HELD | CAUSE_RESET_SENT, CAUSE_WATCHED, "disconnect",
	  "reset_sent" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_RESET_SENT | CAUSE_DISCONNECT,
	  CAUSE_WATCHED, "disconnect", "reset_sent" },
	{ STATE_CLOSE_WAIT, 0, CAUSE_HELD | CAUSE_SHUT_RECEIVE, 0, "disconnect", "reset_sent" },
	{ STATE_ESTABLISHED, 0, CAUSE_RESET_SENT, CAUSE_WATCHED | CAUSE_PASSIVE, "listener_closed",
	  "reset_sent" },
	{ STATE_SYN_RECV, 0, CAUSE_RESET_SENT | CAUSE_SYNACK_OUT | CAUSE_UNACKED,
	  CAUSE_WATCHED | CAUSE_PASSIVE, "listener_closed", "reset_sent" },
	{ STATE_FIN_WAIT2, 0, CLOSED_BEFORE | CAUSE_RESET_SENT, CAUSE_WATCHED | CAUSE_IMPATIENT,
	  "linger_negative", "reset_sent" },
	{ STATE_FIN_WAIT2, 0, CLOSED_BEFORE | CAUSE_RESET_ANSWERED, CAUSE_WATCHED | CAUSE_IMPATIENT,
	  "linger_negative", "reset_sent" },
	{ STATE_FIN_WAIT2, 0, CLOSED_BEFORE, CAUSE_IMPATIENT, "linger_negative", "reset_sent" },
	{ STATE_FIN_WAIT2, ECONNRESET, CLOSED_BEFORE | CAUSE_RESET_RECEIVED,
	  CAUSE_WATCHED | CAUSE_IMPATIENT, "reset_received", "reset_received" },
	{ STATE_FIN_WAIT2, 0, CLOSED_BEFORE | CAUSE_RESET_SENT, CAUSE_WATCHED, "fin_timeout",
	  "timed_out" },
	{ STATE_FIN_WAIT1, 0, CLOSED_BEFORE | CAUSE_RESET_SENT, CAUSE_WATCHED, "no_memory",
	  "reset_sent" },
	{ STATE_FIN_WAIT2, 0, CLOSED_BEFORE | CAUSE_RESET_SENT | CAUSE_MEMORY, CAUSE_WATCHED,
	  "no_memory", "reset_sent" },
	{ STATE_FIN_WAIT1, 0, CLOSED_BEFORE | CAUSE_RESET_SENT | CAUSE_SAID_OTHER, CAUSE_WATCHED,
	  "reset_sent", "reset_sent" },
	/* and nobody was told */
	{ STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_UNACKED, CAUSE_WATCHED,
	  "linger_dropped", "aborted" },
	{ STATE_CLOSING, 0, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_UNACKED, 0,
	  "linger_dropped", "aborted" },
	{ STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_UNACKED, CAUSE_WATCHED, "aborted", "aborted" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_UNREAD | CAUSE_REPAIRED, CAUSE_WATCHED,
	  "repaired", "aborted" },
	{ STATE_CLOSE_WAIT, 0, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_REPAIRED, 0, "repaired",
	  "aborted" },
	{ STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_UNACKED | CAUSE_REPAIRED, CAUSE_WATCHED,
	  "repaired", "aborted" },
	/* a reset was to be seen, and was not */
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_UNREAD, CAUSE_WATCHED, "aborted",
	  "aborted" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_LINGER_ZERO | CAUSE_DISCONNECT,
	  CAUSE_WATCHED, "aborted", "aborted" },
	{ STATE_ESTABLISHED, 0, 0, CAUSE_WATCHED | CAUSE_PASSIVE, "aborted", "aborted" },
	/* nothing but that it happened */
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_RESET_SENT, CAUSE_WATCHED, "reset_sent",
	  "reset_sent" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER, CAUSE_WATCHED, "aborted", "aborted" },
	{ STATE_CLOSING, 0, CAUSE_UNACKED | CAUSE_HELD | CAUSE_SHUT_BOTH, 0, "aborted", "aborted" },
	{ STATE_ESTABLISHED, 0, CLOSED_BY_OWNER, 0, "reset_sent", "reset_sent" },
};

static struct cause_facts facts_of(const struct ending *e)
{
	return (struct cause_facts){ .from = e->from,
				     .error = e->error,
				     .evidence = e->evidence,
				     .conditions = e->conditions & ~BEFORE };
}

static bool is_same(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

static void each_end_has_its_cause(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(endings); i++) {
		struct cause_facts facts = facts_of(&endings[i]);
		bool owes;
		const struct cause *cause = cause_of(cause_decide(&facts, &owes));

		if (!is_same(cause->name, endings[i].cause))
			fail_msg("end %zu: %s, not %s", i, cause->name, endings[i].cause);
		assert_true(is_same(conn_outcome_name(cause->outcome), endings[i].outcome));
		if (endings[i].error)
			assert_int_equal(owes, !(endings[i].conditions & BEFORE));
	}
}

/* No row is there for nothing, and none hides another. */
static void each_row_is_walked(void **unused)
{
	(void)unused;
	for (size_t row = 0; row < cause_row_count; row++) {
		size_t walked = 0;

		for (size_t i = 0; i < COUNT(endings); i++) {
			struct cause_facts facts = facts_of(&endings[i]);
			size_t first = 0;

			while (!cause_row_holds(&cause_rows[first], &facts))
				first++;
			walked += first == row;
		}
		if (!walked)
			fail_msg("row %zu, %s, is the first for no end", row,
				 cause_of(cause_rows[row].cause)->name);
	}
}

/*
 * Whatever is seen, something is said of it, and without a look beyond the table; of a reset only
 * where one was seen, if that is to be seen.
 */
static void whatever_is_seen_has_a_cause(void **unused)
{
	static const uint16_t errors[] = { 0,	      ECONNREFUSED, ECONNRESET,
					   ETIMEDOUT, EHOSTUNREACH, ECONNABORTED,
					   EIO,	      UINT16_MAX };
	static const uint32_t sent = CAUSE_RESET_SENT | CAUSE_RESET_ANSWERED | CAUSE_MEMORY;

	(void)unused;
	for (unsigned int from = 0; from < STATE_COUNT; from++) {
		for (size_t e = 0; e < COUNT(errors); e++) {
			for (uint32_t evidence = 0; evidence < CAUSE_REPAIRED << 1;
			     evidence += 1009) {
				struct cause_facts facts = { .from = (enum tcp_state)from,
							     .error = errors[e],
							     .evidence = evidence,
							     .conditions = evidence & 15 };
				unsigned int outcome, cause;
				size_t first = 0;
				bool owes;

				cause = cause_decide(&facts, &owes);
				while (!cause_row_holds(&cause_rows[first], &facts))
					first++;
				assert_int_equal(cause, cause_rows[first].cause);
				outcome = cause_of(cause)->outcome;
				if (!(facts.conditions & CAUSE_WATCHED))
					continue;
				if (outcome == CONN_OUTCOME_RESET_SENT)
					assert_true(evidence & sent);
				if (outcome == CONN_OUTCOME_RESET_RECEIVED)
					assert_true(evidence & CAUSE_RESET_RECEIVED);
				if (outcome == CONN_OUTCOME_UNKNOWN)
					assert_int_equal(errors[e], ECONNRESET);
			}
		}
	}
}

static bool waits(enum tcp_state from, uint16_t error, uint32_t evidence, uint8_t conditions)
{
	struct cause_facts facts = { from, error, evidence, conditions };

	return cause_is_open(&facts);
}

static void only_what_may_change_waits(void **unused)
{
	(void)unused;
	/* A reset follows an end without error, or has come before it. */
	assert_true(waits(STATE_ESTABLISHED, 0, CLOSED_BY_OWNER, CAUSE_WATCHED));
	assert_true(waits(STATE_CLOSE_WAIT, 0, CLOSED_BY_OWNER, CAUSE_WATCHED));
	assert_true(waits(STATE_FIN_WAIT2, 0, CLOSED_BEFORE, CAUSE_WATCHED));
	assert_true(waits(STATE_SYN_RECV, 0, CAUSE_HELD | CAUSE_SYNACK_OUT, CAUSE_WATCHED));
	assert_true(waits(STATE_LAST_ACK, 0, CLOSED_BY_OWNER | CAUSE_UNACKED, CAUSE_WATCHED));
	/* So does one with an error that ends nothing. */
	assert_true(waits(STATE_ESTABLISHED, EHOSTUNREACH, CLOSED_BY_OWNER, CAUSE_WATCHED));
	assert_false(waits(STATE_ESTABLISHED, EHOSTUNREACH, CLOSED_BY_OWNER | CAUSE_TRIES,
			   CAUSE_WATCHED));
	assert_false(
		waits(STATE_ESTABLISHED, 0, CLOSED_BY_OWNER | CAUSE_RESET_SENT, CAUSE_WATCHED));
	/* The hot path of every server. */
	assert_false(waits(STATE_LAST_ACK, 0, CLOSED_BEFORE, CAUSE_WATCHED));
	assert_false(waits(STATE_SYN_SENT, 0, CLOSED_BY_OWNER, CAUSE_WATCHED));
	assert_false(waits(STATE_ESTABLISHED, ETIMEDOUT, CAUSE_HELD, CAUSE_WATCHED));
	/* A reset that may have been none. */
	assert_true(waits(STATE_FIN_WAIT1, ECONNRESET, CAUSE_RESET_RECEIVED | CLOSED_BEFORE,
			  CAUSE_WATCHED));
	assert_false(waits(STATE_ESTABLISHED, ECONNRESET, CAUSE_RESET_RECEIVED | CAUSE_HELD,
			   CAUSE_WATCHED));
	assert_false(waits(STATE_FIN_WAIT1, ECONNRESET, CAUSE_RESET_ANSWERED | CLOSED_BEFORE,
			   CAUSE_WATCHED));
}

static void names_are_words(void **unused)
{
	(void)unused;
	assert_ptr_equal(cause_of(CONN_CAUSE_COUNT), cause_of(CONN_CAUSE_UNKNOWN));
	assert_null(conn_outcome_name(CONN_OUTCOME_COUNT));
	assert_null(conn_initiator_name(CONN_INITIATOR_BOTH + 1));
	for (unsigned int i = 1; i < CONN_CAUSE_COUNT; i++) {
		const struct cause *cause = cause_of(i);

		assert_int_equal(strspn(cause->name, "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(cause->name));
		for (unsigned int j = 1; j < i; j++)
			assert_string_not_equal(cause->name, cause_of(j)->name);
	}
	assert_int_equal(cause_of_closed(CONN_INITIATOR_LOCAL), CONN_CAUSE_CLOSED_BY_LOCAL);
	assert_int_equal(cause_of_closed(CONN_INITIATOR_BOTH), CONN_CAUSE_CLOSED_BY_BOTH);
	assert_int_equal(cause_of_closed(CONN_INITIATOR_REMOTE), CONN_CAUSE_CLOSED_BY_REMOTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_cause),
		cmocka_unit_test(each_row_is_walked),
		cmocka_unit_test(whatever_is_seen_has_a_cause),
		cmocka_unit_test(only_what_may_change_waits),
		cmocka_unit_test(names_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
