// SPDX-License-Identifier: GPL-2.0-only
/* TIME_WAIT by polls: what is concluded from timewait sockets that are there, or not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/measure.h"
#include "user/conn/table.h"

#define SOCK(n) (UINT64_C(0xffff888012340000) + (n)*UINT64_C(0x800))
#define SECOND UINT64_C(1000000) /* in microseconds */
#define MS UINT64_C(1000)
#define GRACE_US 40000
#define TIME_WAIT_US (60 * SECOND)
#define UNKNOWN_US UINT64_MAX

struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	struct conn gone; /* the last that was, and how many */
	unsigned int gone_count;
	unsigned int waits; /* transitions to TIME_WAIT */
};

static void note_gone(struct consumer *self, const struct conn *c)
{
	struct subject *s = (struct subject *)self;

	s->gone = *c;
	s->gone_count++;
}

static void note_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	struct subject *s = (struct subject *)self;

	(void)c;
	s->waits += t->to == STATE_TIME_WAIT;
}

static void begin_room(struct subject *s, size_t max)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .transition = note_transition,
						     .gone = note_gone };

	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table = conn_table_new(max, &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
	conn_table_expect_polls(s->table);
}

static void begin(struct subject *s)
{
	begin_room(s, 100);
}

static void done(struct subject *s)
{
	const struct conn_counts *n = conn_table_counts(s->table);

	assert_int_equal(n->opened + n->seeded, n->live + n->closed + n->evicted);
	assert_int_equal(n->gaps, 0);
	assert_int_equal(n->incomplete, 0);
	conn_table_free(s->table);
}

static void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

/* It is closed by this side at `us`, and the peer's FIN has come by then if `fin`. */
static struct sock close_first(struct subject *s, struct sock k, uint64_t us, bool fin)
{
	if (k.state == STATE_CLOSED)
		apply(s, sock_step(&k, us - 500, STATE_SYN_SENT));
	else
		apply(s, sock_step(&k, us - 500, STATE_SYN_RECV));
	apply(s, sock_step(&k, us - 400, STATE_ESTABLISHED));
	apply(s, sock_step(&k, us - 200, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, us - 100, STATE_FIN_WAIT2));
	apply(s, fin ? sock_close(&k, us) : sock_step(&k, us, STATE_CLOSED));
	apply(s, sock_destroy(&k, us + 1));
	return k;
}

static struct sock client_in_time_wait(struct subject *s, uint64_t us)
{
	return close_first(s, sock_client(SOCK(1)), us, true);
}

/* What a look at `us` says of a timewait socket with these ends, `left_us` before its time. */
static struct socket_info look_at(const struct sock *k, uint64_t us, enum tcp_state state,
				  uint64_t left_us)
{
	return (struct socket_info){
		.mono_ns = us * US,
		.sock = SOCK(77),
		.netns = k->netns,
		.state = state,
		.object = EVENT_SOCKET_TIMEWAIT,
		.timer = EVENT_TIMER_TIMEWAIT,
		.flags = EVENT_FLAG_ENDPOINTS,
		.lport = k->lport,
		.rport = k->rport,
		.laddr = test_address(false, 1),
		.raddr = test_address(false, 2),
		.since_ns = state == STATE_TIME_WAIT ? (us + left_us - TIME_WAIT_US) * US :
						       EVENT_TIME_UNKNOWN,
		.timer_ns = left_us * US,
	};
}

static void begin_poll(struct subject *s, uint64_t us)
{
	assert_true(conn_table_needs_poll(s->table));
	assert_int_equal(conn_table_begin_poll(s->table, us * US), 0);
	assert_int_equal(conn_table_begin_poll(s->table, us * US), -EBUSY);
}

static void conclude(struct subject *s, uint64_t us)
{
	assert_int_equal(conn_table_begin_poll(s->table, us * US), -EBUSY);
	assert_int_equal(conn_table_settle_at(s->table), (us + GRACE_US) * US);
	conn_table_settle(s->table, (us + GRACE_US) * US - 1);
	assert_int_equal(conn_table_settle_at(s->table), (us + GRACE_US) * US);
	conn_table_settle(s->table, (us + GRACE_US) * US);
	assert_true(conn_table_settle_at(s->table) == TIME_UNKNOWN);
}

