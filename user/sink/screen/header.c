// SPDX-License-Identifier: GPL-2.0-only
/* What stands above each screen: rates, handshakes, losses, the states of all that live. */
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/base/units.h"
#include "user/sink/screen/scene.h"
#include "user/sink/screen/spark.h"

#define NAME_COLUMNS 7
#define RATE_COLUMNS 9
#define SPARK_AT (NAME_COLUMNS + RATE_COLUMNS + 1)
#define LATENCY_COLUMNS 28
#define ROLE_COLUMNS 6
#define SPARK_MOST 60
#define MORE_COLUMNS 3 /* of " +1" */

typedef unsigned long long ull;

/* Which row of how many, or how many match of how many. */
static void say_count(const struct scene *scene, char text[SCENE_TEXT_SIZE])
{
	const struct view *view = scene->view;
	size_t count = frame_count(scene), matching, all;

	*text = '\0';
	if (view->over)
		return;
	if (frame_matches(scene, &matching, &all))
		SCREEN_FILL(text, SCENE_TEXT_SIZE, scene->settings->language, MATCH, .n = matching,
			    .m = all);
	else if (count)
		snprintf(text, SCENE_TEXT_SIZE, " %zu/%zu", view->places[view->screen].cursor + 1,
			 count);
}

void header_draw_title(const struct scene *scene, struct cells *cells)
{
	const struct view *view = scene->view;
	char time[CLOCK_TIME_SIZE], left[SCENE_TEXT_SIZE * 2], count[SCENE_TEXT_SIZE];
	unsigned int used, end;

	cells_style_row(cells, 0, CELL_TITLE);
	say_count(scene, count);
	snprintf(left, sizeof(left), "tcpspan  %u %s%s  %s%s%s", view->screen + 1U,
		 view_screen_title(view->screen, scene->settings->language), count, scene->source,
		 view->is_paused ? "  " : "",
		 view->is_paused ? scene_text(scene, SCREEN_SAYS_PAUSED) : "");
	used = cells_put(cells, 0, 0, cells->columns, CELL_TITLE, left) + 2;
	clock_format_time(&scene->settings->clock, scene->now_ns, time);
	time[strlen("00:00:00")] = '\0';
	end = cells->columns;
	if (end > used + strlen(time)) {
		end -= (unsigned int)strlen(time) + 1;
		cells_put(cells, 0, end + 1, CELLS_MOST, CELL_TITLE, time);
	}
	if (!view->filter[0] || used >= end)
		return;
	used += cells_put(cells, 0, used, end - used, CELL_TITLE, "/");
	cells_put_untrusted(cells, 0, used, end - used, CELL_TITLE, view->filter,
			    strlen(view->filter));
}

static const enum screen_phrase count_names[PULSE_COUNT_COUNT] = {
#define X(NAME) [PULSE_##NAME] = SCREEN_SAYS_##NAME,
	PULSE_COUNTS(X)
#undef X
};

static void draw_rate(const struct scene *scene, struct cells *cells, unsigned int row,
		      enum pulse_count count, unsigned int spark)
{
	double rates[SPARK_MOST], rate = pulse_rate(scene->pulse, count, 0);
	enum cell_style style = count == PULSE_FAILED && rate > 0 ? CELL_BAD : CELL_BOLD;
	char text[SCENE_TEXT_SIZE];
	size_t width;

	cells_put(cells, row, 0, NAME_COLUMNS, CELL_PLAIN, scene_text(scene, count_names[count]));
	scene_rate(rate, text);
	width = strlen(text) < RATE_COLUMNS ? strlen(text) : RATE_COLUMNS;
	cells_put(cells, row, NAME_COLUMNS + RATE_COLUMNS - (unsigned int)width, RATE_COLUMNS,
		  style, text);
	for (unsigned int i = 0; i < spark; i++)
		rates[i] = pulse_rate(scene->pulse, count, spark - 1 - i);
	spark_draw(cells, row, SPARK_AT, rates, spark);
}

static void draw_latency(const struct scene *scene, struct cells *cells, unsigned int row,
			 enum conn_role role)
{
	const char *name = scene_text(scene, role == CONN_ROLE_CLIENT ? SCREEN_SAYS_CLIENT :
									SCREEN_SAYS_SERVER);
	char p50[TEXT_DURATION_SIZE], p99[TEXT_DURATION_SIZE];
	struct pulse_latency latency;
	unsigned int left;

