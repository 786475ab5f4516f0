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
#define HALVES_LEAST 110 /* columns for two tables beside each other */
#define GROUPS_LEAST 6	 /* rows below the histograms for two of them */

typedef unsigned long long ull;

static void draw_sums(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct conn_counts *counts = &scene->summary->connections;
	char duration[TEXT_DURATION_SIZE], text[SCENE_TEXT_SIZE], rest[SCENE_TEXT_SIZE];
	uint64_t half_open = 0;

	for (size_t i = 0; i < HALF_OPEN_END_COUNT; i++)
		half_open += counts->half_open[i];
	text_duration(scene_since(scene, scene->start_ns), duration);
	snprintf(text, sizeof(text), "In %s: %llu opened, %llu closed, %llu failed", duration,
		 (ull)counts->opened, (ull)counts->closed, (ull)scene->failures->sum);
	snprintf(rest, sizeof(rest), ", %llu half-open", (ull)half_open);
	cells_putf(cells, row, 1, CELLS_MOST, CELL_PLAIN, "%s%s.", text,
		   strlen(text) + strlen(rest) + 2 <= cells->columns ? rest : "");
}

static void draw_stuck(const struct scene *scene, struct cells *cells, unsigned int row)
{
	const struct roster_found *found = scene->found;
	unsigned int column = 1;
	bool is_any = false;

	column += cells_put(cells, row, column, CELLS_MOST, CELL_PLAIN, "Stuck: ");
	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		char age[TEXT_DURATION_SIZE];

		if (!found->stuck[state])
			continue;
		text_duration(scene_since(scene, found->oldest_ns[state]), age);
		column += cells_putf(
			cells, row, column, CELLS_MOST, CELL_WARN, "%s%llu in %s%s%s",
			is_any ? ", " : "", (ull)found->stuck[state], state_name(state),
			found->oldest_is_older[state] ? ", the oldest for >" : " for up to ", age);
		is_any = true;
	}
	cells_put(cells, row, column, CELLS_MOST, CELL_PLAIN, is_any ? "." : "nothing.");
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