/* A poll that finds this; NULL: nothing. */
static void poll_all(struct subject *s, uint64_t us, const struct socket_info *found)
{
	begin_poll(s, us);
	assert_true(conn_table_wants_poll(s->table, TEST_NETNS));
	assert_false(conn_table_wants_poll(s->table, TEST_NETNS + 1));
	if (found)
		conn_table_poll_socket(s->table, found);
	conn_table_poll_looked(s->table, TEST_NETNS);
	conn_table_end_poll(s->table, us * US, false, false);
	conclude(s, us);
}

static void poll_one(struct subject *s, uint64_t us, const struct sock *k, enum tcp_state state,
		     uint64_t left_us)
{
	struct socket_info info = look_at(k, us, state, left_us);

	poll_all(s, us, &info);
}

/* It is gone, and so ended its TIME_WAIT. */
static void assert_waited(const struct subject *s, uint64_t us, enum conn_time_wait_end end,
			  enum conn_quality quality)
{
	uint64_t waited_ns = measure_time_wait(&s->gone);

	assert_int_equal(s->gone_count, 1);
	assert_true(measure_has_time_wait(&s->gone));
	assert_int_equal(s->gone.time_wait_end, end);
	assert_int_equal(s->gone.time_wait_quality, quality);
	if (us == UNKNOWN_US)
		assert_true(waited_ns == TIME_UNKNOWN);
	else
		assert_int_equal(waited_ns, us * US);
	assert_false(conn_table_needs_poll(s->table));
}

static void it_expires_between_its_time_and_the_look_behind(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	assert_int_equal(s.waits, 1);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_one(&s, 60 * SECOND, &k, STATE_TIME_WAIT, SECOND);
	assert_int_equal(s.gone_count, 0);
	poll_all(&s, 62 * SECOND, NULL);
	assert_waited(&s, TIME_WAIT_US + SECOND / 2, CONN_TW_END_EXPIRED, CONN_QUALITY_ESTIMATED);
	assert_int_equal(s.gone.time_wait_rearms, 0);
	assert_string_equal(s.gone.comm, OWNER_COMM);
	assert_int_equal(s.gone.pid, OWNER_PID);
	assert_int_equal(s.gone.cause, CONN_CAUSE_CLOSED_BY_LOCAL);
	done(&s);
}

/* The kernel's timers are late: it was there behind its time. */
static void it_expires_behind_the_last_look(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_one(&s, 62 * SECOND, &k, STATE_TIME_WAIT, 0);
	poll_all(&s, 63 * SECOND, NULL);
	assert_waited(&s, TIME_WAIT_US + SECOND + SECOND / 2, CONN_TW_END_EXPIRED,
		      CONN_QUALITY_ESTIMATED);
	done(&s);
}

static void it_is_wound_up_again(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND + 20 * MS);
	poll_one(&s, 5 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_one(&s, 6 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - 2 * SECOND - 15 * MS);
	poll_all(&s, 64 * SECOND, NULL);
	assert_waited(&s, 63 * SECOND - 15 * MS / 2, CONN_TW_END_EXPIRED, CONN_QUALITY_ESTIMATED);
	assert_int_equal(s.gone.time_wait_rearms, 1);
	done(&s);
}

/* Before it was looked at for the first time. */
static void it_is_wound_up_at_once(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND / 2);
	poll_all(&s, 3 * SECOND, NULL);
	assert_waited(&s, SECOND + SECOND / 2, CONN_TW_END_NONE, CONN_QUALITY_ESTIMATED);
	assert_int_equal(s.gone.time_wait_rearms, 1);
	done(&s);
}

static void gone_before_its_time_is_gone_for_no_known_reason(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_all(&s, 4 * SECOND, NULL);
	assert_waited(&s, 2 * SECOND, CONN_TW_END_NONE, CONN_QUALITY_ESTIMATED);
	assert_int_equal(s.gone.cause, CONN_CAUSE_CLOSED_BY_LOCAL);
	done(&s);
}

