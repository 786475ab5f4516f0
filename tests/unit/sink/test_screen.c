// SPDX-License-Identifier: GPL-2.0-only
/* Cells hold what fits, by the width of characters, and nothing that a terminal would obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/base/units.h"
#include "user/sink/screen/cells.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"
#include "user/sink/screen/spark.h"
#include "user/sink/screen/view.h"

static void assert_prints(const struct cells *cells, const char *expected)
{
	struct buffer out;

	buffer_init(&out);
	cells_print(cells, &out);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, expected);
	buffer_done(&out);
}

static void what_is_outside_is_left_out(void **state)
{
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 5, 2, false), 0);
	assert_int_equal(cells_put(&c, 0, 3, 9, CELL_PLAIN, "abc"), 2);
	assert_int_equal(cells_put(&c, 2, 0, 9, CELL_PLAIN, "abc"), 0);
	assert_int_equal(cells_put(&c, 1, 7, 9, CELL_PLAIN, "abc"), 0);
	assert_int_equal(cells_put(&c, 1, 0, 2, CELL_PLAIN, "abc"), 2);
	assert_prints(&c, "   ab\nab\n");
	cells_done(&c);
}

static void wide_characters_take_two_cells(void **state)
{
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 5, 1, false), 0);
	assert_int_equal(cells_put(&c, 0, 0, 9, CELL_PLAIN, "服务器"), 4);
	assert_int_equal(cells_at(&c, 0, 0)->width, 2);
	assert_int_equal(cells_at(&c, 0, 1)->width, 0);
	assert_prints(&c, "服务\n");
	cells_clear(&c);
	assert_int_equal(cells_put(&c, 0, 0, 9, CELL_PLAIN, "e\xcc\x81x"), 2);
	assert_prints(&c, "e\xcc\x81x\n");
	cells_done(&c);
}

/* Else the rest of the row would stand a column further to the right, or to the left. */
static void half_a_wide_character_is_none(void **state)
{
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 7, 1, false), 0);
	cells_put(&c, 0, 0, 9, CELL_PLAIN, "服务器x");
	cells_put(&c, 0, 1, 9, CELL_PLAIN, "ab");
	assert_prints(&c, " ab 器x\n");
	cells_put(&c, 0, 3, 9, CELL_PLAIN, "端");
	assert_prints(&c, " ab端 x\n");
	cells_put(&c, 0, 3, 9, CELL_PLAIN, "对");
	assert_prints(&c, " ab对 x\n");
	cells_done(&c);
}

static void names_are_escaped_and_cut(void **state)
{
	static const char evil[] = "\033[2Jrm", name[] = "服务器";
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 20, 3, false), 0);
	cells_put_untrusted(&c, 0, 0, 12, CELL_PLAIN, evil, strlen(evil));
	cells_put_untrusted(&c, 1, 0, 6, CELL_PLAIN, evil, strlen(evil));
	cells_put_untrusted(&c, 2, 0, 5, CELL_PLAIN, name, strlen(name));
	assert_prints(&c, "\\x1b[2Jrm\n\\x1b[+\n服务+\n");
	cells_done(&c);
	assert_int_equal(cells_init(&c, 20, 1, true), 0);
	cells_put_untrusted(&c, 0, 0, 20, CELL_PLAIN, "caf\xc3\xa9", 5);
	assert_prints(&c, "caf\\xc3\\xa9\n");
	cells_done(&c);
}

/* Lines have their names escaped by the text formats. */
static void lines_are_not_escaped_twice(void **state)
{
	static const char lines[] = "\\x1b[31mred\n\033[2J\nx\\\n",
			  long_one[] = "\\x1b[31mred and more";
	const struct area area = { 0, 4 };
	struct buffer text;
	struct cells c;

	(void)state;
	buffer_init(&text);
	buffer_add_text(&text, lines);
	assert_int_equal(cells_init(&c, 20, 4, false), 0);
	assert_int_equal(scene_lines(&c, &area, &text, 0), 3);
	assert_prints(&c, "\\x1b[31mred\n\\x1b[2J\nx\\\n");
	cells_clear(&c);
	cells_put_escaped(&c, 0, 0, 8, CELL_PLAIN, long_one, strlen(long_one));
	assert_prints(&c, "\\x1b[31+\n");
	cells_done(&c);
	buffer_done(&text);
}

