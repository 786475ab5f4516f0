// SPDX-License-Identifier: GPL-2.0-only
/* Whose listener a connection came to: by namespace, port and address, where that is one's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/listeners.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304))

static const uint8_t home[4] = { 192, 0, 2, 1 };
static const struct address any6;
static struct listeners *all;

static int begin(void **state)
{
	(void)state;
	all = listeners_new();
	return !all;
}

static int end(void **state)
{
	(void)state;
	listeners_free(all);
	return 0;
}

static struct address ipv4(const uint8_t bytes[4])
{
	return address_from_ipv4(bytes);
}

static struct event listener(uint64_t sock, struct address laddr, uint32_t pid, const char *comm)
{
	struct event e = listener_event(sock, STATE_CLOSED, STATE_LISTEN);

	e.laddr = laddr;
	e.pid = pid;
	memset(e.comm, 0, sizeof(e.comm));
	snprintf(e.comm, sizeof(e.comm), "%s", comm);
	return e;
}

static void add(uint64_t sock, struct address laddr, uint32_t pid, const char *comm)
{
	struct event e = listener(sock, laddr, pid, comm);

	assert_int_equal(listeners_apply(all, &e), 0);
}

static struct conn came_to(struct address laddr)
{
	return (struct conn){
		.sock = SOCK(1000), .netns = TEST_NETNS, .lport = SERVER_LPORT, .laddr = laddr
	};
}

/* NULL: nobody's. */
static void assert_owner(const struct conn *c, const char *comm, uint32_t pid)
{
	struct listener_owner owner = { .pid = 1 };

	assert_int_equal(listeners_find(all, c, &owner), comm != NULL);
	if (comm) {
		assert_string_equal(owner.comm, comm);
		assert_int_equal(owner.pid, pid);
	} else {
		assert_int_equal(owner.pid, 1);
	}
}

static void the_nearest_address_wins(void **state)
{
	const struct conn c4 = came_to(ipv4(home)), c6 = came_to(test_address(true, 1));
	const struct conn other = came_to(ipv4((const uint8_t[4]){ 192, 0, 2, 2 }));

	(void)state;
	assert_owner(&c4, NULL, 0);
	add(SOCK(1), any6, 11, "six");
	assert_owner(&c4, "six", 11);
	assert_owner(&c6, "six", 11);
	add(SOCK(2), ipv4((const uint8_t[4]){ 0 }), 12, "four");
	assert_owner(&c4, "four", 12);
	assert_owner(&c6, "six", 11);
	add(SOCK(3), ipv4(home), 13, "home");
	assert_owner(&c4, "home", 13);
	assert_owner(&other, "four", 12);
	add(SOCK(4), test_address(true, 1), 14, "home6");
	assert_owner(&c6, "home6", 14);
}

static void another_port_or_namespace_is_not_asked(void **state)
{
	struct conn c = came_to(ipv4(home));

	(void)state;
	add(SOCK(1), any6, 11, "six");
	c.lport++;
	assert_owner(&c, NULL, 0);
	c.lport--;
	c.netns++;
	assert_owner(&c, NULL, 0);
	c.netns--;
	/* That of another machine, in a recording. */
	c.sock ^= UINT64_C(1) << 56;
	assert_owner(&c, NULL, 0);
	c.sock ^= UINT64_C(1) << 56;
	assert_owner(&c, "six", 11);
}

static void several_are_named_if_they_agree(void **state)
{
	const struct conn c = came_to(ipv4(home));
	struct event more = listener(SOCK(3), any6, 11, "nginx");

	(void)state;
	add(SOCK(1), any6, 11, "nginx");
	add(SOCK(2), any6, 11, "nginx");
	assert_owner(&c, "nginx", 11);
	add(SOCK(3), any6, 12, "nginx");
	assert_owner(&c, "nginx", PID_UNKNOWN);
	more.uid++;
	assert_int_equal(listeners_apply(all, &more), 0);
	assert_owner(&c, NULL, 0);
	add(SOCK(3), any6, 12, "other");
	assert_owner(&c, NULL, 0);
	more.from = STATE_LISTEN;
	more.to = STATE_CLOSED;
	assert_int_equal(listeners_apply(all, &more), 0);
	assert_owner(&c, "nginx", 11);
}