static void what_was_never_there_is_unknown(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	poll_all(&s, 2 * SECOND, NULL);
	assert_waited(&s, UNKNOWN_US, CONN_TW_END_NONE, CONN_QUALITY_UNKNOWN);
	assert_int_equal(s.gone.cause, CONN_CAUSE_CLOSED_BY_LOCAL);
	done(&s);
	begin(&s);
	close_first(&s, sock_client(SOCK(1)), SECOND, false);
	poll_all(&s, 2 * SECOND, NULL);
	assert_int_equal(s.gone_count, 1);
	assert_int_equal(s.gone.cause, CONN_CAUSE_UNKNOWN);
	assert_int_equal(s.gone.outcome, CONN_OUTCOME_UNKNOWN);
	assert_false(measure_has_time_wait(&s.gone));
	assert_true(conn_end(&s.gone) == TIME_UNKNOWN);
	done(&s);
}

/* ---- the peer's FIN ------------------------------------------------------------------------- */

static void the_timer_tells_when_the_fin_came(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = close_first(&s, sock_client(SOCK(1)), SECOND, false);
	assert_int_equal(s.waits, 0);
	poll_one(&s, 2 * SECOND, &k, STATE_FIN_WAIT2, 10 * SECOND);
	assert_int_equal(s.waits, 0);
	poll_one(&s, 3 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND / 4);
	assert_int_equal(s.waits, 1);
	poll_all(&s, 63 * SECOND, NULL);
	assert_int_equal(s.gone.step_ns[4], 11 * SECOND / 4 * US);
	assert_waited(&s, TIME_WAIT_US + SECOND / 8, CONN_TW_END_EXPIRED, CONN_QUALITY_ESTIMATED);
	assert_int_equal(conn_dwell(&s.gone, 3), (7 * SECOND / 4 + 100) * US);
	assert_int_equal(s.gone.time_wait_rearms, 0);
	done(&s);
}

static void a_fin_between_two_looks_came_in_the_middle(void **state)
{
	static const struct {
		uint64_t left_us; /* says that it came before it can have, or later than now */
	} cases[] = { { TIME_WAIT_US - 30 * SECOND }, { TIME_WAIT_US + 2 * SECOND } };
	struct subject s;
	struct sock k;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(&s);
		k = close_first(&s, sock_client(SOCK(1)), SECOND, false);
		poll_one(&s, 42 * SECOND, &k, STATE_FIN_WAIT2, 10 * SECOND);
		poll_one(&s, 44 * SECOND, &k, STATE_TIME_WAIT, cases[i].left_us);
		poll_all(&s, 46 * SECOND, NULL);
		assert_waited(&s, 2 * SECOND, CONN_TW_END_NONE, CONN_QUALITY_ESTIMATED);
		assert_int_equal(s.gone.step_ns[4], 43 * SECOND * US);
		done(&s);
	}
}

/* Since when it was in FIN_WAIT2 is not known, and is not needed. */
static void the_fin_of_one_that_was_there_before(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin(&s);
	k.state = STATE_FIN_WAIT2;
	apply(&s, sock_step(&k, SECOND, STATE_CLOSED));
	apply(&s, sock_destroy(&k, SECOND + 1));
	poll_one(&s, 3 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND / 4);
	assert_int_equal(s.waits, 1);
	poll_all(&s, 63 * SECOND, NULL);
	assert_waited(&s, TIME_WAIT_US + SECOND / 8, CONN_TW_END_EXPIRED, CONN_QUALITY_ESTIMATED);
	assert_int_equal(s.gone.step_ns[1], 11 * SECOND / 4 * US);
	assert_true(conn_dwell(&s.gone, 0) == TIME_UNKNOWN);
	conn_table_free(s.table);
}

static void a_fin_that_never_comes(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = close_first(&s, sock_client(SOCK(1)), SECOND, false);
	poll_one(&s, 2 * SECOND, &k, STATE_FIN_WAIT2, 2 * SECOND);
	poll_all(&s, 5 * SECOND, NULL);
	assert_int_equal(s.gone_count, 1);
	assert_false(measure_has_time_wait(&s.gone));
	assert_int_equal(s.gone.cause, CONN_CAUSE_FIN_TIMEOUT);
	assert_int_equal(conn_end(&s.gone), 9 * SECOND / 2 * US);
	done(&s);
}

