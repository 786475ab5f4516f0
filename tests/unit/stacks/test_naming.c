// SPDX-License-Identifier: GPL-2.0-only
/* Whoever holds up the helper that names stacks takes it away from nobody else. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/sockets/proc_code.h"
#include "user/stacks/naming.h"

#define ATTACKER 1000
#define VICTIM 33

static int nothing[2]; /* a pipe that nobody writes to */

/* The PID is the user's number, too. */
static int mappings(void *context, uint32_t pid, uint64_t mono_ns, uint64_t image)
{
	(void)context;
	if (pid == ATTACKER)
		return dup(nothing[0]);
	return proc_code_mappings((uint32_t)getpid(), mono_ns, image);
}

static int file(void *context, uint32_t pid, uint64_t start, uint64_t end)
{
	(void)context;
	(void)pid;
	return proc_code_file((uint32_t)getpid(), start, end);
}

static int names(void *context, uint32_t pid)
{
	(void)context;
	(void)pid;
	return -ENOENT;
}

static int debug(void *context, const char *build_id)
{
	(void)context;
	(void)build_id;
	return -ENOENT;
}

static const struct stacks_files files = { mappings, file, names, debug, NULL };

static int ask(struct naming *n, uint32_t user, uint32_t netns)
{
	struct event_stack stack = {
		.head = { .mono_ns = clock_now() },
		.ip = (uint64_t)(uintptr_t)&ask,
		.pid = user,
		.uid = user == ATTACKER ? netns ? 0 : ATTACKER : user,
		.netns = netns,
	};
	struct naming_answer answer;

	return naming_ask(n, &files, &stack, &answer);
}

static void others_are_named_all_the_same(void **state)
{
	struct naming *n;
	uint64_t begin_ns;

	(void)state;
	assert_int_equal(pipe(nothing), 0);
	assert_int_equal(naming_start(&n), 0);
	assert_int_equal(ask(n, VICTIM, 0), 0);
	assert_int_equal(ask(n, ATTACKER, 0), -EPIPE);
	assert_int_equal(ask(n, VICTIM, 0), 0);
	/* He is not waited for again. */
	begin_ns = clock_now();
	assert_int_equal(ask(n, ATTACKER, 0), -EPIPE);
	assert_true(clock_now() - begin_ns < 5 * NS_PER_S);
	/* Root in one place is not root in another one. */
	assert_int_equal(ask(n, ATTACKER, 1), -EPIPE);
	assert_int_equal(ask(n, 0, 2), 0);
	assert_int_equal(ask(n, 0, 1), -EPIPE);
	begin_ns = clock_now();
	naming_stop(n);
	assert_true(clock_now() - begin_ns < 5 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_named_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
