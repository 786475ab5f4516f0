// SPDX-License-Identifier: GPL-2.0-only
/* Timewait sockets that events tell of: records that come early, timers that are stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/measure.h"
#include "user/conn/table.h"

#define SOCK(n) (UINT64_C(0xffff888000000000) + (n)*UINT64_C(0xa00))
#define MINISOCK(n) (UINT64_C(0xffff88a000000000) + (n)*UINT64_C(0x100))
#define SECOND UINT64_C(1000000) /* in microseconds */
#define GRACE_US 20000		 /* by then a timer that was stopped runs again, or never will */
#define MANY 5000u

struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	unsigned int gone, closed, alive;
	unsigned int ended[CONN_TW_END_COUNT];
	struct conn last;
};

static void note_gone(struct consumer *self, const struct conn *c)
{
	struct subject *s = (struct subject *)self;

	s->gone++;
	s->ended[c->time_wait_end]++;
	s->last = *c;
}

static void note_closed(struct consumer *self, const struct conn *c)
{
	struct subject *s = (struct subject *)self;

	s->closed++;
	s->last = *c;
}

static void note_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct subject *s = (struct subject *)self;

	(void)now_ns;
	s->alive++;
	s->last = *c;
}

static void begin(struct subject *s)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .gone = note_gone,
						     .closed = note_closed,
						     .alive = note_alive };

	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table = conn_table_new(2 * MANY, &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
	conn_table_expect_timewaits(s->table);
}

static void done(struct subject *s)
{
	assert_int_equal(conn_table_counts(s->table)->gaps, 0);
	conn_table_free(s->table);
}

static void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

/* A client that closed first; at `us` it was handed over to minisock `n`, in `substate`. */
static void hand_over(struct subject *s, uint64_t n, uint64_t us, enum tcp_state substate)
{
	struct sock k = sock_client(SOCK(n));
	struct event close;

	apply(s, sock_step(&k, us - 400, STATE_SYN_SENT));
	apply(s, sock_step(&k, us - 300, STATE_ESTABLISHED));
	apply(s, sock_step(&k, us - 200, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, us - 100, STATE_FIN_WAIT2));
	close = sock_close(&k, us);
	close.timewait = MINISOCK(n);
	close.substate = substate;
	apply(s, close);
}

static void enter(struct subject *s, uint64_t n, uint64_t us)
{
	hand_over(s, n, us, STATE_TIME_WAIT);
}

static void wait_for_fin(struct subject *s, uint64_t n, uint64_t us)
{
	hand_over(s, n, us, STATE_FIN_WAIT2);
}

static void tell_of(struct subject *s, uint64_t n, uint64_t us, enum event_timewait_act act,
		    enum tcp_state substate)
{
	apply(s, (struct event){ .mono_ns = us * US,
				 .sock = MINISOCK(n),
				 .netns = TEST_NETNS,
				 .kind = EVENT_TIMEWAIT,
				 .from = substate,
				 .to = substate,
				 .detail = act });
}

static void tell(struct subject *s, uint64_t n, uint64_t us, enum event_timewait_act act)
{
	tell_of(s, n, us, act, STATE_TIME_WAIT);
}

static void assert_waited(const struct subject *s, uint64_t us, enum conn_time_wait_end end)
{
	assert_int_equal(s->gone, 1);
	assert_int_equal(s->last.time_wait_end, end);
	assert_int_equal(measure_time_wait(&s->last), us * US);
}

/* It waits for the peer's FIN in a timewait socket: it is alive until that comes. */
static void one_that_waits_for_a_fin_is_open(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	wait_for_fin(&s, 1, 1400);
	conn_table_tell_alive(s.table, 2000 * US);
	assert_int_equal(s.closed, 0);
	assert_int_equal(s.alive, 1);
	assert_int_equal(conn_state(&s.last), STATE_FIN_WAIT2);
	assert_int_equal(s.last.outcome, CONN_OUTCOME_OPEN);
	assert_int_equal(s.last.cause, CONN_CAUSE_UNKNOWN);
	tell(&s, 1, SECOND, EVENT_TIMEWAIT_REARMED);
	assert_int_equal(s.closed, 1);
	assert_int_equal(s.last.outcome, CONN_OUTCOME_CLOSED);
	assert_int_equal(s.last.initiator, CONN_INITIATOR_LOCAL);
	done(&s);
}

static void a_timer_that_fires_ends_it(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	enter(&s, 1, SECOND);
	tell(&s, 1, 61 * SECOND, EVENT_TIMEWAIT_EXPIRED);
	assert_waited(&s, 60 * SECOND, CONN_TW_END_EXPIRED);
	done(&s);
}