static void gone_while_it_waited_for_a_fin(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = close_first(&s, sock_client(SOCK(1)), SECOND, false);
	poll_one(&s, 2 * SECOND, &k, STATE_FIN_WAIT2, 20 * SECOND);
	poll_all(&s, 3 * SECOND, NULL);
	assert_int_equal(s.gone_count, 1);
	assert_false(measure_has_time_wait(&s.gone));
	assert_int_equal(s.gone.cause, CONN_CAUSE_UNKNOWN);
	done(&s);
}

/* It is there, and that is all. */
/* A reset would have told that there is no timewait socket: it is looked for after that. */
static void a_reset_may_follow_its_close(void **state)
{
	const struct conn_counts *n;
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	conn_table_expect_resets(s.table);
	k = close_first(&s, sock_client(SOCK(1)), SECOND, false);
	assert_false(conn_table_needs_poll(s.table));
	conn_table_settle(s.table, (SECOND + 90 * MS) * US);
	poll_one(&s, 2 * SECOND, &k, STATE_FIN_WAIT2, 2 * SECOND);
	poll_all(&s, 5 * SECOND, NULL);
	assert_int_equal(s.gone.cause, CONN_CAUSE_FIN_TIMEOUT);
	k = close_first(&s, sock_client(SOCK(1)), 6 * SECOND, false);
	apply(&s, sock_reset(&k, 6 * SECOND + 2, EVENT_RESET_ANSWERED, EVENT_REASON_NONE));
	assert_int_equal(s.gone_count, 2);
	assert_int_equal(s.gone.cause, CONN_CAUSE_DATA_AFTER_CLOSE);
	assert_int_equal(conn_end(&s.gone), 6 * SECOND * US);
	assert_false(conn_table_needs_poll(s.table));
	done(&s);
	/* Who waits for it makes room as any other. */
	begin_room(&s, 1);
	conn_table_expect_resets(s.table);
	close_first(&s, sock_client(SOCK(1)), SECOND, false);
	k = sock_client(SOCK(2));
	apply(&s, sock_step(&k, SECOND + 10, STATE_SYN_SENT));
	n = conn_table_counts(s.table);
	assert_int_equal(n->evicted + n->live, 2);
	assert_false(conn_table_needs_poll(s.table));
	done(&s);
}

/* Neither for a reset, nor for word of who took over the ends of what the poll before missed. */
static void the_last_poll_waits_for_nothing(void **state)
{
	struct sock gone = sock_client(SOCK(1)), left = sock_client(SOCK(2));
	struct socket_info info;
	struct subject s;

	(void)state;
	begin(&s);
	conn_table_expect_resets(s.table);
	gone.lport++;
	close_first(&s, gone, SECOND, true);
	begin_poll(&s, 2 * SECOND);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 2 * SECOND * US, false, false);
	left = close_first(&s, left, 2 * SECOND + 1000, false);
	conn_table_hasten_polls(s.table);
	assert_int_equal(s.gone_count, 1);
	assert_true(s.gone.lport == gone.lport);
	begin_poll(&s, 2 * SECOND + 1100);
	info = look_at(&left, 2 * SECOND + 1100, STATE_TIME_WAIT, TIME_WAIT_US - 50);
	conn_table_poll_socket(s.table, &info);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, (2 * SECOND + 1100) * US, false, false);
	assert_int_equal(s.waits, 1);
	conn_table_settle(s.table, UINT64_MAX);
	assert_int_equal(s.waits, 2);
	assert_int_equal(s.gone_count, 1);
	done(&s);
}

static void what_cannot_be_read_is_still_there(void **state)
{
	(void)state;
	for (unsigned int has_fin = 0; has_fin < 2; has_fin++) {
		struct socket_info info;
		struct subject s;
		struct sock k;

		begin(&s);
		k = close_first(&s, sock_client(SOCK(1)), SECOND, has_fin);
		info = look_at(&k, 2 * SECOND, STATE_TIME_WAIT, 0);
		info.timer = EVENT_TIMER_NONE;
		info.since_ns = info.timer_ns = EVENT_TIME_UNKNOWN;
		poll_all(&s, 2 * SECOND, &info);
		assert_int_equal(s.waits, has_fin);
		assert_int_equal(s.gone_count, 0);
		poll_all(&s, 4 * SECOND, NULL);
		assert_int_equal(s.gone_count, 1);
		assert_int_equal(measure_has_time_wait(&s.gone), has_fin);
		assert_int_equal(s.gone.cause,
				 has_fin ? CONN_CAUSE_CLOSED_BY_LOCAL : CONN_CAUSE_UNKNOWN);
		done(&s);
	}
}

