// SPDX-License-Identifier: GPL-2.0-only
/* Paints cells by ncurses, and gives the terminal back whatever becomes of the process. */
#include "user/curses/painter.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* Its names and ours would meet. */
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "user/curses/farewell.h"

#define COLORS_MANY 256
#define LAST_ASCII 0x7e
#define CONTROL(letter) ((letter)&0x1f)
#define ESCAPE_MS 25 /* after which ESC is a key, and not the beginning of one */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

static struct {
	SCREEN *screen; /* NULL: not started */
	FILE *keyboard;
	bool is_entered;
	attr_t attributes[CELL_STYLE_COUNT];
	short pairs[CELL_STYLE_COUNT];
	struct cells shown;
} painter;

bool painter_is_built_in(void)
{
	return true;
}

/* ---- what styles look like ------------------------------------------------------------------ */

static void set_attributes(void)
{
	static const attr_t attributes[CELL_STYLE_COUNT] = {
		[CELL_DIM] = A_DIM,	   [CELL_BOLD] = A_BOLD, [CELL_GOOD] = A_BOLD,
		[CELL_WARN] = A_BOLD,	   [CELL_BAD] = A_BOLD,	 [CELL_TITLE] = A_REVERSE,
		[CELL_CURSOR] = A_REVERSE,
	};

	memcpy(painter.attributes, attributes, sizeof(attributes));
}

/* Eight colours have names; of 256 there are milder ones. */
static void set_colors(void)
{
	static const struct {
		short few, many;
	} colors[CELL_STYLE_COUNT] = {
		[CELL_GOOD] = { COLOR_GREEN, 71 },  [CELL_WARN] = { COLOR_YELLOW, 214 },
		[CELL_BAD] = { COLOR_RED, 203 },    [CELL_BAR] = { COLOR_CYAN, 74 },
		[CELL_TITLE] = { COLOR_CYAN, 110 },
	};

	start_color();
	use_default_colors();
	for (int style = 0; style < CELL_STYLE_COUNT; style++) {
		if (!colors[style].few)
			continue;
		painter.pairs[style] = (short)style;
		init_pair((short)style,
			  COLORS >= COLORS_MANY ? colors[style].many : colors[style].few, -1);
	}
}

/* ---- beginning and end ---------------------------------------------------------------------- */

const char *painter_start(int keyboard, bool has_color)
{
	int copy = dup(keyboard);
	const char *why = farewell_prepare();

	painter.keyboard = copy >= 0 ? fdopen(copy, "r") : NULL;
	if (!painter.keyboard)
		return "its keyboard cannot be read";
	if (why)
		return why;
	painter.screen = newterm(NULL, stdout, painter.keyboard);
	if (!painter.screen)
		return "it cannot be made ready";
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_attributes();
	if (has_color && has_colors())
		set_colors();
	endwin();
	return NULL;
}

void painter_enter(void)
{
	if (!painter.screen)
		return;
	painter.is_entered = true;
	farewell_owe(true);
	clearok(stdscr, TRUE);
	refresh();
}

void painter_leave(void)
{
	if (painter.is_entered)
		endwin();
	farewell_owe(false);
	painter.is_entered = false;
}

void painter_stop(void)
{
	farewell_hurry();
	painter_leave();
	if (painter.screen)
		delscreen(painter.screen);
	if (painter.keyboard)
		fclose(painter.keyboard);
	painter.screen = NULL;
	painter.keyboard = NULL;
	cells_done(&painter.shown);
}

void painter_size(unsigned int *ret_columns, unsigned int *ret_rows)
{
	struct winsize size;

	*ret_columns = DEFAULT_COLUMNS;
	*ret_rows = DEFAULT_ROWS;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
		return;
	*ret_columns = size.ws_col;
	*ret_rows = size.ws_row;
}

/* ---- painting ------------------------------------------------------------------------------- */

static void paint(unsigned int row, unsigned int column, const struct cell *cell)
{
	wchar_t text[CELL_CODES + 1] = { 0 };
	cchar_t character;

	for (size_t i = 0; i < CELL_CODES; i++)
		text[i] = (wchar_t)cell->code[i];
	if (setcchar(&character, text, painter.attributes[cell->style], painter.pairs[cell->style],
		     NULL) == OK)
		mvadd_wch((int)row, (int)column, &character);
}

static bool is_same(const struct cell *a, const struct cell *b)
{
	return a->width == b->width && a->style == b->style &&
	       !memcmp(a->code, b->code, sizeof(a->code));
}

/* A new size: all of it is painted again. Returns whether there is memory for it. */
static bool fit(const struct cells *cells)
{
	if (cells->columns == painter.shown.columns && cells->rows == painter.shown.rows)
		return true;
	cells_done(&painter.shown);
	if (cells_init(&painter.shown, cells->columns, cells->rows, cells->is_ascii))
		return false;
	resizeterm((int)cells->rows, (int)cells->columns);
	erase();
	clearok(stdscr, TRUE);
	return true;
}