/* Each end has its own name, in TIME_WAIT and before the peer's FIN. */
static void who_ends_it_is_told(void **state)
{
	static const struct {
		uint8_t act, end, cause;
	} cases[] = {
		{ EVENT_TIMEWAIT_EXPIRED, CONN_TW_END_EXPIRED, CONN_CAUSE_FIN_TIMEOUT },
		{ EVENT_TIMEWAIT_REUSED, CONN_TW_END_REUSED, CONN_CAUSE_TAKEN_OVER },
		{ EVENT_TIMEWAIT_RESET, CONN_TW_END_RESET, CONN_CAUSE_RESET_RECEIVED },
		{ EVENT_TIMEWAIT_PURGED, CONN_TW_END_PURGED, CONN_CAUSE_NAMESPACE_GONE },
		{ EVENT_TIMEWAIT_KILLED, CONN_TW_END_KILLED, CONN_CAUSE_KILLED },
		{ EVENT_TIMEWAIT_ANSWERED, CONN_TW_END_RESET, CONN_CAUSE_DATA_AFTER_CLOSE },
		{ EVENT_TIMEWAIT_GONE, CONN_TW_END_NONE, CONN_CAUSE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum event_timewait_act act = (enum event_timewait_act)cases[i].act;
		struct subject s;

		begin(&s);
		enter(&s, 1, SECOND);
		tell(&s, 1, 3 * SECOND, act);
		assert_waited(&s, 2 * SECOND, (enum conn_time_wait_end)cases[i].end);
		assert_int_equal(s.last.outcome, CONN_OUTCOME_CLOSED);
		done(&s);
		begin(&s);
		wait_for_fin(&s, 1, SECOND);
		tell_of(&s, 1, 3 * SECOND, act, STATE_FIN_WAIT2);
		assert_int_equal(s.gone, 1);
		assert_int_equal(s.last.cause, cases[i].cause);
		assert_false(measure_has_time_wait(&s.last));
		done(&s);
	}
}

/* Where its timer was stopped and nothing follows, it was over then, and nobody says why. */
static void a_timer_that_is_stopped_for_good_ends_it(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	enter(&s, 1, SECOND);
	tell(&s, 1, 2 * SECOND, EVENT_TIMEWAIT_CANCELLED);
	conn_table_settle(s.table, (2 * SECOND + GRACE_US) * US - 1);
	assert_int_equal(s.gone, 0);
	conn_table_settle(s.table, (2 * SECOND + GRACE_US) * US);
	assert_waited(&s, SECOND, CONN_TW_END_NONE);
	done(&s);
}

static void a_timer_that_is_started_again_lives_on(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	enter(&s, 1, SECOND);
	tell(&s, 1, 2 * SECOND, EVENT_TIMEWAIT_CANCELLED);
	tell(&s, 1, 2 * SECOND + 3, EVENT_TIMEWAIT_STARTED);
	conn_table_settle(s.table, 3 * SECOND * US);
	assert_int_equal(s.gone, 0);
	tell(&s, 1, 61 * SECOND, EVENT_TIMEWAIT_EXPIRED);
	assert_int_equal(s.gone, 1);
	done(&s);
}

/* That it ran between the two does not show every time. */
static void a_timer_that_is_stopped_twice_is_judged_by_the_second(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	enter(&s, 1, SECOND);
	tell(&s, 1, 2 * SECOND, EVENT_TIMEWAIT_CANCELLED);
	tell(&s, 1, 2 * SECOND + 9, EVENT_TIMEWAIT_CANCELLED);
	tell(&s, 1, 2 * SECOND + 10, EVENT_TIMEWAIT_STARTED);
	conn_table_settle(s.table, 3 * SECOND * US);
	assert_int_equal(s.gone, 0);
	tell(&s, 1, 61 * SECOND, EVENT_TIMEWAIT_EXPIRED);
	assert_int_equal(s.gone, 1);
	assert_int_equal(s.last.time_wait_end, CONN_TW_END_EXPIRED);
	done(&s);
}

/* Many at once, in any order, some of them while others are decided. */
static void each_of_many_stopped_timers_is_decided_for_itself(void **state)
{
	struct subject s;
	unsigned int killed = 0, expired = 0;

	(void)state;
	begin(&s);
	for (uint64_t i = 0; i < MANY; i++)
		enter(&s, i, SECOND);
	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t us = 2 * SECOND + i * 10;
		uint64_t n = i * 7919 % MANY;

		tell(&s, n, us, EVENT_TIMEWAIT_CANCELLED);
		if (n % 3 == 0) {
			tell(&s, n, us + 1, EVENT_TIMEWAIT_EXPIRED);
			expired++;
		} else if (n % 3 == 1) {
			tell(&s, n, us + 1, EVENT_TIMEWAIT_STARTED);
		} else {
			killed++;
		}
		if (i % 100 == 99)
			conn_table_settle(s.table, us * US);
	}
	assert_true(s.ended[CONN_TW_END_NONE] > 0 && s.ended[CONN_TW_END_NONE] < killed);
	conn_table_settle(s.table, 4 * SECOND * US);
	assert_int_equal(s.ended[CONN_TW_END_NONE], killed);
	assert_int_equal(s.ended[CONN_TW_END_EXPIRED], expired);
	assert_int_equal(s.gone, killed + expired);
	done(&s);
}

/* On another CPU, so that the record is ahead of the CLOSE that names the timewait socket. */
static void what_comes_before_the_close_is_kept(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	tell(&s, 1, SECOND + 2, EVENT_TIMEWAIT_RESET);
	/* Others wait longer than there is room for. */
	for (uint64_t i = 100; i < 160; i++)
		tell(&s, i, SECOND, EVENT_TIMEWAIT_REARMED);
	enter(&s, 1, SECOND);
	assert_waited(&s, 2, CONN_TW_END_RESET);
	for (uint64_t i = 200; i < 300; i++)
		tell(&s, i, SECOND, EVENT_TIMEWAIT_RESET);
	enter(&s, 200, SECOND);
	assert_int_equal(s.gone, 1);
	enter(&s, 299, SECOND - 1);
	assert_int_equal(s.gone, 2);
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_waits_for_a_fin_is_open),
		cmocka_unit_test(a_timer_that_fires_ends_it),
		cmocka_unit_test(who_ends_it_is_told),
		cmocka_unit_test(a_timer_that_is_stopped_for_good_ends_it),
		cmocka_unit_test(a_timer_that_is_started_again_lives_on),
		cmocka_unit_test(a_timer_that_is_stopped_twice_is_judged_by_the_second),
		cmocka_unit_test(each_of_many_stopped_timers_is_decided_for_itself),
		cmocka_unit_test(what_comes_before_the_close_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