/* ---- reuse ---------------------------------------------------------------------------------- */

/* The next connection's local port is known from its first event on, or later. */
static void reused_by_a_connect(void **state)
{
	struct subject s;
	struct event first;
	struct sock heir;

	(void)state;
	for (int is_bound = 0; is_bound < 2; is_bound++) {
		begin(&s);
		client_in_time_wait(&s, SECOND);
		heir = sock_client(SOCK(2));
		first = sock_step(&heir, 3 * SECOND, STATE_SYN_SENT);
		first.lport = is_bound ? heir.lport : 0;
		apply(&s, first);
		assert_int_equal(s.gone_count, is_bound);
		apply(&s, sock_step(&heir, 4 * SECOND, STATE_ESTABLISHED));
		assert_waited(&s, 2 * SECOND, CONN_TW_END_REUSED, CONN_QUALITY_ESTIMATED);
		done(&s);
	}
}

static void reused_by_a_connect_that_fails(void **state)
{
	struct subject s;
	struct sock heir = sock_client(SOCK(2));

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	apply(&s, sock_step(&heir, 3 * SECOND, STATE_SYN_SENT));
	apply(&s, sock_fail(&heir, 4 * SECOND, ECONNREFUSED));
	assert_int_equal(s.gone_count, 2);
	assert_false(conn_table_needs_poll(s.table));
	done(&s);
}

/* A server's child is born of the third segment; the SYN-ACK left before. */
static void reused_by_a_syn(void **state)
{
	struct subject s;
	struct sock heir = sock_server(SOCK(2));

	(void)state;
	begin(&s);
	close_first(&s, sock_server(SOCK(1)), SECOND, true);
	apply(&s, sock_step(&heir, 3 * SECOND, STATE_SYN_RECV));
	assert_int_equal(s.gone_count, 0);
	apply(&s, sock_accept(&heir, 3 * SECOND + 10, 1001));
	assert_waited(&s, 2 * SECOND + 10 - 1001, CONN_TW_END_REUSED, CONN_QUALITY_ESTIMATED);
	done(&s);
}

static void reused_by_a_syn_that_leads_to_nothing(void **state)
{
	struct subject s;
	struct sock k = sock_server(SOCK(1));
	struct event request = { .mono_ns = 9 * SECOND * US,
				 .sock = SOCK(5),
				 .netns = TEST_NETNS,
				 .kind = EVENT_REQUEST,
				 .from = STATE_SYN_RECV,
				 .to = STATE_CLOSED,
				 .flags = EVENT_FLAG_ENDPOINTS,
				 .lport = k.lport,
				 .rport = k.rport,
				 .laddr = test_address(false, 1),
				 .raddr = test_address(false, 2),
				 .synack_ns = 2 * SECOND * US };

	(void)state;
	begin(&s);
	close_first(&s, k, SECOND, true);
	apply(&s, request);
	assert_waited(&s, SECOND, CONN_TW_END_REUSED, CONN_QUALITY_ESTIMATED);
	done(&s);
}

/* A FIN_WAIT2 is not given up for another connection: the FIN came unseen. */
static void reused_before_the_fin_was_seen(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	close_first(&s, sock_client(SOCK(1)), SECOND, false);
	close_first(&s, sock_client(SOCK(2)), 2 * SECOND, true);
	assert_int_equal(s.gone_count, 1);
	assert_int_equal(s.gone.time_wait_end, CONN_TW_END_REUSED);
	assert_int_equal(s.gone.time_wait_quality, CONN_QUALITY_UNKNOWN);
	assert_true(measure_time_wait(&s.gone) == TIME_UNKNOWN);
	assert_int_equal(s.gone.cause, CONN_CAUSE_CLOSED_BY_LOCAL);
	done(&s);
}