void painter_show(const struct cells *cells)
{
	bool has_changed = false;

	if (!painter.is_entered || !fit(cells))
		return;
	for (unsigned int row = 0; row < cells->rows; row++)
		for (unsigned int column = 0; column < cells->columns; column++) {
			const struct cell *cell = cells_at(cells, row, column);
			struct cell *before = cells_at(&painter.shown, row, column);

			if (is_same(cell, before))
				continue;
			*before = *cell;
			has_changed = true;
			if (cell->width)
				paint(row, column, cell);
		}
	if (has_changed)
		refresh();
}

/* ---- keys ----------------------------------------------------------------------------------- */

static const struct {
	int theirs;
	enum painter_key ours;
} keys[] = {
	{ '\r', PAINTER_ENTER },	  { '\n', PAINTER_ENTER },
	{ KEY_ENTER, PAINTER_ENTER },	  { '\t', PAINTER_TAB },
	{ KEY_BTAB, PAINTER_BACK_TAB },	  { KEY_BACKSPACE, PAINTER_BACKSPACE },
	{ 0x7f, PAINTER_BACKSPACE },	  { '\b', PAINTER_BACKSPACE },
	{ CONTROL('U'), PAINTER_CLEAR },  { KEY_UP, PAINTER_UP },
	{ KEY_DOWN, PAINTER_DOWN },	  { KEY_PPAGE, PAINTER_PAGE_UP },
	{ KEY_NPAGE, PAINTER_PAGE_DOWN }, { KEY_HOME, PAINTER_HOME },
	{ KEY_END, PAINTER_END },	  { KEY_F(1), PAINTER_HELP },
	{ KEY_F(6), PAINTER_SORT },	  { KEY_F(10), PAINTER_QUIT },
};

/*
 * What terminals send for keys under names of terminals whose descriptions have other bytes for
 * them, as PuTTY as xterm: what follows ESC.
 */
static const struct {
	const char *bytes;
	enum painter_key ours;
} sequences[] = {
	{ "[1~", PAINTER_HOME },    { "[7~", PAINTER_HOME },	  { "[H", PAINTER_HOME },
	{ "OH", PAINTER_HOME },	    { "[4~", PAINTER_END },	  { "[8~", PAINTER_END },
	{ "[F", PAINTER_END },	    { "OF", PAINTER_END },	  { "[A", PAINTER_UP },
	{ "OA", PAINTER_UP },	    { "[B", PAINTER_DOWN },	  { "OB", PAINTER_DOWN },
	{ "[5~", PAINTER_PAGE_UP }, { "[6~", PAINTER_PAGE_DOWN }, { "[Z", PAINTER_BACK_TAB },
};

#define SEQUENCE_MOST 32

static bool is_end_of_sequence(int key)
{
	return key >= '@' && key <= '~';
}

/* A key that has come too early: it is the next one. */
static int before(int key, int next)
{
	if (next != ERR)
		ungetch(next);
	return key;
}

/*
 * ESC has come, and is none of a key that this terminal is known to have. Alone it is itself; as
 * the begin of a sequence it takes that along, which would be as many keys that nobody pressed.
 */
static int escape_or_sequence(void)
{
	char bytes[SEQUENCE_MOST + 1] = "";
	int first = getch(), key = ERR;
	size_t size = 0;

	if (first == '[' || first == 'O')
		key = getch();
	if (key == ERR)
		return before(PAINTER_ESCAPE, first);
	bytes[size++] = (char)first;
	while (key >= ' ' && !is_end_of_sequence(key)) {
		if (size < SEQUENCE_MOST)
			bytes[size++] = (char)key;
		key = getch();
	}
	if (!is_end_of_sequence(key))
		return before(PAINTER_OTHER, key);
	if (size < SEQUENCE_MOST)
		bytes[size] = (char)key;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
		if (!strcmp(sequences[i].bytes, bytes))
			return sequences[i].ours;
	return PAINTER_OTHER;
}

/* Its other end has hung up. */
static bool is_gone(void)
{
	struct pollfd end = { .fd = fileno(painter.keyboard), .events = POLLIN };

	return poll(&end, 1, 0) > 0 && end.revents & (POLLHUP | POLLERR | POLLNVAL);
}

int painter_key(void)
{
	int key;

	if (!painter.is_entered)
		return PAINTER_NONE;
	key = getch();
	if (key == ERR)
		return is_gone() ? PAINTER_GONE : PAINTER_NONE;
	if (key == PAINTER_ESCAPE)
		return escape_or_sequence();
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	return key >= ' ' && key <= LAST_ASCII ? key : PAINTER_OTHER;
}
