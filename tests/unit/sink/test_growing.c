// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the text that grows on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/sink/text/growing.h"

static struct growing growing;
static struct buffer out, text;

static int set_up(void **state)
{
	(void)state;
	growing_init(&growing);
	buffer_init(&out);
	buffer_init(&text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	growing_done(&growing);
	buffer_done(&out);
	buffer_done(&text);
	return 0;
}

/* What is written to make this of what is shown, on a screen of so many rows. */
static void assert_written(const char *wanted, const char *becomes, unsigned int rows)
{
	buffer_clear(&out);
	buffer_clear(&text);
	buffer_add_text(&text, becomes);
	growing_update(&growing, &out, &text, rows);
	buffer_add_char(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.bytes, wanted);
}

static void grows(void **state)
{
	(void)state;
	assert_written("one\n", "one\n", 24);
	assert_written("", "one\n", 24);
	assert_written("two\nthree\n", "one\ntwo\nthree\n", 24);
}

/* From the first line that differs on, whole lines. */
static void changes(void **state)
{
	(void)state;
	assert_written("one\ntwo ?\n", "one\ntwo ?\n", 24);
	assert_written("\033[1A\r\033[Jtwo >\nthree\n", "one\ntwo >\nthree\n", 24);
	assert_written("\033[2A\r\033[Jone and a half\ntwo >\nthree\n",
		       "one\none and a half\ntwo >\nthree\n", 24);
	assert_written("\033[3A\r\033[J", "one\n", 24);
}

/* What has left the screen, or is on none, cannot be changed: it is written again. */
static void is_out_of_reach(void **state)
{
	(void)state;
	assert_written("1\n2\n3\n", "1\n2\n3\n", 3);
	assert_written("a\n2\n3\n", "a\n2\n3\n", 3);
	assert_written("\033[2A\r\033[Jb\nc\n", "a\nb\nc\n", 3);
	assert_written("B\nc\n", "a\nB\nc\n", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(grows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(is_out_of_reach, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
