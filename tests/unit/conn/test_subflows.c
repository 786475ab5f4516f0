// SPDX-License-Identifier: GPL-2.0-only
/* Subflows know their MPTCP connection, and belong to its owner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304))
#define TOKEN 0x5976020
#define FIRST EVENT_SUBFLOW_FIRST
#define LATER 0

static struct conn_table *table_of(const struct conn_filter *filter)
{
	static const struct conn_filter all;
	struct conn_table *table =
		conn_table_new(64, filter ? filter : &all, &(struct consumer_list){ NULL, 0 });

	assert_non_null(table);
	return table;
}

static void apply(struct conn_table *table, struct event e)
{
	assert_int_equal(conn_table_apply(table, &e), 0);
}

/* A transition, and in front of it that it is a subflow's. */
static void apply_subflow(struct conn_table *table, struct event e, uint32_t token, uint8_t marks)
{
	apply(table, (struct event){ .mono_ns = e.mono_ns,
				     .sock = e.sock,
				     .netns = e.netns,
				     .kind = EVENT_SUBFLOW,
				     .from = e.from,
				     .to = e.to,
				     .token = token,
				     .detail = marks });
	apply(table, e);
}

static struct sock connect_as(struct conn_table *table, unsigned int n, uint8_t marks,
			      const char *comm)
{
	struct sock k = sock_client(SOCK(n));
	struct event e;

	k.lport = (uint16_t)(CLIENT_LPORT + n);
	e = sock_step(&k, 1000 * n, STATE_SYN_SENT);
	memset(e.comm, 0, sizeof(e.comm));
	memcpy(e.comm, comm, strlen(comm));
	e.pid = marks == FIRST ? OWNER_PID : 7;
	apply_subflow(table, e, TOKEN, marks);
	apply(table, sock_step(&k, 1000 * n + 1, STATE_ESTABLISHED));
	return k;
}

static struct sock arrive(struct conn_table *table, unsigned int n, uint8_t marks)
{
	struct sock k = sock_server(SOCK(n));

	k.rport = (uint16_t)(PEER_PORT + n);
	apply(table, sock_step(&k, 1000 * n, STATE_SYN_RECV));
	apply_subflow(table, sock_step(&k, 1000 * n + 1, STATE_ESTABLISHED), TOKEN, marks);
	return k;
}

static struct conn found[8];
static size_t count;

static void keep(void *context, const struct conn *c)
{
	(void)context;
	found[count++] = *c;
}

/* All that are wanted, in the order of their last change. */
static void look(struct conn_table *table)
{
	count = 0;
	conn_table_each(table, keep, NULL);
}

static void assert_is(const struct conn_table *table, size_t at, uint8_t number, const char *owner)
{
	struct subflow subflow = conn_table_subflow(table, &found[at]);

	assert_true(found[at].flags & CONN_MPTCP);
	assert_int_equal(subflow.token, TOKEN);
	assert_int_equal(subflow.number, number);
	assert_int_equal(!(found[at].flags & CONN_HAS_OWNER), !owner);
	if (owner)
		assert_int_equal(found[at].pid, OWNER_PID);
	assert_string_equal(found[at].comm, owner ? owner : "");
}

static void who_connected_first_owns_those_that_join(void **state)
{
	struct conn_table *table = table_of(NULL);

	(void)state;
	connect_as(table, 1, FIRST, "asker");
	connect_as(table, 2, LATER, "kworker/0:1");
	connect_as(table, 3, LATER, "kworker/0:1");
	look(table);
	assert_int_equal(count, 3);
	assert_is(table, 0, 1, "asker");
	assert_is(table, 1, 2, "asker");
	assert_is(table, 2, 3, "asker");
	conn_table_free(table);
}

/* Whoever ran when the kernel made it is nobody to it. */
static void one_that_joins_what_is_unknown_is_nobodys(void **state)
{
	struct conn_table *table = table_of(NULL);

	(void)state;
	connect_as(table, 2, LATER, "kworker/0:1");
	look(table);
	assert_int_equal(count, 1);
	assert_is(table, 0, 0, NULL);
	conn_table_free(table);
}

static void a_filter_judges_by_the_owner_of_the_connection(void **state)
{
	static const struct conn_filter asker = { .comms = { "asker" }, .comm_count = 1 };
	static const struct conn_filter worker = { .comms = { "kworker/0:1" }, .comm_count = 1 };
	struct conn_table *table = table_of(&asker);

	(void)state;
	connect_as(table, 1, FIRST, "asker");
	connect_as(table, 2, LATER, "kworker/0:1");
	look(table);
	assert_int_equal(count, 2);
	conn_table_free(table);
	table = table_of(&worker);
	connect_as(table, 1, FIRST, "asker");
	connect_as(table, 2, LATER, "kworker/0:1");
	conn_table_conclude(table);
	look(table);
	assert_int_equal(count, 0);
	conn_table_free(table);
}

static void who_accepts_owns_what_joined_before_and_after(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock first;

	(void)state;
	first = arrive(table, 1, FIRST);
	arrive(table, 2, LATER);
	apply(table, (struct event){ .mono_ns = 2500 * US,
				     .sock = first.address,
				     .kind = EVENT_ACCEPT,
				     .from = STATE_ESTABLISHED,
				     .to = STATE_ESTABLISHED,
				     .pid = OWNER_PID,
				     .comm = "answerer" });
	arrive(table, 3, LATER);
	conn_table_conclude(table);
	look(table);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_is(table, i, (uint8_t)(i + 1), "answerer");
	conn_table_free(table);
}

