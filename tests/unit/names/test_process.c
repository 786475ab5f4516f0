// SPDX-License-Identifier: GPL-2.0-only
/* Processes: texts of /proc, the test itself, and a number that has been given again. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/base/write.h"
#include "user/names/host.h"
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

static void *other_thread(void *ret_id)
{
	*(uint32_t *)ret_id = (uint32_t)syscall(SYS_gettid);
	return (void *)(uintptr_t)process_of_thread(*(uint32_t *)ret_id);
}

static void whose_thread_it_is(void **state)
{
	uint32_t pid = (uint32_t)getpid(), id = 0;
	pthread_t thread;
	void *of = NULL;
	pid_t gone;

	(void)state;
	assert_int_equal(process_of_thread(pid), pid);
	if (!host_shows_processes())
		skip();
	assert_int_equal(pthread_create(&thread, NULL, other_thread, &id), 0);
	assert_int_equal(pthread_join(thread, &of), 0);
	assert_int_not_equal(id, pid);
	assert_int_equal((uintptr_t)of, pid);
	gone = fork();
	if (!gone)
		_exit(0);
	assert_int_equal(waitpid(gone, NULL, 0), gone);
	assert_int_equal(process_of_thread((uint32_t)gone), 0);
	assert_int_equal(process_of_thread(0), 0);
	assert_int_equal(process_of_thread(UINT32_MAX), 0);
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

struct opened {
	int fd; /* or -errno */
	unsigned int count;
};

static int open_it(void *context, uint32_t pid)
{
	struct opened *opened = context;

	(void)pid;
	opened->count++;
	return opened->fd;
}

static int memory_with(const char *text)
{
	int fd = write_memory("cmdline", text, strlen(text));

	assert_true(fd >= 0);
	return fd;
}

/* Who it is is known even so, and what was known of it before. */
static void what_nobody_can_read_is_unknown(void **state)
{
	struct opened opened = { .fd = -EBUSY };
	const struct process_opener opener = { open_it, &opened };
	struct processes *p = processes_new();
	char name[PROCESS_NAME_SIZE] = "one", other[PROCESS_NAME_SIZE] = "other";
	uint32_t pid = (uint32_t)getpid();
	struct process_known known;

	(void)state;
	assert_non_null(p);
	processes_use(p, &opener);
	processes_meet(p, pid, clock_now(), name);
	assert_true(processes_find(p, 0, pid, clock_now(), &known));
	assert_int_equal(known.ppid, getppid());
	assert_null(known.cmdline);
	assert_int_equal(known.size, 0);
	assert_false(processes_untold(p, pid, 0, &known));
	/* It is not asked for again at once. */
	processes_meet(p, pid, clock_now(), name);
	assert_int_equal(opened.count, 1);
	opened.fd = memory_with("other -x");
	processes_meet(p, pid, clock_now(), other);
	assert_int_equal(opened.count, 2);
	assert_true(processes_find(p, 0, pid, clock_now(), &known));
	assert_memory_equal(known.cmdline, "other -x", known.size);
	opened.fd = -EBUSY;
	sleep(1);
	processes_meet(p, pid, clock_now(), other);
	assert_int_equal(opened.count, 3);
	assert_true(processes_find(p, 0, pid, clock_now(), &known));
	assert_int_equal(known.size, 8);
	processes_free(p);
}

/* By a recording, which may say anything. */
static void told_by_others(void **state)
{
	static char many[PROCESS_CMDLINE_MAX + 1];
	const struct process_known curl = { 1, 100, "curl -s", 7, 4 },
				   again = { 1, 100, "x", 1, 1 }, later = { 2, 300, "ab", 2, 2 },
				   large = { 1, 100, many, sizeof(many), 1 },
				   odd = { 1, 100, "ab", 2, 3 };
	struct processes *p = processes_new();
	struct process_known known;

	(void)state;
	assert_non_null(p);
	processes_add(p, 0, 80, &curl);
	processes_add(p, 1, 80, &later);
	processes_add(p, 0, 81, &large);
	processes_add(p, 0, 81, &odd);
	processes_add(p, 0, 0, &curl);
	assert_false(processes_find(p, 0, 80, 99, &known));
	assert_true(processes_find(p, 0, 80, 100, &known));
	assert_int_equal(known.ppid, 1);
	assert_int_equal(known.start_ns, 100);
	assert_memory_equal(known.cmdline, "curl -s", 7);
	assert_int_equal(known.first_size, 4);
	/* The same number, on another machine. */
	assert_false(processes_find(p, 1, 80, 100, &known));
	assert_true(processes_find(p, 1, 80, 300, &known));
	assert_false(processes_find(p, 0, 81, 100, &known));
	assert_false(processes_find(p, 0, 0, 100, &known));
	/* It has become another program. */
	processes_add(p, 0, 82, &curl);
	processes_add(p, 0, 82, &again);
	assert_true(processes_find(p, 0, 82, 100, &known));
	assert_memory_equal(known.cmdline, "x", known.size);
	processes_free(p);
}

/* Once, and again when it is another one, or after a while. */
static void who_was_told_is_not_told_again(void **state)
{
	const struct process_known curl = { 1, 100, "curl -s", 7, 4 },
				   other = { 1, 100, "x", 1, 1 };
	struct processes *p = processes_new();
	struct process_known known;

	(void)state;
	assert_non_null(p);
	assert_false(processes_untold(p, 80, UINT64_MAX, &known));
	processes_add(p, 0, 80, &curl);
	assert_true(processes_untold(p, 80, UINT64_MAX, &known));
	assert_int_equal(known.size, 7);
	assert_false(processes_untold(p, 80, UINT64_MAX, &known));
	processes_add(p, 0, 80, &curl);
	assert_false(processes_untold(p, 80, UINT64_MAX, &known));
	assert_true(processes_untold(p, 80, 0, &known));
	processes_add(p, 0, 80, &other);
	assert_true(processes_untold(p, 80, UINT64_MAX, &known));
	processes_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_of_a_process),
		cmocka_unit_test(whose_thread_it_is),
		cmocka_unit_test(arguments),
		cmocka_unit_test(the_test_itself),
		cmocka_unit_test(what_nobody_can_read_is_unknown),
		cmocka_unit_test(told_by_others),
		cmocka_unit_test(who_was_told_is_not_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
