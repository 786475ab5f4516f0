// SPDX-License-Identifier: GPL-2.0-only
/* What a service manager passes is one socket that listens, or is refused. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/passed.h"

#define FIRST 3

static void say(long pid, const char *count)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", pid);
	setenv("LISTEN_PID", text, 1);
	setenv("LISTEN_FDS", count, 1);
	setenv("LISTEN_FDNAMES", "http", 1);
}

/* A TCP socket of the loopback as the first descriptor that is passed. */
static void pass(int type, bool listens)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	if (fd != FIRST) {
		assert_int_equal(dup2(fd, FIRST), FIRST);
		close(fd);
	}
}

static void assert_nothing_is_left(void)
{
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));
	assert_null(getenv("LISTEN_FDNAMES"));
}

static void a_socket_that_listens_is_taken(void **state)
{
	(void)state;
	pass(SOCK_STREAM, true);
	say(getpid(), "1");
	assert_int_equal(passed_socket_take(), FIRST);
	assert_true(fcntl(FIRST, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(FIRST, F_GETFD) & FD_CLOEXEC);
	assert_nothing_is_left();
	assert_int_equal(passed_socket_take(), -ENOENT);
	close(FIRST);
}

static void what_is_for_others_is_left(void **state)
{
	(void)state;
	pass(SOCK_STREAM, true);
	say(getppid(), "1");
	assert_int_equal(passed_socket_take(), -ENOENT);
	assert_nothing_is_left();
	say(getpid(), "none");
	assert_int_equal(passed_socket_take(), -ENOENT);
	close(FIRST);
}

static void anything_else_is_refused(void **state)
{
	(void)state;
	pass(SOCK_STREAM, true);
	say(getpid(), "2");
	assert_int_equal(passed_socket_take(), -EINVAL);
	pass(SOCK_STREAM, false);
	say(getpid(), "1");
	assert_int_equal(passed_socket_take(), -EINVAL);
	pass(SOCK_DGRAM, false);
	say(getpid(), "1");
	assert_int_equal(passed_socket_take(), -EINVAL);
	close(FIRST);
	say(getpid(), "1");
	assert_int_equal(passed_socket_take(), -EINVAL);
	assert_nothing_is_left();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_listens_is_taken),
		cmocka_unit_test(what_is_for_others_is_left),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
