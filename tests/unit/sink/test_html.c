// SPDX-License-Identifier: GPL-2.0-only
/* The words of a page: each sentence in each language, and nothing from outside as markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/conn/conn.h"
#include "user/sink/html/figure.h"
#include "user/sink/html/page.h"
#include "user/sink/html/words.h"
#include "user/sink/meaning.h"

#define LETTERS 26

/* The words that a sentence asks for, a bit for each. */
static uint32_t holes_of(const char *text)
{
	uint32_t holes = 0;
	int depth = 0;

	for (; *text; text++) {
		depth += (*text == '{') - (*text == '}');
		assert_true(depth >= 0);
		if (*text != '{')
			continue;
		assert_in_range(text[1], 'a', 'a' + LETTERS - 1);
		assert_true(text[2] == '}' || text[2] == '|');
		holes |= 1u << (unsigned int)(text[1] - 'a') % LETTERS;
	}
	assert_int_equal(depth, 0);
	return holes;
}

static void each_sentence_is_there_in_each_language(void **unused)
{
	(void)unused;
	for (unsigned int i = 0; i < HTML_PHRASE_COUNT; i++) {
		const char *en = html_phrase(i, LADDER_EN), *zh = html_phrase(i, LADDER_ZH);

		assert_true(*en && *zh);
		if (holes_of(en) != holes_of(zh))
			fail_msg("other holes: \"%s\", \"%s\"", en, zh);
		/* Holes are filled from the first on. */
		assert_int_equal(holes_of(en) & (holes_of(en) + 1), 0);
	}
	assert_string_equal(html_phrase(HTML_PHRASE_COUNT, LADDER_EN), "");
	for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++) {
		assert_true(*meaning_of_cause(cause, LADDER_EN));
		assert_string_not_equal(meaning_of_cause(cause, LADDER_ZH),
					meaning_of_cause(cause, LADDER_EN));
	}
}

static const char *shown(struct buffer *out)
{
	static char text[4096];

	assert_false(out->failed);
	assert_true(out->size < sizeof(text));
	memcpy(text, out->bytes, out->size);
	text[out->size] = '\0';
	buffer_clear(out);
	return text;
}

static const char *word(enum html_place place, struct html_word w)
{
	static struct buffer out;

	html_add_word(&out, place, &w);
	return shown(&out);
}

static void no_markup_comes_from_outside(void **unused)
{
	struct html_word name = HTML_S("{a}<i>");
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	html_add_text(&out, "</script><img onerror='x'>\"&\x1b\xff", 31);
	assert_string_equal(shown(&out), "&lt;/script&gt;&lt;img onerror=&#39;x&#39;&gt;&quot;&amp;"
					 "\\x1b\\xff\\x00");
	assert_string_equal(word(HTML_IN_PAGE, HTML_S("<b>")), "&lt;b&gt;");
	assert_string_equal(word(HTML_IN_SVG, HTML_S(NULL)), "-");
	html_say(&out, HTML_IN_PAGE, LADDER_EN, HTML_OF_HOST, &name, 1);
	assert_string_equal(shown(&out), "TCP connections of {a}&lt;i&gt;");
	buffer_done(&out);
}

static void numbers_are_for_people_and_for_machines(void **unused)
{
	(void)unused;
	assert_string_equal(word(HTML_IN_PAGE, HTML_N(1234567)),
			    "<data value=\"1234567\">1,234,567</data>");
	assert_string_equal(word(HTML_IN_SVG, HTML_N(999)), "999");
	assert_string_equal(word(HTML_IN_PAGE, HTML_T(1583104)),
			    "<data value=\"1583104\">1.58ms</data>");
	assert_string_equal(word(HTML_IN_PAGE, HTML_T(TIME_UNKNOWN)), "-");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(0, 0)), "-");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(0, 7)), "0 %");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(7, 7)), "100 %");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(1, 1000000)), "&lt; 0.01 %");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(999999, 1000000)), "&gt; 99.99 %");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(1, 3)), "33 %");
	assert_string_equal(word(HTML_IN_PAGE, HTML_SHARE(1, 300)), "0.33 %");
}

static void one_is_said_otherwise_than_many(void **unused)
{
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	html_say(&out, HTML_IN_SVG, LADDER_EN, HTML_SAYS_ORDERLY, &HTML_N(1), 1);
	assert_string_equal(shown(&out), "The one connection that ended did so in order.");
	html_say(&out, HTML_IN_SVG, LADDER_EN, HTML_SAYS_ORDERLY, &HTML_N(23), 1);
	assert_string_equal(shown(&out), "All 23 connections that ended did so in order.");
	buffer_done(&out);
}

static void axes_widen_to_powers_of_ten(void **unused)
{
	struct figure_axis axis = { 1500, 2000000, 0, 100, true };

	(void)unused;
	figure_widen(&axis);
	assert_int_equal(axis.least, 1000);
	assert_int_equal(axis.most, 10000000);
	assert_true(figure_at(&axis, 1000) < 0.01);
	assert_true(figure_at(&axis, 10000000) > 99.99);
	assert_true(figure_at(&axis, 5000) < figure_at(&axis, 5001));
	axis = (struct figure_axis){ 7, 7, 0, 100, true };
	figure_widen(&axis);
	assert_true(axis.least < axis.most);
	axis = (struct figure_axis){ 1, UINT64_MAX, 0, 100, true };
	figure_widen(&axis);
	assert_true(figure_at(&axis, UINT64_MAX) <= 100);
}

/* The names of two ends stand beside each other, however long they are. */
static void long_names_are_smaller(void **unused)
{
	static struct conn c = { .flags = CONN_HAS_ENDPOINTS, .lport = 8080, .rport = 50123 };
	static struct ladder ladder = { .conn = &c };
	struct sink_settings settings = { 0 };
	struct buffer out;
	struct html_page page = { .out = &out, .settings = &settings };
	const char *text;

	(void)unused;
	buffer_init(&out);
	memset(c.laddr.byte, 0x23, sizeof(c.laddr.byte));
	c.raddr.byte[0] = 0x20;
	c.raddr.byte[15] = 1;
	html_ladder(&page, &ladder);
	text = shown(&out);
	assert_non_null(strstr(text, "class=\"tiny strong middle\">"
				     "[2323:2323:2323:2323:2323:2323:2323:2323]:8080<"));
	assert_non_null(strstr(text, "class=\"small strong middle\">[2000::1]:50123<"));
	buffer_done(&out);
}

static void what_is_unknown_has_one_dash(void **unused)
{
	char text[HTML_ENDPOINT_SIZE];

	(void)unused;
	assert_string_equal(html_endpoint(NULL, 0, text), "-");
	assert_string_equal(html_endpoint(NULL, 80, text), "-:80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sentence_is_there_in_each_language),
		cmocka_unit_test(no_markup_comes_from_outside),
		cmocka_unit_test(numbers_are_for_people_and_for_machines),
		cmocka_unit_test(one_is_said_otherwise_than_many),
		cmocka_unit_test(axes_widen_to_powers_of_ten),
		cmocka_unit_test(long_names_are_smaller),
		cmocka_unit_test(what_is_unknown_has_one_dash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