	pulse_handshakes(scene->pulse, role, scene->now_ns, &latency);
	if (cells->columns < LATENCY_COLUMNS)
		return;
	left = cells->columns - LATENCY_COLUMNS;
	cells_put(cells, row, left, ROLE_COLUMNS, CELL_PLAIN, name);
	cells_putf(cells, row, left + ROLE_COLUMNS + 1, LATENCY_COLUMNS, CELL_PLAIN,
		   "p50 %-6s p99 %-6s",
		   text_duration(latency.count ? latency.p50_ns : UINT64_MAX, p50),
		   text_duration(latency.count ? latency.p99_ns : UINT64_MAX, p99));
}

/* Whatever makes the numbers less than the truth; it is said, too, when it is nothing. */
static void draw_losses(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct summary *sum = scene->summary;
	uint64_t lost = event_counters_lost(&sum->events) + summary_unseen(sum);
	uint64_t unknown = conn_counts_damaged(&sum->connections) + sum->connections.seeded;
	uint64_t evicted = sum->connections.evicted;

	if (cells->columns < LATENCY_COLUMNS)
		return;
	scene_put(scene, cells, row, cells->columns - LATENCY_COLUMNS,
		  lost || evicted || sum->is_torn ? CELL_BAD : CELL_PLAIN,
		  evicted      ? SCREEN_SAYS_LOST_EVICTED :
		  lost	       ? SCREEN_SAYS_LOST :
		  sum->is_torn ? SCREEN_SAYS_TORN :
				 SCREEN_SAYS_NONE_LOST,
		  &(struct sentence_words){ .n = lost, .m = evicted ? evicted : unknown });
}

static const enum tcp_state in_order[] = {
	STATE_SYN_SENT,	  STATE_SYN_RECV, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2,
	STATE_CLOSE_WAIT, STATE_CLOSING,  STATE_LAST_ACK,    STATE_TIME_WAIT,
};

static void say_state(const struct roster_found *found, enum tcp_state state,
		      char text[SCENE_TEXT_SIZE])
{
	snprintf(text, SCENE_TEXT_SIZE, "  %s %llu%s", state_name(state), (ull)found->in[state],
		 found->stuck[state] ? "!" : "");
}

/* Which of them there is room for, a set of 1 << state: those that somebody is stuck in first. */
static uint32_t choose_states(const struct roster_found *found, unsigned int room,
			      unsigned int *ret_left_out)
{
	char text[SCENE_TEXT_SIZE];
	uint32_t chosen = 0;

	*ret_left_out = 0;
	for (unsigned int is_stuck = 2; is_stuck-- > 0;)
		for (size_t i = 0; i < sizeof(in_order) / sizeof(*in_order); i++) {
			enum tcp_state state = in_order[i];
			unsigned int size;

			if (!found->in[state] || !!found->stuck[state] != is_stuck)
				continue;
			say_state(found, state, text);
			size = (unsigned int)strlen(text);
			if (*ret_left_out || size > room) {
				++*ret_left_out;
				continue;
			}
			room -= size;
			chosen |= UINT32_C(1) << state;
		}
	return chosen;
}

/* Those that somebody is in; how many more where there is no room. */
static void draw_states(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct roster_found *found = scene->found;
	unsigned int used, left_out;
	char text[SCENE_TEXT_SIZE];
	uint32_t chosen;

	used = SCENE_PUT(scene, cells, row, 0, CELL_BOLD, LIVE,
			 .n = scene->summary->connections.live);
	chosen = choose_states(
		found,
		cells->columns - used > MORE_COLUMNS ? cells->columns - used - MORE_COLUMNS : 0,
		&left_out);
	for (size_t i = 0; i < sizeof(in_order) / sizeof(*in_order); i++) {
		enum tcp_state state = in_order[i];

		if (!(chosen >> state & 1))
			continue;
		say_state(found, state, text);
		used += cells_put(cells, row, used, cells->columns - used,
				  found->stuck[state] ? CELL_WARN : CELL_PLAIN, text);
	}
	if (left_out)
		cells_putf(cells, row, used, cells->columns - used, CELL_PLAIN, " +%u", left_out);
}

void header_draw(const struct scene *scene, struct cells *cells)
{
	unsigned int around = SPARK_AT + 2 + LATENCY_COLUMNS, spark = 0;

	if (cells->columns > around)
		spark = cells->columns - around < SPARK_MOST ? cells->columns - around : SPARK_MOST;
	header_draw_title(scene, cells);
	for (unsigned int i = 0; i < PULSE_COUNT_COUNT; i++)
		draw_rate(scene, cells, 1 + i, (enum pulse_count)i, spark);
	draw_latency(scene, cells, 1, CONN_ROLE_CLIENT);
	draw_latency(scene, cells, 2, CONN_ROLE_SERVER);
	draw_losses(scene, cells, 3);
	draw_states(scene, cells, 4);
}
