// SPDX-License-Identifier: GPL-2.0-only
/* How full a range of ports is: what counts, for which destination, and when one is free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/ports.h"
#include "user/base/units.h"

#define NETNS 4026531840u
#define LOW 40000
#define S NS_PER_S

static struct address ipv4(uint8_t first, uint8_t last)
{
	return address_from_ipv4((const uint8_t[4]){ first, 0, 0, last });
}

static struct socket_info client(uint16_t lport, enum tcp_state state)
{
	return (struct socket_info){
		.inode = state == STATE_TIME_WAIT ? 0 : lport,
		.netns = NETNS,
		.state = state,
		.object = state == STATE_TIME_WAIT ? EVENT_SOCKET_TIMEWAIT : EVENT_SOCKET_FULL,
		.lport = lport,
		.rport = 443,
		.laddr = ipv4(10, 1),
		.raddr = ipv4(10, 2),
		.timer_ns = 7 * S,
	};
}

static struct ports *ports_of(uint8_t reuse)
{
	const struct ports_range range = { NETNS, LOW, LOW + 3, 4, reuse };
	struct ports *p = ports_new();

	ports_set_range(p, &range);
	return p;
}

static const struct ports_destination *first_of(struct ports *p, size_t want)
{
	size_t count;
	const struct ports_destination *all = ports_all(p, &count);

	assert_int_equal(count, want);
	return all;
}

static void expect_in(enum ladder_language language, const struct ports_destination *d,
		      const char *sentence)
{
	struct buffer out;

	buffer_init(&out);
	ports_say(d, language, &out);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, sentence);
	buffer_done(&out);
}

static void expect(const struct ports_destination *d, const char *sentence)
{
	expect_in(LADDER_EN, d, sentence);
}

static void what_is_taken_is_counted(void **state)
{
	struct socket_info infos[] = { client(LOW, STATE_SYN_SENT),
				       client(LOW + 1, STATE_CLOSE_WAIT),
				       client(LOW + 2, STATE_TIME_WAIT),
				       client(LOW + 3, STATE_TIME_WAIT),
				       client(LOW + 4, STATE_ESTABLISHED), /* beyond the range */
				       client(80, STATE_ESTABLISHED) };
	struct ports *p = ports_of(0);
	const struct ports_destination *d;

	(void)state;
	infos[3].timer_ns = 3 * S;
	for (size_t i = 0; i < sizeof(infos) / sizeof(*infos); i++)
		ports_see(p, &infos[i]);
	assert_int_equal(ports_count(p), 0);
	d = first_of(p, 1);
	assert_int_equal(d->connecting, 1);
	assert_int_equal(d->open, 1);
	assert_int_equal(d->time_wait, 2);
	assert_int_equal(d->next_free_ns, 3 * S);
	assert_true(ports_worst(p) == 1);
	expect(d, "All 4 ports are taken, and a connect fails with EADDRNOTAVAIL: 1 connecting, 1 "
		  "open, 2 in TIME_WAIT; the next one is free in 3.00s.");
	expect_in(LADDER_ZH, d,
		  "全部 4 个端口已被占用，connect 以 EADDRNOTAVAIL 失败：1 个正在连接，1 个打开，"
		  "2 个在 TIME_WAIT；3.00s 后空出下一个。");
	ports_free(p);
}

/* The kernel has it in the same kind of socket, but the peer has not closed. */
static void a_fin_wait2_that_nobody_holds_is_open(void **state)
{
	struct socket_info infos[] = { client(LOW, STATE_TIME_WAIT),
				       client(LOW + 1, STATE_TIME_WAIT) };
	struct ports *p = ports_of(1);
	const struct ports_destination *d;

	(void)state;
	infos[0].timer_ns = 60 * S;
	infos[1].state = STATE_FIN_WAIT2;
	ports_see(p, &infos[1]);
	assert_int_equal(ports_count(p), 0);
	d = first_of(p, 1);
	assert_int_equal(d->open, 1);
	assert_int_equal(d->time_wait, 0);
	assert_int_equal(d->next_free_ns, 7 * S);
	ports_free(p);
	p = ports_of(1);
	for (size_t i = 0; i < sizeof(infos) / sizeof(*infos); i++)
		ports_see(p, &infos[i]);
	assert_int_equal(ports_count(p), 0);
	d = first_of(p, 1);
	assert_int_equal(d->open, 1);
	assert_int_equal(d->time_wait, 1);
	assert_int_equal(d->next_free_ns, S);
	ports_free(p);
}

