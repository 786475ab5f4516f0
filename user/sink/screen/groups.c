// SPDX-License-Identifier: GPL-2.0-only
/* Screen 3: connections that have something in common, a line for each group. */
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/groups.h"
#include "user/sink/screen/scene.h"

enum { NAME, LIVE, ESTABLISHED, CLOSE_WAIT, TIME_WAIT, CLOSED, FAILED, MEAN, COLUMNS };

static const struct grid_column usual[COLUMNS] = {
	[NAME] = { "", 16, .likes = 24, .most = 60 },
	[LIVE] = { "LIVE", 7, .is_right = true },
	[ESTABLISHED] = { "ESTAB", 7, .rank = 2, .is_right = true },
	[CLOSE_WAIT] = { "CLWAIT", 7, .is_right = true },
	[TIME_WAIT] = { "TIMEW", 7, .rank = 1, .is_right = true },
	[CLOSED] = { "CLOSED", 8, .is_right = true },
	[FAILED] = { "FAILED", 7, .is_right = true },
	[MEAN] = { "HS MEAN", 7, .rank = 3, .is_right = true },
};

/* A table whose first title is the key. */
struct sheet {
	struct grid_column columns[COLUMNS];
	char title[SCENE_TEXT_SIZE];
	struct grid grid;
};

static size_t sorted_column(enum roster_group_order order)
{
	static const size_t columns[ROSTER_GROUP_ORDER_COUNT] = {
		[ROSTER_GROUPS_BY_LIVE] = LIVE,
		[ROSTER_GROUPS_BY_CLOSE_WAIT] = CLOSE_WAIT,
		[ROSTER_GROUPS_BY_TIME_WAIT] = TIME_WAIT,
		[ROSTER_GROUPS_BY_CLOSED] = CLOSED,
		[ROSTER_GROUPS_BY_FAILED] = FAILED,
	};

	return order < ROSTER_GROUP_ORDER_COUNT ? columns[order] : COLUMNS;
}

static void draw_row(const struct scene *scene, const struct grid *grid, unsigned int row,
		     const struct roster_group *group)
{
	char scratch[SCENE_TEXT_SIZE];
	struct conn_name name = scene_group_name(scene, group, scratch);

	grid_untrusted(grid, row, NAME, CELL_PLAIN, name.bytes, name.size);
	grid_number(grid, row, LIVE, CELL_PLAIN, true, group->live);
	grid_number(grid, row, ESTABLISHED, CELL_PLAIN, true, group->in[STATE_ESTABLISHED]);
	grid_number(grid, row, CLOSE_WAIT, group->in[STATE_CLOSE_WAIT] ? CELL_WARN : CELL_PLAIN,
		    true, group->in[STATE_CLOSE_WAIT]);
	grid_number(grid, row, TIME_WAIT, CELL_PLAIN,
		    summary_knows_state(scene->summary, STATE_TIME_WAIT),
		    group->in[STATE_TIME_WAIT]);
	grid_number(grid, row, CLOSED, CELL_PLAIN, true, group->closed);
	grid_number(grid, row, FAILED, group->failed ? CELL_BAD : CELL_PLAIN, true, group->failed);
	grid_duration(grid, row, MEAN, CELL_PLAIN,
		      group->handshakes ? group->handshake_ns / group->handshakes : UINT64_MAX);
}

static void lay_out(const struct scene *scene, struct cells *cells, struct sheet *sheet,
		    unsigned int left, unsigned int room)
{
	memcpy(sheet->columns, usual, sizeof(sheet->columns));
	snprintf(sheet->title, sizeof(sheet->title), "BY %s", roster_key_name(scene->view->key));
	for (char *c = sheet->title; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	sheet->columns[NAME].title = sheet->title;
	grid_init(&sheet->grid, cells, left, room, sheet->columns, COLUMNS);
}

void groups_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	const struct view_place *place = &scene->view->places[VIEW_GROUPS];
	const struct roster_found *found = scene->found;
	struct sheet sheet;

	lay_out(scene, cells, &sheet, 1, cells->columns - 1);
	grid_head(&sheet.grid, area->top, sorted_column((enum roster_group_order)place->order),
		  !place->is_reversed);
	for (size_t i = 0; i + 1 < area->rows && place->top + i < found->group_count; i++) {
		unsigned int row = area->top + 1 + (unsigned int)i;

		draw_row(scene, &sheet.grid, row, &found->groups[place->top + i]);
		scene_mark_row(scene, cells, row, place->top + i);
	}
	if (!found->group_count)
		cells_put(cells, area->top + 1, 1, CELLS_MOST, CELL_DIM,
			  scene_text(scene, SCREEN_SAYS_NOBODY));
}

void groups_largest(const struct scene *scene, struct cells *cells, unsigned int left,
		    unsigned int room, const struct area *area)
{
	const struct roster_found *found = scene->found;
	struct sheet sheet;

	lay_out(scene, cells, &sheet, left, room);
	grid_head(&sheet.grid, area->top, COLUMNS, false);
	for (size_t i = 0; i + 1 < area->rows && i < found->group_count; i++)
		draw_row(scene, &sheet.grid, area->top + 1 + (unsigned int)i, &found->groups[i]);
	if (!found->group_count)
		cells_put(cells, area->top + 1, left, room, CELL_DIM,
			  scene_text(scene, SCREEN_SAYS_NOBODY));
}
