// SPDX-License-Identifier: GPL-2.0-only
/* The JSON writer: commas, escapes, and a small parser that must accept whatever it writes. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/json.h"
#include "user/base/text.h"

#define DEPTH_MAX 64

/*
 * A strict parser of RFC 8259: returns what lies behind one value, NULL when it is none. What the
 * last string said is left in `said`, decoded to UTF-8.
 */
static struct buffer said;

static const char *parse_value(const char *at, const char *end, int depth);

static const char *parse_digits(const char *at, const char *end)
{
	const char *first = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at > first ? at : NULL;
}

static const char *parse_number(const char *at, const char *end)
{
	if (at < end && *at == '-')
		at++;
	if (at < end && *at == '0')
		at++;
	else
		at = parse_digits(at, end);
	if (at && at < end && *at == '.')
		at = parse_digits(at + 1, end);
	if (at && at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		at = parse_digits(at, end);
	}
	return at;
}

static const char *parse_unit(const char *at, const char *end, uint32_t *ret_unit)
{
	char hex[5] = "";

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return NULL;
	memcpy(hex, at + 2, 4);
	if (strspn(hex, "0123456789abcdefABCDEF") != 4)
		return NULL;
	*ret_unit = (uint32_t)strtoul(hex, NULL, 16);
	return at + 6;
}

