// SPDX-License-Identifier: GPL-2.0-only
/* What stands for addresses and names: the same for the same, different ones else, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/pseudonyms.h"

static struct pseudonyms *p;

static int begin(void **state)
{
	(void)state;
	p = pseudonyms_new();
	return p ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	pseudonyms_free(p);
	pseudonyms_free(NULL);
	return 0;
}

static void name_is(enum pseudonym_kind kind, const char *name, const char *expected)
{
	assert_string_equal(pseudonym_of_name(p, kind, name, strlen(name)), expected);
}

static void names(void **state)
{
	(void)state;
	name_is(PSEUDONYM_COMM, "nginx", "comm-1");
	name_is(PSEUDONYM_COMM, "curl", "comm-2");
	name_is(PSEUDONYM_UNIT, "nginx", "unit-1");
	name_is(PSEUDONYM_COMM, "nginx", "comm-1");
	name_is(PSEUDONYM_COMM, "", "comm-3");
	name_is(PSEUDONYM_CGROUP, "/system.slice", "/cgroup-1");
	assert_string_equal(pseudonym_of_name(p, PSEUDONYM_COMM, "curl\0x", 4), "comm-2");
}

static void address_is(const char *address, const char *expected)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address made;
	struct prefix prefix;

	assert_int_equal(prefix_parse(address, &prefix), 0);
	made = pseudonym_of_address(p, &prefix.net);
	assert_string_equal(address_format(&made, text), expected);
}

/* What is everybody's says nothing of anybody. */
static void addresses(void **state)
{
	(void)state;
	address_is("192.0.2.1", "240.0.0.1");
	address_is("198.51.100.7", "240.0.0.2");
	address_is("fd00::17", "2001:db8::1");
	address_is("192.0.2.1", "240.0.0.1");
	address_is("127.0.0.1", "127.0.0.1");
	address_is("127.9.9.9", "127.9.9.9");
	address_is("0.0.0.0", "0.0.0.0");
	address_is("::1", "::1");
	address_is("::", "::");
	address_is("fe80::1", "2001:db8::2");
	for (int i = 3; i < 255; i++) {
		char text[32], expected[32];

		snprintf(text, sizeof(text), "203.0.113.%d", i);
		snprintf(expected, sizeof(expected), "240.0.0.%d", i);
		address_is(text, expected);
	}
	address_is("203.0.114.1", "240.0.0.255");
	address_is("203.0.114.2", "240.0.1.0");
}

static void there_is_an_end_of_them(void **state)
{
	char text[32];

	(void)state;
	for (uint32_t i = 0; i <= PSEUDONYMS_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		pseudonym_of_name(p, PSEUDONYM_POD, text, strlen(text));
	}
	name_is(PSEUDONYM_POD, "0", "pod-1");
	name_is(PSEUDONYM_POD, text, "pod-0");
	name_is(PSEUDONYM_UNIT, "late", "unit-0");
	address_is("10.0.0.1", "240.0.0.0");
	address_is("fd00::18", "2001:db8::");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(there_is_an_end_of_them),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