/* What was in the ring while it was polled outweighs it. */
static void reuse_is_told_behind_the_poll(void **state)
{
	struct subject s;
	struct sock heir = sock_client(SOCK(2));

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	begin_poll(&s, 4 * SECOND);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 4 * SECOND * US, false, false);
	assert_int_equal(s.gone_count, 0);
	apply(&s, sock_step(&heir, 3 * SECOND, STATE_SYN_SENT));
	apply(&s, sock_step(&heir, 3 * SECOND + 10, STATE_ESTABLISHED));
	conclude(&s, 4 * SECOND);
	assert_waited(&s, 2 * SECOND, CONN_TW_END_REUSED, CONN_QUALITY_ESTIMATED);
	done(&s);
}

static void other_ends_are_no_reuse(void **state)
{
	struct subject s;
	struct sock other;

	(void)state;
	for (int i = 0; i < 3; i++) {
		begin(&s);
		client_in_time_wait(&s, SECOND);
		other = sock_client(SOCK(2));
		other.lport += i == 0;
		other.rport += i == 1;
		other.netns += i == 2;
		apply(&s, sock_step(&other, 3 * SECOND, STATE_SYN_SENT));
		apply(&s, sock_step(&other, 4 * SECOND, STATE_ESTABLISHED));
		assert_int_equal(s.gone_count, 0);
		done(&s);
	}
}

/* What waits for a FIN, as one in TIME_WAIT never does again, is the next one's with its ends. */
static void the_next_ones_socket_is_not_its_own(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_one(&s, 4 * SECOND, &k, STATE_FIN_WAIT2, SECOND);
	assert_waited(&s, 2 * SECOND, CONN_TW_END_NONE, CONN_QUALITY_ESTIMATED);
	done(&s);
}

/* ---- namespaces ----------------------------------------------------------------------------- */

/* A poll that finds the namespace nowhere. */
static void poll_nowhere(struct subject *s, uint64_t us, bool searched, bool hidden)
{
	begin_poll(s, us);
	assert_int_equal(conn_table_must_search(s->table), searched);
	conn_table_end_poll(s->table, us * US, searched, hidden);
	conclude(s, us);
}

static void a_namespace_that_is_nowhere_has_purged_it(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_nowhere(&s, 4 * SECOND, false, false);
	assert_int_equal(s.gone_count, 0);
	poll_nowhere(&s, 9 * SECOND, true, false);
	assert_waited(&s, 2 * SECOND, CONN_TW_END_PURGED, CONN_QUALITY_ESTIMATED);
	done(&s);
}

static void a_namespace_may_be_found_when_searched_for(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	poll_nowhere(&s, 3 * SECOND, false, false);
	assert_true(conn_table_must_search(s.table));
	poll_one(&s, 4 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - 3 * SECOND);
	assert_false(conn_table_must_search(s.table));
	poll_all(&s, 62 * SECOND, NULL);
	assert_waited(&s, TIME_WAIT_US + SECOND / 2, CONN_TW_END_EXPIRED, CONN_QUALITY_ESTIMATED);
	done(&s);
}

