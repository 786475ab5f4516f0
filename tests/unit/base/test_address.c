// SPDX-License-Identifier: GPL-2.0-only
/* Addresses: printing against inet_ntop, parsing, prefixes of both families. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/address.h"

#define RANDOM_ADDRESSES 20000

static struct address address_of(const char *text)
{
	struct address a;
	uint8_t ipv4[4];

	if (inet_pton(AF_INET, text, ipv4) == 1)
		return address_from_ipv4(ipv4);
	assert_int_equal(inet_pton(AF_INET6, text, a.byte), 1);
	return a;
}

static void shape_is_mapped(void **state)
{
	static const uint8_t ipv4[4] = { 192, 0, 2, 255 };
	static const uint8_t want[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 255 };
	struct address a = address_from_ipv4(ipv4);

	(void)state;
	assert_memory_equal(a.byte, want, sizeof(want));
	assert_true(address_is_ipv4(&a));
	a.byte[9] = 1;
	assert_false(address_is_ipv4(&a));
	a = address_of("::");
	assert_false(address_is_ipv4(&a));
	a = address_of("::192.0.2.255");
	assert_false(address_is_ipv4(&a));
}

static void the_unspecified_address_is_any(void **state)
{
	static const char *const others[] = { "0.0.0.1", "1.0.0.0", "::1", "::ffff:0:0:1", "1::" };
	struct address a = address_of("0.0.0.0");

	(void)state;
	assert_true(address_is_any(&a));
	a = address_of("::");
	assert_true(address_is_any(&a));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		a = address_of(others[i]);
		assert_false(address_is_any(&a));
	}
}

static void format_is_rfc5952(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0",
		"1.22.133.4",
		"255.255.255.255",
		"10.100.9.99",
		"::",
		"::1",
		"1::",
		"2001:db8::1",
		"2001:db8:0:1:1:1:1:1",
		"2001:db8::1:0:0:1",
		"2001:0:0:1::1",
		"fe80::1:ff",
		"1:2:3:4:5:6:7:8",
		"0:1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:0",
		"0:0:1::",
		"ff02::fb",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct address a = address_of(texts[i]);

		assert_ptr_equal(address_format(&a, text), text);
		assert_string_equal(text, texts[i]);
	}
}

/* Few distinct groups, so that runs of zeros of every length and place come up. */
static void format_agrees_with_inet_ntop(void **state)
{
	static const uint8_t low_v4_part[12];
	char want[INET6_ADDRSTRLEN], text[ADDRESS_TEXT_SIZE];
	struct address a;
	int i, j;

	(void)state;
	srandom(5952);
	for (i = 0; i < RANDOM_ADDRESSES; i++) {
		for (j = 0; j < ADDRESS_SIZE; j += 2) {
			long r = random();

			a.byte[j] = r & 1 ? 0 : (uint8_t)(r >> 8 & (r & 2 ? 0x0f : 0xff));
			a.byte[j + 1] = r & 1 ? 0 : (uint8_t)(r >> 16 & (r & 4 ? 0x0f : 0xff));
		}
		/* inet_ntop writes these with dots; tested apart. */
		if (!memcmp(a.byte, low_v4_part, sizeof(low_v4_part)) || address_is_ipv4(&a))
			continue;
		inet_ntop(AF_INET6, a.byte, want, sizeof(want));
		assert_string_equal(address_format(&a, text), want);
	}
	for (i = 0; i < 256; i++) {
		uint8_t ipv4[4] = { (uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7),
				    (uint8_t)(i / 2) };

		a = address_from_ipv4(ipv4);
		inet_ntop(AF_INET, ipv4, want, sizeof(want));
		assert_string_equal(address_format(&a, text), want);
	}
}

