// SPDX-License-Identifier: GPL-2.0-only
/* Tests that each sentence for people is there in each language, and says the same numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/condition_phrase.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/listening_phrase.h"
#include "user/aggregate/ports_phrase.h"
#include "user/aggregate/stuck_phrase.h"
#include "user/aggregate/summary.h"
#include "user/aggregate/textbook.h"
#include "user/command/complaints.h"
#include "user/command/export/landing_phrase.h"
#include "user/kernel/complaints.h"
#include "user/net/complaints.h"
#include "user/option/complaints.h"
#include "user/run/complaints.h"
#include "user/run/faults.h"
#include "user/sink/html/words.h"
#include "user/sink/meaning.h"
#include "user/sink/screen/help.h"
#include "user/sink/screen/phrase.h"
#include "user/sink/screen/view.h"
#include "user/sink/text/difference_phrase.h"
#include "user/sink/text/histograms_phrase.h"
#include "user/sink/text/opener_phrase.h"
#include "user/sink/text/phrase.h"
#include "user/sink/text/summary_phrase.h"
#include "user/stacks/complaints.h"

#define MARKS 16

/*
 * Holes and numbers: "{t", "9293", each once, for one language may say twice what another says
 * once. A digit behind a letter is part of a name.
 */
struct marks {
	size_t count;
	char text[MARKS][16];
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static void add_mark(struct marks *marks, const char *text, size_t size)
{
	size_t at;

	assert_true(marks->count < MARKS && size < sizeof(marks->text[0]));
	for (at = 0; at < marks->count; at++)
		if (strlen(marks->text[at]) == size && !memcmp(marks->text[at], text, size))
			return;
	for (at = marks->count++; at && strncmp(marks->text[at - 1], text, size) > 0; at--)
		memcpy(marks->text[at], marks->text[at - 1], sizeof(marks->text[at]));
	memset(marks->text[at], 0, sizeof(marks->text[at]));
	memcpy(marks->text[at], text, size);
}

/* In order of the alphabet: languages differ in theirs. */
static void find_marks(struct marks *marks, const char *text)
{
	marks->count = 0;
	for (const char *at = text; *at; at++) {
		size_t size = 1;

		if (*at == '{')
			size = 2;
		else if (!is_digit(*at) || (at > text && is_letter(at[-1])))
			continue;
		while (*at != '{' && is_digit(at[size]))
			size++;
		add_mark(marks, at, size);
		at += size - 1;
	}
}

static bool is_wide(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0xe2)
			return true;
	return false;
}

/* `may_be_bare`: a piece of a sentence, which needs no word in one of them. */
static void assert_same(const char *en, const char *zh, bool may_be_bare)
{
	struct marks one, other;

	assert_non_null(en);
	assert_non_null(zh);
	if (!may_be_bare && (!*zh || !*en))
		fail_msg("'%s' is not translated: '%s'", en, zh);
	find_marks(&one, en);
	find_marks(&other, zh);
	if (one.count != other.count || memcmp(one.text, other.text, one.count * sizeof(*one.text)))
		fail_msg("'%s' and '%s' say other numbers", en, zh);
}

static void ladders(void **state)
{
	(void)state;
	for (unsigned int i = LADDER_SAYS_NOTHING + 1; i < LADDER_PHRASE_COUNT; i++) {
		const char *zh = phrase_text((enum ladder_phrase)i, LADDER_ZH);

		assert_same(phrase_text((enum ladder_phrase)i, LADDER_EN), zh, false);
		assert_true(is_wide(zh));
	}
}

static void stuck_sockets(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < STUCK_PHRASE_COUNT; i++)
		assert_same(stuck_phrase_text((enum stuck_phrase)i, LADDER_EN),
			    stuck_phrase_text((enum stuck_phrase)i, LADDER_ZH), true);
}

static void listeners(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < LISTENING_PHRASE_COUNT; i++)
		assert_same(listening_phrase_text((enum listening_phrase)i, LADDER_EN),
			    listening_phrase_text((enum listening_phrase)i, LADDER_ZH), false);
}

static void summaries(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SUMMARY_PHRASE_COUNT; i++)
		assert_same(summary_phrase_text((enum summary_phrase)i, LADDER_EN),
			    summary_phrase_text((enum summary_phrase)i, LADDER_ZH), false);
}

static void histograms(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++) {
		const char *zh = histogram_title((enum histogram_id)i, LADDER_ZH);

		assert_same(histogram_title((enum histogram_id)i, LADDER_EN), zh, false);
		assert_true(is_wide(zh));
	}
	for (unsigned int i = 0; i < HISTOGRAMS_PHRASE_COUNT; i++)
		assert_same(histograms_phrase_text((enum histograms_phrase)i, LADDER_EN),
			    histograms_phrase_text((enum histograms_phrase)i, LADDER_ZH), false);
}

