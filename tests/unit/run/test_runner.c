// SPDX-License-Identifier: GPL-2.0-only
/* The helper that runs --exec: what it does, what it may, and that it does not outlive us. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include "user/run/runner.h"

#define PATIENCE_NS 10000000000ull
#define STEP_US 5000
#define TRIES 2000
#define SETUID_SETGID_KILL 0xe0ull

static struct runner *begin(const char *command, const char *user)
{
	const struct exec_settings settings = {
		.command = command,
		.user = user,
		.limit_ns = PATIENCE_NS,
	};
	struct runner *runner;

	assert_int_equal(runner_start(&settings, &runner), 0);
	return runner;
}

static void finish(struct runner *runner, uint64_t failed, uint64_t dropped)
{
	struct runner_counts counts;

	assert_int_equal(runner_finish(runner, clock_now() + PATIENCE_NS, &counts), 0);
	assert_int_equal(counts.failed, failed);
	assert_int_equal(counts.dropped, dropped);
}

static pid_t only_child(void)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &child), 1);
	fclose(f);
	return child;
}

/* The number in hexadecimal in a line of its /proc/PID/status. */
static unsigned long long status_of(pid_t pid, const char *name)
{
	unsigned long long number = 0;
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name))) {
			number = strtoull(line + strlen(name), NULL, 16);
			found = true;
		}
	fclose(f);
	assert_true(found);
	return number;
}

/* Or is dead, and nobody has looked. */
static bool has_ended(pid_t pid)
{
	char path[64], text[512] = "";
	const char *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	at = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
	fclose(f);
	return !at || at[2] == 'Z' || at[2] == 'X';
}

static void each_line_comes_to_the_command(void **state)
{
	char path[] = "/tmp/tcpspan-runner-XXXXXX", command[128], text[64];
	int fd = mkstemp(path);
	struct runner *runner;
	ssize_t size;

	(void)state;
	assert_true(fd >= 0);
	snprintf(command, sizeof(command), "cat >>%s", path);
	runner = begin(command, NULL);
	for (int i = 0; i < 23; i++)
		assert_int_equal(runner_run(runner, "ab", 2), 0);
	finish(runner, 0, 0);
	runner_free(runner);
	size = pread(fd, text, sizeof(text), 0);
	assert_int_equal(size, 46);
	close(fd);
	unlink(path);
}

static void it_counts_what_fails(void **state)
{
	struct runner *runner = begin("exit 3", NULL);

	(void)state;
	assert_int_equal(runner_run(runner, "", 0), 0);
	finish(runner, 1, 0);
	runner_free(runner);
}

static void it_has_what_it_needs(void **state)
{
	struct runner *runner = begin("test $(id -un) = nobody", geteuid() ? NULL : "nobody");

	(void)state;
	if (geteuid()) {
		runner_free(runner);
		return;
	}
	assert_int_equal(runner_run(runner, "", 0), 0);
	finish(runner, 0, 0);
	assert_int_equal(status_of(only_child(), "CapEff:"), SETUID_SETGID_KILL);
	assert_int_equal(status_of(only_child(), "CapPrm:"), SETUID_SETGID_KILL);
	assert_int_equal(status_of(only_child(), "CapBnd:"), 0);
	assert_int_equal(status_of(only_child(), "NoNewPrivs:"), 1);
	runner_free(runner);

	runner = begin("true", NULL);
	assert_int_equal(runner_run(runner, "", 0), 0);
	finish(runner, 0, 0);
	assert_int_equal(status_of(only_child(), "CapEff:"), 0);
	runner_free(runner);
}

static void its_end_is_noticed(void **state)
{
	struct runner *runner = begin("true", NULL);
	struct pollfd end = { .fd = runner_fd(runner) };
	struct runner_counts counts;
	siginfo_t info;
	pid_t child;

	(void)state;
	assert_int_equal(runner_run(runner, "", 0), 0);
	child = only_child();
	assert_false(runner_has_ended(runner));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	/* A command that it has forked has its socket, too, until it is that command. */
	assert_int_equal(poll(&end, 1, (int)(PATIENCE_NS / 1000000)), 1);
	assert_true(runner_has_ended(runner));
	assert_int_equal(runner_run(runner, "", 0), -EPIPE);
	assert_int_equal(runner_finish(runner, 0, &counts), -EPIPE);
	runner_free(runner);
}

/* Whom it helps ends in the middle of waiting, and can no longer say anything. */
static void no_command_outlives_us(void **state)
{
	char path[] = "/tmp/tcpspan-runner-XXXXXX", command[128], text[16] = "";
	int fd = mkstemp(path), tries = 0;
	struct runner_counts counts;
	pid_t child, sleeper;

	(void)state;
	assert_true(fd >= 0);
	snprintf(command, sizeof(command), "echo $$ >%s; exec sleep 600", path);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct runner *runner = begin(command, NULL);

		runner_run(runner, "", 0);
		runner_finish(runner, clock_now() + PATIENCE_NS, &counts);
		_exit(1);
	}
	while (!strchr(text, '\n') && tries++ < TRIES) {
		usleep(STEP_US);
		assert_true(pread(fd, text, sizeof(text) - 1, 0) >= 0);
	}
	sleeper = atoi(text);
	assert_true(sleeper > 1 && !kill(sleeper, 0));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (tries = 0; !has_ended(sleeper) && tries < TRIES; tries++)
		usleep(STEP_US);
	assert_true(has_ended(sleeper));
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_comes_to_the_command),
		cmocka_unit_test(it_counts_what_fails),
		cmocka_unit_test(it_has_what_it_needs),
		cmocka_unit_test(its_end_is_noticed),
		cmocka_unit_test(no_command_outlives_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
