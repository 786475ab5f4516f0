// SPDX-License-Identifier: GPL-2.0-only
/* Commands that are run for a line: what they find, what they may, and how long. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/run/exec.h"
#include "user/run/signals.h"

#define PATIENCE_NS 10000000000ull

static struct exec *begin(const char *command, const struct exec_settings *more)
{
	struct exec_settings settings = more ? *more : (struct exec_settings){ 0 };
	struct exec *exec;

	settings.command = command;
	settings.limit_ns = settings.limit_ns ? settings.limit_ns : PATIENCE_NS;
	assert_int_equal(exec_new(&settings, &exec), 0);
	return exec;
}

static void wait_for(struct exec *exec)
{
	exec_wait(exec, clock_now() + PATIENCE_NS, -1);
}

/* What `command` writes, with `line` on its standard input. */
static void run_as(const struct exec_settings *more, const char *command, const char *line,
		   char *ret_text, size_t room)
{
	char path[] = "/tmp/tcpspan-exec-XXXXXX", full[256];
	int fd = mkstemp(path);
	struct exec *exec;
	ssize_t size;

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	assert_true((size_t)snprintf(full, sizeof(full), "exec >%s; %s", path, command) <
		    sizeof(full));
	exec = begin(full, more);
	exec_run(exec, line, strlen(line));
	wait_for(exec);
	assert_int_equal(exec_failed(exec), 0);
	assert_int_equal(exec_dropped(exec), 0);
	exec_free(exec);
	size = pread(fd, ret_text, room - 1, 0);
	assert_true(size >= 0);
	ret_text[size] = '\0';
	close(fd);
	unlink(path);
}

static void run(const char *command, const char *line, char *ret_text, size_t room)
{
	run_as(NULL, command, line, ret_text, room);
}

/* The set of signals in a line of /proc/PID/status, such as SigIgn. */
static unsigned long long signals_of(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	assert_non_null(line);
	return strtoull(line + strlen(name) + 1, NULL, 16);
}

static void it_reads_the_line(void **state)
{
	char text[64];

	(void)state;
	run("cat; echo behind", "{\"v\":1}\n", text, sizeof(text));
	assert_string_equal(text, "{\"v\":1}\nbehind\n");
}

static void signals_are_the_standard_ones(void **state)
{
	static const int changed[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ };
	unsigned long long ours = 0;
	char status[4096];
	sigset_t waiting;

	(void)state;
	for (size_t i = 0; i < sizeof(changed) / sizeof(*changed); i++)
		ours |= 1ull << (changed[i] - 1);
	signals_ignore_limit();
	signals_catch(&waiting);
	run("cat /proc/self/status", "", status, sizeof(status));
	assert_int_equal(signals_of(status, "SigIgn:") & ours, 0);
	assert_int_equal(signals_of(status, "SigBlk:"), 0);
}

static void it_has_no_rights(void **state)
{
	char status[4096];

	(void)state;
	run("cat /proc/self/status", "", status, sizeof(status));
	assert_int_equal(signals_of(status, "CapEff:"), 0);
	assert_int_equal(signals_of(status, "CapPrm:"), 0);
	assert_int_equal(signals_of(status, "CapInh:"), 0);
	assert_int_equal(signals_of(status, "CapAmb:"), 0);
	assert_int_equal(signals_of(status, "NoNewPrivs:"), 1);
	if (!geteuid())
		assert_int_equal(signals_of(status, "CapBnd:"), 0);
}

static void it_has_three_descriptors_and_few_variables(void **state)
{
	const struct exec_settings more = { .environment = "TCPSPAN_ONE,TCPSPAN_NONE" };
	int fd = fcntl(STDERR_FILENO, F_DUPFD, 57);
	char text[1024];

	(void)state;
	assert_int_equal(setenv("TCPSPAN_ONE", "1 2", 1), 0);
	assert_int_equal(setenv("TCPSPAN_TWO", "secret", 1), 0);
	assert_int_equal(fd, 57);
	run("if test -e /proc/$$/fd/57; then echo open; fi", "", text, sizeof(text));
	assert_string_equal(text, "");
	run_as(&more, "tr '\\0' '\\n' </proc/$$/environ", "", text, sizeof(text));
	assert_non_null(strstr(text, "PATH=/"));
	assert_non_null(strstr(text, "TCPSPAN_ONE=1 2\n"));
	assert_null(strstr(text, "TCPSPAN_TWO"));
	assert_null(strstr(text, "TCPSPAN_NONE"));
	close(fd);
}

