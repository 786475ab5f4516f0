// SPDX-License-Identifier: GPL-2.0-only
/* Filters become conditions, and what somebody typed stays a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/units.h"
#include "user/conn/filter.h"
#include "user/fleet/sql.h"

static struct options o;
static struct buffer out;

static const char *where(void)
{
	buffer_clear(&out);
	sql_add_where(&out, &o, 5000);
	buffer_add_char(&out, '\0');
	return out.bytes;
}

static int reset(void **state)
{
	(void)state;
	memset(&o, 0, sizeof(o));
	return 0;
}

static void literals(void **state)
{
	static const char odd[] = "a'b\\c\n\0\x7f\xc3\xa4";

	(void)state;
	buffer_clear(&out);
	sql_add_text(&out, odd, sizeof(odd) - 1);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, "'a\\'b\\\\c\\x0A\\x00\\x7F\xc3\xa4'");
}

static void nothing_is_asked(void **state)
{
	(void)state;
	assert_string_equal(where(), " WHERE 1");
}

static void numbers(void **state)
{
	(void)state;
	o.fleet.since_ns = 2000;
	o.filter.family = 6;
	o.filter.pids[0] = 7;
	o.filter.pids[1] = 8;
	o.filter.pid_count = 2;
	o.filter.flows[0] = UINT64_MAX;
	o.filter.flow_count = 1;
	o.filter.netns.inodes[0] = 4026531840;
	o.filter.netns.count = 1;
	assert_string_equal(where(), " WHERE 1 AND start_ns >= 3000 AND family = 'ipv6' AND pid IN "
				     "(7, 8) AND flow IN (18446744073709551615) AND netns IN "
				     "(4026531840)");
	o.fleet.since_ns = 6000;
	assert_non_null(strstr(where(), "start_ns >= 0 "));
}

/* What is asked for of one end takes no end from it; clocks may be a minute apart. */
static void both_ends_of_a_flow(void **state)
{
	const uint64_t minute = 60 * NS_PER_S;

	(void)state;
	buffer_clear(&out);
	o.fleet.since_ns = 2 * minute;
	o.filter.family = 4;
	o.filter.flows[0] = 77;
	o.filter.flow_count = 1;
	sql_add_flows_where(&out, &o, 5 * minute);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, " WHERE flow != 0 AND flow IN (77) AND start_ns >= "
				       "120000000000 GROUP BY flow HAVING countIf(1 AND start_ns "
				       ">= 180000000000 AND family = 'ipv4' AND flow IN (77)) > 0");
}

static void ports_are_ranges(void **state)
{
	(void)state;
	o.filter.has_lports = o.filter.has_rports = true;
	for (unsigned int port = 80; port < 90; port++)
		conn_filter_add_port(o.filter.lports, (uint16_t)port);
	conn_filter_add_port(o.filter.lports, 65535);
	assert_string_equal(where(), " WHERE 1 AND (lport BETWEEN 80 AND 89 OR lport BETWEEN 65535 "
				     "AND 65535) AND 0");
}

static void names(void **state)
{
	(void)state;
	o.fleet.hosts[0] = "x' OR '1'='1";
	o.fleet.host_count = 1;
	memcpy(o.filter.comms[0], "0123456789'bcdef", EVENT_COMM_SIZE);
	o.filter.comm_count = 1;
	assert_int_equal(conn_filter_add_name(&o.filter.units, "a.b*?'"), 0);
	assert_string_equal(where(),
			    " WHERE 1 AND host IN ('x\\' OR \\'1\\'=\\'1') AND (comm IN "
			    "('0123456789\\'bcdef') OR process IN ('0123456789\\'bcdef')) "
			    "AND (match(assumeNotNull(unit), '^([0-9]*/)?a\\\\.b.*.\\'$')) "
			    "AND unit IS NOT NULL");
}

