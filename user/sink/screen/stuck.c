// SPDX-License-Identifier: GPL-2.0-only
/* Screen 5: who is in a state for longer than a connection that works, and who holds it. */
#include <stdio.h>
#include <string.h>

#include "user/aggregate/stuck_group.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"
#include "user/sink/text/columns.h"

enum { STATE, AGE, PID, HOLDER, LOCAL, REMOTE, UNREAD, UNACKED, COLUMNS };

static const struct grid_column usual[COLUMNS] = {
	[STATE] = { "STATE", 11 },
	[AGE] = { "FOR", 7, .is_right = true },
	[PID] = { "PID", 7, .rank = 3, .is_right = true },
	[HOLDER] = { "HOLDER", 10, .most = 16 },
	[LOCAL] = { "LOCAL", 6, .likes = 19, .most = 48 },
	[REMOTE] = { "REMOTE", 19, .likes = 21, .most = 48 },
	[UNREAD] = { "UNREAD", 7, .rank = 2, .is_right = true },
	[UNACKED] = { "UNACKED", 7, .rank = 4, .is_right = true },
};

#define SENTENCE_ROWS 3 /* below the list, where there is room */
#define LIST_LEAST 6

static const struct holder *holder_of(const struct stuck *s)
{
	return s->holder_count ? &s->holders[0] : NULL;
}

/* Who holds it where no process does; NULL: one does, or nobody knows. */
static const char *grip_of(const struct scene *scene, const struct stuck *s)
{
	switch (s->grip) {
	case STUCK_GRIP_NOBODY:
		return scene_text(scene, SCREEN_SAYS_GRIP_NOBODY);
	case STUCK_GRIP_ACCEPT_QUEUE:
		return scene_text(scene, SCREEN_SAYS_GRIP_QUEUE);
	case STUCK_GRIP_KERNEL:
		return scene_text(scene, SCREEN_SAYS_GRIP_KERNEL);
	case STUCK_GRIP_TRANSIT:
		return scene_text(scene, SCREEN_SAYS_GRIP_TRANSIT);
	default:
		return NULL;
	}
}

/* Who opened it: whether he holds it still is not known. */
static void draw_opener(const struct grid *grid, unsigned int row, struct conn_name owner)
{
	char text[EVENT_COMM_SIZE + 3];

	if (!owner.bytes) {
		grid_text(grid, row, HOLDER, CELL_PLAIN, "-");
		return;
	}
	snprintf(text, sizeof(text), "(%.*s)", (int)owner.size, owner.bytes);
	grid_untrusted(grid, row, HOLDER, CELL_PLAIN, text, strlen(text));
}

static void draw_holder(const struct scene *scene, const struct grid *grid, unsigned int row,
			const struct stuck *s)
{
	const struct holder *holder = holder_of(s);
	const char *grip = grip_of(scene, s);

	grid_number(grid, row, PID, CELL_PLAIN, holder || (!grip && fact_has_pid(&s->c)),
		    holder ? holder->pid : s->c.pid);
	if (holder)
		grid_untrusted(grid, row, HOLDER, CELL_PLAIN, holder->comm,
			       strnlen(holder->comm, sizeof(holder->comm)));
	else if (grip)
		grid_text(grid, row, HOLDER, CELL_DIM, grip);
	else
		draw_opener(grid, row, scene_owner(&s->c));
}

static void draw_row(const struct scene *scene, const struct grid *grid, unsigned int row,
		     const struct stuck *s)
{
	char text[SCENE_TEXT_SIZE], age[TEXT_DURATION_SIZE];

	grid_text(grid, row, STATE, CELL_WARN, state_name(s->state));
	snprintf(text, sizeof(text), "%s%s",
		 s->age_ns != TIME_UNKNOWN && !s->age_is_exact ? ">" : "",
		 text_duration(s->age_ns, age));
	grid_text(grid, row, AGE, CELL_WARN, text);
	draw_holder(scene, grid, row, s);
	grid_text(grid, row, LOCAL, CELL_PLAIN,
		  scene_endpoint(fact_local(&s->c), fact_lport(&s->c), grid->width[LOCAL], text));
	grid_text(grid, row, REMOTE, CELL_PLAIN,
		  scene_endpoint(fact_remote(&s->c), fact_rport(&s->c), grid->width[REMOTE], text));
	grid_number(grid, row, UNREAD, s->rx_queue_bytes ? CELL_WARN : CELL_PLAIN,
		    s->rx_queue_bytes != STUCK_BYTES_UNKNOWN, s->rx_queue_bytes);
	grid_number(grid, row, UNACKED, CELL_PLAIN, s->tx_queue_bytes != STUCK_BYTES_UNKNOWN,
		    s->tx_queue_bytes);
}

/* What it means, and where to look: of the row that the cursor is in. */
static void say(const struct scene *scene, const struct stuck *s, struct cells *cells,
		const struct area *area)
{
	struct buffer sentence, lines;
	struct stuck_group alone;

	buffer_init(&sentence);
	buffer_init(&lines);
	stuck_group_of_one(s, &alone);
	stuck_group_say_reason(&alone, scene->settings->language, &sentence);
	scene_add_paragraph(cells, &lines, &sentence);
	scene_lines(cells, area, &lines, 0);
	buffer_done(&sentence);
	buffer_done(&lines);
}

void stuck_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	const struct view_place *place = &scene->view->places[VIEW_STUCK];
	struct area list = *area;
	struct grid_column columns[COLUMNS];
	struct grid grid;

	if (area->rows >= LIST_LEAST + SENTENCE_ROWS)
		list.rows -= SENTENCE_ROWS;
	memcpy(columns, usual, sizeof(columns));
	/* Recordings do not tell it. */
	if (!scene->is_live)
		columns[UNREAD].rank = GRID_LUXURY + 1;
	grid_init(&grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	grid_head(&grid, area->top, AGE, true);
	for (size_t i = 0; i < scene->stuck_count && i + 1 < list.rows; i++) {
		unsigned int row = area->top + 1 + (unsigned int)i;

		draw_row(scene, &grid, row, &scene->stuck[i]);
		scene_mark_row(scene, cells, row, place->top + i);
	}
	if (!scene->stuck_all)
		cells_put(cells, area->top + 1, 1, CELLS_MOST, CELL_DIM,
			  scene_text(scene, scene_is_filtered(scene) ?
						    SCREEN_SAYS_NOTHING_STUCK_MATCHES :
						    SCREEN_SAYS_NOTHING_STUCK));
	if (list.rows < area->rows && place->cursor - place->top < scene->stuck_count) {
		struct area below = { area->top + list.rows, SENTENCE_ROWS };

		say(scene, &scene->stuck[place->cursor - place->top], cells, &below);
	}
}
