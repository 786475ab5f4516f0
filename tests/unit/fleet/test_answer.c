// SPDX-License-Identifier: GPL-2.0-only
/* Rows of an answer come apart as they were put together, and stand in each format as they are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/fleet/table.h"

static char text[256];
static struct answer answer;
static struct answer_value values[ANSWER_COLUMNS];

static void say(const char *rows)
{
	snprintf(text, sizeof(text), "%s", rows);
	answer = (struct answer){ text, text + strlen(text) };
}

static void rows(void **state)
{
	(void)state;
	say("a\\tb\t\\N\t\n\\\\\\'\\x\t1\t18446744073709551616\n");
	assert_int_equal(answer_next(&answer, values, 3), 1);
	assert_true(answer_is(&values[0], "a\tb"));
	assert_null(values[1].bytes);
	assert_true(answer_is(&values[2], ""));
	assert_int_equal(answer_next(&answer, values, 3), 1);
	assert_true(answer_is(&values[0], "\\'x"));
	assert_int_equal(answer_next(&answer, values, 3), 0);
}

static void what_is_none(void **state)
{
	static const char *const wrong[] = { "a\tb", "a\n", "a\tb\tc\n", "\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		say(wrong[i]);
		assert_int_equal(answer_next(&answer, values, 2), -EBADMSG);
	}
}

/* Names alone are an answer, of no rows; nothing at all is none. */
static void names_are_in_front(void **state)
{
	(void)state;
	say("host\tcount()\n");
	assert_int_equal(answer_begin(&answer, 2), 0);
	assert_int_equal(answer_next(&answer, values, 2), 0);
	say("host\tcount()\na\t1\n");
	assert_int_equal(answer_begin(&answer, 2), 0);
	assert_int_equal(answer_next(&answer, values, 2), 1);
	assert_true(answer_is(&values[0], "a"));
	say("");
	assert_int_equal(answer_begin(&answer, 2), -ENODATA);
	say("<html>\n");
	assert_int_equal(answer_begin(&answer, 2), -EBADMSG);
	say("host\tcount()");
	assert_int_equal(answer_begin(&answer, 2), -EBADMSG);
}

static void numbers(void **state)
{
	static const char *const wrong[] = { "18446744073709551616", "-1", "", "1 ", "0x1",
					     "000000000000000000001" };
	uint64_t number = 0;
	struct answer_value v = { "18446744073709551615", 20 };

	(void)state;
	assert_true(answer_u64(&v, &number));
	assert_true(number == UINT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		v = (struct answer_value){ wrong[i], strlen(wrong[i]) };
		assert_false(answer_u64(&v, &number));
	}
	v = (struct answer_value){ NULL, 0 };
	assert_false(answer_u64(&v, &number));
}

static const struct table_column columns[] = {
	{ "name", "NAME", TABLE_TEXT },	 { "n", "N", TABLE_COUNT },
	{ "took_ns", "TOOK", TABLE_NS }, { "time", "TIME", TABLE_TIME },
	{ "flow", "FLOW", TABLE_FLOW },	 { "ratio", NULL, TABLE_NUMBER },
};

static void assert_formats_in(size_t most, const char *said, enum output_format format,
			      const char *expected)
{
	struct table *table = table_new("fleet_x", columns, 6);
	struct buffer out;

	assert_non_null(table);
	buffer_init(&out);
	say(said);
	while (answer_next(&answer, values, 6) > 0)
		table_add(table, values);
	assert_int_equal(table_print(table, &out, format, most), 0);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, expected);
	buffer_done(&out);
	table_free(table);
}

static void assert_formats(const char *said, enum output_format format, const char *expected)
{
	assert_formats_in(0, said, format, expected);
}

#define SAID                                                       \
	"a\033[2J\"\t3\t1500000\t1767323045000000000\t255\t-0.5\n" \
	"\\N\t\\N\tx\t0\t0\t}\n"

static void formats(void **state)
{
	(void)state;
	assert_formats(SAID, FORMAT_TEXT,
		       "NAME       N    TOOK  TIME                 FLOW\n"
		       "a\\x1b[2J\"  3  1.50ms  2026-01-02T03:04:05  00000000000000ff\n"
		       "-          -       -  -                    -\n");
	assert_formats(SAID, FORMAT_JSON,
		       "{\"v\":1,\"type\":\"fleet_x\",\"name\":\"a\\u001b[2J\\\"\",\"n\":3,"
		       "\"took_ns\":1500000,\"time\":\"2026-01-02T03:04:05.000000000Z\","
		       "\"flow\":\"00000000000000ff\",\"ratio\":-0.5}\n"
		       "{\"v\":1,\"type\":\"fleet_x\",\"name\":null,\"n\":null,\"took_ns\":null,"
		       "\"time\":null,\"flow\":null,\"ratio\":null}\n");
	assert_formats(SAID, FORMAT_CSV,
		       "name,n,took_ns,time,flow,ratio\n"
		       "\"a\\x1b[2J\"\"\",3,1500000,2026-01-02T03:04:05.000000000Z,"
		       "00000000000000ff,-0.5\n"
		       ",,,,,\n");
	assert_formats("", FORMAT_TEXT, "NAME  N  TOOK  TIME  FLOW\n");
}

/* Where texts are as short as they may be, a row has several lines. */
static void narrow_tables_fit(void **state)
{
	(void)state;
	assert_formats_in(44, SAID, FORMAT_TEXT,
			  "NAME      N    TOOK  TIME\n"
			  "  FLOW\n"
			  "a\\x1b[2+  3  1.50ms  2026-01-02T03:04:05\n"
			  "  00000000000000ff\n"
			  "-         -       -  -\n"
			  "  -\n");
	assert_formats_in(80, "", FORMAT_TEXT, "NAME  N  TOOK  TIME  FLOW\n");
	assert_formats_in(12, "", FORMAT_TEXT, "NAME  N\n  TOOK  TIME\n  FLOW\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(names_are_in_front),
		cmocka_unit_test(numbers),
		cmocka_unit_test(formats),
		cmocka_unit_test(narrow_tables_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
