// SPDX-License-Identifier: GPL-2.0-only
/* Files that may be pipes: whoever writes is waited for, and nobody for ever. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/base/read.h"
#include "user/base/units.h"

#define LONG (20 * NS_PER_S)
#define SHORT (50 * NS_PER_MS)

static char folder[32], path[64];

static int make_pipe(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/tcpspan-read-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/fifo", folder);
	return mkfifo(path, 0600);
}

static int remove_pipe(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* In parts, the first of them when it has been waited for. */
static void *write_late(void *unused)
{
	FILE *file;

	usleep(30000);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("sec", file);
	fflush(file);
	usleep(30000);
	fputs("ret\n", file);
	fclose(file);
	return unused;
}

static void who_writes_late_is_waited_for(void **state)
{
	char text[16] = "";
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_late, NULL), 0);
	assert_int_equal(read_path(path, text, sizeof(text), LONG), 7);
	assert_memory_equal(text, "secret\n", 7);
	pthread_join(writer, NULL);
}

static void who_never_writes_is_not(void **state)
{
	uint64_t begin_ns = clock_now();
	char text[16];
	FILE *file;

	(void)state;
	assert_int_equal(read_path(path, text, sizeof(text), SHORT), -ETIMEDOUT);
	assert_true(clock_now() - begin_ns >= SHORT);
	/* Nor who begins, and comes to no end. */
	file = fopen(path, "r+");
	assert_non_null(file);
	fputs("sec", file);
	fflush(file);
	assert_int_equal(read_path(path, text, sizeof(text), SHORT), -ETIMEDOUT);
	fclose(file);
}

static void files_are_read_at_once(void **state)
{
	char text[4], name[32];
	int ends[2];

	(void)state;
	assert_int_equal(read_path("/proc/self/status", text, sizeof(text), SHORT), 4);
	assert_memory_equal(text, "Name", 4);
	assert_int_equal(read_path("/dev/null", text, sizeof(text), SHORT), 0);
	assert_int_equal(read_path("/no/such", text, sizeof(text), SHORT), -ENOENT);
	assert_int_equal(read_path("/", text, sizeof(text), SHORT), -EISDIR);
	/* As a shell has it of a command that has ended: <(printf xy). */
	assert_int_equal(pipe(ends), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(write(ends[1], "xy", 2), 2);
	close(ends[1]);
	assert_int_equal(read_path(name, text, sizeof(text), SHORT), 2);
	assert_int_equal(read_path(name, text, sizeof(text), SHORT), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_writes_late_is_waited_for, make_pipe,
						remove_pipe),
		cmocka_unit_test_setup_teardown(who_never_writes_is_not, make_pipe, remove_pipe),
		cmocka_unit_test(files_are_read_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