/* The connection is over when its last subflow is: its token may come again. */
static void a_token_is_used_again(void **state)
{
	struct conn_table *table = table_of(NULL);

	(void)state;
	for (unsigned int n = 1; n < 4; n++) {
		struct sock k = connect_as(table, n, FIRST, "asker");

		apply(table, sock_step(&k, 1000 * n + 10, STATE_CLOSE_WAIT));
		apply(table, sock_step(&k, 1000 * n + 11, STATE_LAST_ACK));
		apply(table, sock_step(&k, 1000 * n + 12, STATE_CLOSED));
	}
	connect_as(table, 4, LATER, "kworker/0:1");
	look(table);
	assert_int_equal(count, 1);
	assert_is(table, 0, 0, NULL);
	conn_table_free(table);
}

static struct conn last;

static void note_closed(struct consumer *self, const struct conn *c)
{
	(void)self;
	last = *c;
}

/* What was asked for is known from the start, what the peer has agreed to by the end. */
static void whose_peer_has_not_agreed_is_none(void **state)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .closed = note_closed };

	(void)state;
	for (int agreed = 0; agreed < 2; agreed++) {
		struct consumer consumer = { .class = &class };
		struct consumer *told[] = { &consumer };
		struct conn_table *table =
			conn_table_new(8, &all, &(struct consumer_list){ told, 1 });
		struct sock k = connect_as(table, 1, FIRST, "asker");
		struct event close;

		apply(table, sock_step(&k, 2000, STATE_CLOSE_WAIT));
		apply(table, sock_step(&k, 2001, STATE_LAST_ACK));
		close = sock_step(&k, 2002, STATE_CLOSED);
		close.flags |= agreed ? EVENT_FLAG_MPTCP : 0;
		apply(table, close);
		assert_int_equal(!(last.flags & CONN_MPTCP), !agreed);
		conn_table_free(table);
	}
}

/* Nobody is told of what was noted of a birth that was lost. */
static void a_note_is_of_one_moment(void **state)
{
	struct conn_table *table = table_of(NULL);
	struct sock k = sock_client(SOCK(1));

	(void)state;
	apply(table, (struct event){ .mono_ns = 999 * US,
				     .sock = k.address,
				     .kind = EVENT_SUBFLOW,
				     .from = STATE_CLOSED,
				     .to = STATE_SYN_SENT,
				     .token = TOKEN });
	apply(table, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(table, sock_step(&k, 1001, STATE_ESTABLISHED));
	look(table);
	assert_int_equal(count, 1);
	assert_false(found[0].flags & (CONN_MPTCP | CONN_SUBFLOW));
	assert_true(found[0].flags & CONN_HAS_OWNER);
	conn_table_free(table);
}

static struct subflows_count counts[4];
static size_t counted;

struct counter {
	struct consumer consumer;
	struct conn_table *table;
};

static void count_subflows(struct consumer *self, const struct conn *c)
{
	counts[counted++] = conn_table_subflows(((struct counter *)self)->table, c);
}

/* Whoever waits for the last to end knows it by that. */
static void those_that_are_open_are_counted(void **state)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .closed = count_subflows };
	struct counter counter = { { .class = &class }, NULL };
	struct consumer *told[] = { &counter.consumer };
	struct sock k[3];

	(void)state;
	counter.table = conn_table_new(8, &all, &(struct consumer_list){ told, 1 });
	assert_non_null(counter.table);
	for (unsigned int n = 0; n < 3; n++)
		k[n] = connect_as(counter.table, n + 1, n ? LATER : FIRST, "asker");
	for (unsigned int n = 0; n < 3; n++) {
		struct event close;

		apply(counter.table, sock_step(&k[n], 9000 + n, STATE_FIN_WAIT1));
		apply(counter.table, sock_step(&k[n], 9000 + n, STATE_FIN_WAIT2));
		close = sock_step(&k[n], 9000 + n, STATE_CLOSED);
		close.flags |= EVENT_FLAG_MPTCP;
		apply(counter.table, close);
		assert_int_equal(counted, n + 1);
		assert_int_equal(counts[n].open, 2 - n);
	}
	conn_table_free(counter.table);
}

/* The kernel has dropped the request of one that joins before it would have measured by it. */
static void whole_milliseconds_of_a_server_are_doubted(void **state)
{
	static const struct {
		uint32_t srtt_us;
		uint16_t flags;
		enum conn_quality quality;
	} cases[] = {
		{ 1000, 0, CONN_QUALITY_EXACT },
		{ 1000, EVENT_FLAG_MPTCP, CONN_QUALITY_UNKNOWN },
		{ 1001, EVENT_FLAG_MPTCP, CONN_QUALITY_EXACT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct conn_table *table = table_of(NULL);
		struct sock k = sock_server(SOCK(1));
		struct event e;

		conn_table_expect_requests(table);
		apply(table, sock_step(&k, 900000, STATE_SYN_RECV));
		e = sock_accept(&k, 900010, cases[i].srtt_us);
		e.flags |= cases[i].flags;
		apply(table, e);
		look(table);
		assert_int_equal(count, 1);
		assert_int_equal(found[0].handshake_quality, cases[i].quality);
		conn_table_free(table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_connected_first_owns_those_that_join),
		cmocka_unit_test(one_that_joins_what_is_unknown_is_nobodys),
		cmocka_unit_test(a_filter_judges_by_the_owner_of_the_connection),
		cmocka_unit_test(who_accepts_owns_what_joined_before_and_after),
		cmocka_unit_test(a_token_is_used_again),
		cmocka_unit_test(whose_peer_has_not_agreed_is_none),
		cmocka_unit_test(a_note_is_of_one_moment),
		cmocka_unit_test(whole_milliseconds_of_a_server_are_doubted),
		cmocka_unit_test(those_that_are_open_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
