// SPDX-License-Identifier: GPL-2.0-only
/* Which signals ask a run to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/signals.h"

/* Whether it does in a process in which it was like `before` when it was started. */
static bool does_stop(int number, void (*before)(int))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		sigset_t waiting;

		signal(number, before);
		signals_catch(&waiting);
		raise(number);
		sigprocmask(SIG_SETMASK, &waiting, NULL);
		_exit(signals_asked_to_stop());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void each_of_three_does(void **state)
{
	(void)state;
	assert_true(does_stop(SIGINT, SIG_DFL));
	assert_true(does_stop(SIGTERM, SIG_DFL));
	assert_true(does_stop(SIGHUP, SIG_DFL));
}

/* A script's shell has what it starts in the background ignore SIGINT, which it sends even so. */
static void a_hangup_does_not_where_it_is_ignored(void **state)
{
	(void)state;
	assert_false(does_stop(SIGHUP, SIG_IGN));
	assert_true(does_stop(SIGINT, SIG_IGN));
	assert_true(does_stop(SIGTERM, SIG_IGN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_three_does),
		cmocka_unit_test(a_hangup_does_not_where_it_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
