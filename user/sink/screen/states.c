// SPDX-License-Identifier: GPL-2.0-only
/* Screen 4: the state machine of RFC 9293, with what goes through it just now. */
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"

#define FIGURE_COLUMNS 80
#define FIGURE_ROWS 17
#define MORE_COLUMNS 3 /* of " +1" */

typedef unsigned long long ull;

/* Where a state stands: its name with how many are in it, below it how long they stay. */
struct node {
	enum tcp_state state;
	uint8_t row, column;
};

static const struct node nodes[] = {
	{ STATE_SYN_RECV, 2, 15 },  { STATE_SYN_SENT, 2, 51 },	 { STATE_ESTABLISHED, 5, 32 },
	{ STATE_FIN_WAIT1, 8, 12 }, { STATE_CLOSE_WAIT, 8, 54 }, { STATE_FIN_WAIT2, 11, 2 },
	{ STATE_CLOSING, 11, 27 },  { STATE_LAST_ACK, 11, 54 },	 { STATE_TIME_WAIT, 14, 12 },
};

/* An arrow: what is drawn of it, and where what goes along it is said. */
struct edge {
	enum tcp_state from, to;
	uint8_t row, column;
	const char *line; /* at this place */
	const char *what; /* behind it: a segment or a call; NULL: words */
	enum screen_phrase words;
};

#define SAYS(NAME) NULL, SCREEN_SAYS_##NAME

static const struct edge edges[] = {
	{ STATE_CLOSED, STATE_SYN_RECV, 1, 17, "v", SAYS(SYN_CAME) },
	{ STATE_CLOSED, STATE_SYN_SENT, 1, 53, "v", "connect", 0 },
	{ STATE_SYN_RECV, STATE_ESTABLISHED, 4, 24, "\\", "ACK", 0 },
	{ STATE_SYN_SENT, STATE_ESTABLISHED, 4, 50, "/", "SYN-ACK", 0 },
	{ STATE_ESTABLISHED, STATE_FIN_WAIT1, 7, 27, "/", SAYS(WE_CLOSE) },
	{ STATE_ESTABLISHED, STATE_CLOSE_WAIT, 7, 51, "\\", SAYS(THEY_CLOSE) },
	{ STATE_FIN_WAIT1, STATE_FIN_WAIT2, 10, 9, "/", "ACK", 0 },
	{ STATE_FIN_WAIT1, STATE_CLOSING, 10, 29, "\\", "FIN", 0 },
	{ STATE_CLOSE_WAIT, STATE_LAST_ACK, 10, 56, "v", SAYS(WE_CLOSE) },
	{ STATE_FIN_WAIT2, STATE_TIME_WAIT, 13, 7, "\\", "FIN", 0 },
	{ STATE_CLOSING, STATE_TIME_WAIT, 13, 30, "/", "ACK", 0 },
	{ STATE_LAST_ACK, STATE_CLOSED, 13, 56, "v", "ACK", 0 },
	{ STATE_TIME_WAIT, STATE_CLOSED, 14, 28, "-->", "2 MSL", 0 },
};

/* Half of those that stayed in a state stayed less. */
struct stays {
	uint64_t p50_ns[STATE_COUNT];
};

static void note_stay(void *context, const struct histogram_row *row)
{
	static const uint8_t states[HISTOGRAM_COUNT] = {
		[HISTOGRAM_SYN_SENT] = STATE_SYN_SENT,
		[HISTOGRAM_SYN_RECV] = STATE_SYN_RECV,
		[HISTOGRAM_ESTABLISHED] = STATE_ESTABLISHED,
		[HISTOGRAM_FIN_WAIT1] = STATE_FIN_WAIT1,
		[HISTOGRAM_FIN_WAIT2] = STATE_FIN_WAIT2,
		[HISTOGRAM_CLOSE_WAIT] = STATE_CLOSE_WAIT,
		[HISTOGRAM_CLOSING] = STATE_CLOSING,
		[HISTOGRAM_LAST_ACK] = STATE_LAST_ACK,
		[HISTOGRAM_TIME_WAIT] = STATE_TIME_WAIT,
	};
	struct stays *stays = context;

	if (states[row->id] && row->histogram->count)
		stays->p50_ns[states[row->id]] = histogram_quantile(row->histogram, 0.5);
}

static void find_stays(const struct scene *scene, struct stays *ret_stays)
{
	for (size_t i = 0; i < STATE_COUNT; i++)
		ret_stays->p50_ns[i] = UINT64_MAX;
	histogram_set_each(scene->histograms, note_stay, ret_stays);
}

static void draw_node(const struct scene *scene, struct cells *cells, const struct area *area,
		      unsigned int left, const struct node *node, const struct stays *stays)
{
	const struct roster_found *found = scene->found;
	unsigned int row = area->top + node->row, column = left + node->column;
	enum cell_style style = found->stuck[node->state] ? CELL_WARN :
				found->in[node->state]	  ? CELL_BOLD :
							    CELL_PLAIN;
	char p50[TEXT_DURATION_SIZE];

	if (summary_knows_state(scene->summary, node->state))
		cells_putf(cells, row, column, CELLS_MOST, style, "%s %llu%s",
			   state_name(node->state), (ull)found->in[node->state],
			   found->stuck[node->state] ? "!" : "");
	else
		cells_putf(cells, row, column, CELLS_MOST, CELL_PLAIN, "%s -",
			   state_name(node->state));
	cells_putf(cells, row + 1, column, CELLS_MOST, CELL_DIM, "p50 %s",
		   text_duration(stays->p50_ns[node->state], p50));
}

