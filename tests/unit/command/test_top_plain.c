// SPDX-License-Identifier: GPL-2.0-only
/* The program that is built without ncurses: no live screen, but one as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/command/command.h"
#include "user/option/parse.h"

#define RECORDING "tests/golden/recordings/mixed-2.tsp"
#define SAID_SIZE 65536

static char said[SAID_SIZE];

/* Of a process of its own; all that it has printed is in `said`. Returns its status. */
static int top(char *option)
{
	char name[] = "top", input[] = "-i", file[] = RECORDING;
	char *argv[] = { (char[]){ "tcpspan" }, name, input, file, option, NULL };
	size_t used = 0;
	int ends[2], status;
	ssize_t size;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		struct options *options = calloc(1, sizeof(*options));

		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		if (!options || options_parse(option ? 5 : 4, argv, options))
			_exit(99);
		_exit(command_top.run(options));
	}
	close(ends[1]);
	while ((size = read(ends[0], said + used, SAID_SIZE - 1 - used)) > 0)
		used += (size_t)size;
	said[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void one_sentence_names_what_there_is(void **state)
{
	(void)state;
	assert_int_equal(top(NULL), 2);
	assert_string_equal(said, "tcpspan: top has no live screen in this program, which was "
				  "built without ncurses: --once prints one screen\n");
}

static void which_there_is(void **state)
{
	char once[] = "--once";

	(void)state;
	assert_int_equal(top(once), 0);
	assert_non_null(strstr(said, "tcpspan  1 overview  recording, its end"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sentence_names_what_there_is),
		cmocka_unit_test(which_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
