// SPDX-License-Identifier: GPL-2.0-only
/* How many TCP sockets a namespace has: the kernel's lines, and files that say so or do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/sockets/sockstat.h"

static void lines_are_parsed(void **state)
{
	static const struct {
		const char *line;
		int error;
		uint64_t sockets;
	} cases[] = {
		{ "sockets: used 271\n", 0, 0 },
		{ "TCP: inuse 0 orphan 3 tw 0 alloc 9 mem 2\n", 0, 0 },
		{ "TCP: inuse 5 orphan 3 tw 2 alloc 9 mem 2\n", 0, 7 },
		{ "TCP: inuse 0 orphan 0 tw 1 alloc 9 mem 2\n", 0, 1 },
		{ "TCP6: inuse 4\n", 0, 4 },
		{ "UDP: inuse 4 mem 0\n", 0, 0 },
		{ "TCP: inuse many orphan 0 tw 1\n", -EBADMSG, 0 },
		{ "TCP: inuse 1\n", -EBADMSG, 0 },
		{ "TCP6: \n", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t sockets = 99;

		assert_int_equal(sockstat_parse(cases[i].line, &sockets), cases[i].error);
		assert_int_equal(sockets, cases[i].sockets);
	}
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!text) {
		unlink(path);
		return;
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void what_is_not_known_may_be_there(void **state)
{
	static const char none[] = "sockets: used 9\nTCP: inuse 0 orphan 1 tw 0 alloc 0 mem 0\n";
	static const char some[] = "sockets: used 9\nTCP: inuse 0 orphan 0 tw 1 alloc 0 mem 0\n";
	static const struct {
		const char *four, *six;
		bool may;
	} cases[] = {
		{ NULL, NULL, true },
		{ none, NULL, false },
		{ none, "TCP6: inuse 0\n", false },
		{ none, "TCP6: inuse 1\n", true },
		{ some, "TCP6: inuse 0\n", true },
		{ NULL, "TCP6: inuse 0\n", true },
		{ none, "TCP6: inuse what\n", true },
		{ "TCP: inuse\n", NULL, true },
	};
	char folder[] = "/tmp/tcpspan-sockstat-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		write_file(folder, "sockstat", cases[i].four);
		write_file(folder, "sockstat6", cases[i].six);
		assert_int_equal(sockstat_may_have_tcp(folder), cases[i].may);
	}
	write_file(folder, "sockstat", NULL);
	write_file(folder, "sockstat6", NULL);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_parsed),
		cmocka_unit_test(what_is_not_known_may_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