static void where_nobody_may_look_nothing_is_known(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	for (int is_missed = 0; is_missed < 2; is_missed++) {
		begin(&s);
		k = client_in_time_wait(&s, SECOND);
		poll_one(&s, 2 * SECOND, &k, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
		if (is_missed) {
			begin_poll(&s, 3 * SECOND);
			conn_table_poll_missed(s.table, TEST_NETNS);
			conn_table_end_poll(s.table, 3 * SECOND * US, false, false);
			conclude(&s, 3 * SECOND);
		} else {
			poll_nowhere(&s, 3 * SECOND, false, true);
			assert_int_equal(s.gone_count, 0);
			poll_nowhere(&s, 4 * SECOND, true, true);
		}
		assert_waited(&s, UNKNOWN_US, CONN_TW_END_NONE, CONN_QUALITY_UNKNOWN);
		done(&s);
	}
}

static void each_namespace_has_its_looks(void **state)
{
	struct sock far = sock_client(SOCK(2));
	struct socket_info info;
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	far.netns = TEST_NETNS + 9;
	far = close_first(&s, far, SECOND, true);
	k = client_in_time_wait(&s, SECOND);
	begin_poll(&s, 2 * SECOND);
	assert_true(conn_table_wants_poll(s.table, TEST_NETNS));
	assert_true(conn_table_wants_poll(s.table, far.netns));
	info = look_at(&far, 2 * SECOND, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	conn_table_poll_socket(s.table, &info);
	conn_table_poll_looked(s.table, far.netns);
	info = look_at(&k, 2 * SECOND, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	conn_table_poll_socket(s.table, &info);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 2 * SECOND * US, false, false);
	conclude(&s, 2 * SECOND);
	assert_int_equal(s.gone_count, 0);
	begin_poll(&s, 4 * SECOND);
	conn_table_poll_looked(s.table, far.netns);
	info = look_at(&k, 4 * SECOND, STATE_TIME_WAIT, TIME_WAIT_US - 3 * SECOND);
	conn_table_poll_socket(s.table, &info);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 4 * SECOND * US, false, false);
	conclude(&s, 4 * SECOND);
	assert_int_equal(s.gone_count, 1);
	assert_int_equal(s.gone.netns, far.netns);
	/* Nobody is left there. */
	begin_poll(&s, 5 * SECOND);
	assert_false(conn_table_wants_poll(s.table, far.netns));
	done(&s);
}

/* ---- beside the rest of the table ----------------------------------------------------------- */

static void born_during_a_poll_is_not_missed_by_it(void **state)
{
	struct sock other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	begin_poll(&s, 2 * SECOND);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 2 * SECOND * US, false, false);
	other.lport++;
	close_first(&s, other, 2 * SECOND + 1000, true);
	conclude(&s, 2 * SECOND);
	assert_int_equal(s.gone_count, 1);
	assert_int_equal(s.gone.lport, CLIENT_LPORT);
	assert_true(conn_table_needs_poll(s.table));
	done(&s);
}

/* A segment that was sent again before has nothing to do with polls, nor they with it. */
static void one_that_sent_again_is_not_missed_either(void **state)
{
	struct sock other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin(&s);
	conn_table_expect_retransmits(s.table);
	other.lport++;
	client_in_time_wait(&s, SECOND);
	begin_poll(&s, 2 * SECOND);
	conn_table_poll_looked(s.table, TEST_NETNS);
	conn_table_end_poll(s.table, 2 * SECOND * US, false, false);
	apply(&s, sock_step(&other, 2 * SECOND + 100, STATE_SYN_SENT));
	apply(&s, sock_step(&other, 2 * SECOND + 200, STATE_ESTABLISHED));
	apply(&s, (struct event){ .mono_ns = (2 * SECOND + 300) * US,
				  .sock = SOCK(2),
				  .netns = TEST_NETNS,
				  .kind = EVENT_RETRANSMIT,
				  .from = STATE_ESTABLISHED,
				  .to = STATE_ESTABLISHED,
				  .detail = EVENT_RETRANSMIT_FAST });
	apply(&s, sock_step(&other, 2 * SECOND + 400, STATE_FIN_WAIT1));
	apply(&s, sock_step(&other, 2 * SECOND + 500, STATE_FIN_WAIT2));
	apply(&s, sock_close(&other, 2 * SECOND + 600));
	conclude(&s, 2 * SECOND);
	assert_int_equal(s.gone_count, 1);
	assert_true(conn_table_needs_poll(s.table));
	poll_one(&s, 3 * SECOND, &other, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	assert_int_equal(s.gone_count, 1);
	poll_all(&s, 63 * SECOND, NULL);
	assert_int_equal(s.gone_count, 2);
	assert_int_equal(s.gone.time_wait_end, CONN_TW_END_EXPIRED);
	done(&s);
}

static void a_snapshot_does_not_look_for_it(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	assert_int_equal(conn_table_begin_snapshot(s.table, CONN_SNAPSHOT_SYNC, 5 * SECOND * US),
			 0);
	conn_table_end_snapshot(s.table, 5 * SECOND * US);
	conn_table_settle(s.table, 6 * SECOND * US);
	assert_int_equal(conn_table_counts(s.table)->resyncs, 1);
	assert_int_equal(s.gone_count, 0);
	assert_true(conn_table_needs_poll(s.table));
	done(&s);
}

static void it_makes_room(void **state)
{
	struct sock other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin_room(&s, 1);
	client_in_time_wait(&s, SECOND);
	other.lport++;
	apply(&s, sock_step(&other, 2 * SECOND, STATE_SYN_SENT));
	assert_int_equal(conn_table_counts(s.table)->time_waits_evicted, 1);
	assert_false(conn_table_needs_poll(s.table));
	done(&s);
}

static void the_kernels_socket_is_another_ones_at_once(void **state)
{
	struct sock other = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin(&s);
	client_in_time_wait(&s, SECOND);
	other.lport++;
	apply(&s, sock_step(&other, 2 * SECOND, STATE_SYN_SENT));
	apply(&s, sock_step(&other, 3 * SECOND, STATE_ESTABLISHED));
	assert_int_equal(s.gone_count, 0);
	assert_int_equal(conn_table_counts(s.table)->live, 1);
	assert_true(conn_table_needs_poll(s.table));
	done(&s);
}

/* What is not in TIME_WAIT, or is no timewait socket, is none of it. */
static void only_timewait_sockets_count(void **state)
{
	struct socket_info info;
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s);
	k = client_in_time_wait(&s, SECOND);
	info = look_at(&k, 2 * SECOND, STATE_TIME_WAIT, TIME_WAIT_US - SECOND);
	info.object = EVENT_SOCKET_FULL;
	poll_all(&s, 2 * SECOND, &info);
	assert_waited(&s, UNKNOWN_US, CONN_TW_END_NONE, CONN_QUALITY_UNKNOWN);
	done(&s);
}

