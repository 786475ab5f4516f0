// SPDX-License-Identifier: GPL-2.0-only
/* Processes: texts of /proc, the test itself, and a number that has been given again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/names/process.h"

#define REST " 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2"

static void stat_of_a_process(void **state)
{
	uint64_t ticks = 0;
	uint32_t ppid = 0;

	(void)state;
	assert_true(process_read_stat("42 (cat) S 41" REST, &ppid, &ticks));
	assert_int_equal(ppid, 41);
	assert_int_equal(ticks, 4711);
	assert_true(process_read_stat("42 (a) S 7 (b\n) R 40" REST, &ppid, &ticks));
	assert_int_equal(ppid, 40);
	assert_false(process_read_stat("", &ppid, &ticks));
	assert_false(process_read_stat("42 (cat) S 41 1 2", &ppid, &ticks));
	assert_false(process_read_stat("42 cat S 41" REST, &ppid, &ticks));
}

static void arguments(void **state)
{
	char some[] = "a b\0c\0\0d\0", none[] = "\0\0", open[] = "nginx: worker";
	size_t first;

	(void)state;
	assert_int_equal(process_join_cmdline(some, sizeof(some) - 1, &first), 8);
	assert_memory_equal(some, "a b c  d", 8);
	assert_int_equal(first, 3);
	assert_int_equal(process_join_cmdline(none, sizeof(none), &first), 0);
	assert_int_equal(process_join_cmdline(open, strlen(open), &first), strlen(open));
}

static void the_test_itself(void **state)
{
	struct processes *p = processes_new();
	char name[PROCESS_NAME_SIZE] = "one";
	uint32_t pid = (uint32_t)getpid();
	struct process_known known;
	uint64_t now = clock_now();

	(void)state;
	/* In a namespace of PIDs nothing can be known. */
	if (!p)
		skip();
	assert_false(processes_find(p, 0, pid, now, &known));
	/* Whoever did something before this process was there was another one. */
	processes_meet(p, pid, 1, name);
	assert_false(processes_find(p, 0, pid, now, &known));
	processes_meet(p, pid, now, name);
	assert_true(processes_find(p, 0, pid, now, &known));
	assert_int_equal(known.ppid, getppid());
	assert_non_null(memmem(known.cmdline, known.size, "test_process", strlen("test_process")));
	assert_true(known.first_size <= known.size);
	assert_false(processes_find(p, 0, pid, 1, &known));
	processes_meet(p, 0, now, name);
	assert_false(processes_find(p, 0, 0, now, &known));
	processes_free(p);
	processes_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_of_a_process),
		cmocka_unit_test(arguments),
		cmocka_unit_test(the_test_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