static void prefix_is_normalised(void **state)
{
	static const struct {
		const char *text, *net;
		int bits;
	} cases[] = {
		{ "10.1.2.3", "10.1.2.3", 128 },
		{ "10.1.2.3/32", "10.1.2.3", 128 },
		{ "10.1.2.3/24", "10.1.2.0", 120 },
		{ "10.1.2.3/9", "10.0.0.0", 105 },
		{ "10.129.2.3/9", "10.128.0.0", 105 },
		{ "10.1.2.3/0", "0.0.0.0", 96 },
		{ "2001:db8:ffff::1/33", "2001:db8:8000::", 33 },
		{ "2001:db8::1/128", "2001:db8::1", 128 },
		{ "2001:db8::1", "2001:db8::1", 128 },
		{ "::/0", "::", 0 },
		{ "ffff::/1", "8000::", 1 },
		{ "::ffff:10.1.2.3/104", "10.0.0.0", 104 },
		{ "10.1.2.3/08", "10.0.0.0", 104 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct address net = address_of(cases[i].net);
		struct prefix p;

		assert_int_equal(prefix_parse(cases[i].text, &p), 0);
		assert_int_equal(p.bits, cases[i].bits);
		assert_memory_equal(p.net.byte, net.byte, ADDRESS_SIZE);
	}
}

static void prefix_refuses(void **state)
{
	static const char *const texts[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/8 ",
		" 10.0.0.0/8",
		"10.0.0.0/8/8",
		"10.0.0.0/+8",
		"10.0.0.0/a",
		"10.0.0",
		"10.0.0.256",
		"010.0.0.1x",
		"::/129",
		"::/1280",
		"::/0128",
		":::",
		"fe80::1%lo",
		"host",
		"10.0.0.0/4294967304",
		"1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25",
	};
	struct prefix p, before;
	size_t i;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		p = before;
		assert_int_equal(prefix_parse(texts[i], &p), -EINVAL);
		assert_memory_equal(&p, &before, sizeof(p));
	}
}

static void prefix_has_its_members(void **state)
{
	static const struct {
		const char *prefix, *address;
		bool want;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "10.0.0.0/8", "::10.0.0.1", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "203.0.113.9", false },
		{ "::/80", "203.0.113.9", false },
		{ "::/80", "::5", true },
		{ "2001:db8::/32", "2001:db8:ffff::", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8::2", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct address a = address_of(cases[i].address);
		struct prefix p;

		assert_int_equal(prefix_parse(cases[i].prefix, &p), 0);
		if (prefix_has(&p, &a) != cases[i].want)
			fail_msg("%s in %s", cases[i].address, cases[i].prefix);
	}
}

/* Every length: the bit in front of its end decides, the bit behind it does not. */
static void prefix_ends_at_its_bit(void **state)
{
	struct address base = address_of("2001:db8:1234:5678:9abc:def0:1357:2468");
	int bits;

	(void)state;
	for (bits = 0; bits <= 128; bits++) {
		char text[ADDRESS_TEXT_SIZE], with_bits[ADDRESS_TEXT_SIZE + 4];
		struct address a = base;
		struct prefix p;

		snprintf(with_bits, sizeof(with_bits), "%s/%d", address_format(&base, text), bits);
		assert_int_equal(prefix_parse(with_bits, &p), 0);
		assert_true(prefix_has(&p, &a));
		if (bits < 128) {
			a.byte[bits / 8] ^= (uint8_t)(0x80 >> bits % 8);
			assert_true(prefix_has(&p, &a));
		}
		if (bits > 0) {
			a.byte[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
			assert_false(prefix_has(&p, &a));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape_is_mapped),
		cmocka_unit_test(the_unspecified_address_is_any),
		cmocka_unit_test(format_is_rfc5952),
		cmocka_unit_test(format_agrees_with_inet_ntop),
		cmocka_unit_test(prefix_is_normalised),
		cmocka_unit_test(prefix_refuses),
		cmocka_unit_test(prefix_has_its_members),
		cmocka_unit_test(prefix_ends_at_its_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
