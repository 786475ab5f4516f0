// SPDX-License-Identifier: GPL-2.0-only
/* What a connection says of itself: names, state, and times that are true or unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/aggregate/measure.h"

static void names(void **unused)
{
	(void)unused;
	assert_string_equal(conn_role_name(CONN_ROLE_UNKNOWN), "unknown");
	assert_string_equal(conn_role_name(CONN_ROLE_SERVER), "server");
	assert_string_equal(conn_quality_name(CONN_QUALITY_EXACT), "exact");
	assert_string_equal(conn_outcome_name(CONN_OUTCOME_OPEN), "open");
	assert_string_equal(conn_outcome_name(CONN_OUTCOME_HANDSHAKE_ABANDONED),
			    "handshake_abandoned");
	assert_string_equal(conn_initiator_name(CONN_INITIATOR_BOTH), "both");
	assert_string_equal(conn_time_wait_end_name(CONN_TW_END_OVERFLOW), "overflow");
	/* What the contract prints as null, and what is no number of the list. */
	assert_null(conn_outcome_name(CONN_OUTCOME_UNKNOWN));
	assert_null(conn_outcome_name(CONN_OUTCOME_UNKNOWN + 1));
	assert_null(conn_initiator_name(CONN_INITIATOR_UNKNOWN));
	assert_null(conn_initiator_name(255));
	assert_null(conn_time_wait_end_name(CONN_TW_END_NONE));
	assert_null(conn_time_wait_end_name(255));
	assert_null(conn_role_name(255));
	assert_null(conn_quality_name(255));
	assert_null(half_open_end_name(HALF_OPEN_END_COUNT));
}

/* What a half-open line says in JSON, a connection line says in the other formats. */
static void half_open_is_like_a_connection(void **unused)
{
	static const struct {
		uint8_t end, outcome, initiator;
	} cases[HALF_OPEN_END_COUNT] = {
		{ HALF_OPEN_ABANDONED, CONN_OUTCOME_HANDSHAKE_ABANDONED, CONN_INITIATOR_LOCAL },
		{ HALF_OPEN_RESET, CONN_OUTCOME_RESET_RECEIVED, CONN_INITIATOR_REMOTE },
		{ HALF_OPEN_OVERFLOW, CONN_OUTCOME_OVERFLOW, CONN_INITIATOR_LOCAL },
		{ HALF_OPEN_LISTENER_CLOSED, CONN_OUTCOME_LISTENER_CLOSED, CONN_INITIATOR_LOCAL },
		{ HALF_OPEN_REFUSED, CONN_OUTCOME_RESET_SENT, CONN_INITIATOR_LOCAL },
		{ HALF_OPEN_UNREACHABLE, CONN_OUTCOME_UNREACHABLE, CONN_INITIATOR_UNKNOWN },
		{ HALF_OPEN_KILLED, CONN_OUTCOME_KILLED, CONN_INITIATOR_LOCAL },
		{ HALF_OPEN_UNKNOWN, CONN_OUTCOME_UNKNOWN, CONN_INITIATOR_UNKNOWN },
	};

	(void)unused;
	for (size_t i = 0; i < HALF_OPEN_END_COUNT; i++) {
		struct half_open h = sample_half_open();
		struct conn c;

		h.end = cases[i].end;
		half_open_as_conn(&h, &c);
		assert_int_equal(c.id, 0);
		assert_int_equal(c.outcome, cases[i].outcome);
		assert_string_equal(conn_outcome_name(c.outcome) ? conn_outcome_name(c.outcome) :
								   "unknown",
				    half_open_end_name(h.end));
		assert_int_equal(c.initiator, cases[i].initiator);
		assert_int_equal(c.role, CONN_ROLE_SERVER);
		assert_int_equal(conn_start(&c), 1000000000);
		assert_int_equal(conn_dwell(&c, 0), h.age_ns);
		assert_int_equal(conn_state(&c), STATE_CLOSED);
		assert_int_equal(measure_end(&c), h.mono_ns);
		assert_int_equal(measure_life(&c), h.age_ns);
		assert_true(measure_handshake(&c) == TIME_UNKNOWN);
		assert_int_equal(c.handshake_retransmits, h.retransmits);
		assert_int_equal(c.lport, h.lport);
		assert_int_equal(c.rport, h.rport);
		assert_int_equal(c.netns, h.netns);
		assert_memory_equal(&c.raddr, &h.raddr, sizeof(c.raddr));
		assert_memory_equal(&c.laddr, &h.laddr, sizeof(c.laddr));
		assert_int_equal(c.flags, CONN_HAS_ENDPOINTS | CONN_FINISHED);
		h.age_ns = TIME_UNKNOWN;
		half_open_as_conn(&h, &c);
		assert_true(conn_start(&c) == TIME_UNKNOWN);
		assert_true(conn_dwell(&c, 0) == TIME_UNKNOWN);
		assert_int_equal(measure_end(&c), h.mono_ns);
	}
}