static void what_is_escaped_is_not_escaped_again(void **state)
{
	static const char name[] = "\\x1b[2J 服务器";
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 40, 2, false), 0);
	cells_put_escaped(&c, 0, 0, 40, CELL_PLAIN, name, strlen(name));
	cells_put_escaped(&c, 1, 0, 13, CELL_PLAIN, name, strlen(name));
	assert_prints(&c, "\\x1b[2J 服务器\n\\x1b[2J 服务+\n");
	cells_done(&c);
	assert_int_equal(cells_init(&c, 40, 1, true), 0);
	cells_put_escaped(&c, 0, 0, 40, CELL_PLAIN, "\\x1b caf\xc3\xa9", 10);
	assert_prints(&c, "\\x1b caf\\xc3\\xa9\n");
	cells_done(&c);
}

static void a_style_is_one_of_a_whole_row(void **state)
{
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 4, 2, false), 0);
	cells_style_row(&c, 1, CELL_CURSOR);
	cells_style_row(&c, 2, CELL_BAD); /* which is outside */
	for (unsigned int column = 0; column < 4; column++) {
		assert_int_equal(cells_at(&c, 0, column)->style, CELL_PLAIN);
		assert_int_equal(cells_at(&c, 1, column)->style, CELL_CURSOR);
	}
	cells_done(&c);
}

static void a_screen_may_have_no_room_at_all(void **state)
{
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 0, 0, false), 0);
	cells_put(&c, 0, 0, 9, CELL_PLAIN, "abc");
	cells_put_untrusted(&c, 0, 0, 0, CELL_PLAIN, "abc", 3);
	cells_style_row(&c, 0, CELL_BAD);
	assert_prints(&c, "");
	cells_done(&c);
}

static const struct grid_column columns[] = {
	{ "NAME", 4, .likes = 6, .most = 8 },
	{ "RARE", 4, .rank = 1, .is_right = true },
	{ "N", 3, .is_right = true },
	{ "LUXURY", 6, .rank = GRID_LUXURY },
};

static void draw(struct cells *c, unsigned int room)
{
	struct grid grid;

	assert_int_equal(cells_init(c, 30, 2, false), 0);
	grid_init(&grid, c, 0, room, columns, 4);
	grid_head(&grid, 0, 2, true);
	grid_untrusted(&grid, 1, 0, CELL_PLAIN, "a-long-name", 11);
	grid_number(&grid, 1, 1, CELL_PLAIN, false, 7);
	grid_number(&grid, 1, 2, CELL_PLAIN, true, 12345);
	grid_text(&grid, 1, 3, CELL_PLAIN, "x");
}

static void columns_leave_by_rank_and_grow_by_need(void **state)
{
	struct cells c;

	(void)state;
	draw(&c, 8);
	assert_prints(&c, "NAME  Nv\na-l12345\n");
	cells_done(&c);
	draw(&c, 13);
	assert_prints(&c, "NAME RARE  Nv\na-l+    12345\n");
	cells_done(&c);
	draw(&c, 20);
	assert_prints(&c, "NAME     RARE  Nv\na-long-+    12345\n");
	cells_done(&c);
	draw(&c, 30);
	assert_prints(&c, "NAME     RARE  Nv LUXURY\na-long-+    12345 x\n");
	cells_done(&c);
}

static void sparks_scale_and_leave_out_what_nobody_knows(void **state)
{
	static const double values[] = { -1, 0, 1, 4, 8 };
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 8, 2, false), 0);
	spark_draw(&c, 0, 0, values, 5);
	assert_prints(&c, " ·▁▄█\n");
	cells_done(&c);
	assert_int_equal(cells_init(&c, 8, 2, true), 0);
	spark_draw(&c, 0, 0, values, 5);
	assert_prints(&c, " .:+#\n");
	cells_done(&c);
}

