// SPDX-License-Identifier: GPL-2.0-only
/* What other machines have named, in the formats that programs read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/buffer.h"
#include "user/fleet/table.h"

static const struct table_column columns[] = {
	{ "process", "PROCESS", TABLE_TEXT }, { "host", "HOST", TABLE_NAME },
	{ "count", "COUNT", TABLE_COUNT },    { "offset_ns", NULL, TABLE_NUMBER },
	{ "is_new", NULL, TABLE_FLAG },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static struct answer_value value_of(const char *text)
{
	return (struct answer_value){ text, text ? strlen(text) : 0 };
}

/* A table of one row. */
static void assert_printed(enum output_format format, const char *const texts[COLUMNS],
			   const char *want)
{
	struct table *table = table_new("row", columns, COLUMNS);
	struct answer_value values[COLUMNS];
	struct buffer out;

	assert_non_null(table);
	for (size_t i = 0; i < COLUMNS; i++)
		values[i] = value_of(texts[i]);
	table_add(table, values);
	buffer_init(&out);
	assert_int_equal(table_print(table, &out, format, 0), 0);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, want);
	buffer_done(&out);
	table_free(table);
}

#define HEADER "process,host,count,offset_ns,is_new\n"

static void csv_has_no_formula(void **state)
{
	(void)state;
	assert_printed(FORMAT_CSV, (const char *[]){ "=1+1", "@SUM(A1)", "7", "-5", "1" },
		       HEADER "'=1+1,'@SUM(A1),7,-5,true\n");
	assert_printed(FORMAT_CSV, (const char *[]){ "-1", "+1", "0", "0.5", "0" },
		       HEADER "'-1,'+1,0,0.5,false\n");
	assert_printed(FORMAT_CSV, (const char *[]){ "=a,\"b\"", "a=1", NULL, NULL, NULL },
		       HEADER "\"'=a,\"\"b\"\"\",a=1,,,\n");
}

static void csv_is_empty_where_nothing_is_known(void **state)
{
	(void)state;
	assert_printed(FORMAT_CSV, (const char *[]){ NULL, "", NULL, "=1", "x" }, HEADER ",,,,\n");
	assert_printed(FORMAT_CSV, (const char *[]){ "", "\x1b[m", "-1", "1=", NULL },
		       HEADER ",\\x1b[m,,,\n");
}

static void json_leaves_names_as_they_are(void **state)
{
	(void)state;
	assert_printed(FORMAT_JSON, (const char *[]){ "=1+1", "", "7", "-5", "1" },
		       "{\"v\":1,\"type\":\"row\",\"process\":\"=1+1\",\"host\":null,"
		       "\"count\":7,\"offset_ns\":-5,\"is_new\":true}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_has_no_formula),
		cmocka_unit_test(csv_is_empty_where_nothing_is_known),
		cmocka_unit_test(json_leaves_names_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
