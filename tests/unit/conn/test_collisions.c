// SPDX-License-Identifier: GPL-2.0-only
/* Sockets and ends that a recording has chosen so that they meet: none is lost, none is slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define MANY 6000
#define ENDS 200
#define PROBES_MEAN 2
#define PROBES_MOST 100
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

static struct conn_table *begin(void)
{
	static const struct conn_filter all;
	struct conn_table *table = conn_table_new(2 * MANY, &all, NULL);

	assert_non_null(table);
	return table;
}

static void apply(struct conn_table *table, struct event e)
{
	assert_int_equal(conn_table_apply(table, &e), 0);
}

/* The number whose product with `factor` is 1. */
static uint64_t inverse_of(uint64_t factor)
{
	uint64_t inverse = factor;

	for (int round = 0; round < 6; round++)
		inverse *= 2 - factor * inverse;
	assert_int_equal(inverse * factor, 1);
	return inverse;
}

/*
 * Those of one family are alike in all bits that a well-known multiplication leads to a place in a
 * table by: the middle of the product, its upper half, or the low bits of the address itself.
 */
static uint64_t alike(unsigned int family, uint64_t i)
{
	switch (family) {
	case 0:
		return inverse_of(MULTIPLIER) * ((UINT64_C(0x123456) << 20) | i);
	case 1:
		return inverse_of(MULTIPLIER) * (i << 48 | 0x123456789abc);
	case 2:
		return i << 44;
	default:
		return UINT64_C(0xffff888000000000) + (i << 20);
	}
}

#define FAMILIES 4

static void assert_all_found(const struct conn_table *table, uint64_t live, uint64_t closed)
{
	const struct conn_counts *n = conn_table_counts(table);

	assert_int_equal(n->opened, MANY);
	assert_int_equal(n->live, live);
	assert_int_equal(n->closed, closed);
	assert_int_equal(n->seeded + n->incomplete + n->gaps + n->evicted, 0);
}

static void assert_few_probes(const struct conn_table *table)
{
	struct hash_probes probes = conn_table_probes(table);

	assert_true(probes.sum >= MANY);
	if (probes.sum > MANY * PROBES_MEAN || probes.most > PROBES_MOST)
		fail_msg("%u connections are found by %llu looks, the furthest by %llu", MANY,
			 (unsigned long long)probes.sum, (unsigned long long)probes.most);
}

static void sockets(void **state)
{
	(void)state;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		struct conn_table *table = begin();

		for (uint64_t i = 1; i <= MANY; i++) {
			struct sock k = sock_client(alike(family, i));

			apply(table, sock_step(&k, 1000 + i, STATE_SYN_SENT));
		}
		assert_all_found(table, MANY, 0);
		assert_few_probes(table);
		for (uint64_t i = 1; i <= MANY; i++) {
			struct sock k = sock_client(alike(family, i));

			k.state = STATE_SYN_SENT;
			apply(table, sock_step(&k, 9000 + i, STATE_CLOSED));
		}
		assert_all_found(table, 0, MANY);
		conn_table_free(table);
	}
}

static struct event timewait_event(uint64_t sock, uint64_t us, enum event_timewait_act act)
{
	return (struct event){ .mono_ns = us * US,
			       .sock = sock,
			       .netns = TEST_NETNS,
			       .kind = EVENT_TIMEWAIT,
			       .from = STATE_TIME_WAIT,
			       .to = STATE_TIME_WAIT,
			       .detail = act };
}

/* How many connections are gone, and of these, by the end of their TIME_WAIT. */
struct count {
	struct consumer consumer;
	unsigned int gone, expired;
};

static void count_gone(struct consumer *self, const struct conn *c)
{
	struct count *count = (struct count *)self;

	count->gone++;
	count->expired += c->time_wait_end == CONN_TW_END_EXPIRED;
}

static const struct consumer_class count_class = { .gone = count_gone };

static void timewait_sockets(void **state)
{
	(void)state;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		static const struct conn_filter all;
		struct count count = { .consumer.class = &count_class };
		struct consumer *told[] = { &count.consumer };
		struct conn_table *table =
			conn_table_new(2 * MANY, &all, &(struct consumer_list){ told, 1 });

		assert_non_null(table);
		conn_table_expect_timewaits(table);
		for (uint64_t i = 1; i <= MANY; i++) {
			struct sock k = sock_client(UINT64_C(0xffff990000000000) + i * 0xa00);
			struct event close;

			k.state = STATE_CLOSED;
			apply(table, sock_step(&k, 1000 + i, STATE_SYN_SENT));
			apply(table, sock_step(&k, 1001 + i, STATE_ESTABLISHED));
			apply(table, sock_step(&k, 1002 + i, STATE_FIN_WAIT1));
			apply(table, sock_step(&k, 1003 + i, STATE_FIN_WAIT2));
			close = sock_close(&k, 1004 + i);
			close.timewait = alike(family, i);
			close.substate = STATE_TIME_WAIT;
			apply(table, close);
		}
		assert_all_found(table, 0, MANY);
		assert_few_probes(table);
		for (uint64_t i = 1; i <= MANY; i++)
			apply(table,
			      timewait_event(alike(family, i), 61000000, EVENT_TIMEWAIT_EXPIRED));
		assert_int_equal(count.expired, MANY);
		assert_int_equal(conn_table_probes(table).sum, 0);
		conn_table_free(table);
	}
}

