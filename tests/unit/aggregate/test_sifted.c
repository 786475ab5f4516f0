// SPDX-License-Identifier: GPL-2.0-only
/* A filter that is chosen late: whole lives of those that match it and are closed after that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/sifted.h"
#include "user/conn/filter.h"
#include "user/conn/table.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304))

static const struct conn_filter all;
static struct conn_filter of_443;
static struct sifted *sifted;
static struct consumer *told[1];
static struct conn_table *table;
static uint64_t us;

static int begin(void **state)
{
	(void)state;
	of_443.has_rports = true;
	conn_filter_add_port(of_443.rports, 443);
	sifted = sifted_new();
	told[0] = sifted_consumer(sifted);
	table = conn_table_new(64, &all, &(struct consumer_list){ told, 1 });
	us = 1000000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	conn_table_free(table);
	sifted_free(sifted);
	return 0;
}

static void apply(const struct event *e)
{
	assert_int_equal(conn_table_apply(table, e), 0);
}

static struct sock open_one(unsigned int n, uint16_t rport)
{
	struct sock s = sock_client(SOCK(n));
	struct event e;

	s.lport = (uint16_t)(40000 + n);
	s.rport = rport;
	e = sock_step(&s, us++, STATE_SYN_SENT);
	apply(&e);
	e = sock_step(&s, us += 7, STATE_ESTABLISHED);
	apply(&e);
	return s;
}

static void close_one(struct sock *s)
{
	struct event e = sock_step(s, us += 100, STATE_CLOSE_WAIT);

	apply(&e);
	e = sock_step(s, us += 5, STATE_LAST_ACK);
	apply(&e);
	e = sock_close(s, us += 3);
	apply(&e);
}

static uint64_t counts[HISTOGRAM_COUNT];

static void note(void *context, const struct histogram_row *row)
{
	(void)context;
	counts[row->id] = row->histogram->count;
}

static struct sifted_found look(void)
{
	struct sifted_found found;

	conn_table_settle(table, UINT64_MAX);
	sifted_look(sifted, &found);
	memset(counts, 0, sizeof(counts));
	if (found.set)
		histogram_set_each(found.set, note, NULL);
	return found;
}

static void without_one_nothing_is_counted(void **state)
{
	struct sock s = open_one(1, 443);

	(void)state;
	close_one(&s);
	assert_null(look().set);
	assert_int_equal(look().all, 0);
}

static void lives_are_whole_although_it_came_in_their_middle(void **state)
{
	struct sock before = open_one(1, 443), wanted = open_one(2, 443), other = open_one(3, 80);

	(void)state;
	close_one(&before);
	look();
	assert_int_equal(sifted_begin(sifted, &of_443, 0, us * 1000), 0);
	close_one(&wanted);
	close_one(&other);
	assert_int_equal(look().matching, 1);
	assert_int_equal(look().all, 2);
	assert_int_equal(look().since_ns, (us - 2 * 108) * 1000);
	assert_int_equal(counts[HISTOGRAM_HANDSHAKE_CLIENT], 1);
	assert_int_equal(counts[HISTOGRAM_SYN_SENT], 1);
	assert_int_equal(counts[HISTOGRAM_ESTABLISHED], 1);
	assert_int_equal(counts[HISTOGRAM_CLOSE_WAIT], 1);
	assert_int_equal(counts[HISTOGRAM_LAST_ACK], 1);
	sifted_end(sifted);
	assert_null(look().set);
}

static void a_state_is_the_one_before_the_end(void **state)
{
	struct sock orderly = open_one(1, 443), broken = open_one(2, 443);
	struct event e;

	(void)state;
	assert_int_equal(sifted_begin(sifted, NULL, 1U << STATE_ESTABLISHED, us * 1000), 0);
	close_one(&orderly);
	e = sock_fail(&broken, us++, 104);
	apply(&e);
	assert_int_equal(look().matching, 1);
	assert_int_equal(look().all, 2);
	assert_int_equal(counts[HISTOGRAM_ESTABLISHED], 1);
	assert_int_equal(counts[HISTOGRAM_CLOSE_WAIT], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_one_nothing_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(lives_are_whole_although_it_came_in_their_middle,
						begin, end),
		cmocka_unit_test_setup_teardown(a_state_is_the_one_before_the_end, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
