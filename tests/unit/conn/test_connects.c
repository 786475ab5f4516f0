// SPDX-License-Identifier: GPL-2.0-only
/* Connects that fail before their SYN: one line each, by whoever tells of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/table.h"

#define SOCK 0xffff888000001000

struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	unsigned int closed, gone;
	struct conn last;
};

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct subject *s = (struct subject *)self;

	assert_false(c->flags & CONN_AWAITED);
	s->closed++;
	s->last = *c;
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	(void)c;
	((struct subject *)self)->gone++;
}

static void begin(struct subject *s, const struct conn_filter *filter)
{
	static const struct consumer_class class = { .closed = on_closed, .gone = on_gone };
	static const struct conn_filter all;

	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table = conn_table_new(8, filter ? filter : &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
	conn_table_expect_connects(s->table);
}

static void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

static struct event failure(const struct sock *k, uint64_t us, uint16_t error)
{
	struct event e = { .mono_ns = us * US,
			   .sock = k->address,
			   .netns = k->netns,
			   .kind = EVENT_CONNECT,
			   .from = STATE_CLOSED,
			   .to = STATE_CLOSED,
			   .flags = EVENT_FLAG_ENDPOINTS,
			   .rport = k->rport,
			   .raddr = test_address(false, 2),
			   .error = error,
			   .pid = OWNER_PID,
			   .uid = OWNER_UID };

	memcpy(e.comm, OWNER_COMM, sizeof(OWNER_COMM));
	return e;
}

/* From SYN_SENT back to CLOSED within the call. */
static void fail_in_syn_sent(struct subject *s, struct sock *k, uint64_t us)
{
	struct event e;

	apply(s, sock_step(k, us, STATE_SYN_SENT));
	e = sock_fail(k, us + 1, 0);
	e.signs = EVENT_SIGN_HELD | EVENT_SIGN_SILENT;
	e.lport = 0;
	apply(s, e);
}

static void assert_counts(const struct subject *s, uint64_t opened, uint64_t closed,
			  uint64_t unsent)
{
	const struct conn_counts *n = conn_table_counts(s->table);

	assert_int_equal(n->opened, opened);
	assert_int_equal(n->closed, closed);
	assert_int_equal(n->unsent, unsent);
	assert_int_equal(n->live, 0);
	assert_int_equal(s->closed, closed + unsent);
	assert_int_equal(s->gone, closed + unsent);
}

static void call_that_never_left_closed_has_its_line(void **state)
{
	struct sock k = sock_client(SOCK);
	struct subject s;

	(void)state;
	begin(&s, NULL);
	apply(&s, failure(&k, 10, ENETUNREACH));
	assert_counts(&s, 0, 0, 1);
	assert_int_equal(s.last.error, ENETUNREACH);
	assert_int_equal(s.last.cause, CONN_CAUSE_CONNECT_FAILED);
	assert_int_equal(s.last.role, CONN_ROLE_CLIENT);
	assert_int_equal(s.last.pid, OWNER_PID);
	assert_int_equal(s.last.rport, PEER_PORT);
	assert_int_equal(s.last.handshake_ns, TIME_UNKNOWN);
	assert_int_equal(s.last.id, 1);
	/* And each that follows, of the same socket as well. */
	apply(&s, failure(&k, 20, ENETUNREACH));
	assert_counts(&s, 0, 0, 2);
	assert_int_equal(s.last.id, 2);
	conn_table_free(s.table);
}

static void error_of_a_call_that_a_transition_told_of_is_awaited(void **state)
{
	struct sock k = sock_client(SOCK);
	struct subject s;

	(void)state;
	begin(&s, NULL);
	fail_in_syn_sent(&s, &k, 10);
	assert_int_equal(s.closed, 0);
	apply(&s, failure(&k, 12, ENOBUFS));
	assert_counts(&s, 0, 0, 1);
	assert_int_equal(s.last.error, ENOBUFS);
	assert_int_equal(s.last.cause, CONN_CAUSE_CONNECT_FAILED);
	/* Its socket connects again before the word comes, or it never does. */
	fail_in_syn_sent(&s, &k, 20);
	fail_in_syn_sent(&s, &k, 30);
	assert_int_equal(s.closed, 2);
	conn_table_settle(s.table, UINT64_MAX);
	assert_counts(&s, 0, 0, 3);
	assert_int_equal(s.last.error, EADDRNOTAVAIL);
	conn_table_free(s.table);
}

/* A blocking call returns what the transition has told. */
static void error_of_an_answer_is_told_once(void **state)
{
	struct sock k = sock_client(SOCK);
	struct subject s;

	(void)state;
	begin(&s, NULL);
	apply(&s, sock_step(&k, 10, STATE_SYN_SENT));
	apply(&s, sock_fail(&k, 2000, EHOSTUNREACH));
	apply(&s, failure(&k, 2010, EHOSTUNREACH));
	assert_counts(&s, 1, 1, 0);
	/* The next one is another. */
	apply(&s, failure(&k, 3000, EHOSTUNREACH));
	assert_counts(&s, 1, 1, 1);
	/* So is one with another error. */
	apply(&s, sock_step(&k, 4000, STATE_SYN_SENT));
	apply(&s, sock_fail(&k, 5000, EHOSTUNREACH));
	apply(&s, failure(&k, 5010, ENETUNREACH));
	assert_counts(&s, 2, 2, 2);
	conn_table_free(s.table);
}

static void unwanted_failure_is_nobodys(void **state)
{
	static struct conn_filter filter = { .pids = { OWNER_PID + 1 }, .pid_count = 1 };
	struct sock k = sock_client(SOCK);
	struct subject s;

	(void)state;
	begin(&s, &filter);
	apply(&s, failure(&k, 10, ENETUNREACH));
	assert_counts(&s, 0, 0, 0);
	conn_table_free(s.table);
}

/* What one filter leaves out takes no number from what another leaves in. */
static void numbers_are_the_same_whatever_the_filter(void **state)
{
	static struct conn_filter filter = { .pids = { OWNER_PID }, .pid_count = 1 };
	struct sock k = sock_client(SOCK), other = sock_client(SOCK + 0x1000);
	struct event foreign = failure(&other, 10, ENETUNREACH);
	const struct conn_filter *filters[] = { NULL, &filter };
	uint64_t born[2], failed[2];
	struct subject s;

	(void)state;
	foreign.pid = OWNER_PID + 1;
	for (int i = 0; i < 2; i++) {
		begin(&s, filters[i]);
		conn_table_number_births(s.table);
		apply(&s, foreign);
		apply(&s, failure(&k, 20, ENETUNREACH));
		failed[i] = s.last.id;
		apply(&s, sock_step(&k, 30, STATE_SYN_SENT));
		apply(&s, sock_fail(&k, 40, ECONNREFUSED));
		conn_table_settle(s.table, UINT64_MAX);
		born[i] = s.last.id;
		conn_table_free(s.table);
	}
	assert_int_equal(born[0], 1);
	assert_int_equal(born[0], born[1]);
	assert_int_equal(failed[0], failed[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_that_never_left_closed_has_its_line),
		cmocka_unit_test(error_of_a_call_that_a_transition_told_of_is_awaited),
		cmocka_unit_test(error_of_an_answer_is_told_once),
		cmocka_unit_test(unwanted_failure_is_nobodys),
		cmocka_unit_test(numbers_are_the_same_whatever_the_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
