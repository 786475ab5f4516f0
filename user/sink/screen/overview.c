// SPDX-License-Identifier: GPL-2.0-only
/* Screen 1: a little of each of the others. */
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/failures.h"
#include "user/sink/screen/groups.h"
#include "user/sink/screen/histograms.h"
#include "user/sink/screen/scene.h"

#define HISTOGRAM_ROWS 4 /* titles, the two handshakes, TIME_WAIT */
#define STOP_COLUMNS 2	 /* at most */
#define HALVES_LEAST 110 /* columns for two tables beside each other */
#define GROUPS_LEAST 6	 /* rows below the histograms for two of them */

static void draw_sums(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct conn_counts *counts = &scene->summary->connections;
	char duration[TEXT_DURATION_SIZE], rest[SCENE_TEXT_SIZE];
	enum ladder_language language = scene->settings->language;
	unsigned int column = 1, room;
	uint64_t half_open = conn_counts_half_open(counts);

	text_duration(scene_since(scene, scene->start_ns), duration);
	column += SCENE_PUT(scene, cells, row, column, CELL_PLAIN, SUMS, .w = duration,
			    .n = counts->opened, .m = counts->closed, .k = scene->failures->sum);
	if (!summary_follows(scene->summary, "passive")) {
		SCENE_PUT(scene, cells, row, column, CELL_PLAIN, STOP);
		return;
	}
	SCREEN_FILL(rest, sizeof(rest), language, SUM_HALF_OPEN, .n = half_open);
	room = (unsigned int)text_width(rest, strlen(rest)) + STOP_COLUMNS;
	if (column + room <= cells->columns)
		column += cells_put(cells, row, column, CELLS_MOST, CELL_PLAIN, rest);
	SCENE_PUT(scene, cells, row, column, CELL_PLAIN, STOP);
}

/* Those that are stuck in a state, or in an accept queue. */
static enum screen_phrase phrase_of(const struct roster_found *found, unsigned int state)
{
	bool is_older = found->oldest_is_older[state];

	if (state == STATE_ESTABLISHED)
		return is_older ? SCREEN_SAYS_UNACCEPTED_LONGER : SCREEN_SAYS_UNACCEPTED;
	return is_older ? SCREEN_SAYS_STUCK_LONGER : SCREEN_SAYS_STUCK_IN;
}

static void draw_stuck(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct roster_found *found = scene->found;
	unsigned int column = 1;
	bool is_any = false;

	column += SCENE_PUT(scene, cells, row, column, CELL_PLAIN, STUCK);
	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		char age[TEXT_DURATION_SIZE];

		if (!found->stuck[state])
			continue;
		text_duration(scene_since(scene, found->oldest_ns[state]), age);
		if (is_any)
			column += SCENE_PUT(scene, cells, row, column, CELL_WARN, STUCK_NEXT);
		column += scene_put(scene, cells, row, column, CELL_WARN, phrase_of(found, state),
				    &(struct sentence_words){ .n = found->stuck[state],
							      .w = state_name(state),
							      .v = age });
		is_any = true;
	}
	scene_put(scene, cells, row, column, CELL_PLAIN,
		  is_any ? SCREEN_SAYS_STOP : SCREEN_SAYS_STUCK_NOTHING,
		  &(struct sentence_words){ .n = 0 });
}

void overview_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct area part = { area->top + 2, HISTOGRAM_ROWS };
	unsigned int left, half = cells->columns * 11 / 20;

	draw_sums(scene, cells, area->top);
	draw_stuck(scene, cells, area->top + 1);
	if (area->rows < 2 + HISTOGRAM_ROWS)
		return;
	histograms_first(scene, cells, &part);
	part.top += part.rows;
	left = area->rows - 2 - HISTOGRAM_ROWS;
	part.rows = left;
	if (cells->columns >= HALVES_LEAST) {
		failures_largest(scene, cells, 1, half - 2, &part);
		groups_largest(scene, cells, half + 1, cells->columns - half - 1, &part);
		return;
	}
	if (left >= GROUPS_LEAST)
		part.rows = left / 2;
	failures_largest(scene, cells, 1, cells->columns - 1, &part);
	part.top += part.rows;
	part.rows = left - part.rows;
	if (part.rows)
		groups_largest(scene, cells, 1, cells->columns - 1, &part);
}