static void the_cursor_stays_where_there_are_rows(void **state)
{
	struct view_place place = { .cursor = 9, .top = 7 };

	(void)state;
	view_fit(&place, 5, 3);
	assert_int_equal(place.cursor, 4);
	assert_int_equal(place.top, 2);
	view_fit(&place, 0, 3);
	assert_int_equal(place.cursor, 0);
	assert_int_equal(place.top, 0);
	place.cursor = 7;
	view_fit(&place, 100, 3);
	assert_int_equal(place.top, 5);
	place.cursor = 1;
	view_fit(&place, 100, 3);
	assert_int_equal(place.top, 1);
}

/* What the header has of these, in so many columns. */
static void assert_header_has(unsigned int wide, const struct summary *summary,
			      const struct roster_found *found, const char *text)
{
	const struct sink_settings settings = { .columns = wide };
	struct view view = { .screen = VIEW_OVERVIEW };
	struct pulse *pulse = pulse_new();
	const struct scene scene = { .settings = &settings,
				     .source = "live",
				     .pulse = pulse,
				     .summary = summary,
				     .found = found,
				     .view = &view };
	struct buffer out;
	struct cells c;

	assert_int_equal(cells_init(&c, wide, 5, true), 0);
	header_draw(&scene, &c);
	buffer_init(&out);
	cells_print(&c, &out);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, text));
	buffer_done(&out);
	cells_done(&c);
	pulse_free(pulse);
}

/* Where there is no room for all, who is stuck is told of. */
static void the_states_of_the_stuck_come_first(void **state)
{
	const struct roster_found found = { .in = { [STATE_SYN_SENT] = 1,
						    [STATE_ESTABLISHED] = 12,
						    [STATE_FIN_WAIT2] = 13,
						    [STATE_CLOSE_WAIT] = 4 },
					    .stuck = { [STATE_CLOSE_WAIT] = 3 } };
	const struct summary summary = { .connections = { .live = 30 } };

	(void)state;
	assert_header_has(48, &summary, &found, "live 30  SYN_SENT 1  CLOSE_WAIT 4! +2\n");
}

/* A life that is older and over is one, though it is counted among both. */
static void each_that_is_not_whole_is_counted_once(void **state)
{
	const struct summary summary = { .connections = {
						 .seeded = 10, .incomplete = 7, .older_over = 3 } };
	const struct roster_found found = { .all = 0 };

	(void)state;
	assert_header_has(80, &summary, &found, "none lost, not whole 14\n");
}

/* What is older than the tracing is in its state for longer than was seen. */
static void ages_that_nobody_saw_begin_are_marked(void **state)
{
	static const struct {
		uint64_t age_ns;
		const char *text;
	} cases[] = {
		{ 7 * NS_PER_S + 250 * NS_PER_MS, " >7.25s " },
		{ 83250 * NS_PER_US, "  >83ms " },
		{ 689 * NS_PER_S, "   >11m " },
		{ 69 * NS_PER_S, " >69.0s " },
	};
	const struct sink_settings settings = { .columns = 60 };
	const struct area area = { 0, 3 };
	struct view view = { .screen = VIEW_CONNECTIONS };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct conn c = { .step_state = { STATE_CLOSE_WAIT },
				  .step_count = 1,
				  .flags = CONN_SEEDED | CONN_INCOMPLETE,
				  .step_ns = { TIME_UNKNOWN, 5 * NS_PER_S } };
		const struct roster_found found = {
			.all = 1, .count = 1, .matching = 1, .rows = &c
		};
		const struct scene scene = { .settings = &settings,
					     .now_ns = c.step_ns[1] + cases[i].age_ns,
					     .found = &found,
					     .view = &view };
		struct buffer out;
		struct cells cells;

		assert_int_equal(cells_init(&cells, 60, 3, true), 0);
		connections_draw(&scene, &cells, &area);
		buffer_init(&out);
		cells_print(&cells, &out);
		buffer_add_char(&out, '\0');
		assert_non_null(strstr(out.bytes, cases[i].text));
		buffer_done(&out);
		cells_done(&cells);
	}
}

