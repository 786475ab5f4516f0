// SPDX-License-Identifier: GPL-2.0-only
/* The children of a process are its own as long as they live, and so many at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/filter.h"
#include "user/conn/kin.h"
#include "user/conn/table.h"

#define SOCK(n) (UINT64_C(0xffff888012340000) + (n)*UINT64_C(0x800))
#define CHILD 5000u

static struct event kin_event(uint32_t pid, uint32_t parent)
{
	return (struct event){ .mono_ns = 1,
			       .sock = SOCK(99),
			       .kind = EVENT_KIN,
			       .from = STATE_CLOSED,
			       .to = STATE_CLOSED,
			       .pid = pid,
			       .parent = parent };
}

static void count_wanted(void *context, const struct conn *c)
{
	(void)c;
	++*(unsigned int *)context;
}

static unsigned int connects_of(struct conn_table *table, unsigned int n, uint32_t pid)
{
	struct sock k = sock_client(SOCK(n));
	struct event e = sock_step(&k, 1000 + n, STATE_SYN_SENT);
	unsigned int count = 0;

	e.pid = pid;
	assert_int_equal(conn_table_apply(table, &e), 0);
	conn_table_each(table, count_wanted, &count);
	return count;
}

static void a_child_is_wanted_while_it_lives(void **state)
{
	static struct conn_filter filter = { .pid_count = 1, .pids = { OWNER_PID } };
	struct conn_table *table;
	struct event e;

	(void)state;
	filter.follows = true;
	filter.kin = kin_new();
	table = conn_table_new(64, &filter, &(struct consumer_list){ NULL, 0 });
	assert_int_equal(connects_of(table, 1, OWNER_PID), 1);
	assert_int_equal(connects_of(table, 2, CHILD), 1);
	e = kin_event(CHILD, OWNER_PID);
	conn_table_apply(table, &e);
	assert_int_equal(connects_of(table, 3, CHILD), 2);
	assert_int_equal(connects_of(table, 4, CHILD + 1), 2);
	/* Its number is another's. */
	e = kin_event(CHILD, 0);
	conn_table_apply(table, &e);
	assert_int_equal(connects_of(table, 5, CHILD), 2);
	conn_table_free(table);
	kin_free(filter.kin);
}

static void there_is_room_for_so_many(void **state)
{
	struct kin *kin = kin_new();
	struct event e;

	(void)state;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t pid = 1; pid <= KIN_MAX; pid++)
			assert_true(kin_add(kin, pid));
		assert_false(kin_add(kin, KIN_MAX));
		assert_false(kin_add(kin, KIN_MAX + 1));
		assert_false(kin_has(kin, KIN_MAX + 1));
		for (uint32_t pid = 1; pid <= KIN_MAX; pid++) {
			assert_true(kin_has(kin, pid));
			e = kin_event(pid, 0);
			kin_apply(kin, &e);
			assert_false(kin_has(kin, pid));
		}
	}
	kin_apply(kin, &e);
	kin_free(kin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_is_wanted_while_it_lives),
		cmocka_unit_test(there_is_room_for_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
