// SPDX-License-Identifier: GPL-2.0-only
/* Escaping against an independent judge of visible characters, durations, strict numbers. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "user/base/text.h"

#define US 1000ULL
#define MS 1000000ULL
#define S 1000000000ULL
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void assert_escaped(const char *bytes, size_t size, size_t columns, const char *want,
			   size_t want_columns)
{
	struct buffer b;

	buffer_init(&b);
	assert_int_equal(text_add_escaped(&b, bytes, size, columns), want_columns);
	buffer_add_char(&b, '\0');
	assert_string_equal(b.bytes, want);
	assert_int_equal(b.size, strlen(want) + 1);
	buffer_done(&b);
}

static void what_is_visible_stays(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} cases[] = {
		{ "", 0 },
		{ "curl", 4 },
		{ " ~!\"'`$;,", 9 },
		{ "gr\xc3\xbc\xc3\x9f", 4 },				   /* Latin */
		{ "\xc2\xa0", 1 },					   /* the first behind C1 */
		{ "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", 6 }, /* Cyrillic */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 },			   /* CJK */
		{ "\xf0\x9f\x90\xa7", 2 },				   /* an emoji */
		{ "\xf0\x9f\x9a\x80x", 3 },				   /* a rocket, and x */
		{ "e\xcc\x81x", 2 },		   /* an accent of its own */
		{ "\xe2\x9d\xa4\xef\xb8\x8f", 1 }, /* with a selector */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_escaped(cases[i].text, strlen(cases[i].text), TEXT_UNLIMITED, cases[i].text,
			       cases[i].columns);
}