/* From ESTABLISHED to accept: both must have been seen. */
static void accept_wait(void **unused)
{
	struct conn c = sample_server();

	(void)unused;
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
	c.accept_ns = 1000000000 + 42;
	assert_int_equal(conn_accept_wait(&c), 42);
	c.accept_ns = 1000000000;
	assert_int_equal(conn_accept_wait(&c), 0);
	/* Taken before it was ESTABLISHED, it has not waited, but with fast open who knows. */
	c.accept_ns = 1000000000 - 1;
	c.handshake_flags = CONN_HANDSHAKE_FASTOPEN;
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
	c.handshake_flags = 0;
	assert_int_equal(conn_accept_wait(&c), 0);
	/* Accepted after the peer has closed, it waited all that time. */
	c.accept_ns = 1000900000;
	assert_int_equal(conn_accept_wait(&c), 900000);
	c.step_inferred = 1 << 1;
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
	c.step_inferred = 0;
	c.step_ns[1] = TIME_UNKNOWN;
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
	/* Never ESTABLISHED: fast open, given out before the ACK came. */
	c = sample_server();
	c.step_count = 1;
	c.accept_ns = 2000000000;
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
	c = (struct conn){ .accept_ns = 1 };
	assert_true(conn_accept_wait(&c) == TIME_UNKNOWN);
}

static void a_whole_life(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	assert_int_equal(conn_state(&c), STATE_TIME_WAIT);
	assert_int_equal(conn_start(&c), 1000000000);
	assert_int_equal(conn_end(&c), 2090000000);
	assert_int_equal(conn_dwell(&c, 0), 80123456);
	assert_int_equal(conn_dwell(&c, 3), 10000000);
	/* The last state lasts, and behind it there is nothing. */
	assert_true(conn_dwell(&c, 4) == TIME_UNKNOWN);
	assert_true(conn_dwell(&c, 5) == TIME_UNKNOWN);
	assert_true(conn_dwell(&c, 1000) == TIME_UNKNOWN);
}

static void no_life_yet(void **unused)
{
	struct conn c = { 0 };

	(void)unused;
	assert_int_equal(conn_state(&c), STATE_CLOSED);
	assert_true(conn_start(&c) == TIME_UNKNOWN);
	assert_true(conn_end(&c) == TIME_UNKNOWN);
	assert_true(conn_dwell(&c, 0) == TIME_UNKNOWN);
}

/* A duration needs both of its ends. */
static void unseen_parts(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.step_inferred = 1 << 2;
	assert_int_equal(conn_dwell(&c, 0), 80123456);
	assert_true(conn_dwell(&c, 1) == TIME_UNKNOWN);
	assert_true(conn_dwell(&c, 2) == TIME_UNKNOWN);
	assert_int_equal(conn_dwell(&c, 3), 10000000);
	c = sample_client();
	c.step_ns[0] = TIME_UNKNOWN;
	assert_true(conn_dwell(&c, 0) == TIME_UNKNOWN);
	assert_true(conn_start(&c) == TIME_UNKNOWN);
	assert_true(measure_life(&c) == TIME_UNKNOWN);
	c = sample_client();
	c.flags |= CONN_SEEDED;
	assert_true(conn_start(&c) == TIME_UNKNOWN);
}

