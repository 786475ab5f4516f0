// SPDX-License-Identifier: GPL-2.0-only
/* Screen 8: who serves here, and whether it keeps up. */
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/conn/filter.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"
#include "user/sink/text/columns.h"

enum { LOCAL, QUEUE, HALF_OPEN, DROPS, ACCEPTED, NEVER, WAIT, PID, PROCESS, COLUMNS };

static const struct grid_column columns[COLUMNS] = {
	[LOCAL] = { "LISTENER", 14, .likes = 19, .most = 48 },
	[QUEUE] = { "QUEUE", 9, .is_right = true },
	[HALF_OPEN] = { "HALF", 5, .rank = 3, .is_right = true },
	[DROPS] = { "DROPS", 6, .is_right = true },
	[ACCEPTED] = { "ACCEPTED", 8, .rank = 1, .is_right = true },
	[NEVER] = { "NEVER", 6, .rank = 4, .is_right = true },
	[WAIT] = { "WAIT99", 6, .rank = 2, .is_right = true },
	[PID] = { "PID", 7, .rank = 5, .is_right = true },
	[PROCESS] = { "PROCESS", 10, .most = 16 },
};

#define SENTENCE_ROWS 3 /* below the list, where there is room */
#define LIST_LEAST 6

static void draw_queue(const struct grid *grid, unsigned int row, enum cell_style style,
		       const struct listening_socket *s)
{
	char text[SCENE_TEXT_SIZE] = "-";

	if (s && s->is_seen)
		snprintf(text, sizeof(text), "%u/%u", s->queue, s->queue_max);
	grid_text(grid, row, QUEUE, style, text);
}

static void draw_row(const struct grid *grid, unsigned int row, const struct listening_row *r)
{
	const struct listening_socket *s = r->socket;
	const struct listening_place *p = r->place;
	enum cell_style style = r->verdict > LISTENING_IS_HAS_DROPPED ? CELL_WARN : CELL_PLAIN;
	struct listening_owner owner;
	char text[SCENE_TEXT_SIZE];

	listening_row_owner(r, &owner);
	grid_text(grid, row, LOCAL, style,
		  scene_endpoint(fact_end_of(&p->laddr, p->ifindex, p->ifname, true), p->lport,
				 grid->width[LOCAL], text));
	draw_queue(grid, row, style, s);
	grid_number(grid, row, HALF_OPEN, CELL_PLAIN, s && s->has_half_open, s ? s->half_open : 0);
	grid_number(grid, row, DROPS, r->drops && r->drops != UINT64_MAX ? CELL_BAD : CELL_PLAIN,
		    r->drops != UINT64_MAX, r->drops);
	grid_number(grid, row, ACCEPTED, CELL_PLAIN, r->accepted != UINT64_MAX, r->accepted);
	grid_number(grid, row, NEVER, r->never_accepted ? CELL_WARN : CELL_PLAIN,
		    r->never_accepted != UINT64_MAX, r->never_accepted);
	grid_duration(grid, row, WAIT, CELL_PLAIN,
		      p->wait.count ? histogram_quantile(&p->wait, 0.99) : UINT64_MAX);
	grid_number(grid, row, PID, CELL_PLAIN, owner.pid, owner.pid);
	grid_untrusted(grid, row, PROCESS, CELL_PLAIN, owner.comm,
		       owner.comm ? strnlen(owner.comm, EVENT_COMM_SIZE) : 0);
}

/* What it means, of the row that the cursor is in. */
static void say(const struct scene *scene, const struct listening_row *row, struct cells *cells,
		const struct area *area)
{
	struct buffer sentence, lines;

	buffer_init(&sentence);
	buffer_init(&lines);
	listening_row_say(row, scene->settings->language, &sentence);
	if (sentence.size)
		scene_add_paragraph(cells, &lines, &sentence);
	scene_lines(cells, area, &lines, 0);
	buffer_done(&sentence);
	buffer_done(&lines);
}

static const char *nobody(const struct scene *scene)
{
	if (!scene->listener_total)
		return scene_text(scene, SCREEN_SAYS_NOBODY_LISTENS);
	if (scene->filter && conn_filter_has_names(scene->filter))
		return scene_text(scene, SCREEN_SAYS_NO_NAME_MATCHES);
	return scene_text(scene, SCREEN_SAYS_NO_LISTENER_MATCHES);
}

void listeners_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	const struct view_place *place = &scene->view->places[VIEW_LISTENERS];
	struct area list = *area;
	struct grid grid;

	if (area->rows >= LIST_LEAST + SENTENCE_ROWS)
		list.rows -= SENTENCE_ROWS;
	grid_init(&grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	grid_head(&grid, area->top, COLUMNS, false);
	for (size_t i = 0; i + 1 < list.rows && place->top + i < scene->listener_count; i++) {
		unsigned int row = area->top + 1 + (unsigned int)i;

		draw_row(&grid, row, &scene->listeners[place->top + i]);
		scene_mark_row(scene, cells, row, place->top + i);
	}
	if (!scene->listener_count)
		cells_put(cells, area->top + 1, 1, CELLS_MOST, CELL_DIM, nobody(scene));
	if (list.rows < area->rows && place->cursor < scene->listener_count) {
		struct area below = { area->top + list.rows, SENTENCE_ROWS };

		say(scene, &scene->listeners[place->cursor], cells, &below);
	}
}
