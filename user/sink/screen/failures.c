// SPDX-License-Identifier: GPL-2.0-only
/* Screen 6: what failed, how often, and an example of it. */
#include <stdio.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/meaning.h"
#include "user/sink/owner.h"
#include "user/sink/screen/failures.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"
#include "user/sink/text/columns.h"

enum { COUNT, AGO, CAUSE, PROCESS, SERVICE, COLUMNS };

static const struct grid_column columns[COLUMNS] = {
	[COUNT] = { "COUNT", 7, .is_right = true },
	[AGO] = { "AGO", 6, .is_right = true },
	[CAUSE] = { "CAUSE", 19, .most = 24 },
	[PROCESS] = { "PROCESS", 10, .most = 16 },
	[SERVICE] = { "SERVICE", 12, .likes = 30, .most = 52 },
};

#define MEANING_ROWS 3 /* below the list: what it means, in two at most, and the last of them */

struct page {
	const struct scene *scene;
	struct cells *cells;
	const struct area *area;
	struct grid grid;
	size_t top; /* the first row that is drawn */
	bool has_cursor, is_filtered;
};

static void service_of(const struct scene *scene, const struct conn *c, size_t width,
		       char text[SCENE_TEXT_SIZE])
{
	if (c->role == CONN_ROLE_SERVER)
		SCREEN_FILL(text, SCENE_TEXT_SIZE, scene->settings->language, OWN_PORT,
			    .n = fact_lport(c));
	else
		scene_endpoint(fact_remote(c), fact_rport(c), width, text);
}

static const char *cause_name(const struct conn *c)
{
	const char *name = cause_of(c->cause)->name;

	if (!name)
		name = conn_outcome_name((enum conn_outcome)c->outcome);
	return name ? name : "unknown";
}

static void draw_failure(struct page *page, unsigned int row, const struct failure *f,
			 uint64_t count)
{
	const struct conn *c = &f->example;
	struct conn_name owner = scene_owner(c);
	char text[SCENE_TEXT_SIZE];

	grid_number(&page->grid, row, COUNT, CELL_BAD, true, count);
	if (f->is_other) {
		grid_text(&page->grid, row, CAUSE, CELL_DIM, OWNER_OTHERS);
		return;
	}
	service_of(page->scene, c, page->grid.width[SERVICE], text);
	grid_duration(&page->grid, row, AGO, CELL_PLAIN,
		      scene_since(page->scene, measure_end(&f->last)));
	grid_text(&page->grid, row, CAUSE, CELL_PLAIN, cause_name(c));
	grid_untrusted(&page->grid, row, PROCESS, CELL_PLAIN, owner.bytes, owner.size);
	grid_text(&page->grid, row, SERVICE, CELL_PLAIN, text);
}

/* The next one that is to be in the list, behind `row`; NULL first, and where there is none. */
static const struct failure_row *next_of(const struct page *page, const struct failure_row *row)
{
	const struct failure_list *list = page->scene->failures;
	const struct failure_row *end = list->rows + list->count;

	for (row = row ? row + 1 : list->rows; row < end; row++)
		if (!page->is_filtered || page->scene->are_failures_sifted ||
		    (!row->failure.is_other && scene_wants(page->scene, &row->failure.last)))
			return row;
	return NULL;
}

static void say_nothing(const struct page *page, unsigned int left, unsigned int room)
{
	const struct scene *scene = page->scene;

	if (next_of(page, NULL))
		return;
	cells_put(page->cells, page->area->top + 1, left, room, CELL_DIM,
		  scene->failures->count || scene->are_failures_sifted ?
			  scene_text(scene, SCREEN_SAYS_NO_FAILURE_MATCHES) :
			  scene_text(scene, SCREEN_SAYS_NOTHING_FAILED));
}

/* Returns the one in the cursor's row; NULL: there is none. */
static const struct failure *draw_list(struct page *page)
{
	size_t cursor = page->scene->view->places[VIEW_FAILURES].cursor, index = 0;
	const struct failure *at_cursor = NULL;
	const struct failure_row *each = NULL;

	for (; (each = next_of(page, each)); index++) {
		unsigned int row = page->area->top + 1 + (unsigned int)(index - page->top);

		if (index == cursor)
			at_cursor = &each->failure;
		if (index < page->top || index - page->top + 1 >= page->area->rows)
			continue;
		draw_failure(page, row, &each->failure, each->count);
		if (page->has_cursor)
			scene_mark_row(page->scene, page->cells, row, index);
	}
	return at_cursor;
}