static void each_destination_has_a_range_of_its_own(void **state)
{
	struct socket_info infos[] = { client(LOW, STATE_ESTABLISHED),
				       client(LOW, STATE_ESTABLISHED),
				       client(LOW + 1, STATE_ESTABLISHED) };
	struct ports *p = ports_of(0);
	const struct ports_destination *d;

	(void)state;
	infos[0].raddr = ipv4(10, 3);
	for (size_t i = 0; i < 3; i++)
		ports_see(p, &infos[i]);
	assert_int_equal(ports_count(p), 0);
	d = first_of(p, 2);
	assert_int_equal(ports_used(&d[0]), 2);
	assert_int_equal(ports_used(&d[1]), 1);
	expect(d, "");
	ports_free(p);
}

static void a_port_that_is_listened_on_is_none_of_them(void **state)
{
	struct socket_info infos[] = { client(LOW, STATE_ESTABLISHED), client(LOW, STATE_LISTEN) };
	struct ports *p = ports_of(0);

	(void)state;
	infos[1].raddr = infos[1].laddr = ipv4(0, 0);
	infos[1].rport = 0;
	for (size_t i = 0; i < 2; i++)
		ports_see(p, &infos[i]);
	assert_int_equal(ports_count(p), 0);
	first_of(p, 0);
	assert_true(ports_worst(p) < 0);
	ports_free(p);
}

static void a_time_wait_may_be_taken_over(void **state)
{
	struct socket_info old = client(LOW, STATE_TIME_WAIT),
			   young = client(LOW + 1, STATE_TIME_WAIT);
	struct ports *p = ports_of(1);

	(void)state;
	young.timer_ns = 60 * S - 400 * NS_PER_MS;
	ports_see(p, &young);
	assert_int_equal(ports_count(p), 0);
	assert_int_equal(first_of(p, 1)->next_free_ns, 600 * NS_PER_MS);
	ports_free(p);
	p = ports_of(1);
	ports_see(p, &young);
	ports_see(p, &old);
	assert_int_equal(ports_count(p), 0);
	assert_int_equal(first_of(p, 1)->next_free_ns, 0);
	ports_free(p);
	p = ports_of(2); /* over loopback alone */
	ports_see(p, &old);
	assert_int_equal(ports_count(p), 0);
	assert_int_equal(first_of(p, 1)->next_free_ns, 7 * S);
	ports_free(p);
}

static void users_are_named(void **state)
{
	static const struct holder holders[] = {
		{ .inode = LOW, .pid = 7, .comm = "few" },
		{ .inode = LOW + 1, .pid = 8, .comm = "many" },
		{ .inode = LOW + 2, .pid = 8, .comm = "many" },
		{ .inode = 1, .pid = 9, .comm = "other" },
	};
	struct ports *p = ports_of(0);
	const struct ports_destination *d;
	size_t count;

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		const struct socket_info info = client(LOW + i, STATE_ESTABLISHED);

		ports_see(p, &info);
	}
	assert_int_equal(ports_count(p), 0);
	assert_int_equal(ports_inodes(p, &count)[0], LOW);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 4; i++)
		ports_held(p, &holders[i]);
	d = first_of(p, 1);
	assert_int_equal(d->users[0].pid, 8);
	assert_int_equal(d->users[0].count, 2);
	assert_string_equal(d->users[1].comm, "few");
	assert_int_equal(d->users[2].count, 0);
	assert_int_equal(d->users_more, 0);
	ports_free(p);
}

static void without_a_range_nothing_is_said(void **state)
{
	const struct socket_info info = client(LOW, STATE_ESTABLISHED);
	struct ports *p = ports_new();

	(void)state;
	ports_see(p, &info);
	assert_int_equal(ports_count(p), 0);
	assert_true(ports_ratio(first_of(p, 1)) < 0);
	expect(first_of(p, 1), "");
	ports_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_counted),
		cmocka_unit_test(a_fin_wait2_that_nobody_holds_is_open),
		cmocka_unit_test(each_destination_has_a_range_of_its_own),
		cmocka_unit_test(a_port_that_is_listened_on_is_none_of_them),
		cmocka_unit_test(a_time_wait_may_be_taken_over),
		cmocka_unit_test(users_are_named),
		cmocka_unit_test(without_a_range_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
