// SPDX-License-Identifier: GPL-2.0-only
/* Screen 7: how long handshakes and states took, and the bars of one of them. */
#include "user/sink/screen/histograms.h"

#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/grid.h"
#include "user/sink/screen/scene.h"
#include "user/sink/text/histograms.h"

enum { NAME, COUNT, UNKNOWN, P50, P90, P99, P999, MOST, COLUMNS };

static const struct grid_column columns[COLUMNS] = {
	[NAME] = { "HISTOGRAM", 17, .most = 24 },
	[COUNT] = { "COUNT", 7, .is_right = true },
	[UNKNOWN] = { "UNKNOWN", 7, .rank = 3, .is_right = true },
	[P50] = { "P50", 6, .is_right = true },
	[P90] = { "P90", 6, .rank = 1, .is_right = true },
	[P99] = { "P99", 6, .is_right = true },
	[P999] = { "P99.9", 6, .rank = 2, .is_right = true },
	[MOST] = { "MAX", 6, .is_right = true },
};

#define BAR_ROWS 6 /* with fewer below the list none are drawn */

struct page {
	const struct scene *scene;
	struct cells *cells;
	const struct area *area;
	struct grid grid;
	size_t index, top;
	bool has_cursor;
	struct buffer *bars; /* of the row that the cursor is in; NULL: nobody asks */
};

static uint64_t quantile(const struct histogram *h, double p)
{
	return h->count ? histogram_quantile(h, p) : UINT64_MAX;
}

static void draw_row(const struct grid *grid, unsigned int row, const struct histogram_row *r)
{
	const struct histogram *h = r->histogram;

	grid_text(grid, row, NAME, CELL_PLAIN, r->name);
	grid_number(grid, row, COUNT, CELL_PLAIN, true, h->count);
	grid_number(grid, row, UNKNOWN, r->unknown ? CELL_WARN : CELL_PLAIN, true, r->unknown);
	grid_duration(grid, row, P50, CELL_PLAIN, quantile(h, 0.5));
	grid_duration(grid, row, P90, CELL_PLAIN, quantile(h, 0.9));
	grid_duration(grid, row, P99, CELL_PLAIN, quantile(h, 0.99));
	grid_duration(grid, row, P999, CELL_PLAIN, quantile(h, 0.999));
	grid_duration(grid, row, MOST, CELL_PLAIN, h->count ? h->max : UINT64_MAX);
}

static void visit(void *context, const struct histogram_row *r)
{
	struct page *page = context;
	const struct view_place *place = &page->scene->view->places[VIEW_HISTOGRAMS];
	size_t index = page->index++;
	unsigned int row;

	if (page->bars && index == place->cursor) {
		struct sink_settings settings = *page->scene->settings;

		settings.color = false;
		settings.columns = page->cells->columns;
		text_histogram(&settings, page->bars, r);
	}
	if (!page->area || index < page->top || index - page->top + 1 >= page->area->rows)
		return;
	row = page->area->top + 1 + (unsigned int)(index - page->top);
	draw_row(&page->grid, row, r);
	if (page->has_cursor)
		scene_mark_row(page->scene, page->cells, row, index);
}

/* Those of the screen's own list: where there is a filter, of who matches it. */
static void visit_list(struct page *page)
{
	const struct scene *scene = page->scene;

	if (!scene->sifted)
		histogram_set_each(scene->histograms, visit, page);
	else if (scene->sifted->set)
		histogram_set_each(scene->sifted->set, visit, page);
}

size_t histograms_count(const struct scene *scene)
{
	struct page page = { .scene = scene };

	visit_list(&page);
	return page.index;
}

/* A filter knows of no life that was over before. */
static void say_since(const struct scene *scene, struct cells *cells, unsigned int row)
{
	char time[CLOCK_TIME_SIZE];

	clock_format_time(&scene->settings->clock, scene->sifted->since_ns, time);
	time[strlen("00:00:00")] = '\0';
	SCENE_PUT(scene, cells, row, 1, CELL_DIM, SINCE, .w = time);
}

void histograms_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	size_t count = histograms_count(scene);
	unsigned int listed = count + 2 < area->rows ? (unsigned int)count + 2 : area->rows;
	struct area list = { area->top, listed };
	struct buffer bars;
	struct page page = { .scene = scene,
			     .cells = cells,
			     .area = &list,
			     .top = scene->view->places[VIEW_HISTOGRAMS].top,
			     .has_cursor = true,
			     .bars = &bars };

	buffer_init(&bars);
	grid_init(&page.grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	grid_head(&page.grid, area->top, COLUMNS, false);
	visit_list(&page);
	if (scene->sifted && listed > count + 1)
		say_since(scene, cells, area->top + listed - 1);
	if (area->rows >= listed + BAR_ROWS) {
		struct area below = { area->top + listed, area->rows - listed };

		scene_lines(cells, &below, &bars, 0);
	}
	buffer_done(&bars);
}

void histograms_first(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct page page = { .scene = scene, .cells = cells, .area = area };

	grid_init(&page.grid, cells, 1, cells->columns - 1, columns, COLUMNS);
	grid_head(&page.grid, area->top, COLUMNS, false);
	visit_list(&page);
}

void bars_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct buffer bars;
	struct page page = { .scene = scene, .cells = cells, .bars = &bars };

	buffer_init(&bars);
	visit_list(&page);
	scene_scroll(scene, cells, area, &bars);
	buffer_done(&bars);
}