static void draw_edge(const struct scene *scene, struct cells *cells, const struct area *area,
		      unsigned int left, const struct edge *edge)
{
	double rate = pulse_transition_rate(scene->pulse, edge->from, edge->to);
	uint64_t count = pulse_transitions(scene->pulse, edge->from, edge->to);
	unsigned int row = area->top + edge->row, column = left + edge->column;
	char text[SCENE_TEXT_SIZE];

	column += 1 + cells_put(cells, row, column, CELLS_MOST, CELL_BAR, edge->line);
	if (edge->from == STATE_TIME_WAIT && !summary_knows_state(scene->summary, edge->from)) {
		cells_putf(cells, row, column, CELLS_MOST, CELL_DIM, "%s -",
			   edge->what ? edge->what : scene_text(scene, edge->words));
		return;
	}
	cells_putf(cells, row, column, CELLS_MOST, rate > 0 ? CELL_GOOD : CELL_DIM, "%s %s %llu",
		   edge->what ? edge->what : scene_text(scene, edge->words), scene_rate(rate, text),
		   (ull)count);
}

/* Lives that took none of the arrows to their end. */
static void draw_early(const struct scene *scene, struct cells *cells, unsigned int row)
{
	unsigned int column = 1, left_out = 0;
	bool is_any = false;

	column += SCENE_PUT(scene, cells, row, column, CELL_PLAIN, STRAIGHT);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		enum tcp_state from = nodes[i].state;
		uint64_t count = pulse_transitions(scene->pulse, from, STATE_CLOSED);
		char text[SCENE_TEXT_SIZE];

		if (!count || from == STATE_LAST_ACK || from == STATE_TIME_WAIT)
			continue;
		snprintf(text, sizeof(text), "%s%s %llu", is_any ? ", " : "", state_name(from),
			 (ull)count);
		if (left_out || column + strlen(text) + MORE_COLUMNS > cells->columns) {
			left_out++;
			continue;
		}
		column += cells_put(cells, row, column, CELLS_MOST, CELL_BAD, text);
		is_any = true;
	}
	if (left_out)
		cells_putf(cells, row, column, CELLS_MOST, CELL_BAD, " +%u", left_out);
	if (!is_any)
		SCENE_PUT(scene, cells, row, column, CELL_PLAIN, NONE);
}

static void draw_figure(const struct scene *scene, struct cells *cells, const struct area *area)
{
	unsigned int left = (cells->columns - FIGURE_COLUMNS) / 2;
	struct stays stays;

	find_stays(scene, &stays);
	cells_put(cells, area->top, left + 18, CELLS_MOST, CELL_BAR,
		  "---------------- CLOSED -----------");
	cells_put(cells, area->top, left + 17, 1, CELL_BAR, "/");
	cells_put(cells, area->top, left + 53, 1, CELL_BAR, "\\");
	cells_put(cells, area->top, left + 35, CELLS_MOST, CELL_PLAIN, "CLOSED");
	cells_put(cells, area->top + 14, left + 54, CELLS_MOST, CELL_PLAIN, "CLOSED");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		draw_node(scene, cells, area, left, &nodes[i], &stays);
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
		draw_edge(scene, cells, area, left, &edges[i]);
	draw_early(scene, cells, area->top + 16);
	if (area->rows > FIGURE_ROWS)
		SCENE_PUT(scene, cells, area->top + 17, 1, CELL_DIM, ARROWS);
}

/* Where the figure has no room: in two halves, a line for each state. */
enum { NAME, NOW, IN, STAY, COLUMNS };

static const struct grid_column columns[COLUMNS] = {
	[NAME] = { "STATE", 11 },
	[NOW] = { "NOW", 6, .most = 8, .is_right = true },
	[IN] = { "IN", 7, .most = 8, .is_right = true },
	[STAY] = { "P50", 6, .rank = 1, .is_right = true },
};

static double rate_into(const struct scene *scene, enum tcp_state to)
{
	double sum = 0;

	for (unsigned int from = 0; from < STATE_COUNT; from++) {
		double rate = pulse_transition_rate(scene->pulse, (enum tcp_state)from, to);

		if (rate < 0)
			return -1;
		sum += rate;
	}
	return sum;
}

static void draw_table(const struct scene *scene, struct cells *cells, const struct area *area)
{
	static const size_t halves[2] = { 0, 5 };
	unsigned int half = cells->columns / 2;
	struct stays stays;

	find_stays(scene, &stays);
	for (unsigned int side = 0; side < 2; side++) {
		size_t count = sizeof(nodes) / sizeof(*nodes);
		struct grid grid;

		grid_init(&grid, cells, 1 + side * half, half - 1 - side, columns, COLUMNS);
		grid_head(&grid, area->top, COLUMNS, false);
		for (size_t i = halves[side]; i < (side ? count : halves[1]); i++) {
			enum tcp_state state = nodes[i].state;
			unsigned int row = area->top + 1 + (unsigned int)(i - halves[side]);
			char text[SCENE_TEXT_SIZE];

			grid_text(&grid, row, NAME,
				  scene->found->stuck[state] ? CELL_WARN : CELL_PLAIN,
				  state_name(state));
			grid_number(&grid, row, NOW, CELL_BOLD, true, scene->found->in[state]);
			grid_text(&grid, row, IN, CELL_PLAIN,
				  scene_rate(rate_into(scene, state), text));
			grid_duration(&grid, row, STAY, CELL_PLAIN, stays.p50_ns[state]);
		}
	}
	if (area->rows > 7)
		draw_early(scene, cells, area->top + 7);
}

void states_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	if (cells->columns >= FIGURE_COLUMNS && area->rows >= FIGURE_ROWS)
		draw_figure(scene, cells, area);
	else
		draw_table(scene, cells, area);
}
