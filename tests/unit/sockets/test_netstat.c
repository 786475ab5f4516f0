// SPDX-License-Identifier: GPL-2.0-only
/* Counters of TCP among those of a network namespace. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/write.h"
#include "user/sockets/namespace_view.h"
#include "user/sockets/netstat.h"

#define KNOWS(NAME) (1u << KERNEL_##NAME)

static void they_are_found_by_their_names(void **state)
{
	struct kernel_counters found = { .known = 0 };

	(void)state;
	assert_int_equal(netstat_parse("TcpExt: SyncookiesSent ListenOverflows ListenDrops TW\n",
				       "TcpExt: 1 22 333 4444\n", &found),
			 0);
	assert_int_equal(netstat_parse("Tcp: MaxConn ActiveOpens PassiveOpens\n",
				       "Tcp: -1 18446744073709551615 0\n", &found),
			 0);
	assert_int_equal(found.known, KNOWS(ListenOverflows) | KNOWS(ListenDrops) | KNOWS(TW) |
					      KNOWS(ActiveOpens) | KNOWS(PassiveOpens));
	assert_int_equal(found.value[KERNEL_ListenOverflows], 22);
	assert_int_equal(found.value[KERNEL_ListenDrops], 333);
	assert_int_equal(found.value[KERNEL_TW], 4444);
	assert_true(found.value[KERNEL_ActiveOpens] == UINT64_MAX);
	assert_int_equal(found.value[KERNEL_PassiveOpens], 0);
}

static void what_is_not_there_is_not_zero(void **state)
{
	static const char *const lines[][2] = {
		{ "TcpExt: ListenDropsX XListenDrops\n", "TcpExt: 1 2\n" },
		{ "TcpExt: Other ListenDrops\n", "TcpExt: 1\n" },
		{ "TcpExt: ListenDrops\n", "TcpExt: -2\n" },
		{ "TcpExt: ListenDrops\n", "TcpExt: 2x\n" },
		{ "TcpExt: ListenDrops\n", "TcpExt: 18446744073709551616\n" },
		{ "TcpExt:\n", "TcpExt:\n" },
	};
	static const char *const others[][2] = {
		{ "IpExt: ListenDrops\n", "IpExt: 1\n" },
		{ "TcpExt: ListenDrops\n", "IpExt: 1\n" },
		{ "TcpX: ListenDrops\n", "TcpX: 1\n" },
		{ "", "" },
	};
	struct kernel_counters found = { .known = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(netstat_parse(lines[i][0], lines[i][1], &found), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(netstat_parse(others[i][0], others[i][1], &found), -ENOENT);
	assert_int_equal(found.known, 0);
}

static void a_file_without_them_is_told(void **state)
{
	static const char text[] = "Ip: Forwarding\nIp: 1\n";
	struct kernel_counters found;
	int fd = write_memory("none", text, strlen(text));

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(netstat_read(fd, &found), -ENOENT);
	assert_int_equal(close(fd), 0);
}

/* As Linux 6.18 shows them, but for what is of no interest here; those of AO moved on a kernel. */
static void those_that_hint_at_a_refusal_are_known(void **state)
{
	static const char text[] =
		"TcpExt: TW ListenDrops TCPMemoryPressures TCPMemoryPressuresChrono TCPMD5NotFound "
		"TCPMD5Unexpected TCPMD5Failure TCPReqQFullDrop TCPTimeWaitOverflow TCPAORequired "
		"TCPAOBad TCPAOKeyNotFound TCPAOGood TCPAODroppedIcmps\n"
		"TcpExt: 1 2 3 4 5 6 7 8 9 10 11 12 13 14\n"
		"Tcp: RtoAlgorithm ActiveOpens PassiveOpens\n"
		"Tcp: 1 15 16\n";
	struct kernel_counters found;
	int fd = write_memory("hints", text, strlen(text));

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(netstat_read(fd, &found), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(found.value[KERNEL_TCPMemoryPressures], 3);
	assert_int_equal(found.value[KERNEL_TCPMD5Failure], 7);
	assert_int_equal(found.value[KERNEL_TCPReqQFullDrop], 8);
	assert_int_equal(found.value[KERNEL_TCPAORequired], 10);
	assert_int_equal(found.value[KERNEL_TCPAOBad], 11);
	assert_int_equal(found.value[KERNEL_TCPAOKeyNotFound], 12);
	assert_int_equal(found.value[KERNEL_PassiveOpens], 16);
}

/* What is missing then is a name that is spelt wrongly; those of TCP-AO came with Linux 6.7. */
static void this_namespace_has_all_of_them(void **state)
{
	struct namespace_sight sight;
	struct kernel_counters found;

	(void)state;
	assert_int_equal(namespace_view_open(NAMESPACE_COUNTERS, -1, &sight), 0);
	assert_int_equal(netstat_read(sight.fd, &found), 0);
	assert_int_equal(close(sight.fd), 0);
	for (int i = 0; i < KERNEL_COUNTER_COUNT; i++)
		if (!kernel_counters_know(&found, i) &&
		    strncmp(kernel_counter_name(i), "TCPAO", strlen("TCPAO")) != 0)
			fail_msg("%s is not there", kernel_counter_name(i));
	assert_true(found.value[KERNEL_ListenOverflows] <= found.value[KERNEL_ListenDrops]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_found_by_their_names),
		cmocka_unit_test(what_is_not_there_is_not_zero),
		cmocka_unit_test(a_file_without_them_is_told),
		cmocka_unit_test(those_that_hint_at_a_refusal_are_known),
		cmocka_unit_test(this_namespace_has_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