static void what_is_not_is_escaped(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "\x1b[31m", "\\x1b[31m" },
		{ "\n\r\t\b\x7f", "\\x0a\\x0d\\x09\\x08\\x7f" },
		{ "a\\b", "a\\x5cb" },
		{ "\xc2\x9b\x31m", "\\xc2\\x9b1m" }, /* CSI as C1 */
		{ "\xe2\x80\xae"
		  "exe.x",
		  "\\xe2\\x80\\xaeexe.x" },			/* right to left */
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },		/* isolate */
		{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },		/* zero width */
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },		/* line separator */
		{ "\xc2\xad", "\\xc2\\xad" },			/* soft hyphen */
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },		/* byte order mark */
		{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81" }, /* a tag */
		{ "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },		/* no character */
		{ "\xff", "\\xff" },
		{ "\x80\xbf", "\\x80\\xbf" },
		{ "\xc3", "\\xc3" },
		{ "\xc3(", "\\xc3(" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\xe2\x82z", "\\xe2\\x82z" },
		{ "\xc0\xaf", "\\xc0\\xaf" }, /* overlong */
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },		/* a surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_escaped(cases[i].text, strlen(cases[i].text), TEXT_UNLIMITED, cases[i].want,
			       strlen(cases[i].want));
	assert_escaped("a\0b", 3, TEXT_UNLIMITED, "a\\x00b", 6);
}

static void width_is_kept(void **state)
{
	(void)state;
	assert_escaped("abcdef", 6, 0, "", 0);
	assert_escaped("abcdef", 6, 3, "abc", 3);
	assert_escaped("abc", 3, 3, "abc", 3);
	assert_escaped("abc", 3, 10, "abc", 3);
	assert_escaped("\xc3\xbc\xc3\xbc\xc3\xbc", 6, 2, "\xc3\xbc\xc3\xbc", 2);
	/* A square character is too; what stands on the last one goes with it. */
	assert_escaped("\xe6\x97\xa5\xe6\x9c\xac", 6, 3, "\xe6\x97\xa5", 2);
	assert_escaped("\xe6\x97\xa5\xe6\x9c\xac", 6, 4, "\xe6\x97\xa5\xe6\x9c\xac", 4);
	assert_escaped("a\xe6\x97\xa5", 4, 1, "a", 1);
	assert_escaped("ae\xcc\x81x", 5, 2, "ae\xcc\x81", 2);
	/* An escape is printed whole or not at all, and nothing behind it. */
	assert_escaped("a\x1b"
		       "b",
		       3, 1, "a", 1);
	assert_escaped("a\x1b"
		       "b",
		       3, 4, "a", 1);
	assert_escaped("a\x1b"
		       "b",
		       3, 5, "a\\x1b", 5);
	assert_escaped("a\x1b"
		       "b",
		       3, 6,
		       "a\\x1b"
		       "b",
		       6);
	assert_escaped("\xe2\x80\xae", 3, 11, "\\xe2\\x80", 8);
}

/* Bytes of nothing but the ones a terminal prints, whatever comes in. */
static void output_is_harmless(void **state)
{
	struct buffer b;
	int round;

	(void)state;
	srandom(27);
	buffer_init(&b);
	for (round = 0; round < 20000; round++) {
		char bytes[24];
		size_t size = (size_t)random() % sizeof(bytes);
		size_t columns = round & 1 ? TEXT_UNLIMITED : (size_t)random() % 40;
		size_t count = 0, used, at, length;
		uint32_t code;

		for (at = 0; at < size; at++)
			bytes[at] = (char)(random() >> 8 & (round & 2 ? 0xff : 0x9f));
		buffer_clear(&b);
		used = text_add_escaped(&b, bytes, size, columns);
		for (at = 0; at < b.size; at += length) {
			length = text_code_point(b.bytes + at, b.size - at, &code);
			assert_int_not_equal(length, 0);
			assert_true(text_is_visible(code));
			count += text_columns(code);
		}
		assert_int_equal(used, count);
		assert_int_equal(text_width(b.bytes, b.size), count);
		assert_true(used <= columns);
	}
	buffer_done(&b);
}

/* Some of each kind, and both sides of where kinds meet. */
static void columns_are_those_of_a_terminal(void **state)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} cases[] = {
		{ ' ', '~', 1 },
		{ 0xa0, 0xac, 1 },
		{ 0xdf, 0x2ff, 1 },
		{ 0x300, 0x34e, 0 },
		{ 0x370, 0x377, 1 },
		{ 0x483, 0x489, 0 },
		{ 0x5d0, 0x5ea, 1 }, /* Hebrew, and its points */
		{ 0x5b0, 0x5bd, 0 },
		{ 0x64b, 0x65f, 0 }, /* Arabic marks */
		{ 0x905, 0x939, 1 }, /* Devanagari, and a sign above and one below */
		{ 0x93c, 0x93c, 0 },
		{ 0x94d, 0x94d, 0 },
		{ 0xe01, 0xe30, 1 }, /* Thai */
		{ 0xe31, 0xe31, 0 },
		{ 0xe34, 0xe3a, 0 },
		{ 0x1100, 0x115e, 2 }, /* parts of Hangul syllables: the first takes the room */
		{ 0x1161, 0x11ff, 0 },
		{ 0x20d0, 0x20f0, 0 },
		{ 0x2190, 0x2211, 1 }, /* arrows, a sum */
		{ 0x2500, 0x25fc, 1 }, /* lines and boxes */
		{ 0x25fd, 0x25fe, 2 },
		{ 0x231a, 0x231b, 2 }, /* a watch and an hourglass, among signs */
		{ 0x231c, 0x2328, 1 },
		{ 0x2705, 0x2705, 2 },
		{ 0x2713, 0x2713, 1 },
		{ 0x2e80, 0x2e99, 2 },
		{ 0x3001, 0x3029, 2 },
		{ 0x302a, 0x302d, 0 },
		{ 0x303f, 0x303f, 1 }, /* half as wide, and it says so */
		{ 0x3041, 0x3096, 2 },
		{ 0x3099, 0x309a, 0 },
		{ 0x4e00, 0x9fff, 2 },
		{ 0xac00, 0xd7a3, 2 },
		{ 0xf900, 0xfa6d, 2 },
		{ 0xfe00, 0xfe0f, 0 }, /* selectors of a variant */
		{ 0xfe20, 0xfe2f, 0 },
		{ 0xff01, 0xff60, 2 },
		{ 0xff61, 0xff9f, 1 }, /* half as wide */
		{ 0x1f300, 0x1f320, 2 },
		{ 0x1f321, 0x1f321, 1 }, /* no picture unless it is asked for */
		{ 0x1f427, 0x1f427, 2 },
		{ 0x1f600, 0x1f64f, 2 },
		{ 0x1f680, 0x1f6c5, 2 },
		{ 0x1f6eb, 0x1f6ec, 2 },
		{ 0x1f6f4, 0x1f6fc, 2 },
		{ 0x1f90c, 0x1f93a, 2 },
		{ 0x1fa70, 0x1faff, 2 },
		{ 0x20000, 0x2a6df, 2 },
		{ 0x30000, 0x3134a, 2 },
		{ 0xe0100, 0xe01ef, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (uint32_t code = cases[i].first; code <= cases[i].last; code++)
			if (text_columns(code) != cases[i].columns)
				fail_msg("U+%04X takes %zu columns", code, text_columns(code));
	assert_int_equal(text_width("", 0), 0);
	assert_int_equal(text_width("a\xe6\x97\xa5\xcc\x81", 6), 3);
	assert_int_equal(text_width("ab\xff", 3), 2);
}

/* The library's opinion, where it has one, on all that both know. */
static void columns_are_those_of_the_library(void **state)
{
	size_t others = 0, known = 0;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (uint32_t code = 0xa0; code <= 0x10ffff; code++) {
		int columns = wcwidth((wchar_t)code);

		if (columns < 0 || !text_is_visible(code))
			continue;
		known++;
		others += (size_t)columns != text_columns(code);
	}
	setlocale(LC_CTYPE, "C");
	assert_true(known > 100000);
	/* Another version of Unicode may know more, and has a few in other columns. */
	if (others > known / 500)
		fail_msg("%zu of %zu take other columns", others, known);
}

/* Every code point there is, by an encoder of our own. */
static void code_points_round_trip(void **state)
{
	uint32_t code, found;

	(void)state;
	for (code = 0; code < 0x120000; code++) {
		bool exists = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
		char bytes[4];
		size_t size = 0, cut;

		if (code < 0x80) {
			bytes[size++] = (char)code;
		} else if (code < 0x800) {
			bytes[size++] = (char)(0xc0 | code >> 6);
		} else if (code < 0x10000) {
			bytes[size++] = (char)(0xe0 | code >> 12);
			bytes[size++] = (char)(0x80 | (code >> 6 & 0x3f));
		} else {
			bytes[size++] = (char)(0xf0 | code >> 18);
			bytes[size++] = (char)(0x80 | (code >> 12 & 0x3f));
			bytes[size++] = (char)(0x80 | (code >> 6 & 0x3f));
		}
		if (code >= 0x80)
			bytes[size++] = (char)(0x80 | (code & 0x3f));
		found = ~code;
		assert_int_equal(text_code_point(bytes, size, &found), exists ? size : 0);
		assert_int_equal(found, exists ? code : ~code);
		for (cut = 0; cut < size; cut++)
			assert_int_equal(text_code_point(bytes, cut, &found), 0);
	}
}

static void visible_is_judged_by_category(void **state)
{
	static const uint32_t hidden[] = {
		0x00,	 0x1f,	   0x7f,     0x80,	 0x9f,	  0xad,	   0x34f,   0x61c,
		0x180e,	 0x200b,   0x200e,   0x200f,	 0x2028,  0x2029,  0x202a,  0x202e,
		0x2060,	 0x2066,   0x2069,   0x206f,	 0xfdd0,  0xfdef,  0xfeff,  0xfff9,
		0xfffb,	 0xfffe,   0xffff,   0x110bd,	 0x1d173, 0x1fffe, 0xe0001, 0xe007f,
		0xe0fff, 0x10ffff, 0x110000, UINT32_MAX,
	};
	static const uint32_t shown[] = {
		0x20,	0x7e,	0xa0,	0xac,	 0xae,	  0x34e,   0x350,    0x61b,  0x61d,
		0x200a, 0x2010, 0x2027, 0x202f,	 0x205f,  0x2070,  0xfdcf,   0xfdf0, 0xfefe,
		0xff00, 0xfffc, 0xfffd, 0x10000, 0x1f427, 0xe1000, 0x10fffd,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (text_is_visible(hidden[i]))
			fail_msg("U+%04X is visible", hidden[i]);
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (!text_is_visible(shown[i]))
			fail_msg("U+%04X is not visible", shown[i]);
}

static void assert_csv(const char *bytes, size_t size, const char *want)
{
	struct buffer b;

	buffer_init(&b);
	text_add_csv(&b, bytes, size);
	buffer_add_char(&b, '\0');
	assert_string_equal(b.bytes, want);
	buffer_done(&b);
}

static void csv_quotes_what_needs_it(void **state)
{
	(void)state;
	assert_csv("", 0, "");
	assert_csv(NULL, 0, "");
	assert_csv("curl", 4, "curl");
	assert_csv("a b", 3, "a b");
	assert_csv(" a", 2, "\" a\"");
	assert_csv("a ", 2, "\"a \"");
	assert_csv("a,b", 3, "\"a,b\"");
	assert_csv("\"", 1, "\"\"\"\"");
	assert_csv("say \"hi\", ok", 12, "\"say \"\"hi\"\", ok\"");
	assert_csv("\"\"", 2, "\"\"\"\"\"\"");
	assert_csv("a\nb", 3, "a\\x0ab");
	assert_csv("a,\x1b[m\"\r\n", 8, "\"a,\\x1b[m\"\"\\x0d\\x0a\"");
	assert_csv("gr\xc3\xbc\xff", 5, "gr\xc3\xbc\\xff");
}

static void durations_have_three_digits(void **state)
{
	static const struct {
		uint64_t ns;
		const char *want;
	} cases[] = {
		{ 0, "0ns" },
		{ 1, "1ns" },
		{ 850, "850ns" },
		{ 999, "999ns" },
		{ 1000, "1.00us" },
		{ 1004, "1.00us" },
		{ 1005, "1.01us" },
		{ 9994, "9.99us" },
		{ 9995, "10.0us" },
		{ 12345, "12.3us" },
		{ 99949, "99.9us" },
		{ 99950, "100us" },
		{ 999499, "999us" },
		{ 999500, "1.00ms" },
		{ 80100 * US, "80.1ms" },
		{ 999499999, "999ms" },
		{ 999500000, "1.00s" },
		{ S, "1.00s" },
		{ 61200 * MS, "61.2s" },
		{ 99949 * MS, "99.9s" },
		{ 99950 * MS, "1m40s" },
		{ 123 * S, "2m03s" },
		{ 123 * S + 499 * MS, "2m03s" },
		{ 123 * S + 500 * MS, "2m04s" },
		{ 59 * MINUTE + 59 * S, "59m59s" },
		{ HOUR - 1, "1h00m" },
		{ HOUR, "1h00m" },
		{ 3 * HOUR + 12 * MINUTE, "3h12m" },
		{ DAY - 30 * S - 1, "23h59m" },
		{ DAY - 1, "1d00h" },
		{ 4 * DAY + 2 * HOUR, "4d02h" },
		{ 99 * DAY + 23 * HOUR, "99d23h" },
		{ 100 * DAY - 1, "100d" },
		{ 9999 * DAY, "9999d" },
		{ 10000 * DAY, "27y" },
		{ UINT64_MAX - 1, "584y" },
		{ UINT64_MAX, "-" },
	};
	char text[TEXT_DURATION_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_ptr_equal(text_duration(cases[i].ns, text), text);
		assert_string_equal(text, cases[i].want);
	}
}

/* What a printed duration says, and how much its last digit is worth. */
static double duration_of(const char *text, double *ret_digit_ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 },   { "us", 1e3 },   { "ms", 1e6 },	{ "s", 1e9 },
		      { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 }, { "y", 365 * 86400e9 } };
	const char *at = text;
	double sum = 0;

	while (*at) {
		size_t digits = strspn(at, "0123456789.");
		size_t size = strcspn(at + digits, "0123456789");
		const char *point = memchr(at, '.', digits);
		size_t decimals = point ? digits - (size_t)(point - at) - 1 : 0;
		size_t i;

		for (i = 0; i < sizeof(units) / sizeof(*units); i++)
			if (strlen(units[i].unit) == size &&
			    !strncmp(units[i].unit, at + digits, size))
				break;
		assert_true(digits && i < sizeof(units) / sizeof(*units));
		sum += strtod(at, NULL) * units[i].ns;
		*ret_digit_ns = units[i].ns / (decimals == 2 ? 100 : decimals == 1 ? 10 : 1);
		at += digits + size;
	}
	return sum;
}

