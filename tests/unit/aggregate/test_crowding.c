// SPDX-License-Identifier: GPL-2.0-only
/* Ports at a time, by destination: what is over takes none, and a flood hides no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/crowding.h"
#include "user/aggregate/hangs.h"
#include "user/base/units.h"

static struct conn client(uint16_t lport, uint16_t rport)
{
	struct conn c = sample_client();

	c.lport = lport;
	c.rport = rport;
	return c;
}

static void begin(struct crowding *crowding, const struct conn *c)
{
	const struct transition t = { .from = STATE_CLOSED, .to = STATE_SYN_SENT };
	struct consumer *consumer = crowding_consumer(crowding);

	consumer->class->transition(consumer, c, &t);
}

static void the_most_at_a_time_counts(void **unused)
{
	struct crowding *crowding = crowding_new();
	const struct crowding_place *all;
	struct conn c;

	(void)unused;
	for (uint16_t i = 0; i < 10; i++) {
		c = client(40000 + i, 443);
		begin(crowding, &c);
	}
	for (uint16_t i = 0; i < 10; i++) {
		c = client(40000 + i, 443);
		feed_gone(crowding_consumer(crowding), &c);
	}
	for (uint16_t i = 0; i < 100; i++) {
		c = client(40000, 80);
		begin(crowding, &c);
		feed_gone(crowding_consumer(crowding), &c);
	}
	assert_int_equal(crowding_sort(crowding, &all), 2);
	assert_int_equal(all[0].rport, 443);
	assert_int_equal(all[0].most, 10);
	assert_int_equal(all[0].now, 0);
	assert_int_equal(all[1].most, 1);
	assert_int_equal(all[1].all, 100);
	crowding_free(crowding);
}

/* The kernel says SYN_SENT first, and looks for a port then. */
static void a_port_counts_that_was_taken_after_it_began(void **unused)
{
	struct crowding *crowding = crowding_new();
	const struct crowding_place *all;
	struct conn c = client(0, 443);

	(void)unused;
	for (unsigned int i = 0; i < 10; i++)
		begin(crowding, &c);
	for (uint16_t i = 0; i < 7; i++) {
		c = client(40000 + i, 443);
		feed_gone(crowding_consumer(crowding), &c);
	}
	assert_int_equal(crowding_sort(crowding, &all), 1);
	assert_int_equal(all[0].most, 10);
	assert_int_equal(all[0].now, 3);
	assert_int_equal(all[0].all, 10);
	crowding_free(crowding);
}

static void who_finds_no_port_takes_none(void **unused)
{
	struct crowding *crowding = crowding_new();
	const struct crowding_place *all;
	struct conn c;

	(void)unused;
	for (unsigned int i = 0; i < 100; i++) {
		/* One that was bound, beside one of the same destination that fails. */
		c = client(i % 2 ? 40000 : 0, i < 50 ? 443 : 80);
		begin(crowding, &c);
		c.flags |= i % 2 ? CONN_UNSENT : 0;
		feed_gone(crowding_consumer(crowding), &c);
	}
	assert_int_equal(crowding_sort(crowding, &all), 0);
	c = client(40001, 80);
	begin(crowding, &c);
	assert_int_equal(crowding_sort(crowding, &all), 1);
	assert_int_equal(all[0].rport, 80);
	assert_int_equal(all[0].most, 1);
	assert_int_equal(all[0].all, 1);
	crowding_free(crowding);
}

static void a_flood_hides_no_other(void **unused)
{
	struct crowding *crowding = crowding_new();
	const struct crowding_place *all;
	struct conn c;

	(void)unused;
	/* Somebody who is nearly out of ports, and then a scan of everything. */
	for (uint16_t i = 0; i < 20000; i++) {
		c = client(10000 + i, 443);
		begin(crowding, &c);
	}
	for (uint32_t i = 0; i < 3 * CROWDING_PLACES; i++) {
		c = client(5000, (uint16_t)(i + 500));
		begin(crowding, &c);
		feed_gone(crowding_consumer(crowding), &c);
	}
	assert_true(crowding_sort(crowding, &all) <= CROWDING_PLACES);
	assert_int_equal(all[0].most, 20000);
	assert_int_equal(all[0].now, 20000);
	assert_true(crowding_left_out(crowding) > 0);
	crowding_free(crowding);
}

static void stuck_ones_are_told_by_what_they_share(void **unused)
{
	static struct hangs hangs;
	struct conn c = sample_server();
	uint64_t now_ns = c.step_ns[2] + 100 * NS_PER_S;

	(void)unused;
	c.step_count = 3;
	c.flags &= ~(uint32_t)CONN_FINISHED;
	hangs_init(&hangs);
	for (unsigned int i = 0; i < 3; i++) {
		c.step_ns[2] += NS_PER_S;
		feed_alive(&hangs.consumer, &c, now_ns);
	}
	sample_comm(&c, "nginx");
	feed_alive(&hangs.consumer, &c, now_ns);
	c.step_ns[2] = now_ns - NS_PER_S;
	feed_alive(&hangs.consumer, &c, now_ns);
	hangs_sort(&hangs);
	assert_int_equal(hangs.kinds, 2);
	assert_int_equal(hangs.kind[0].count, 3);
	assert_int_equal(hangs.kind[0].oldest_ns, 99 * NS_PER_S);
	assert_int_equal(hangs.kind[1].count, 1);
	/* Beyond the kinds that have room they are counted together. */
	c.step_ns[2] = now_ns - 60 * NS_PER_S;
	for (uint16_t port = 1; port <= 2 * HANGS_KINDS; port++) {
		c.lport = port;
		feed_alive(&hangs.consumer, &c, now_ns);
	}
	assert_int_equal(hangs.kinds, HANGS_KINDS);
	assert_int_equal(hangs.rest, HANGS_KINDS + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_at_a_time_counts),
		cmocka_unit_test(a_port_counts_that_was_taken_after_it_began),
		cmocka_unit_test(who_finds_no_port_takes_none),
		cmocka_unit_test(a_flood_hides_no_other),
		cmocka_unit_test(stuck_ones_are_told_by_what_they_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
