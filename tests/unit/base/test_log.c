// SPDX-License-Identifier: GPL-2.0-only
/* Tests that messages are said in the language that is spoken, each as one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/log.h"

static const struct log_text unread = { { "{w}: byte {n}: damaged", "{w}：第 {n} 字节：已损坏" } };
static const struct log_text memory = { { "not enough memory", "内存不足" } };

static int ends[2], standard_error;

/* What is said goes where it can be read. */
static int catch (void **state)
{
	(void)state;
	standard_error = dup(STDERR_FILENO);
	return pipe(ends) || dup2(ends[1], STDERR_FILENO) < 0;
}

static int release(void **state)
{
	(void)state;
	log_language = LADDER_EN;
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	return close(ends[0]) || close(ends[1]);
}

static void assert_said(const char *expected)
{
	char said[LOG_LINE_SIZE] = "";

	assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
	assert_string_equal(said, expected);
}

static void holes_stand_where_the_language_has_them(void **state)
{
	const struct sentence_words words = { .w = "a.tsp", .n = 7 };

	(void)state;
	log_say(&unread, &words);
	assert_said("tcpspan: a.tsp: byte 7: damaged\n");
	log_language = LADDER_ZH;
	log_say(&unread, &words);
	assert_said("tcpspan: a.tsp：第 7 字节：已损坏\n");
	log_say(&memory, &(struct sentence_words){ 0 });
	assert_said("tcpspan: 内存不足\n");
}

static void a_note_stands_alone(void **state)
{
	(void)state;
	log_say_note(&unread, &(struct sentence_words){ .w = "%s", .n = 1 });
	assert_said("%s: byte 1: damaged\n");
}

static void what_was_left_out_is_counted(void **state)
{
	static char said[2 * LOG_HELD_SIZE];
	const struct sentence_words words = { 0 };
	ssize_t size;

	(void)state;
	log_language = LADDER_ZH;
	log_hold();
	for (int i = 0; i < LOG_HELD_SIZE / (int)sizeof("tcpspan: 内存不足") + 3; i++)
		log_say(&memory, &words);
	log_release();
	size = read(ends[0], said, sizeof(said) - 1);
	assert_true(size > 0);
	assert_non_null(strstr(said, "\ntcpspan: 另有 3 条消息被略去\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holes_stand_where_the_language_has_them, catch,
						release),
		cmocka_unit_test_setup_teardown(a_note_stands_alone, catch, release),
		cmocka_unit_test_setup_teardown(what_was_left_out_is_counted, catch, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