size_t failures_count(const struct scene *scene)
{
	struct page page = { .scene = scene, .is_filtered = scene_is_filtered(scene) };
	const struct failure_row *each = NULL;
	size_t count = 0;

	while ((each = next_of(&page, each)))
		count++;
	return count;
}

bool failures_chosen(const struct scene *scene, struct failure *ret_failure)
{
	struct page page = { .scene = scene, .is_filtered = scene_is_filtered(scene) };
	size_t left = scene->view->places[VIEW_FAILURES].cursor;
	const struct failure_row *each = NULL;

	while ((each = next_of(&page, each)) && left)
		left--;
	if (!each || each->failure.is_other)
		return false;
	*ret_failure = each->failure;
	return true;
}

/* In the last rows of the area. */
static void explain_meaning(const struct scene *scene, struct cells *cells, const struct area *area,
			    const struct conn *c)
{
	struct area rows = *area;
	struct buffer lines, sentence;

	buffer_init(&lines);
	buffer_init(&sentence);
	sentence_add(&sentence, scene_text(scene, SCREEN_SAYS_CAUSE_MEANS),
		     &(struct sentence_words){
			     .w = cause_name(c),
			     .v = meaning_of_cause(c->cause, scene->settings->language) });
	scene_add_paragraph(cells, &lines, &sentence);
	for (size_t i = 0; i < lines.size && rows.rows; i++)
		rows.rows -= lines.bytes[i] == '\n';
	rows.top += rows.rows;
	rows.rows = area->rows - rows.rows;
	scene_lines(cells, &rows, &lines, 0);
	buffer_done(&sentence);
	buffer_done(&lines);
}

/* Below the list: what it means, of the row that the cursor is in. */
static void explain(const struct scene *scene, struct cells *cells, const struct area *area,
		    const struct conn *c)
{
	const struct area meaning = { area->top, area->rows - 1 };
	char local[SCENE_TEXT_SIZE], remote[SCENE_TEXT_SIZE], error[FACT_ERRNO_SIZE];
	const char *name = fact_errno(c, error);
	unsigned int used, row = area->top + area->rows - 1;

	explain_meaning(scene, cells, &meaning, c);
	scene_endpoint(fact_local(c), fact_lport(c), SCENE_TEXT_SIZE, local);
	scene_endpoint(fact_remote(c), fact_rport(c), SCENE_TEXT_SIZE, remote);
	used = 1 +
	       SCENE_PUT(scene, cells, row, 1, CELL_PLAIN, LAST_FAILURE, .w = local, .v = remote);
	if (name)
		cells_putf(cells, row, used, CELLS_MOST, CELL_PLAIN, ", %s", name);
}

void failures_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct area list = { area->top, area->rows > 8 ? area->rows - MEANING_ROWS : area->rows };
	const struct area below = { list.top + list.rows, MEANING_ROWS };
	struct page page = { .scene = scene,
			     .cells = cells,
			     .area = &list,
			     .top = scene->view->places[VIEW_FAILURES].top,
			     .is_filtered = scene_is_filtered(scene),
			     .has_cursor = true };
	const struct failure *chosen;

	grid_init(&page.grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	grid_head(&page.grid, area->top, COLUMNS, false);
	chosen = draw_list(&page);
	say_nothing(&page, 1, CELLS_MOST);
	if (list.rows < area->rows && chosen && !chosen->is_other)
		explain(scene, cells, &below, &chosen->last);
}

void failures_largest(const struct scene *scene, struct cells *cells, unsigned int left,
		      unsigned int room, const struct area *area)
{
	struct page page = { .scene = scene,
			     .cells = cells,
			     .area = area,
			     .is_filtered = scene_is_filtered(scene) };

	grid_init(&page.grid, cells, left, room, columns, COLUMNS);
	grid_head(&page.grid, area->top, COLUMNS, false);
	draw_list(&page);
	say_nothing(&page, left, room);
}
