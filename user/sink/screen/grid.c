// SPDX-License-Identifier: GPL-2.0-only
/* Columns on a screen: which of them fit, how wide they are, and what stands in them. */
#include "user/sink/screen/grid.h"

#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/text/columns.h"

#define NUMBER_SIZE 32

static bool has(const struct grid *grid, size_t column)
{
	return grid->chosen >> column & 1;
}

static unsigned int width_of(const struct grid *grid)
{
	unsigned int width = 0;

	for (size_t i = 0; i < grid->count; i++)
		if (has(grid, i))
			width += grid->width[i] + (width ? 1 : 0);
	return width;
}

/* What one column can take of `spare` ones. */
static unsigned int take(struct grid *grid, size_t i, unsigned int most, unsigned int spare)
{
	unsigned int more = most > grid->width[i] ? most - grid->width[i] : 0;

	if (!has(grid, i))
		return 0;
	if (more > spare)
		more = spare;
	grid->width[i] = (uint16_t)(grid->width[i] + more);
	return more;
}

/* Gives what is left to those that need it, then, column by column, to those that can use it. */
static void grow(struct grid *grid, unsigned int room)
{
	unsigned int used = width_of(grid), spare = room > used ? room - used : 0, before;

	for (size_t i = 0; i < grid->count; i++)
		spare -= take(grid, i, grid->columns[i].likes, spare);
	do {
		before = spare;
		for (size_t i = 0; i < grid->count && spare; i++)
			if (grid->width[i] < grid->columns[i].most)
				spare -= take(grid, i, grid->width[i] + 1U, spare);
	} while (spare != before);
}

/* Luxury stays where all others are as wide as they like to be; the rest where there is room. */
static uint32_t choose(const struct grid_column *columns, size_t count, unsigned int room)
{
	uint8_t widths[GRID_COLUMNS] = { 0 }, ranks[GRID_COLUMNS] = { 0 };
	uint8_t likes[GRID_COLUMNS] = { 0 }, luxury[GRID_COLUMNS] = { 0 };
	uint32_t chosen;

	for (size_t i = 0; i < count; i++) {
		widths[i] = columns[i].width;
		ranks[i] = columns[i].rank;
		likes[i] = columns[i].likes ? columns[i].likes : columns[i].width;
		luxury[i] = columns[i].rank >= GRID_LUXURY ? columns[i].rank : 0;
	}
	chosen = columns_choose(likes, luxury, count, room);
	for (size_t i = 0; i < count; i++)
		if (!(chosen >> i & 1))
			ranks[i] = UINT8_MAX;
	return chosen & columns_choose(widths, ranks, count, room);
}

void grid_init(struct grid *grid, struct cells *cells, unsigned int left, unsigned int room,
	       const struct grid_column *columns, size_t count)
{
	unsigned int most = cells->columns > left ? cells->columns - left : 0;

	/* What is left of too small a screen may be less than nothing. */
	if (room > most)
		room = most;
	*grid = (struct grid){
		.cells = cells, .columns = columns, .count = count, .left = left, .room = room
	};
	for (size_t i = 0; i < count; i++)
		grid->width[i] = columns[i].width;
	grid->chosen = choose(columns, count, room);
	grow(grid, room);
	for (size_t i = 0; i < count; i++) {
		grid->at[i] = (uint16_t)left;
		if (has(grid, i))
			left += grid->width[i] + 1;
	}
}

void grid_head(const struct grid *grid, unsigned int row, size_t sorted, bool is_falling)
{
	/* With the gap to the left of the first column. */
	for (unsigned int i = 0; i <= grid->room; i++)
		cells_put(grid->cells, row, grid->left + i - (grid->left > 0), 1, CELL_TITLE, " ");
	for (size_t i = 0; i < grid->count; i++) {
		char title[NUMBER_SIZE];

		snprintf(title, sizeof(title), "%s%s", grid->columns[i].title,
			 i != sorted ? "" :
			 is_falling  ? "v" :
				       "^");
		grid_text(grid, row, i, CELL_TITLE, title);
	}
}

void grid_text(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
	       const char *text)
{
	unsigned int width = grid->width[column], at = grid->at[column];
	unsigned int wide = (unsigned int)text_width(text, strlen(text));

	if (!has(grid, column))
		return;
	/* A number that is too wide runs over what is to its left, but is never cut. */
	if (grid->columns[column].is_right) {
		at = at + width > wide ? at + width - wide : 0;
		width = wide;
	}
	cells_put(grid->cells, row, at, width, style, text);
}

void grid_number(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		 bool is_known, uint64_t number)
{
	char text[NUMBER_SIZE] = "-";

	if (is_known)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	grid_text(grid, row, column, style, text);
}

void grid_duration(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		   uint64_t ns)
{
	char text[TEXT_DURATION_SIZE];

	grid_text(grid, row, column, style, text_duration(ns, text));
}

void grid_untrusted(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		    const char *bytes, size_t size)
{
	if (!has(grid, column))
		return;
	if (bytes)
		cells_put_untrusted(grid->cells, row, grid->at[column], grid->width[column], style,
				    bytes, size);
	else
		grid_text(grid, row, column, style, "-");
}