static void a_reset_connection_has_none(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin(&s);
	apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(&s, sock_step(&k, 1100, STATE_ESTABLISHED));
	apply(&s, sock_step(&k, 1200, STATE_FIN_WAIT1));
	apply(&s, sock_step(&k, 1300, STATE_FIN_WAIT2));
	apply(&s, sock_fail(&k, 1400, ECONNRESET));
	assert_false(conn_table_needs_poll(s.table));
	assert_int_equal(s.waits, 0);
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_expires_between_its_time_and_the_look_behind),
		cmocka_unit_test(it_expires_behind_the_last_look),
		cmocka_unit_test(it_is_wound_up_again),
		cmocka_unit_test(it_is_wound_up_at_once),
		cmocka_unit_test(gone_before_its_time_is_gone_for_no_known_reason),
		cmocka_unit_test(what_was_never_there_is_unknown),
		cmocka_unit_test(the_timer_tells_when_the_fin_came),
		cmocka_unit_test(a_fin_between_two_looks_came_in_the_middle),
		cmocka_unit_test(the_fin_of_one_that_was_there_before),
		cmocka_unit_test(a_fin_that_never_comes),
		cmocka_unit_test(gone_while_it_waited_for_a_fin),
		cmocka_unit_test(a_reset_may_follow_its_close),
		cmocka_unit_test(the_last_poll_waits_for_nothing),
		cmocka_unit_test(what_cannot_be_read_is_still_there),
		cmocka_unit_test(reused_by_a_connect),
		cmocka_unit_test(reused_by_a_connect_that_fails),
		cmocka_unit_test(reused_by_a_syn),
		cmocka_unit_test(reused_by_a_syn_that_leads_to_nothing),
		cmocka_unit_test(reused_before_the_fin_was_seen),
		cmocka_unit_test(reuse_is_told_behind_the_poll),
		cmocka_unit_test(other_ends_are_no_reuse),
		cmocka_unit_test(the_next_ones_socket_is_not_its_own),
		cmocka_unit_test(a_namespace_that_is_nowhere_has_purged_it),
		cmocka_unit_test(a_namespace_may_be_found_when_searched_for),
		cmocka_unit_test(where_nobody_may_look_nothing_is_known),
		cmocka_unit_test(each_namespace_has_its_looks),
		cmocka_unit_test(born_during_a_poll_is_not_missed_by_it),
		cmocka_unit_test(one_that_sent_again_is_not_missed_either),
		cmocka_unit_test(a_snapshot_does_not_look_for_it),
		cmocka_unit_test(it_makes_room),
		cmocka_unit_test(the_kernels_socket_is_another_ones_at_once),
		cmocka_unit_test(only_timewait_sockets_count),
		cmocka_unit_test(a_reset_connection_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