static void it_runs_as_another_user(void **state)
{
	const struct exec_settings nobody = { .user = "nobody", .command = "" };
	const struct exec_settings none = { .user = "no such user", .command = "" };
	struct exec *exec;
	char text[64];

	(void)state;
	assert_int_equal(exec_new(&none, &exec), -ENOENT);
	if (geteuid()) {
		assert_int_equal(exec_new(&nobody, &exec), -EPERM);
		return;
	}
	run_as(&nobody, "id -un; id -G | wc -w", "", text, sizeof(text));
	assert_string_equal(text, "nobody\n1\n");
}

static void what_fails_is_counted(void **state)
{
	struct exec *exec = begin("exit 3", NULL);

	(void)state;
	exec_run(exec, "", 0);
	wait_for(exec);
	assert_int_equal(exec_failed(exec), 1);
	exec_free(exec);
}

/* Of more than run at a time, the others wait; of more than can wait, the rest is dropped. */
static void lines_wait_and_are_dropped(void **state)
{
	struct exec *exec = begin("cat >/dev/null", NULL);

	(void)state;
	for (int i = 0; i < EXEC_CHILDREN + EXEC_WAITING / 2; i++)
		exec_run(exec, "x", 1);
	wait_for(exec);
	assert_int_equal(exec_failed(exec), 0);
	assert_int_equal(exec_dropped(exec), 0);
	exec_free(exec);
	exec = begin("sleep 100", NULL);
	for (int i = 0; i < EXEC_CHILDREN + EXEC_WAITING + 7; i++)
		exec_run(exec, "x", 1);
	assert_int_equal(exec_dropped(exec), EXEC_WAITING + 7);
	exec_free(exec);
}

/* A child that hangs, and does not want to end, is ended; what waited for its place comes next. */
static void a_child_that_hangs_is_ended(void **state)
{
	const struct exec_settings hasty = { .limit_ns = 50000000 };
	struct exec *exec =
		begin("trap '' TERM; read x; test $x = go || while :; do sleep 1; done", &hasty);

	(void)state;
	for (int i = 0; i < EXEC_CHILDREN; i++)
		exec_run(exec, "hang\n", 5);
	exec_run(exec, "go\n", 3);
	assert_true(exec_due_ns(exec) <= clock_now() + hasty.limit_ns);
	wait_for(exec);
	assert_int_equal(exec_failed(exec), EXEC_CHILDREN);
	assert_int_equal(exec_dropped(exec), 0);
	assert_true(exec_due_ns(exec) == UINT64_MAX);
	exec_free(exec);
}

/* However far it has come by then: one that was only just begun has no session of its own yet. */
static void none_outlives_the_end(void **state)
{
	int status;

	(void)state;
	/* Of the tests before. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	for (useconds_t us = 0; us < 2000; us += 100) {
		struct exec *exec = begin("exec sleep 100", NULL);

		for (int i = 0; i < EXEC_CHILDREN; i++)
			exec_run(exec, "x", 1);
		usleep(us);
		exec_free(exec);
	}
	while (waitpid(-1, &status, 0) > 0)
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_the_line),
		cmocka_unit_test(signals_are_the_standard_ones),
		cmocka_unit_test(it_has_no_rights),
		cmocka_unit_test(it_has_three_descriptors_and_few_variables),
		cmocka_unit_test(it_runs_as_another_user),
		cmocka_unit_test(what_fails_is_counted),
		cmocka_unit_test(lines_wait_and_are_dropped),
		cmocka_unit_test(a_child_that_hangs_is_ended),
		cmocka_unit_test(none_outlives_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
