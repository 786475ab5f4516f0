// SPDX-License-Identifier: GPL-2.0-only
/* The last line: what the keys do, what is typed, or what has become of a key. */
#include <string.h>

#include "user/sink/screen/scene.h"

static const struct {
	const char *key, *what;
} keys[] = {
	{ "q", "quit" },  { "?", "help" },    { "1-8", "screens" }, { "/", "filter" },
	{ "<>", "sort" }, { "r", "reverse" }, { "Enter", "open" },  { "b", "by" },
	{ "p", "pause" }, { "w", "wide" },
};

static const struct {
	const char *key, *what;
} over_keys[] = { { "q", "quit" }, { "?", "help" }, { "Esc", "back" }, { "jk", "scroll" } };

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

void footer_draw(const struct scene *scene, struct cells *cells)
{
	const struct view *view = scene->view;
	unsigned int row = cells->rows - 1, column = 0;

	if (view->is_typing) {
		column = cells_put(cells, row, 0, 1, CELL_BOLD, "/");
		column += cells_put_untrusted(cells, row, 1, cells->columns - 2, CELL_BOLD,
					      view->typed, strlen(view->typed));
		cells_put(cells, row, column, 1, CELL_CURSOR, " ");
		return;
	}
	if (view->message[0]) {
		cells_put_untrusted(cells, row, 0, cells->columns, CELL_BOLD, view->message,
				    strlen(view->message));
		return;
	}
	if (view->over)
		for (size_t i = 0; i < sizeof(over_keys) / sizeof(*over_keys); i++)
			draw_key(cells, row, &column, over_keys[i].key, over_keys[i].what);
	else
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			draw_key(cells, row, &column, keys[i].key, keys[i].what);
}
