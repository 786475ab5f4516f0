// SPDX-License-Identifier: GPL-2.0-only
/* The one flusher: lines wait until there are many, and an error is told once. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/output.h"

#define BATCH 65536

/* Standard output and standard error while a test has them. */
struct ends {
	int out, err;
};

static struct ends redirect(int fd)
{
	struct ends ends = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0 && nowhere >= 0 && ends.out >= 0 && ends.err >= 0);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0);
	close(nowhere);
	return ends;
}

static void restore(struct ends ends)
{
	dup2(ends.out, STDOUT_FILENO);
	dup2(ends.err, STDERR_FILENO);
	close(ends.out);
	close(ends.err);
}

static void lines_wait_for_company(void **state)
{
	struct output out;
	struct ends ends;
	char got[16] = "";
	int fds[2];
	ssize_t early, late;

	(void)state;
	assert_false(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	output_init(&out, NULL);
	ends = redirect(fds[1]);
	buffer_add_text(&out.lines, "one\n");
	output_flush_full(&out);
	early = read(fds[0], got, sizeof(got));
	buffer_add_text(&out.lines, "two\n");
	output_flush(&out);
	late = read(fds[0], got, sizeof(got));
	restore(ends);
	assert_int_equal(early, -1);
	assert_int_equal(late, 8);
	assert_memory_equal(got, "one\ntwo\n", 8);
	assert_int_equal(out.lines.size, 0);
	output_done(&out);
	close(fds[0]);
	close(fds[1]);
}

static void many_are_written_at_once(void **state)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct ends ends = redirect(nowhere);
	struct output out;
	size_t before, after;

	(void)state;
	output_init(&out, NULL);
	while (out.lines.size < BATCH - 1)
		buffer_add_char(&out.lines, 'x');
	output_flush_full(&out);
	before = out.lines.size;
	buffer_add_char(&out.lines, '\n');
	output_flush_full(&out);
	after = out.lines.size;
	restore(ends);
	assert_int_equal(before, BATCH - 1);
	assert_int_equal(after, 0);
	output_done(&out);
	close(nowhere);
}

/* What comes after the first error is not written: a line that is missing must not go unnoticed. */
static void an_error_stays(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct ends ends = redirect(full);
	struct output out;
	int error;

	(void)state;
	output_init(&out, NULL);
	buffer_add_text(&out.lines, "lost\n");
	output_flush(&out);
	dup2(nowhere, STDOUT_FILENO);
	buffer_add_text(&out.lines, "after it\n");
	error = output_end(&out);
	restore(ends);
	assert_int_equal(error, -ENOSPC);
	output_done(&out);
	close(nowhere);
	close(full);
}

static void no_memory_is_an_error(void **state)
{
	struct output out;
	struct ends ends = redirect(STDERR_FILENO);
	int error;

	(void)state;
	output_init(&out, NULL);
	out.lines.failed = true;
	error = output_end(&out);
	restore(ends);
	assert_int_equal(error, -ENOMEM);
	output_done(&out);
}

static void a_reader_that_left_is_none(void **state)
{
	struct output out;
	struct ends ends;
	int fds[2], error;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_false(pipe2(fds, O_CLOEXEC));
	close(fds[0]);
	output_init(&out, NULL);
	ends = redirect(fds[1]);
	buffer_add_text(&out.lines, "unread\n");
	error = output_end(&out);
	restore(ends);
	assert_int_equal(error, 0);
	assert_int_equal(out.error, -EPIPE);
	output_done(&out);
	close(fds[1]);
}

/* A reader that has stopped keeps us waiting: then a signal must get through. */
static volatile sig_atomic_t came;

static void on_signal(int number)
{
	(void)number;
	came = 1;
}

static void signals_come_while_it_is_written(void **state)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct output out;
	struct ends ends;
	sigset_t blocked, waiting;
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool before;

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	raise(SIGUSR1);
	before = came;
	output_init(&out, &waiting);
	ends = redirect(nowhere);
	buffer_add_text(&out.lines, "line\n");
	output_flush(&out);
	restore(ends);
	assert_false(before);
	assert_true(came);
	sigprocmask(SIG_SETMASK, NULL, &waiting);
	assert_true(sigismember(&waiting, SIGUSR1));
	output_done(&out);
	close(nowhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_wait_for_company),
		cmocka_unit_test(many_are_written_at_once),
		cmocka_unit_test(an_error_stays),
		cmocka_unit_test(no_memory_is_an_error),
		cmocka_unit_test(a_reader_that_left_is_none),
		cmocka_unit_test(signals_come_while_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