static void conditions(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CONDITION_PHRASE_COUNT; i++)
		assert_same(condition_phrase_text((enum condition_phrase)i, LADDER_EN),
			    condition_phrase_text((enum condition_phrase)i, LADDER_ZH), false);
}

static void openers(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < OPENER_PHRASE_COUNT; i++)
		assert_same(opener_phrase_text((enum opener_phrase)i, LADDER_EN),
			    opener_phrase_text((enum opener_phrase)i, LADDER_ZH), false);
}

static void local_ports(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PORTS_PHRASE_COUNT; i++)
		assert_same(ports_phrase_text((enum ports_phrase)i, LADDER_EN),
			    ports_phrase_text((enum ports_phrase)i, LADDER_ZH), false);
}

static void hints(void **state)
{
	(void)state;
#define X(name, en, zh) assert_same(en, zh, false);
	SUMMARY_HINTS(X)
#undef X
}

static void differences(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DIFFERENCE_PHRASE_COUNT; i++)
		assert_same(difference_phrase_text((enum difference_phrase)i, LADDER_EN),
			    difference_phrase_text((enum difference_phrase)i, LADDER_ZH), false);
}

static void stories(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++) {
		assert_same(textbook[i].about[LADDER_EN], textbook[i].about[LADDER_ZH], false);
		assert_true(is_wide(textbook[i].about[LADDER_ZH]));
		assert_same(textbook[i].lesson[LADDER_EN], textbook[i].lesson[LADDER_ZH], false);
	}
}

static void pages(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HTML_PHRASE_COUNT; i++)
		assert_same(html_phrase((enum html_phrase)i, LADDER_EN),
			    html_phrase((enum html_phrase)i, LADDER_ZH), false);
}

static void screens(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SCREEN_PHRASE_COUNT; i++)
		assert_same(screen_phrase_text((enum screen_phrase)i, LADDER_EN),
			    screen_phrase_text((enum screen_phrase)i, LADDER_ZH), false);
	for (unsigned int i = 0; i < VIEW_SCREEN_COUNT; i++)
		assert_same(view_screen_title((enum view_screen)i, LADDER_EN),
			    view_screen_title((enum view_screen)i, LADDER_ZH), false);
}

static void assert_helps(const struct help_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_same(entries[i].keys[LADDER_EN], entries[i].keys[LADDER_ZH], false);
		assert_same(entries[i].what[LADDER_EN], entries[i].what[LADDER_ZH], false);
		assert_true(is_wide(entries[i].what[LADDER_ZH]));
	}
}

static void keys_of_screens(void **state)
{
	(void)state;
	assert_helps(help_entries, help_entry_count);
	assert_helps(help_signs, help_sign_count);
}

static void complaints(void **state)
{
	(void)state;
#define X(NAME, en, zh) assert_same(en, zh, false);
	LOG_COMPLAINTS(X)
	STACKS_COMPLAINTS(X)
	KERNEL_COMPLAINTS(X)
	OPTION_COMPLAINTS(X)
	NET_COMPLAINTS(X)
	RUN_COMPLAINTS(X)
	COMMAND_COMPLAINTS(X)
	LANDING_PHRASES(X)
#undef X
#define X(en, zh) assert_same(en, zh, false);
	RUN_FAULTS(X)
#undef X
}

static void meanings(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++) {
		const char *zh = meaning_of_cause((enum conn_cause)i, LADDER_ZH);

		assert_same(meaning_of_cause((enum conn_cause)i, LADDER_EN), zh, false);
		assert_true(is_wide(zh));
	}
	for (unsigned int i = 0; i < CONN_OUTCOME_COUNT; i++) {
		const char *zh = meaning_of_outcome((enum conn_outcome)i, LADDER_ZH);

		assert_same(meaning_of_outcome((enum conn_outcome)i, LADDER_EN), zh, false);
		assert_true(is_wide(zh));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ladders),	   cmocka_unit_test(stuck_sockets),
		cmocka_unit_test(listeners),	   cmocka_unit_test(summaries),
		cmocka_unit_test(hints),	   cmocka_unit_test(histograms),
		cmocka_unit_test(local_ports),	   cmocka_unit_test(differences),
		cmocka_unit_test(stories),	   cmocka_unit_test(pages),
		cmocka_unit_test(meanings),	   cmocka_unit_test(screens),
		cmocka_unit_test(keys_of_screens), cmocka_unit_test(complaints),
		cmocka_unit_test(openers),	   cmocka_unit_test(conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