/* Threads of one process listen on the same port, each by its own name. */
static void threads_agree_on_their_process(void **state)
{
	const struct conn c = came_to(ipv4(home));
	struct event acceptors[] = { listener(SOCK(1), any6, 11, "acceptor-1"),
				     listener(SOCK(2), any6, 11, "acceptor-2"),
				     listener(SOCK(3), any6, 11, "java") };
	struct listener_owner owner;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		strcpy(acceptors[i].process, "java");
		assert_int_equal(listeners_apply(all, &acceptors[i]), 0);
	}
	assert_owner(&c, "java", 11);
	assert_true(listeners_find(all, &c, &owner));
	assert_int_equal(owner.process, PROCESS_IS_COMM);
	/* One whose process is not known is of nobody's kind. */
	add(SOCK(4), any6, 11, "acceptor-3");
	assert_owner(&c, NULL, 0);
}

static void what_ends_makes_room(void **state)
{
	const struct conn c = came_to(ipv4(home));
	struct event e = listener(0, any6, 11, "many");

	(void)state;
	for (uint32_t i = 0; i < LISTENERS_MAX; i++) {
		e.sock = SOCK(i);
		e.lport = (uint16_t)(SERVER_LPORT + i);
		e.netns = TEST_NETNS + i;
		assert_int_equal(listeners_apply(all, &e), 0);
	}
	/* The one without a port took none. */
	e.lport = 1;
	e.netns--;
	e.sock = SOCK(LISTENERS_MAX);
	assert_int_equal(listeners_apply(all, &e), 0);
	e.sock = SOCK(LISTENERS_MAX + 1);
	assert_int_equal(listeners_left_out(all), 0);
	assert_int_equal(listeners_apply(all, &e), 0);
	assert_int_equal(listeners_left_out(all), 1);
	e = listener(SOCK(0), any6, 11, "many");
	e.from = STATE_LISTEN;
	e.to = STATE_CLOSED;
	assert_int_equal(listeners_apply(all, &e), 0);
	assert_int_equal(listeners_apply(all, &e), 0);
	assert_owner(&c, NULL, 0);
	add(SOCK(LISTENERS_MAX + 1), any6, 12, "last");
	assert_owner(&c, "last", 12);
}

/* One user listens at more places than there is room for; others' listeners stay known. */
static void who_listens_most_makes_room(void **state)
{
	struct conn c = came_to(ipv4(home));
	struct event e = listener(SOCK(0), any6, 33, "victim");

	(void)state;
	e.uid = 33;
	assert_int_equal(listeners_apply(all, &e), 0);
	for (uint32_t i = 1; i < 2 * LISTENERS_MAX; i++) {
		e = listener(SOCK(i), any6, 11, "attacker");
		e.lport = (uint16_t)(1 + i % 60000);
		e.netns = TEST_NETNS + 1 + i / 60000;
		e.uid = 1000;
		assert_int_equal(listeners_apply(all, &e), 0);
	}
	assert_owner(&c, "victim", 33);
	assert_int_equal(listeners_left_out(all), LISTENERS_MAX);
	for (size_t rank = 0; payers_at(listeners_payers(all), rank); rank++)
		assert_int_equal(payers_at(listeners_payers(all), rank)->share.owner, 1000);
	/* Who comes late is known as well. */
	c.lport = SERVER_LPORT + 1;
	e = listener(SOCK(2 * LISTENERS_MAX), any6, 34, "late");
	e.lport = SERVER_LPORT + 1;
	e.uid = 34;
	assert_int_equal(listeners_apply(all, &e), 0);
	assert_owner(&c, "late", 34);
}

