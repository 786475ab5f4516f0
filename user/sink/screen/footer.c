// SPDX-License-Identifier: GPL-2.0-only
/* The last line: what the keys do, what is typed, or what has become of a key. */
#include <string.h>

#include "user/sink/screen/scene.h"

struct key {
	const char *key, *what;
};

static const struct key keys[] = {
	{ "q", "quit" },     { "?", "help" },  { "1-8", "screens" }, { "/", "filter" },
	{ "Enter", "open" }, { "<>", "sort" }, { "p", "pause" },     { "b", "group" },
	{ "r", "reverse" },  { "s", "save" },  { "w", "wide" },
};

static const struct key recording_keys[] = {
	{ "q", "quit" },     { "?", "help" },  { "1-8", "screens" }, { "/", "filter" },
	{ "Enter", "open" }, { "p", "pause" }, { "[]", "speed" },    { ".", "step" },
	{ "<>", "sort" },    { "b", "group" }, { "r", "reverse" },   { "w", "wide" },
};

static const struct key over_keys[] = { { "q", "quit" },
					{ "?", "help" },
					{ "Esc", "back" },
					{ "jk", "scroll" } };

static const struct key typing_keys[] = { { "Enter", "keep" }, { "Esc", "clear" } };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* As many as there is room for; those behind are on the page of help. */
static void draw_key(struct cells *cells, unsigned int row, unsigned int *column, const char *key,
		     const char *what)
{
	unsigned int size = (unsigned int)(strlen(key) + strlen(what)) + 1;

	if (*column + size > cells->columns)
		return;
	*column += cells_put(cells, row, *column, CELLS_MOST, CELL_TITLE, key);
	*column += 1 + cells_put(cells, row, *column + 1, CELLS_MOST, CELL_PLAIN, what);
	*column += 1;
}

static void draw_keys(struct cells *cells, unsigned int row, unsigned int column,
		      const struct key *some, size_t count)
{
	for (size_t i = 0; i < count; i++)
		draw_key(cells, row, &column, some[i].key, some[i].what);
}

void footer_draw(const struct scene *scene, struct cells *cells)
{
	const struct view *view = scene->view;
	unsigned int row = cells->rows - 1, column = 0;

	if (view->is_typing) {
		column = cells_put(cells, row, 0, 1, CELL_BOLD, "/");
		column += cells_put_untrusted(cells, row, 1, cells->columns - 2, CELL_BOLD,
					      view->typed, strlen(view->typed));
		cells_put(cells, row, column, 1, CELL_CURSOR, " ");
		draw_keys(cells, row, column + 3, typing_keys, COUNT(typing_keys));
		return;
	}
	if (view->message[0]) {
		cells_put_untrusted(cells, row, 0, cells->columns, CELL_BOLD, view->message,
				    strlen(view->message));
		return;
	}
	if (view->over)
		draw_keys(cells, row, 0, over_keys, COUNT(over_keys));
	else if (scene->is_live)
		draw_keys(cells, row, 0, keys, COUNT(keys));
	else
		draw_keys(cells, row, 0, recording_keys, COUNT(recording_keys));
}