/* A recording knows who opened it, and not who holds it. */
static void who_opened_it_is_no_holder(void **state)
{
	const struct sink_settings settings = { .columns = 80 };
	const struct area area = { 0, 8 };
	struct holder holder = { .pid = 4711, .comm = "keeper" };
	struct stuck s = { .c = sample_client(),
			   .state = STATE_CLOSE_WAIT,
			   .age_ns = 61 * NS_PER_S,
			   .rx_queue_bytes = STUCK_BYTES_UNKNOWN,
			   .tx_queue_bytes = STUCK_BYTES_UNKNOWN,
			   .left_ns = TIME_UNKNOWN,
			   .resent = STUCK_RESENT_UNKNOWN };
	struct view view = { .screen = VIEW_STUCK };
	const struct scene scene = {
		.settings = &settings, .stuck = &s, .stuck_count = 1, .stuck_all = 1, .view = &view
	};

	(void)state;
	sample_comm(&s.c, "opener");
	for (unsigned int is_held = 0; is_held < 2; is_held++) {
		struct buffer out;
		struct cells cells;

		s.holders = is_held ? &holder : NULL;
		s.holder_count = is_held;
		assert_int_equal(cells_init(&cells, 80, 8, true), 0);
		stuck_draw(&scene, &cells, &area);
		buffer_init(&out);
		cells_print(&cells, &out);
		buffer_add_char(&out, '\0');
		assert_non_null(strstr(out.bytes, is_held ? " keeper " : " (opener) "));
		buffer_done(&out);
		cells_done(&cells);
	}
}

/* Each meaning is whole on the narrowest screen, above the line of the last one. */
static void what_a_cause_means_is_whole(void **state)
{
	const struct sink_settings settings = { .columns = 60 };
	const struct area area = { 0, 10 };
	struct view view = { .screen = VIEW_FAILURES };

	(void)state;
	for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++) {
		struct failure_row row = { .count = 1, .failure.last.cause = (uint8_t)cause };
		const struct failure_list failures = { .rows = &row, .count = 1 };
		const struct scene scene = { .settings = &settings,
					     .failures = &failures,
					     .view = &view };
		const char *meaning = cause_of((enum conn_cause)cause)->meaning;
		const char *last = strrchr(meaning, ' ');
		struct buffer out;
		struct cells cells;

		assert_int_equal(cells_init(&cells, 60, 10, true), 0);
		failures_draw(&scene, &cells, &area);
		buffer_init(&out);
		cells_print(&cells, &out);
		buffer_add_char(&out, '\0');
		assert_non_null(last);
		assert_non_null(strstr(out.bytes, last + 1));
		assert_non_null(strstr(strstr(out.bytes, last + 1), "\n last "));
		buffer_done(&out);
		cells_done(&cells);
	}
}

/* By the columns that they take, and not by their bytes: in Chinese all keys are there on 91. */
static void keys_have_room_by_their_columns(void **state)
{
	const struct sink_settings settings = { .language = LADDER_ZH };
	struct view view = { .screen = VIEW_OVERVIEW };

	(void)state;
	for (unsigned int is_live = 0; is_live < 2; is_live++) {
		const struct scene scene = { .settings = &settings,
					     .is_live = is_live,
					     .view = &view };
		struct buffer out;
		struct cells c;

		assert_int_equal(cells_init(&c, 91, 1, false), 0);
		footer_draw(&scene, &c);
		buffer_init(&out);
		cells_print(&c, &out);
		buffer_add_char(&out, '\0');
		assert_non_null(strstr(out.bytes, " w 宽列\n"));
		buffer_done(&out);
		cells_done(&c);
	}
}

/* A text that is cut ends with a whole character. */
static void sentences_are_cut_between_characters(void **state)
{
	char text[8];

	(void)state;
	SCREEN_FILL(text, sizeof(text), LADDER_ZH, OPENED);
	assert_string_equal(text, "打开");
	SCREEN_FILL(text, sizeof(text), LADDER_ZH, NONE_OPEN);
	assert_string_equal(text, "没有");
	SCREEN_FILL(text, 3, LADDER_ZH, NONE_OPEN);
	assert_string_equal(text, "");
}

static void scroll(struct view *view, struct cells *c, size_t lines)
{
	const struct scene scene = { .view = view };
	const struct area area = { 1, 10 };
	struct buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < lines; i++)
		buffer_addf(&text, "line %zu\n", i);
	scene_scroll(&scene, c, &area, &text);
	buffer_done(&text);
}

