// SPDX-License-Identifier: GPL-2.0-only
/* What a command that is run for a line finds: its bytes, and signals as any program has them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/exec.h"
#include "user/run/signals.h"

#define PATIENCE_NS 10000000000ull

/* What `command` writes, with `line` on its standard input. */
static void run(const char *command, const char *line, char *ret_text, size_t room)
{
	int fd = memfd_create("written", 0);
	struct exec *exec;
	char full[256];
	ssize_t size;

	assert_true(fd >= 0);
	assert_true((size_t)snprintf(full, sizeof(full), "exec >/proc/self/fd/%d; %s", fd,
				     command) < sizeof(full));
	exec = exec_new(full);
	assert_non_null(exec);
	exec_run(exec, line, strlen(line), PATIENCE_NS);
	exec_wait(exec, PATIENCE_NS);
	assert_int_equal(exec_failed(exec), 0);
	exec_free(exec);
	size = pread(fd, ret_text, room - 1, 0);
	assert_true(size >= 0);
	ret_text[size] = '\0';
	close(fd);
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
	signals_catch(&waiting);
	run("cat /proc/self/status", "", status, sizeof(status));
	assert_int_equal(signals_of(status, "SigIgn:") & ours, 0);
	assert_int_equal(signals_of(status, "SigBlk:"), 0);
}

static void what_fails_is_counted(void **state)
{
	struct exec *exec = exec_new("exit 3");

	(void)state;
	assert_non_null(exec);
	exec_run(exec, "", 0, PATIENCE_NS);
	exec_wait(exec, PATIENCE_NS);
	assert_int_equal(exec_failed(exec), 1);
	exec_free(exec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_the_line),
		cmocka_unit_test(signals_are_the_standard_ones),
		cmocka_unit_test(what_fails_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
