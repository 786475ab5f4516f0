// SPDX-License-Identifier: GPL-2.0-only
/* Sentences with holes: in any order, more than once, and not at all; and forms by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/sentence.h"

static void each_hole_has_its_word(void **state)
{
	static const struct sentence_words words = {
		.n = 1, .m = UINT64_MAX, .k = 0, .w = "{n}", .v = "b"
	};
	static const struct {
		const char *text, *filled;
	} cases[] = {
		{ "", "" },
		{ "no hole", "no hole" },
		{ "{n}", "1" },
		{ "{m} of {n}, {k}.", "18446744073709551615 of 1, 0." },
		{ "{v}{w}{v}", "b{n}b" },
		{ "{n} {n:capture|captures} of {m} {m:packet|packets}",
		  "1 capture of 18446744073709551615 packets" },
		{ "{k} {k:is|are}{n:|s}{k:|s}.", "0 ares." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out;

		buffer_init(&out);
		sentence_add(&out, cases[i].text, &words);
		buffer_add_char(&out, '\0');
		assert_string_equal(out.bytes, cases[i].filled);
		buffer_done(&out);
	}
}

static void a_word_that_is_missing_is_nothing(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out);
	sentence_add(&out, "a{w}b{v}", &(struct sentence_words){ .n = 1 });
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, "ab");
	buffer_done(&out);
}

static void a_blank_between_square_characters_goes(void **state)
{
	static const struct {
		const char *one, *other, *both;
	} cases[] = {
		{ "已 ", "至少", "已至少" },	{ "已", " 至少", "已至少" },
		{ "（a）", " 仍", "（a）仍" },	{ "。 ", "这", "。这" },
		{ "已 ", "7s", "已 7s" },	{ "a[7]", " 仍", "a[7] 仍" },
		{ "ago ", "a", "ago a" },	{ " ", "至少", " 至少" },
		{ "已 ", "", "已 " },		{ "", "至少", "至少" },
		{ "已  ", "至少", "已  至少" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out;

		buffer_init(&out);
		buffer_add_text(&out, cases[i].one);
		buffer_add_text(&out, cases[i].other);
		sentence_close_up(&out, strlen(cases[i].one));
		buffer_add_char(&out, '\0');
		assert_string_equal(out.bytes, cases[i].both);
		buffer_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hole_has_its_word),
		cmocka_unit_test(a_word_that_is_missing_is_nothing),
		cmocka_unit_test(a_blank_between_square_characters_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