/* Six characters at most, and within half of the last digit; years are cut. */
static void durations_are_short_and_near(void **state)
{
	char text[TEXT_DURATION_SIZE];
	int round;

	(void)state;
	srandom(9293);
	for (round = 0; round < 200000; round++) {
		uint64_t ns = ((uint64_t)random() << 33 ^ (uint64_t)random() << 10 ^
			       (uint64_t)random()) >>
			      random() % 64;
		double digit_ns = 0, error;

		if (ns == UINT64_MAX)
			continue;
		text_duration(ns, text);
		assert_true(strlen(text) >= 2 && strlen(text) <= 6);
		error = duration_of(text, &digit_ns) - (double)ns;
		if (error > digit_ns * 0.501 ||
		    -error > digit_ns * (strchr(text, 'y') ? 1.01 : 0.501))
			fail_msg("%llu ns is not %s", (unsigned long long)ns, text);
	}
}

static void numbers_are_strict(void **state)
{
	static const char *const wrong[] = { "",    " 1",  "1 ", "+1", "-1",	   "-0", "0x10",
					     "1e3", "1.0", "a",	 "1a", "\xd9\xa1", "1\n" };
	uint64_t value;
	size_t i;

	(void)state;
	assert_int_equal(text_parse_u64("0", &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(text_parse_u64("007", &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(text_parse_u64("18446744073709551615", &value), 0);
	assert_true(value == UINT64_MAX);
	value = 42;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(text_parse_u64(wrong[i], &value), -EINVAL);
	assert_int_equal(text_parse_u64("18446744073709551616", &value), -ERANGE);
	assert_int_equal(text_parse_u64("99999999999999999999999", &value), -ERANGE);
	assert_int_equal(value, 42);
}

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "0", 0 },
		{ "10", 10 * S },
		{ "1.5", 1500 * MS },
		{ "100ms", 100 * MS },
		{ "2m", 2 * MINUTE },
		{ "1.5h", 90 * MINUTE },
		{ "0.001us", 1 },
		{ "0.0005us", 0 },
		{ "7ns", 7 },
		{ "1s", S },
		{ "3d", 3 * DAY },
		{ "250us", 250 * US },
		{ "0.1", 100 * MS },
		{ "0.000000001", 1 },
		{ "0.3333333333333333333333", 333333333 },
		{ "1.999999999", 1999999999 },
		{ "18446744073.709551614", UINT64_MAX - 1 },
	};
	static const char *const wrong[] = { "",    ".5",  "5.",   "1.s",   "s",    "-1",
					     "1 s", "1S",  "1min", "1.5.5", "1sec", "1e9",
					     "0x1", "1,5", "inf",  "1m30s" };
	static const char *const large[] = { "18446744073.709551615", "18446744073.709551616",
					     "18446744074", "213504d", "99999999999999999999ns" };
	uint64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(text_parse_duration(cases[i].text, &ns), 0);
		if (ns != cases[i].ns)
			fail_msg("%s is %llu", cases[i].text, (unsigned long long)ns);
	}
	ns = 42;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(text_parse_duration(wrong[i], &ns), -EINVAL);
	for (i = 0; i < sizeof(large) / sizeof(*large); i++)
		assert_int_equal(text_parse_duration(large[i], &ns), -ERANGE);
	assert_int_equal(ns, 42);
}