static void say(uint32_t code)
{
	if (code < 0x80) {
		buffer_add_char(&said, (char)code);
	} else if (code < 0x800) {
		buffer_add_char(&said, (char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		buffer_add_char(&said, (char)(0xe0 | code >> 12));
		buffer_add_char(&said, (char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		buffer_add_char(&said, (char)(0xf0 | code >> 18));
		buffer_add_char(&said, (char)(0x80 | (code >> 12 & 0x3f)));
		buffer_add_char(&said, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	if (code >= 0x80)
		buffer_add_char(&said, (char)(0x80 | (code & 0x3f)));
}

static const char *parse_escape(const char *at, const char *end)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	uint32_t unit, low;

	if (end - at < 2)
		return NULL;
	letter = strchr(letters, at[1]);
	if (at[1] && letter) {
		say((uint32_t)meant[letter - letters]);
		return at + 2;
	}
	at = parse_unit(at, end, &unit);
	if (!at || (unit >= 0xdc00 && unit <= 0xdfff))
		return NULL;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		at = parse_unit(at, end, &low);
		if (!at || low < 0xdc00 || low > 0xdfff)
			return NULL;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	say(unit);
	return at;
}

static const char *parse_string(const char *at, const char *end)
{
	buffer_clear(&said);
	if (at == end || *at++ != '"')
		return NULL;
	while (at && at < end && *at != '"') {
		uint32_t code;
		size_t length;

		if (*at == '\\') {
			at = parse_escape(at, end);
			continue;
		}
		length = text_code_point(at, (size_t)(end - at), &code);
		if (!length || code < ' ')
			return NULL;
		buffer_add(&said, at, length);
		at += length;
	}
	return at && at < end ? at + 1 : NULL;
}

/* The members of an object or the elements of an array, up to and with the closing sign. */
static const char *parse_list(const char *at, const char *end, char close, int depth)
{
	if (at < end && *at == close)
		return at + 1;
	while (at) {
		if (close == '}') {
			at = parse_string(at, end);
			if (!at || at == end || *at++ != ':')
				return NULL;
		}
		at = parse_value(at, end, depth + 1);
		if (!at || at == end)
			return NULL;
		if (*at == close)
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
	return NULL;
}

static const char *parse_word(const char *at, const char *end, const char *word)
{
	size_t size = strlen(word);

	return (size_t)(end - at) >= size && !memcmp(at, word, size) ? at + size : NULL;
}

static const char *parse_value(const char *at, const char *end, int depth)
{
	if (at == end || depth > DEPTH_MAX)
		return NULL;
	switch (*at) {
	case '{':
		return parse_list(at + 1, end, '}', depth);
	case '[':
		return parse_list(at + 1, end, ']', depth);
	case '"':
		return parse_string(at, end);
	case 't':
		return parse_word(at, end, "true");
	case 'f':
		return parse_word(at, end, "false");
	case 'n':
		return parse_word(at, end, "null");
	default:
		return parse_number(at, end);
	}
}

static bool is_json(const char *bytes, size_t size)
{
	return parse_value(bytes, bytes + size, 0) == bytes + size;
}

static void assert_wrote(const struct buffer *b, const char *want)
{
	assert_int_equal(b->size, strlen(want));
	assert_memory_equal(b->bytes, want, b->size);
}

/* The judge itself must be able to say no. */
static void parser_refuses(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"}",
		"[1,]",
		"[,1]",
		"[1 ]",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"{\"a\":1,}",
		"01",
		"1.",
		"+1",
		"1e",
		"nul",
		"nan",
		"\"",
		"\"\n\"",
		"\"\\\"",
		"\"\\x\"",
		"\"\xff\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"\"\xc0\xaf\"",
		"1 1",
		"[1}",
		"[1",
	};
	static const char *const fine[] = {
		"0",	"-1.5e+3",	     "[]", "{}", "[1,[2],{\"a\":null}]", "true",
		"\"\"", "\"\\ud83d\\udc27\""
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (is_json(texts[i], strlen(texts[i])))
			fail_msg("%s is no JSON", texts[i]);
	for (i = 0; i < sizeof(fine) / sizeof(*fine); i++)
		if (!is_json(fine[i], strlen(fine[i])))
			fail_msg("%s is JSON", fine[i]);
}

static void commas_come_by_themselves(void **state)
{
	struct buffer b;
	struct json j;

	(void)state;
	buffer_init(&b);
	json_init(&j, &b);
	json_object_begin(&j);
	json_key(&j, "v");
	json_u64(&j, 1);
	json_key(&j, "empty");
	json_array_begin(&j);
	json_array_end(&j);
	json_key(&j, "list");
	json_array_begin(&j);
	json_object_begin(&j);
	json_object_end(&j);
	json_object_begin(&j);
	json_key(&j, "a");
	json_null(&j);
	json_object_end(&j);
	json_array_begin(&j);
	json_u64(&j, 1);
	json_u64(&j, UINT64_MAX);
	json_i64(&j, INT64_MIN);
	json_array_end(&j);
	json_text(&j, "x");
	json_text(&j, NULL);
	json_string(&j, "", 0);
	json_array_end(&j);
	json_key(&j, "yes");
	json_bool(&j, true);
	json_key(&j, "no");
	json_bool(&j, false);
	json_key(&j, "half");
	json_double(&j, 0.5);
	json_object_end(&j);
	json_line_end(&j);
	json_object_begin(&j);
	json_object_end(&j);
	json_line_end(&j);
	assert_wrote(&b, "{\"v\":1,\"empty\":[],\"list\":[{},{\"a\":null},[1,18446744073709551615,"
			 "-9223372036854775808],"
			 "\"x\",null,\"\"],\"yes\":true,\"no\":false,\"half\":0.5}\n{}\n");
	buffer_done(&b);
}

static void strings_are_escaped(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "curl", "\"curl\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\n\x1b[m\x7f", "\"\\u000a\\u001b[m\\u007f\"" },
		{ "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7",
		  "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7\"" },
		{ "\xc2\x9b", "\"\\u009b\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"" },
		{ "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"" },
		{ "\xf0\x91\x82\xbd", "\"\\ud804\\udcbd\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80z", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"" },
	};
	struct buffer b;
	struct json j;
	size_t i;

	(void)state;
	buffer_init(&b);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buffer_clear(&b);
		json_init(&j, &b);
		json_string(&j, cases[i].text, strlen(cases[i].text));
		assert_wrote(&b, cases[i].want);
	}
	buffer_clear(&b);
	json_init(&j, &b);
	json_string(&j, "a\0b", 3);
	assert_wrote(&b, "\"a\\u0000b\"");
	buffer_done(&b);
}

static void doubles_read_back(void **state)
{
	static const double values[] = { 0,	  1,	   -1,		0.1,
					 1.0 / 3, 1e21,	   -2.5e-7,	123456789.125,
					 DBL_MAX, DBL_MIN, DBL_EPSILON, 5e-324 };
	static const double none[] = { NAN, INFINITY, -INFINITY };
	struct buffer b;
	struct json j;
	size_t i;

	(void)state;
	buffer_init(&b);
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		buffer_clear(&b);
		json_init(&j, &b);
		json_double(&j, values[i]);
		assert_true(is_json(b.bytes, b.size));
		buffer_add_char(&b, '\0');
		assert_true(strtod(b.bytes, NULL) == values[i]);
	}
	buffer_clear(&b);
	json_init(&j, &b);
	json_double(&j, 0.1);
	assert_wrote(&b, "0.1");
	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		buffer_clear(&b);
		json_init(&j, &b);
		json_double(&j, none[i]);
		assert_wrote(&b, "null");
	}
	buffer_done(&b);
}

/* What a parser is to find: the bytes, each broken one replaced. */
static void expect(struct buffer *b, const char *bytes, size_t size)
{
	size_t at, length;
	uint32_t code;

	buffer_clear(b);
	for (at = 0; at < size; at += length ? length : 1) {
		length = text_code_point(bytes + at, size - at, &code);
		if (length)
			buffer_add(b, bytes + at, length);
		else
			buffer_add_text(b, "\xef\xbf\xbd");
	}
}

static void random_bytes_stay_json(void **state)
{
	static const char mask[] = { (char)0xff, 0x7f, (char)0xbf, (char)0xe3 };
	struct buffer b, want;
	struct json j;
	int round;

	(void)state;
	srandom(8259);
	buffer_init(&b);
	buffer_init(&want);
	for (round = 0; round < 50000; round++) {
		char bytes[40];
		size_t size = (size_t)random() % sizeof(bytes);
		size_t at;

		for (at = 0; at < size; at++)
			bytes[at] = (char)(random() >> 8 & mask[round & 3]);
		buffer_clear(&b);
		json_init(&j, &b);
		json_string(&j, bytes, size);
		assert_true(is_json(b.bytes, b.size));
		expect(&want, bytes, size);
		assert_int_equal(said.size, want.size);
		if (want.size)
			assert_memory_equal(said.bytes, want.bytes, want.size);
		for (at = 0; at < b.size; at++)
			assert_true((unsigned char)b.bytes[at] >= ' ' && b.bytes[at] != 0x7f);
	}
	buffer_done(&b);
	buffer_done(&want);
}

static void add_random_value(struct json *j, int depth)
{
	char text[8];
	size_t i, count = (size_t)random() % 4;
	long kind = random() % (depth < 6 ? 8 : 6);

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(random() >> 8);
	switch (kind) {
	case 0:
		json_null(j);
		break;
	case 1:
		json_bool(j, random() & 1);
		break;
	case 2:
		json_u64(j, (uint64_t)random());
		break;
	case 3:
		json_double(j, (double)random() / 7 - 1e8);
		break;
	case 4:
	case 5:
		json_string(j, text, sizeof(text));
		break;
	case 6:
		json_array_begin(j);
		for (i = 0; i < count; i++)
			add_random_value(j, depth + 1);
		json_array_end(j);
		break;
	default:
		json_object_begin(j);
		for (i = 0; i < count; i++) {
			json_key(j, "key");
			add_random_value(j, depth + 1);
		}
		json_object_end(j);
	}
}

static void random_trees_are_json(void **state)
{
	struct buffer b;
	struct json j;
	int round;

	(void)state;
	srandom(7);
	buffer_init(&b);
	for (round = 0; round < 5000; round++) {
		buffer_clear(&b);
		json_init(&j, &b);
		json_array_begin(&j);
		add_random_value(&j, 0);
		add_random_value(&j, 0);
		json_array_end(&j);
		assert_true(is_json(b.bytes, b.size));
	}
	buffer_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parser_refuses),
		cmocka_unit_test(commas_come_by_themselves),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(doubles_read_back),
		cmocka_unit_test(random_bytes_stay_json),
		cmocka_unit_test(random_trees_are_json),
	};
	int failed;

	buffer_init(&said);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buffer_done(&said);
	return failed;
}
