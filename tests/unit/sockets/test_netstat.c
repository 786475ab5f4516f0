// SPDX-License-Identifier: GPL-2.0-only
/* Counters of listeners among those of a network namespace. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/sockets/netstat.h"

static void both_are_found_by_their_names(void **state)
{
	struct netstat_listen found = { 0 };

	(void)state;
	assert_int_equal(netstat_parse("TcpExt: SyncookiesSent ListenOverflows ListenDrops TW\n",
				       "TcpExt: 1 22 333 4444\n", &found),
			 0);
	assert_int_equal(found.overflows, 22);
	assert_int_equal(found.drops, 333);
	assert_int_equal(netstat_parse("TcpExt: ListenDrops ListenDropsX ListenOverflows",
				       "TcpExt: 18446744073709551615 7 0", &found),
			 0);
	assert_true(found.drops == UINT64_MAX);
	assert_int_equal(found.overflows, 0);
}

static void what_is_not_there_is_not_zero(void **state)
{
	static const char *const lines[][2] = {
		{ "IpExt: ListenOverflows ListenDrops\n", "IpExt: 1 2\n" },
		{ "TcpExt: ListenOverflows ListenDrops\n", "IpExt: 1 2\n" },
		{ "TcpExt: ListenOverflows\n", "TcpExt: 1\n" },
		{ "TcpExt: ListenDrops\n", "TcpExt: 1\n" },
		{ "TcpExt: ListenOverflows ListenDrops\n", "TcpExt: 1\n" },
		{ "TcpExt: ListenOverflows ListenDrops\n", "TcpExt: 1 -2\n" },
		{ "TcpExt: ListenOverflows ListenDrops\n", "TcpExt: 1 2x\n" },
		{ "TcpExt: ListenOverflows ListenDrops\n", "TcpExt: 18446744073709551616 2\n" },
		{ "TcpExt:\n", "TcpExt:\n" },
		{ "", "" },
	};
	struct netstat_listen found = { 5, 6 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(netstat_parse(lines[i][0], lines[i][1], &found), -ENOENT);
	assert_int_equal(found.overflows, 5);
	assert_int_equal(found.drops, 6);
}

static void this_namespace_has_them(void **state)
{
	struct netstat_listen found = { UINT64_MAX, UINT64_MAX };
	int fd = open("/proc/self/net/netstat", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(netstat_read(fd, &found), 0);
	assert_int_equal(close(fd), 0);
	assert_true(found.overflows <= found.drops && found.drops < UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_found_by_their_names),
		cmocka_unit_test(what_is_not_there_is_not_zero),
		cmocka_unit_test(this_namespace_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
