// SPDX-License-Identifier: GPL-2.0-only
/* Conditions: what is one, what is wrong with one that is none, and when it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/condition.h"

#define WORDS_SIZE 512

/* A run of its own: two refused connects, a handshake of 80.1 ms, three events lost in 10 s. */
struct world {
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct summary sum;
	struct quantity_values values;
};

static int set_up(void **state)
{
	static struct world w;
	struct conn client = sample_client(), refused = sample_refused();
	struct transition opened = { STATE_SYN_SENT, STATE_ESTABLISHED, 0, 80123456, false };

	memset(&w, 0, sizeof(w));
	w.histograms = histogram_set_new(0, 1);
	w.failures = failure_set_new(10);
	assert_non_null(w.histograms);
	assert_non_null(w.failures);
	feed_transition(histogram_set_consumer(w.histograms), &client, &opened);
	for (int i = 0; i < 2; i++)
		feed_closed(failure_set_consumer(w.failures), &refused);
	w.sum.duration_ns = 10000000000;
	w.sum.connections.opened = 20;
	w.sum.connections.closed = 8;
	w.sum.events.ring_full = 3;
	w.values = (struct quantity_values){ w.histograms, w.failures, &w.sum };
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	histogram_set_free(w->histograms);
	failure_set_free(w->failures);
	return 0;
}

static enum quantity_knowledge read_value(const void *context, const struct quantity *q,
					  double *ret_value)
{
	return quantity_read(q, context, ret_value);
}

/* "holds: ...", "fails", "undecided: ...", or why it is none. */
static const char *told(const struct world *w, const char *text)
{
	static char words[WORDS_SIZE];
	struct condition condition;
	struct judgement judgement;
	struct buffer b;
	char why[CONDITION_WHY_SIZE];

	if (condition_parse(text, quantity_find, &condition, LADDER_EN, why)) {
		snprintf(words, sizeof(words), "%s", why);
		return words;
	}
	condition_judge(&condition, read_value, &w->values, &judgement);
	if (judgement.verdict == CONDITION_FAILS)
		return "fails";
	buffer_init(&b);
	condition_say(&condition, &judgement, LADDER_EN, &b);
	buffer_add_char(&b, '\0');
	snprintf(words, sizeof(words), "%s: %s",
		 judgement.verdict == CONDITION_HOLDS ? "holds" : "undecided", b.bytes);
	buffer_done(&b);
	return words;
}