/* What grows is followed by whoever has gone to its end, and by nobody else. */
static void the_end_is_followed(void **state)
{
	struct view view = { .over = VIEW_OVER_LADDER };
	struct cells c;

	(void)state;
	assert_int_equal(cells_init(&c, 40, 12, true), 0);
	scroll(&view, &c, 8);
	scroll(&view, &c, 14);
	assert_int_equal(view.scroll, 0);
	view.scroll = 1000;
	scroll(&view, &c, 14);
	assert_int_equal(view.scroll, 4);
	scroll(&view, &c, 17);
	assert_int_equal(view.scroll, 7);
	view.scroll--;
	scroll(&view, &c, 20);
	assert_int_equal(view.scroll, 6);
	scroll(&view, &c, 12);
	assert_int_equal(view.scroll, 2);
	scroll(&view, &c, 5);
	assert_int_equal(view.scroll, 0);
	cells_done(&c);
}

/* On a low one what lies over it has all rows but those of the title and the keys. */
static void a_low_screen_has_room_for_what_lies_over_it(void **state)
{
	const struct roster_found found = { .all = 0 };
	const struct sink_settings settings = { .columns = 60 };
	const struct summary summary = { .connections = { .live = 30 } };
	struct view view = { .screen = VIEW_OVERVIEW, .over = VIEW_OVER_LADDER };
	struct pulse *pulse = pulse_new();
	const struct scene scene = { .settings = &settings,
				     .source = "live",
				     .pulse = pulse,
				     .summary = &summary,
				     .found = &found,
				     .view = &view };

	(void)state;
	for (unsigned int rows = 15; rows <= 24; rows += 9) {
		struct cells c;

		assert_int_equal(cells_init(&c, 60, rows, true), 0);
		frame_draw(&scene, &c);
		assert_int_equal(cells_at(&c, 0, 0)->code[0], 't');
		assert_int_equal(cells_at(&c, 1, 0)->code[0], rows < 20 ? 'T' : 'o');
		cells_done(&c);
	}
	pulse_free(pulse);
}

#define WIDE 200
#define HIGH 50
#define FRAMES 200

/* Of a million only what is seen is formatted; how long that takes is judged by people. */
static void a_frame_has_the_rows_that_are_seen(void **state)
{
	static struct conn rows[HIGH];
	struct roster_found found = { .all = 1000000, .matching = 1000000, .rows = rows };
	const struct sink_settings settings = { .columns = WIDE };
	const struct summary summary = { .connections = { .live = 1000000 } };
	const struct failure_list failures = { .rows = NULL };
	struct view view = { .screen = VIEW_CONNECTIONS };
	struct pulse *pulse = pulse_new();
	const struct scene scene = { .settings = &settings,
				     .source = "live",
				     .pulse = pulse,
				     .summary = &summary,
				     .found = &found,
				     .failures = &failures,
				     .view = &view };
	struct cells c;
	clock_t begin;

	(void)state;
	assert_int_equal(cells_init(&c, WIDE, HIGH, false), 0);
	found.count = frame_list_rows(&c, VIEW_CONNECTIONS);
	for (size_t i = 0; i < found.count; i++)
		rows[i] = sample_client();
	begin = clock();
	for (unsigned int i = 0; i < FRAMES; i++)
		frame_draw(&scene, &c);
	printf("# a frame of %d x %d: %.2f ms\n", WIDE, HIGH,
	       (double)(clock() - begin) * 1000 / CLOCKS_PER_SEC / FRAMES);
	assert_int_equal(cells_at(&c, 0, 0)->code[0], 't');
	assert_int_equal(cells_at(&c, HIGH - 2, 1)->code[0], 'T');
	cells_done(&c);
	pulse_free(pulse);
}