static void sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "512K", 512 << 10 },
		{ "8M", 8 << 20 },
		{ "8m", 8 << 20 },
		{ "2G", 2ULL << 30 },
		{ "1k", 1024 },
		{ "17179869183G", 17179869183ULL << 30 },
	};
	static const char *const wrong[] = { "",    "K",  "8MB", "8 M",	 "1.5M",
					     "-8M", "8T", "8Mi", "8\xcb" };
	uint64_t bytes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(text_parse_size(cases[i].text, &bytes), 0);
		assert_int_equal(bytes, cases[i].bytes);
	}
	bytes = 42;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(text_parse_size(wrong[i], &bytes), -EINVAL);
	assert_int_equal(text_parse_size("17179869184G", &bytes), -ERANGE);
	assert_int_equal(text_parse_size("18446744073709551616", &bytes), -ERANGE);
	assert_int_equal(bytes, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_visible_stays),
		cmocka_unit_test(what_is_not_is_escaped),
		cmocka_unit_test(width_is_kept),
		cmocka_unit_test(output_is_harmless),
		cmocka_unit_test(columns_are_those_of_a_terminal),
		cmocka_unit_test(columns_are_those_of_the_library),
		cmocka_unit_test(code_points_round_trip),
		cmocka_unit_test(visible_is_judged_by_category),
		cmocka_unit_test(csv_quotes_what_needs_it),
		cmocka_unit_test(durations_have_three_digits),
		cmocka_unit_test(durations_are_short_and_near),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(sizes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