/* As here: a pod without its namespace, and what has no name by the first digits of its id. */
static void names_and_ids(void **state)
{
	static const struct {
		const char *pattern, *unit, *container, *pod;
	} names[] = {
		{ "cart-*", "'^([0-9]*/)?cart-.*$'", "'^cart-.*$'", "'^([^/]*/)?cart-.*$'" },
		{ "shop/cart", "'^([0-9]*/)?shop/cart$'", "'^shop/cart$'",
		  "'^([^/]*/)?shop/cart$'" },
		{ "3f1c0a5be2d9", "'^([0-9]*/)?3f1c0a5be2d9$'",
		  "'^3f1c0a5be2d9$|^3f1c0a5be2d9[0123456789abcdef-]*$'",
		  "'^([^/]*/)?3f1c0a5be2d9$|^3f1c0a5be2d9[0123456789abcdef-]*$'" },
		{ "3f1c0a5be2d", "'^([0-9]*/)?3f1c0a5be2d$'", "'^3f1c0a5be2d$'",
		  "'^([^/]*/)?3f1c0a5be2d$'" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char parts[3][128];

		reset(state);
		assert_int_equal(conn_filter_add_name(&o.filter.units, names[i].pattern), 0);
		assert_int_equal(conn_filter_add_name(&o.filter.containers, names[i].pattern), 0);
		assert_int_equal(conn_filter_add_name(&o.filter.pods, names[i].pattern), 0);
		snprintf(parts[0], sizeof(parts[0]), "(unit), %s))", names[i].unit);
		snprintf(parts[1], sizeof(parts[1]), "(container), %s))", names[i].container);
		snprintf(parts[2], sizeof(parts[2]), "(pod), %s))", names[i].pod);
		where();
		for (size_t part = 0; part < 3; part++)
			if (!strstr(out.bytes, parts[part]))
				fail_msg("%s: %s", parts[part], out.bytes);
	}
}

/* As the same pattern would find it here. */
static void sets_of_characters(void **state)
{
	static const char *const patterns[][2] = {
		{ "web-[0-9]*", "'^([0-9]*/)?web-[0-9].*$'" },
		{ "[!a-c]", "'^([0-9]*/)?[^a-c]$'" },
		{ "[^a]b", "'^([0-9]*/)?[^a]b$'" },
		{ "[]x]", "'^([0-9]*/)?[\\\\]x]$'" },
		{ "[!]x]", "'^([0-9]*/)?[^\\\\]x]$'" },
		{ "[a^[.]", "'^([0-9]*/)?[a\\\\^\\\\[.]$'" },
		{ "[[:digit:]_]", "'^([0-9]*/)?[[:digit:]_]$'" },
		{ "[\\]", "'^([0-9]*/)?[\\\\\\\\]$'" },
		{ "a[", "'^([0-9]*/)?a\\\\[$'" },
		{ "[]", "'^([0-9]*/)?\\\\[\\\\]$'" },
		{ "a[!b", "'^([0-9]*/)?a\\\\[!b$'" },
		{ "[[:x", "'^([0-9]*/)?\\\\[\\\\[:x$'" },
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		reset(state);
		assert_int_equal(conn_filter_add_name(&o.filter.units, patterns[i][0]), 0);
		if (!strstr(where(), patterns[i][1]))
			fail_msg("%s: %s", patterns[i][0], out.bytes);
	}
}

static void networks(void **state)
{
	(void)state;
	assert_int_equal(prefix_parse("10.77.0.0/20", &o.filter.prefixes[0]), 0);
	assert_int_equal(prefix_parse("2001:db8::/33", &o.filter.prefixes[1]), 0);
	o.filter.prefix_count = 2;
	where();
	assert_non_null(strstr(out.bytes, ">= IPv6StringToNum('::ffff:10.77.0.0') AND "));
	assert_non_null(strstr(out.bytes, "<= IPv6StringToNum('::ffff:10.77.15.255')) OR "));
	assert_non_null(strstr(out.bytes, ">= IPv6StringToNum('2001:db8::') AND "));
	assert_non_null(
		strstr(out.bytes, "<= IPv6StringToNum('2001:db8:7fff:ffff:ffff:ffff:ffff:ffff'))"));
	/* The mapped addresses lie inside, and are IPv4. */
	assert_int_equal(prefix_parse("::/0", &o.filter.prefixes[1]), 0);
	where();
	assert_non_null(strstr(out.bytes, "(raddr IS NOT NULL AND family = 'ipv4' AND IPv6"));
	assert_non_null(strstr(out.bytes, "OR (raddr IS NOT NULL AND family = 'ipv6' AND IPv6"));
	assert_non_null(strstr(out.bytes, ">= IPv6StringToNum('::') AND "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),
		cmocka_unit_test_setup(nothing_is_asked, reset),
		cmocka_unit_test_setup(numbers, reset),
		cmocka_unit_test_setup(both_ends_of_a_flow, reset),
		cmocka_unit_test_setup(ports_are_ranges, reset),
		cmocka_unit_test_setup(names, reset),
		cmocka_unit_test_setup(names_and_ids, reset),
		cmocka_unit_test_setup(sets_of_characters, reset),
		cmocka_unit_test_setup(networks, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buffer_done(&out);
	return failed;
}