/* A terminal may be made as small as can be: each screen is drawn, and soon. */
static void every_screen_is_drawn_at_any_size(void **state)
{
	static struct conn rows[2];
	struct roster_found found = { .all = 2, .matching = 2, .rows = rows };
	struct sink_settings settings = { .columns = 0 };
	const struct summary summary = { .connections = { .live = 2 } };
	const struct failure_list failures = { .rows = NULL };
	struct pulse *pulse = pulse_new();
	struct histogram_set *histograms = histogram_set_new(0, 1);
	struct view view = { .screen = VIEW_OVERVIEW };
	const struct scene scene = { .settings = &settings,
				     .source = "live",
				     .is_live = true,
				     .pulse = pulse,
				     .summary = &summary,
				     .found = &found,
				     .histograms = histograms,
				     .failures = &failures,
				     .view = &view };

	(void)state;
	rows[0] = rows[1] = sample_client();
	alarm(60);
	for (unsigned int size = 0; size < 24 * 18; size++) {
		struct cells c;

		settings.columns = size % 24;
		assert_int_equal(cells_init(&c, size % 24, size / 24, false), 0);
		for (view.screen = 0; view.screen < VIEW_SCREEN_COUNT; view.screen++) {
			found.count = frame_list_rows(&c, view.screen);
			if (found.count > found.all)
				found.count = found.all;
			frame_draw(&scene, &c);
		}
		cells_done(&c);
	}
	alarm(0);
	histogram_set_free(histograms);
	pulse_free(pulse);
}

/* Where no hook tells of half-open requests, their number is not 0. */
static void requests_that_nobody_tells_of_are_not_counted(void **state)
{
	static const char *const rungs[] = { NULL, "tp_btf" };
	const struct roster_found found = { .all = 0 };
	const struct sink_settings settings = { .columns = 80 };
	const struct failure_list failures = { .rows = NULL };
	struct view view = { .screen = VIEW_OVERVIEW };
	struct pulse *pulse = pulse_new();
	struct histogram_set *histograms = histogram_set_new(0, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(rungs) / sizeof(*rungs); i++) {
		const struct summary summary = { .hooks = { { "passive", rungs[i] } },
						 .hook_count = 1 };
		const struct scene scene = { .settings = &settings,
					     .source = "live",
					     .pulse = pulse,
					     .summary = &summary,
					     .found = &found,
					     .histograms = histograms,
					     .failures = &failures,
					     .view = &view };
		struct buffer out;
		struct cells c;

		assert_int_equal(cells_init(&c, 80, 24, true), 0);
		frame_draw(&scene, &c);
		buffer_init(&out);
		cells_print(&c, &out);
		buffer_add_char(&out, '\0');
		assert_non_null(
			strstr(out.bytes, rungs[i] ? " 0 failed, 0 half-open." : " 0 failed."));
		buffer_done(&out);
		cells_done(&c);
	}
	histogram_set_free(histograms);
	pulse_free(pulse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_outside_is_left_out),
		cmocka_unit_test(wide_characters_take_two_cells),
		cmocka_unit_test(half_a_wide_character_is_none),
		cmocka_unit_test(names_are_escaped_and_cut),
		cmocka_unit_test(lines_are_not_escaped_twice),
		cmocka_unit_test(what_is_escaped_is_not_escaped_again),
		cmocka_unit_test(a_style_is_one_of_a_whole_row),
		cmocka_unit_test(a_screen_may_have_no_room_at_all),
		cmocka_unit_test(columns_leave_by_rank_and_grow_by_need),
		cmocka_unit_test(sparks_scale_and_leave_out_what_nobody_knows),
		cmocka_unit_test(the_cursor_stays_where_there_are_rows),
		cmocka_unit_test(the_states_of_the_stuck_come_first),
		cmocka_unit_test(each_that_is_not_whole_is_counted_once),
		cmocka_unit_test(requests_that_nobody_tells_of_are_not_counted),
		cmocka_unit_test(ages_that_nobody_saw_begin_are_marked),
		cmocka_unit_test(who_opened_it_is_no_holder),
		cmocka_unit_test(what_a_cause_means_is_whole),
		cmocka_unit_test(keys_have_room_by_their_columns),
		cmocka_unit_test(sentences_are_cut_between_characters),
		cmocka_unit_test(the_end_is_followed),
		cmocka_unit_test(a_low_screen_has_room_for_what_lies_over_it),
		cmocka_unit_test(a_frame_has_the_rows_that_are_seen),
		cmocka_unit_test(every_screen_is_drawn_at_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