/* Two CPUs may stamp two events in the other order: nothing lasts 584 years. */
static void time_does_not_run_backwards(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.step_ns[2] = c.step_ns[1] - 1;
	assert_true(conn_dwell(&c, 1) == TIME_UNKNOWN);
	c.step_ns[2] = c.step_ns[1];
	assert_int_equal(conn_dwell(&c, 1), 0);
	c = sample_client();
	c.step_ns[4] = c.step_ns[0] - 1;
	assert_true(measure_life(&c) == TIME_UNKNOWN);
}

static void a_full_life_of_steps(void **unused)
{
	struct conn c = { 0 };

	(void)unused;
	for (unsigned int i = 0; i < CONN_STEPS; i++)
		sample_step(&c, STATE_ESTABLISHED, i * 10);
	assert_int_equal(conn_dwell(&c, CONN_STEPS - 2), 10);
	assert_true(conn_dwell(&c, CONN_STEPS - 1) == TIME_UNKNOWN);
	assert_int_equal(conn_end(&c), (CONN_STEPS - 1) * 10);
}

static void measures(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	assert_int_equal(measure_handshake(&c), 80123456);
	assert_int_equal(measure_life(&c), 1090000000);
	assert_int_equal(measure_end(&c), 2090000000);
	assert_true(measure_has_time_wait(&c));
	assert_true(measure_time_wait(&c) == TIME_UNKNOWN);
	sample_step(&c, STATE_CLOSED, 62090000000);
	/* Both ends were seen, but of that the table is not sure. */
	assert_true(measure_time_wait(&c) == TIME_UNKNOWN);
	c.time_wait_quality = CONN_QUALITY_ESTIMATED;
	assert_int_equal(measure_time_wait(&c), 60000000000);
	assert_int_equal(measure_life(&c), 1090000000);
	assert_int_equal(measure_end(&c), 62090000000);
	c.handshake_quality = CONN_QUALITY_UNKNOWN;
	assert_true(measure_handshake(&c) == TIME_UNKNOWN);
	c = sample_server();
	assert_false(measure_has_time_wait(&c));
	assert_int_equal(measure_life(&c), 1350000);
	c.step_count = 2;
	assert_true(measure_end(&c) == TIME_UNKNOWN);
	assert_true(measure_life(&c) == TIME_UNKNOWN);
	c = sample_unknown();
	assert_true(measure_life(&c) == TIME_UNKNOWN);
	assert_true(measure_end(&c) == TIME_UNKNOWN);
}

/* As one state after the other would: what stands behind the last step is none. */
static void a_state_is_found_where_it_stands_first(void **unused)
{
	static const uint8_t of_each[] = { STATE_CLOSED, STATE_SYN_SENT, STATE_ESTABLISHED };
	unsigned int chance = 1;

	(void)unused;
	for (unsigned int round = 0; round < 100000; round++) {
		struct conn c = { .step_count = round % (CONN_STEPS + 1) };
		unsigned int wanted = 0;
		enum tcp_state state;

		for (unsigned int i = 0; i < CONN_STEPS; i++) {
			chance = chance * 1664525 + 1013904223;
			c.step_state[i] = (chance >> 24) % STATE_COUNT;
		}
		state = round % 2 ? of_each[round % 3] : c.step_state[(chance >> 16) % CONN_STEPS];
		while (wanted < c.step_count && c.step_state[wanted] != state)
			wanted++;
		assert_int_equal(conn_find_step(&c, state), wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(a_whole_life),
		cmocka_unit_test(no_life_yet),
		cmocka_unit_test(unseen_parts),
		cmocka_unit_test(time_does_not_run_backwards),
		cmocka_unit_test(a_full_life_of_steps),
		cmocka_unit_test(measures),
		cmocka_unit_test(half_open_is_like_a_connection),
		cmocka_unit_test(accept_wait),
		cmocka_unit_test(a_state_is_found_where_it_stands_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
