// SPDX-License-Identifier: GPL-2.0-only
/* The service manager hears at its socket, wherever that is, and as often as it wants. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/notify.h"

/* A manager's socket at this path, or at a name in no folder; `where` is what it tells of it. */
static int manager(const char *where)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(where);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, where, size);
	if (where[0] == '@')
		address.sun_path[0] = 0;
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
			 0);
	setenv("NOTIFY_SOCKET", where, 1);
	return fd;
}

/* What it has heard; "": nothing. */
static const char *heard(int fd)
{
	static char text[256];
	ssize_t size = recv(fd, text, sizeof(text) - 1, 0);

	text[size > 0 ? size : 0] = 0;
	return text;
}

static void tell(const char *where)
{
	struct notify n;
	int fd = manager(where);

	notify_open(&n);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_true(n.due_ns == UINT64_MAX);
	notify_send(&n, "READY=1");
	assert_string_equal(heard(fd), "READY=1");
	notify_live(&n, 1);
	assert_string_equal(heard(fd), "");
	notify_close(&n);
	close(fd);
}

static void it_is_heard_at_a_path_and_at_a_name(void **state)
{
	char path[64], name[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/tcpspan-notify-%d", (int)getpid());
	snprintf(name, sizeof(name), "@tcpspan-notify-%d", (int)getpid());
	tell(path);
	unlink(path);
	tell(name);
}

static void signs_of_life_come_twice_as_often_as_they_must(void **state)
{
	char name[64], pid[16];
	struct notify n;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@tcpspan-alive-%d", (int)getpid());
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	fd = manager(name);
	setenv("WATCHDOG_USEC", "3000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	notify_open(&n);
	assert_null(getenv("WATCHDOG_USEC"));
	notify_live(&n, 1000);
	assert_string_equal(heard(fd), "WATCHDOG=1");
	notify_live(&n, 1500999);
	assert_string_equal(heard(fd), "");
	notify_live(&n, 1501000);
	assert_string_equal(heard(fd), "WATCHDOG=1");
	assert_int_equal(n.due_ns, 3001000);
	notify_close(&n);
	close(fd);
}

/* What others have told it, of which it has heard nothing yet, is all that it has room for. */
static void crowd(const char *name)
{
	struct notify other;

	setenv("NOTIFY_SOCKET", name, 1);
	notify_open(&other);
	while (write(other.fd, "STATUS=...", 10) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	notify_close(&other);
}

static void a_busy_manager_hears_it_later(void **state)
{
	char name[64];
	struct notify n;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@tcpspan-busy-%d", (int)getpid());
	fd = manager(name);
	notify_open(&n);
	crowd(name);
	notify_send(&n, "READY=1");
	notify_live(&n, 1);
	assert_true(n.due_ns > 1 && n.due_ns < UINT64_MAX);
	while (*heard(fd))
		continue;
	notify_live(&n, 2);
	assert_string_equal(heard(fd), "");
	notify_live(&n, n.due_ns);
	assert_string_equal(heard(fd), "READY=1");
	assert_true(n.due_ns == UINT64_MAX);
	notify_close(&n);
	close(fd);
}

static void another_process_is_not_meant(void **state)
{
	char name[64];
	struct notify n;
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@tcpspan-other-%d", (int)getpid());
	fd = manager(name);
	setenv("WATCHDOG_USEC", "3000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	notify_open(&n);
	assert_true(n.due_ns == UINT64_MAX);
	notify_close(&n);
	close(fd);
}

static void nobody_may_want_to_know(void **state)
{
	struct notify n;

	(void)state;
	notify_open(&n);
	assert_int_equal(n.fd, -1);
	notify_send(&n, "READY=1");
	notify_live(&n, 1);
	notify_close(&n);
}

static void what_is_no_socket_is_said(void **state)
{
	static const char *const wrong[] = { "", "@", "here", "/nowhere/at/all", "vsock:2:1" };
	char too_long[200];
	struct notify n;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		setenv("NOTIFY_SOCKET", wrong[i], 1);
		notify_open(&n);
		assert_int_equal(n.fd, -1);
	}
	memset(too_long, '/', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = 0;
	setenv("NOTIFY_SOCKET", too_long, 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_heard_at_a_path_and_at_a_name),
		cmocka_unit_test(signs_of_life_come_twice_as_often_as_they_must),
		cmocka_unit_test(a_busy_manager_hears_it_later),
		cmocka_unit_test(another_process_is_not_meant),
		cmocka_unit_test(nobody_may_want_to_know),
		cmocka_unit_test(what_is_no_socket_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