static void what_holds_is_said_with_its_value(void **state)
{
	static const char *const cases[][2] = {
		{ "handshake_client.p99 > 5ms",
		  "holds: handshake_client.p99 is 80.1235ms, more than 5ms" },
		{ "handshake_client.p99>0.05s",
		  "holds: handshake_client.p99 is 0.0801235s, more than 0.05s" },
		{ "handshake_client.p95 > 0",
		  "holds: handshake_client.p95 is 80.1ms, more than 0ns" },
		{ "handshake_client.mean < 81ms",
		  "holds: handshake_client.mean is 80.1235ms, less than 81ms" },
		{ "handshake_client.count = 1", "holds: handshake_client.count is 1, exactly 1" },
		{ "handshake_client.count == 1", "holds: handshake_client.count is 1, exactly 1" },
		{ "handshake_client.by_quality.exact != 0",
		  "holds: handshake_client.by_quality.exact is 1, not 0" },
		{ "failures.refused >= 2", "holds: failures.refused is 2, at least 2" },
		{ "failures.by_cause.refused = 2",
		  "holds: failures.by_cause.refused is 2, exactly 2" },
		{ "failures <= 2", "holds: failures is 2, at most 2" },
		{ "failures.refused.share >= 25%",
		  "holds: failures.refused.share is 25%, at least 25%" },
		{ "failures.share > 0.2", "holds: failures.share is 0.25, more than 0.2" },
		{ "failures.rate > 0", "holds: failures.rate is 0.2/s, more than 0/s" },
		{ "connections.opened.rate >= 120/m",
		  "holds: connections.opened.rate is 120/m, at least 120/m" },
		{ "lost > 0", "holds: lost is 3, more than 0" },
		{ "events.ring_full > 2", "holds: events.ring_full is 3, more than 2" },
		{ "duration_ns < 1m", "holds: duration_ns is 0.166667m, less than 1m" },
		{ "  lost  >  0  ", "holds: lost is 3, more than 0" },
		{ "lost > 0 and failures > 0",
		  "holds: lost is 3, more than 0, and failures is 2, more than 0" },
		{ "lost > 9 or failures > 0", "holds: failures is 2, more than 0" },
		{ "(lost > 0)", "holds: lost is 3, more than 0" },
		{ "lost > -1", "holds: lost is 3, more than -1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(told(*state, cases[i][0]), cases[i][1]);
}

static void what_does_not_hold_is_not_said(void **state)
{
	static const char *const cases[] = {
		"handshake_client.p99 > 81ms",
		"failures.refused > 2",
		"failures.reset_received > 0",
		"lost > 3",
		"lost < 3",
		"lost > 9 and failures > 0",
		/* `and` before `or`, and parentheses before both. */
		"(failures > 0 or lost > 0) and lost > 9",
		"lost = 4 or lost = 5 and lost = 3",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(told(*state, cases[i]), "fails");
	assert_memory_equal(told(*state, "failures > 0 or lost > 0 and lost > 9"), "holds", 5);
}

static void what_is_unknown_decides_nothing(void **state)
{
	const struct world *w = *state;

	assert_string_equal(told(w, "time_wait.p99 > 1s"),
			    "undecided: time_wait.p99 is unknown, for nothing here tells of it");
	assert_string_equal(told(w, "time_wait.count = 0"),
			    "undecided: time_wait.count is unknown, for nothing here tells of it");
	assert_string_equal(told(w, "state_closing.max > 1s"),
			    "undecided: state_closing.max has no value, "
			    "for there was nothing to measure");
	assert_string_equal(told(w, "listen_drops > 0"),
			    "undecided: listen_drops is unknown, for nothing here tells of it");
	assert_string_equal(told(w, "lost > 0 and time_wait.p99 > 1s"),
			    "undecided: time_wait.p99 is unknown, for nothing here tells of it");
	assert_string_equal(told(w, "lost > 9 and time_wait.p99 > 1s"), "fails");
	assert_string_equal(told(w, "lost > 0 or time_wait.p99 > 1s"),
			    "holds: lost is 3, more than 0");
	assert_memory_equal(told(w, "lost > 9 or time_wait.p99 > 1s"), "undecided", 9);
}

static void an_empty_run_has_no_rates(void **state)
{
	struct world *w = *state;

	w->sum.duration_ns = 0;
	w->sum.connections.closed = 0;
	assert_memory_equal(told(w, "failures.rate > 0"), "undecided", 9);
	assert_memory_equal(told(w, "failures.share > 0"), "undecided", 9);
}

/* A connect without a SYN is no connection, and has failed all the same. */
static void shares_are_of_all_that_ended(void **state)
{
	struct world *w = *state;

	w->sum.connections.closed = 0;
	w->sum.connections.unsent = 2;
	assert_string_equal(told(w, "failures.share >= 100%"),
			    "holds: failures.share is 100%, at least 100%");
	w->sum.connections.closed = 1;
	w->sum.connections.half_open[HALF_OPEN_OVERFLOW] = 5;
	assert_string_equal(told(w, "failures.share = 25%"),
			    "holds: failures.share is 25%, exactly 25%");
}

static void what_is_wrong_is_said(void **state)
{
	static const char *const cases[][2] = {
		{ "", "a name, such as handshake_client.p99, is expected at its end" },
		{ "> 5", "a name, such as handshake_client.p99, is expected at '> 5'" },
		{ "handshake_clent.p99 > 5ms", "nothing is called 'handshake_clent.p99'; "
					       "did you mean handshake_client.p99?" },
		{ "failures.refsed > 0",
		  "nothing is called 'failures.refsed'; did you mean failures.refused?" },
		{ "Lost > 0", "nothing is called 'Lost'; did you mean lost?" },
		{ "bananas > 0", "nothing is called 'bananas'" },
		{ "handshake_client > 0", "nothing is called 'handshake_client'; "
					  "did you mean handshake_client.min?" },
		{ "handshake_client.p99.rate > 0", NULL },
		{ "lost.share > 0", NULL },
		{ "handshake_client.p9 > 0", NULL },
		{ "handshake_client.p00 > 0", NULL },
		{ "handshake_client.p100 > 0", NULL },
		{ "handshake_client.p1234567 > 0", NULL },
		{ "failures.closed_by_local > 0", NULL },
		{ "lost", "one of > >= < <= = != is expected at its end" },
		{ "lost ~ 5", "one of > >= < <= = != is expected at '~ 5'" },
		{ "lost >", "a number of 15 digits at most is expected at its end" },
		{ "lost > five", "a number of 15 digits at most is expected at 'five'" },
		{ "lost > 1234567890123456", "a number of 15 digits at most is expected at '6'" },
		{ "lost > 5ms", "the value of lost takes no unit, for it is a count" },
		{ "lost > 5%", "the value of lost takes no unit, for it is a count" },
		{ "handshake_client.p99 > 5",
		  "the value of handshake_client.p99 takes a unit, such as ms, "
		  "for it is a duration" },
		{ "handshake_client.p99 > 5 ms",
		  "the value of handshake_client.p99 takes a unit, such as ms, "
		  "for it is a duration" },
		{ "failures.rate > 5/d", "the value of failures.rate takes /s, /m or /h, "
					 "for it is a rate" },
		{ "failures.share > 5/s",
		  "the value of failures.share takes %, for it is a share" },
		{ "lost > 5.", "and, or, or its end is expected at '.'" },
		{ "lost > 1 xor lost > 2", "and, or, or its end is expected at 'xor lost > 2'" },
		{ "lost > 1 and", "a name, such as handshake_client.p99, is expected at its end" },
		{ "(lost > 1", "and, or, or a ) is expected at its end" },
		{ "lost > 1)", "and, or, or its end is expected at ')'" },
		{ "((((((((((((((((lost > 1))))))))))))))))", "holds: lost is 3, more than 1" },
		{ "(((((((((((((((((lost > 1)))))))))))))))))",
		  "no more than 16 parentheses may be open" },
		{ "\033[31m > 1",
		  "a name, such as handshake_client.p99, is expected at '\\x1b[31m > 1'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i][1])
			assert_string_equal(told(*state, cases[i][0]), cases[i][1]);
		else
			assert_memory_equal(told(*state, cases[i][0]), "nothing is called", 17);
	}
}

static void comparisons_are_bounded(void **state)
{
	char text[40 * sizeof("lost > 9 or ")];
	size_t used = 0;

	for (int i = 0; i < CONDITION_COMPARISONS; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%slost > 9",
					 i ? " or " : "");
	assert_string_equal(told(*state, text), "fails");
	snprintf(text + used, sizeof(text) - used, " or lost > 0");
	assert_string_equal(told(*state, text), "it may have no more than 32 comparisons");
}

static void every_name_is_found(void *context, const char *name)
{
	struct quantity q;

	assert_int_equal(quantity_find(name, strlen(name), &q), 0);
	assert_true(strlen(name) < QUANTITY_NAME_SIZE - 6);
	++*(size_t *)context;
}

static void names_are_those_that_are_found(void **state)
{
	size_t count = 0;

	(void)state;
	quantity_each(every_name_is_found, &count);
	assert_true(count > 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_holds_is_said_with_its_value), TEST(what_does_not_hold_is_not_said),
		TEST(what_is_unknown_decides_nothing),	 TEST(an_empty_run_has_no_rates),
		TEST(shares_are_of_all_that_ended),	 TEST(what_is_wrong_is_said),
		TEST(comparisons_are_bounded),		 TEST(names_are_those_that_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
