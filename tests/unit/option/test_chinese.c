// SPDX-License-Identifier: GPL-2.0-only
/* Tests that what is said in Chinese is said of what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/option/chinese.h"
#include "user/option/table.h"
#include "user/option/value.h"

static bool is_option(const char *name)
{
	for (EACH_OPTION(s))
		if (s->name ? !strcmp(s->name, name) : s->letter == *name && !name[1])
			return true;
	return false;
}

static bool is_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(command_specs[i].name, name))
			return true;
	return false;
}

static bool is_heading(const char *name)
{
	for (unsigned int i = 0; i < OPTION_GROUP_COUNT; i++)
		if (!strcmp(option_group_heading((enum option_group)i), name))
			return true;
	return false;
}

static void assert_lines(const struct chinese_line *lines, size_t count,
			 bool (*is_there)(const char *name))
{
	for (size_t i = 0; i < count; i++) {
		if (!is_there(lines[i].name))
			fail_msg("there is no %s (any more)", lines[i].name);
		assert_ptr_equal(chinese_find(lines, count, lines[i].name), lines[i].text);
		assert_true((unsigned char)*lines[i].text >= 0xe2 || strchr(lines[i].text, ' '));
	}
	assert_null(chinese_find(lines, count, "no such thing"));
}

static void nothing_is_stale(void **state)
{
	(void)state;
	assert_lines(chinese_commands, chinese_command_count, is_command);
	assert_lines(chinese_headings, chinese_heading_count, is_heading);
	assert_lines(chinese_options, chinese_option_count, is_option);
}

/* What is new may be in English for a while, but not most of it. */
static void all_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		assert_non_null(chinese_find(chinese_commands, chinese_command_count,
					     command_specs[i].name));
	for (EACH_OPTION(s)) {
		const char letter[] = { s->letter, '\0' };
		const char *name = s->name ? s->name : letter;

		if (!chinese_find(chinese_options, chinese_option_count, name))
			fail_msg("not in Chinese: %s", name);
	}
}

/* Names are the same in each language, and so is which of them there are. */
static void names_are_all_there(void **state)
{
	static const char begin[] = "One of: ";
	size_t count = 0;

	(void)state;
	for (EACH_OPTION(s)) {
		const char *chinese =
			s->name ? chinese_find(chinese_options, chinese_option_count, s->name) :
				  NULL;
		char names[128];

		if (!chinese || strncmp(s->help, begin, sizeof(begin) - 1))
			continue;
		count++;
		snprintf(names, sizeof(names), "%s", s->help + sizeof(begin) - 1);
		names[strcspn(names, ".")] = '\0';
		if (!strstr(chinese, names))
			fail_msg("--%s in Chinese: %s, not %s", s->name, chinese, names);
	}
	assert_true(count);
}

static void assert_said(const char *english)
{
	if (english && strcmp(english, "1/N") && chinese_words(english, LADDER_ZH) == english)
		fail_msg("not in Chinese: %s", english);
}

/* Why options are refused, and what they take. */
static void refusals_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_rule_count; i++)
		assert_said(option_rules[i].why);
	for (EACH_OPTION(s)) {
		assert_said(s->once);
		assert_said(s->takes);
		assert_said(value_takes(s->type));
		if (value_such(s) && strstr(value_such(s), "or "))
			assert_said(value_such(s));
	}
	assert_string_equal(chinese_words("a number", LADDER_EN), "a number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_stale),
		cmocka_unit_test(all_is_there),
		cmocka_unit_test(names_are_all_there),
		cmocka_unit_test(refusals_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
