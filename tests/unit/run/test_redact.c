// SPDX-License-Identifier: GPL-2.0-only
/* What is left of a command line that has no arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/run/redact.h"

static void check(struct redact *r, const char *cmdline, size_t first_size, const char *wanted)
{
	size_t size = strlen(cmdline);
	const char *told = redact_cmdline(r, cmdline, first_size, &size);

	assert_int_equal(size, strlen(wanted));
	assert_memory_equal(told, wanted, size);
}

static void arguments_are_left_out(void **state)
{
	static const char title[] = "postgres: alice shop 192.0.2.7(40404) idle";
	struct redact r;

	(void)state;
	assert_int_equal(redact_init(&r, 1u << REDACT_ARGUMENTS), 0);
	check(&r, "curl -u me:secret", 4, "curl");
	check(&r, "/usr/sbin/sshd", 14, "/usr/sbin/sshd");
	/* It has written over them what it does. */
	check(&r, title, sizeof(title) - 1, "postgres:");
	check(&r, " odd", 4, "");
	check(&r, "", 0, "");
	redact_done(&r);
}

static void names_are_alike_whatever_is_done(void **state)
{
	static const char title[] = "postgres: alice shop 192.0.2.7(40404) idle",
			  other[] = "postgres: bob shop 192.0.2.8(50505) idle";
	struct redact r;

	(void)state;
	assert_int_equal(redact_init(&r, 1u << REDACT_NAMES), 0);
	check(&r, title, sizeof(title) - 1, "command-1");
	check(&r, other, sizeof(other) - 1, "command-1");
	check(&r, "curl -u me:secret", 4, "command-2");
	redact_done(&r);
}

static void all_is_told_where_nothing_of_it_is_hidden(void **state)
{
	struct redact r;

	(void)state;
	assert_int_equal(redact_init(&r, 1u << REDACT_ADDRESSES), 0);
	check(&r, "curl -u me:secret", 4, "curl -u me:secret");
	redact_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_left_out),
		cmocka_unit_test(names_are_alike_whatever_is_done),
		cmocka_unit_test(all_is_told_where_nothing_of_it_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
