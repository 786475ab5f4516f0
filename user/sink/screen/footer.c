// SPDX-License-Identifier: GPL-2.0-only
/* The last line: what the keys do, what is typed, or what has become of a key. */
#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/scene.h"

struct key {
	const char *key;
	enum screen_phrase what;
};

#define DOES(NAME) SCREEN_SAYS_KEY_##NAME

static const struct key keys[] = {
	{ "q", DOES(QUIT) },   { "?", DOES(HELP) },	{ "1-8", DOES(SCREENS) },
	{ "/", DOES(FILTER) }, { "Enter", DOES(OPEN) }, { "<>", DOES(SORT) },
	{ "p", DOES(PAUSE) },  { "b", DOES(GROUP) },	{ "r", DOES(REVERSE) },
	{ "s", DOES(SAVE) },   { "w", DOES(WIDE) },
};

static const struct key recording_keys[] = {
	{ "q", DOES(QUIT) },   { "?", DOES(HELP) },	{ "1-8", DOES(SCREENS) },
	{ "/", DOES(FILTER) }, { "Enter", DOES(OPEN) }, { "p", DOES(PAUSE) },
	{ "[]", DOES(SPEED) }, { ".", DOES(STEP) },	{ "<>", DOES(SORT) },
	{ "b", DOES(GROUP) },  { "r", DOES(REVERSE) },	{ "w", DOES(WIDE) },
};

static const struct key over_keys[] = { { "q", DOES(QUIT) },
					{ "?", DOES(HELP) },
					{ "Esc", DOES(BACK) },
					{ "jk", DOES(SCROLL) } };

static const struct key typing_keys[] = { { "Enter", DOES(KEEP) }, { "Esc", DOES(CLEAR) } };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* As many as there is room for; those behind are on the page of help. */
static void draw_key(struct cells *cells, unsigned int row, unsigned int *column, const char *key,
		     const char *what)
{
	unsigned int size = (unsigned int)(strlen(key) + text_width(what, strlen(what))) + 1;

	if (*column + size > cells->columns)
		return;
	*column += cells_put(cells, row, *column, CELLS_MOST, CELL_TITLE, key);
	*column += 1 + cells_put(cells, row, *column + 1, CELLS_MOST, CELL_PLAIN, what);
	*column += 1;
}

static void draw_keys(const struct scene *scene, struct cells *cells, unsigned int row,
		      unsigned int column, const struct key *some, size_t count)
{
	for (size_t i = 0; i < count; i++)
		draw_key(cells, row, &column, some[i].key, scene_text(scene, some[i].what));
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
		draw_keys(scene, cells, row, column + 3, typing_keys, COUNT(typing_keys));
		return;
	}
	if (view->message[0]) {
		cells_put_untrusted(cells, row, 0, cells->columns, CELL_BOLD, view->message,
				    strlen(view->message));
		return;
	}
	if (view->over)
		draw_keys(scene, cells, row, 0, over_keys, COUNT(over_keys));
	else if (scene->is_live)
		draw_keys(scene, cells, row, 0, keys, COUNT(keys));
	else
		draw_keys(scene, cells, row, 0, recording_keys, COUNT(recording_keys));
}
