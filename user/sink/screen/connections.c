// SPDX-License-Identifier: GPL-2.0-only
/* Screen 2: the connections that are there, a line for each. */
#include <stdio.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"

enum { STATE, SINCE, LIFE, PID, PROCESS, LOCAL, REMOTE, HANDSHAKE, ROLE, NETNS, COLUMNS };

#define SINCE_WIDTH 6

static const struct grid_column usual[COLUMNS] = {
	[STATE] = { "STATE", 11 },
	[SINCE] = { "FOR", SINCE_WIDTH, .is_right = true },
	[LIFE] = { "LIFE", 6, .rank = 2, .is_right = true },
	[PID] = { "PID", 7, .rank = 6, .is_right = true },
	[PROCESS] = { "PROCESS", 10, .most = 16 },
	[LOCAL] = { "LOCAL", 6, .likes = 19, .most = 48 },
	[REMOTE] = { "REMOTE", 21, .most = 48 },
	[HANDSHAKE] = { "HANDSHK", 7, .rank = 4, .is_right = true },
	[ROLE] = { "ROLE", 6, .rank = 5 },
	[NETNS] = { "NETNS", 10, .rank = 7, .is_right = true },
};

/* With `w`: who, rather than how long. */
static const uint8_t wide_ranks[COLUMNS] = {
	[LIFE] = 7, [PID] = 4, [HANDSHAKE] = 8, [ROLE] = 6, [NETNS] = 5,
};

static size_t sorted_column(enum roster_order order)
{
	static const size_t columns[ROSTER_ORDER_COUNT] = {
		[ROSTER_BY_STATE_AGE] = SINCE,	   [ROSTER_BY_LIFE] = LIFE,
		[ROSTER_BY_STATE] = STATE,	   [ROSTER_BY_PROCESS] = PROCESS,
		[ROSTER_BY_LOCAL] = LOCAL,	   [ROSTER_BY_REMOTE] = REMOTE,
		[ROSTER_BY_HANDSHAKE] = HANDSHAKE,
	};

	return order < ROSTER_ORDER_COUNT ? columns[order] : COLUMNS;
}

/* What it is at least may be less, where that is shorter: 11m29s is 11m, and 83.2ms is 83ms. */
static void round_down(char *age)
{
	char *end = age + strspn(age, "0123456789");
	size_t decimals = *end == '.' ? 1 + strspn(end + 1, "0123456789") : 0;

	if (decimals)
		memmove(end, end + decimals, strlen(end + decimals) + 1);
	else if (*end)
		end[1] = '\0';
}

/* How long it has been in its state; of one that nobody saw get there, at least. */
static void draw_since(const struct scene *scene, const struct grid *grid, unsigned int row,
		       enum cell_style style, const struct conn *c)
{
	uint64_t since_ns = conn_since(c);
	char age[TEXT_DURATION_SIZE + 1] = ">";

	text_duration(scene_since(scene, since_ns), age + 1);
	if (since_ns == TIME_UNKNOWN || roster_entered_ns(c) != TIME_UNKNOWN) {
		grid_text(grid, row, SINCE, style, age + 1);
		return;
	}
	if (strlen(age) > SINCE_WIDTH)
		round_down(age + 1);
	grid_text(grid, row, SINCE, style, age);
}

static void draw_row(const struct scene *scene, const struct grid *grid, unsigned int row,
		     const struct conn *c)
{
	enum cell_style style = roster_is_stuck(c, scene->now_ns) ? CELL_WARN : CELL_PLAIN;
	struct conn_name owner = scene_owner(c);
	char text[SCENE_TEXT_SIZE];

	grid_text(grid, row, STATE, style, state_name(conn_state(c)));
	draw_since(scene, grid, row, style, c);
	grid_duration(grid, row, LIFE, CELL_PLAIN,
		      conn_state(c) == STATE_TIME_WAIT ? measure_life(c) :
							 scene_since(scene, conn_start(c)));
	grid_number(grid, row, PID, CELL_PLAIN, fact_has_pid(c), c->pid);
	grid_untrusted(grid, row, PROCESS, CELL_PLAIN, owner.bytes, owner.size);
	grid_text(grid, row, LOCAL, CELL_PLAIN,
		  scene_endpoint(fact_local(c), fact_lport(c), grid->width[LOCAL], text));
	grid_text(grid, row, REMOTE, CELL_PLAIN,
		  scene_endpoint(fact_remote(c), fact_rport(c), grid->width[REMOTE], text));
	grid_duration(grid, row, HANDSHAKE, CELL_PLAIN, measure_handshake(c));
	grid_text(grid, row, ROLE, CELL_PLAIN,
		  c->role == CONN_ROLE_UNKNOWN ? "-" : conn_role_name((enum conn_role)c->role));
	grid_number(grid, row, NETNS, CELL_PLAIN, c->netns, c->netns);
}

void connections_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	const struct view *view = scene->view;
	const struct view_place *place = &view->places[VIEW_CONNECTIONS];
	const struct roster_found *found = scene->found;
	struct grid_column columns[COLUMNS];
	struct roster_query query;
	struct grid grid;

	memcpy(columns, usual, sizeof(columns));
	for (size_t i = 0; view->is_wide && i < COLUMNS; i++)
		columns[i].rank = wide_ranks[i];
	grid_init(&grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	view_ask(view, 0, &query);
	grid_head(&grid, area->top, sorted_column((enum roster_order)place->order),
		  query.is_falling);
	for (size_t i = 0; i < found->count && i + 1 < area->rows; i++) {
		unsigned int row = area->top + 1 + (unsigned int)i;

		draw_row(scene, &grid, row, &found->rows[i]);
		scene_mark_row(scene, cells, row, found->first + i);
	}
	if (!found->matching)
		cells_put(cells, area->top + 1, 1, CELLS_MOST, CELL_DIM,
			  scene_text(scene, scene_is_filtered(scene) ? SCREEN_SAYS_NONE_MATCHES :
								       SCREEN_SAYS_NONE_OPEN));
}