/* Workers that come and go, and more of them than anybody has: what they agree in is known. */
static void many_at_one_place(void **state)
{
	const struct conn c = came_to(ipv4(home));
	struct event e;

	(void)state;
	for (uint32_t i = 0; i < LISTENERS_AT_ONE_PLACE; i++) {
		add(SOCK(i), any6, i ? 11 : 10, "nginx");
		assert_owner(&c, "nginx", i ? PID_UNKNOWN : 10);
	}
	/* One that is told of again is no other one. */
	add(SOCK(0), any6, 11, "nginx");
	assert_owner(&c, "nginx", 11);
	e = listener(SOCK(LISTENERS_AT_ONE_PLACE), any6, 12, "other");
	assert_int_equal(listeners_apply(all, &e), -ENOSPC);
	assert_owner(&c, NULL, 0);
	/* That is over with the last of them. */
	for (uint32_t i = 0; i < LISTENERS_AT_ONE_PLACE; i++) {
		assert_owner(&c, NULL, 0);
		e = listener_event(SOCK(i), STATE_LISTEN, STATE_CLOSED);
		e.laddr = any6;
		assert_int_equal(listeners_apply(all, &e), 0);
	}
	add(SOCK(5), any6, 12, "other");
	assert_owner(&c, "other", 12);
}

/* Against all of them in a plain array, one after the other. */
static void agreement_is_that_of_those_who_listen_now(void **state)
{
	struct event now[8] = { { 0 } };
	const struct conn c = came_to(ipv4(home));
	uint32_t chance = 7, agreed = 0, alone = 0;

	(void)state;
	for (unsigned int turn = 0; turn < 20000; turn++) {
		struct listener_owner owner, want = { 0 };
		bool is_agreed = false;
		size_t i, count = 0;

		chance = chance * 1103515245 + 12345;
		i = chance >> 8 & 7;
		if (chance >> 16 & 1) {
			now[i] = listener_event(SOCK(i), STATE_LISTEN, STATE_CLOSED);
		} else {
			now[i] = listener(SOCK(i), any6, 10 + (chance >> 17 & 1),
					  chance >> 19 & 7 ? "nginx" : "other");
			now[i].cgroup = 5 + !(chance >> 22 & 3);
		}
		now[i].laddr = any6;
		assert_int_equal(listeners_apply(all, &now[i]), 0);
		for (i = 0; i < 8; i++) {
			if (now[i].to != STATE_LISTEN || !now[i].sock)
				continue;
			if (!count++) {
				want.pid = now[i].pid;
				want.cgroup = now[i].cgroup;
				memcpy(want.comm, now[i].comm, sizeof(want.comm));
				is_agreed = true;
			}
			if (want.pid != now[i].pid)
				want.pid = PID_UNKNOWN;
			if (want.cgroup != now[i].cgroup)
				want.cgroup = 0;
			is_agreed &= !memcmp(want.comm, now[i].comm, sizeof(want.comm));
		}
		assert_int_equal(listeners_find(all, &c, &owner), is_agreed);
		agreed += is_agreed;
		alone += count == 1;
		if (!is_agreed)
			continue;
		assert_int_equal(owner.pid, want.pid);
		assert_int_equal(owner.cgroup, want.cgroup);
		assert_memory_equal(owner.comm, want.comm, sizeof(want.comm));
	}
	assert_true(agreed > 1000 && alone > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_nearest_address_wins, begin, end),
		cmocka_unit_test_setup_teardown(another_port_or_namespace_is_not_asked, begin, end),
		cmocka_unit_test_setup_teardown(several_are_named_if_they_agree, begin, end),
		cmocka_unit_test_setup_teardown(threads_agree_on_their_process, begin, end),
		cmocka_unit_test_setup_teardown(what_ends_makes_room, begin, end),
		cmocka_unit_test_setup_teardown(who_listens_most_makes_room, begin, end),
		cmocka_unit_test_setup_teardown(many_at_one_place, begin, end),
		cmocka_unit_test_setup_teardown(agreement_is_that_of_those_who_listen_now, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
