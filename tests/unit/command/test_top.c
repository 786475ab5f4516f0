// SPDX-License-Identifier: GPL-2.0-only
/* What is typed becomes a filter or a sentence, and keys change the view as hands expect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/base/units.h"
#include "user/command/top/keys.h"
#include "user/command/top/tape.h"
#include "user/command/top/words.h"
#include "user/conn/filter.h"
#include "user/curses/painter.h"

#define ROWS 10

static struct words words;

static void good(const char *text)
{
	char why[WORDS_WHY_SIZE];

	if (words_read(text, &words, LADDER_EN, why))
		fail_msg("'%s': %s", text, why);
}

static void bad(const char *text, const char *expected)
{
	struct words *got = calloc(1, sizeof(*got));
	char why[WORDS_WHY_SIZE];

	assert_int_equal(words_read(text, got, LADDER_EN, why), -EINVAL);
	if (!strstr(why, expected))
		fail_msg("'%s': '%s', without '%s'", text, why, expected);
	free(got);
}

static bool wants(const struct conn *c)
{
	return conn_filter_judge(&words.filter, c, true) == FILTER_WANTED;
}

static void filters_are_in_the_words_of_the_options(void **state)
{
	struct conn c = sample_client();

	(void)state;
	good("");
	assert_true(wants(&c));
	good("rport 443");
	assert_true(wants(&c));
	good("--rport=80,443 comm curl");
	assert_true(wants(&c));
	good("  rport 80 ");
	assert_false(wants(&c));
	good("comm nginx,curl addr 198.51.100.0/24 family 4");
	assert_true(wants(&c));
	good("family 6");
	assert_false(wants(&c));
	good("state close-wait,TIME_WAIT");
	assert_int_equal(words.states, 1U << STATE_CLOSE_WAIT | 1U << STATE_TIME_WAIT);
}

static void what_is_none_is_told(void **state)
{
	(void)state;
	bad("colour red", "no \"colour\": comm pid");
	bad("rport", "rport needs a word");
	bad("rport http", "rport cannot be \"http\"");
	bad("rport 443 state OPEN", "state cannot be \"OPEN\"");
	bad("comm nginx \033[2J x", "\\x1b[2J");
	bad("pid 1,x", "pid cannot be");
	bad("addr 1.2.3", "addr cannot be");
}

static void a_wrong_one_changes_nothing(void **state)
{
	char why[WORDS_WHY_SIZE];

	(void)state;
	good("rport 443");
	assert_int_equal(words_read("state NEVER", &words, LADDER_ZH, why), -EINVAL);
	assert_string_equal(why, "state 不能是“NEVER”");
	assert_int_equal(words_read("rport 80 nothing 1", &words, LADDER_EN, why), -EINVAL);
	assert_true(conn_filter_has_port(words.filter.rports, 443));
	assert_false(conn_filter_has_port(words.filter.rports, 80));
}

static struct view view;

static enum keys_wish press(int key)
{
	return keys_press(&view, key, ROWS);
}

static int begin(void **state)
{
	(void)state;
	view = (struct view){ .interval_ns = NS_PER_S, .speed = 1 };
	return 0;
}

static void digits_and_tab_choose_the_screen(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VIEW_SCREEN_COUNT; i++) {
		assert_int_equal(press((int)('1' + i)), KEYS_NOTHING);
		assert_int_equal(view.screen, i);
	}
	press(PAINTER_TAB);
	assert_int_equal(view.screen, 0);
	press(PAINTER_BACK_TAB);
	assert_int_equal(view.screen, VIEW_SCREEN_COUNT - 1);
	press('0');
	press('1' + VIEW_SCREEN_COUNT);
	assert_int_equal(view.screen, VIEW_SCREEN_COUNT - 1);
}

static void arrows_move_and_never_leave_the_beginning(void **state)
{
	const struct view_place *place = &view.places[VIEW_CONNECTIONS];

	(void)state;
	press('2');
	press('k');
	assert_int_equal(place->cursor, 0);
	press('j');
	press(PAINTER_DOWN);
	press(PAINTER_PAGE_DOWN);
	assert_int_equal(place->cursor, 2 + ROWS - 1);
	press(PAINTER_PAGE_UP);
	press(PAINTER_PAGE_UP);
	assert_int_equal(place->cursor, 0);
	press('G');
	view_fit(view_place(&view), 100, ROWS);
	assert_int_equal(place->cursor, 99);
	press('g');
	assert_int_equal(place->cursor, 0);
}

static void not_every_name_is_a_word(void **state)
{
	static const char *const bad[] = { "", "a b", "a\tb", "a,b", ",", "a\nrport 1" };

	(void)state;
	assert_true(words_can_name("nginx", 5));
	assert_true(words_can_name("\033[2J\"<a>'=", 10));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(words_can_name(bad[i], strlen(bad[i])));
}

static void a_filter_is_typed(void **state)
{
	(void)state;
	assert_int_equal(press('/'), KEYS_NOTHING);
	press('q');
	press('1');
	press(PAINTER_OTHER);
	press(PAINTER_UP);
	assert_string_equal(view.typed, "q1");
	press(PAINTER_BACKSPACE);
	assert_string_equal(view.typed, "q");
	assert_int_equal(press(PAINTER_ENTER), KEYS_FILTER_TYPED);
	assert_false(view.is_typing);
	press('/');
	press(PAINTER_CLEAR);
	press(PAINTER_BACKSPACE);
	assert_string_equal(view.typed, "");
	assert_int_equal(press(PAINTER_ESCAPE), KEYS_FILTER_CLEAR);
	press('/');
	for (unsigned int i = 0; i < 2 * VIEW_TEXT_SIZE; i++)
		press('x');
	assert_int_equal(strlen(view.typed), VIEW_TEXT_SIZE - 1);
}

static void escape_goes_back_step_by_step(void **state)
{
	(void)state;
	memcpy(view.filter, "rport 1", 8);
	press('?');
	assert_int_equal(view.over, VIEW_OVER_HELP);
	assert_int_equal(press(PAINTER_ENTER), KEYS_NOTHING);
	press('j');
	assert_int_equal(view.scroll, 1);
	assert_int_equal(press(PAINTER_ESCAPE), KEYS_NOTHING);
	assert_int_equal(view.over, VIEW_OVER_NONE);
	assert_int_equal(view.scroll, 0);
	assert_int_equal(press(PAINTER_ESCAPE), KEYS_FILTER_CLEAR);
}

static void order_pace_and_end(void **state)
{
	(void)state;
	press('2');
	press('<');
	assert_int_equal(view_place(&view)->order, ROSTER_ORDER_COUNT - 1);
	press(PAINTER_SORT);
	assert_int_equal(view_place(&view)->order, 0);
	press('r');
	assert_true(view_place(&view)->is_reversed);
	press('4');
	press('>');
	assert_int_equal(view_place(&view)->order, 0);
	press('-');
	assert_int_equal(view.interval_ns, NS_PER_S);
	press('+');
	assert_int_equal(view.interval_ns, 2 * NS_PER_S);
	view.speed = 0;
	press(']');
	assert_null(strstr(view.message, "recording"));
	assert_true(view.speed == 0);
	view.speed = 1;
	press(']');
	assert_string_equal(view.message, "The recording runs at 2 x.");
	assert_true(view.speed == 2);
	press('[');
	press('[');
	assert_true(view.speed == 0.5);
	assert_int_equal(press(' '), KEYS_PAUSE);
	assert_true(view.is_paused);
	assert_int_equal(press('b'), KEYS_GROUP);
	assert_int_equal(view.key, ROSTER_KEY_PROCESS + 1);
	assert_int_equal(press('.'), KEYS_STEP);
	assert_int_equal(press('q'), KEYS_END);
	assert_int_equal(press(PAINTER_QUIT), KEYS_END);
	press('/');
	assert_int_equal(press(PAINTER_GONE), KEYS_END);
}

#define RECORD_SIZE 100
#define MANY (3 * TAPE_PIECES * TAPE_PIECE_BYTES / RECORD_SIZE)

struct listener {
	uint64_t count, last;
	bool is_in_order;
};

static void hear(void *context, const void *bytes, size_t size)
{
	struct listener *l = context;
	uint64_t number;

	assert_int_equal(size, RECORD_SIZE);
	memcpy(&number, bytes, sizeof(number));
	l->is_in_order = l->is_in_order && (!l->count || number == l->last + 1);
	l->last = number;
	l->count++;
}

static void the_tape_keeps_the_newest(void **state)
{
	struct tape *tape = calloc(1, sizeof(*tape));
	struct listener l = { .is_in_order = true };
	uint64_t record[RECORD_SIZE / sizeof(uint64_t) + 1] = { 0 };

	(void)state;
	tape_each(tape, hear, &l);
	assert_int_equal(l.count, 0);
	for (record[0] = 0; record[0] < MANY; record[0]++)
		tape_add(tape, record, RECORD_SIZE);
	tape_each(tape, hear, &l);
	assert_true(l.is_in_order);
	assert_int_equal(l.last, MANY - 1);
	assert_int_equal(l.count + tape->forgotten, MANY);
	assert_true(l.count * (RECORD_SIZE + 2) <= TAPE_PIECES * TAPE_PIECE_BYTES);
	assert_true(l.count * (RECORD_SIZE + 2) >= (TAPE_PIECES - 2) * TAPE_PIECE_BYTES);
	tape_done(tape);
	free(tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_are_in_the_words_of_the_options),
		cmocka_unit_test(what_is_none_is_told),
		cmocka_unit_test(a_wrong_one_changes_nothing),
		cmocka_unit_test_setup(digits_and_tab_choose_the_screen, begin),
		cmocka_unit_test_setup(arrows_move_and_never_leave_the_beginning, begin),
		cmocka_unit_test(not_every_name_is_a_word),
		cmocka_unit_test_setup(a_filter_is_typed, begin),
		cmocka_unit_test_setup(escape_goes_back_step_by_step, begin),
		cmocka_unit_test_setup(order_pace_and_end, begin),
		cmocka_unit_test(the_tape_keeps_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