/* A child is told of by its request, by its birth, and by its ACK. */
static void children_of_requests(void **state)
{
	(void)state;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		struct conn_table *table = begin();

		conn_table_expect_requests(table);
		for (uint64_t i = 1; i <= MANY; i++)
			apply(table, (struct event){ .mono_ns = (1000 + i) * US,
						     .sock = alike(family, i),
						     .netns = TEST_NETNS,
						     .kind = EVENT_PASSIVE,
						     .from = STATE_SYN_RECV,
						     .to = STATE_SYN_RECV,
						     .synack_ns = 900 * US });
		for (uint64_t i = 1; i <= MANY; i++) {
			struct sock k = sock_server(alike(family, i));

			apply(table, sock_step(&k, 9000 + i, STATE_SYN_RECV));
			apply(table, sock_accept(&k, 9001 + i, 100));
		}
		assert_all_found(table, MANY, 0);
		assert_few_probes(table);
		for (uint64_t i = 1; i <= MANY; i++) {
			struct sock k = sock_server(alike(family, i));

			k.state = STATE_ESTABLISHED;
			apply(table, sock_fail(&k, 20000 + i, 104));
		}
		assert_all_found(table, 0, MANY);
		conn_table_free(table);
	}
}

/* Each of them is sent again to, and asked for. */
static void seeds_of_a_snapshot(void **state)
{
	(void)state;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		struct snapshot *s = snapshot_new(1000, MANY);

		assert_non_null(s);
		for (uint64_t i = 1; i <= MANY; i++)
			snapshot_add(s, &(struct socket_info){ .sock = alike(family, i),
							       .state = STATE_ESTABLISHED });
		assert_int_equal(snapshot_left_out(s), 0);
		for (uint64_t i = 1; i <= MANY; i++)
			assert_ptr_equal(snapshot_find(s, alike(family, i)), snapshot_at(s, i - 1));
		assert_null(snapshot_find(s, alike(family, MANY + 1)));
		snapshot_free(s);
	}
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* A step of a hash that has no secret, and can be gone back. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * MULTIPLIER;
	return a ^ a >> 29;
}

/*
 * Two words that such a hash makes the same of, whatever was before: the second one takes back what
 * the first one did.
 */
static void make_alike(uint64_t before, uint64_t i, uint64_t ret_words[2])
{
	ret_words[0] = i << 32;
	ret_words[1] = mix(before, ret_words[0]) ^ UINT64_C(0x0123456789abcdef);
}

/* What is hashed before the remote address. */
static uint64_t hash_before(const struct event *e)
{
	uint64_t words[2], hash = mix(mix(1, e->netns), (uint64_t)e->lport << 16 | e->rport);

	memcpy(words, &e->laddr, sizeof(words));
	return mix(mix(hash, words[0]), words[1]);
}

static struct event with_raddr(struct event e, const uint64_t words[2])
{
	memcpy(&e.raddr, words, sizeof(e.raddr));
	return e;
}

/* Connections in timewait sockets that are known by their ends: none is taken for another. */
static void ends_that_are_polled(void **state)
{
	static const struct conn_filter all;
	struct count count = { .consumer.class = &count_class };
	struct consumer *told[] = { &count.consumer };
	struct conn_table *table = conn_table_new(MANY, &all, &(struct consumer_list){ told, 1 });
	uint64_t first_hash = 0;

	(void)state;
	assert_non_null(table);
	conn_table_expect_polls(table);
	for (uint64_t i = 1; i <= ENDS; i++) {
		struct sock k = sock_client(UINT64_C(0xffff990000000000) + i * 0xa00);
		struct event closed = { 0 };
		uint64_t words[2], hash;

		k.is_ipv6 = true;
		for (enum tcp_state to = STATE_SYN_SENT; to != STATE_CLOSED;) {
			static const uint8_t next[STATE_COUNT] = {
				[STATE_SYN_SENT] = STATE_ESTABLISHED,
				[STATE_ESTABLISHED] = STATE_FIN_WAIT1,
				[STATE_FIN_WAIT1] = STATE_FIN_WAIT2,
				[STATE_FIN_WAIT2] = STATE_CLOSED,
			};
			struct event e = sock_step(&k, 1000 + 10 * i, to);

			e.lport = CLIENT_LPORT;
			make_alike(hash_before(&e), i, words);
			apply(table, with_raddr(e, words));
			to = (enum tcp_state)next[to];
		}
		closed = sock_close(&k, 1009 + 10 * i);
		hash = mix(mix(hash_before(&closed), words[0]), words[1]);
		if (i == 1)
			first_hash = hash;
		assert_int_equal(hash, first_hash);
		apply(table, with_raddr(closed, words));
	}
	assert_int_equal(conn_table_counts(table)->closed, ENDS);
	assert_int_equal(count.gone, 0);
	assert_int_equal(conn_table_probes(table).sum >= ENDS, 1);
	conn_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets),
		cmocka_unit_test(timewait_sockets),
		cmocka_unit_test(children_of_requests),
		cmocka_unit_test(seeds_of_a_snapshot),
		cmocka_unit_test(ends_that_are_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
