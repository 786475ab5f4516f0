/* SPDX-License-Identifier: GPL-2.0-only */
/* A terminal that cells are painted on, and the keys that come from it. */
#ifndef USER_CURSES_PAINTER_H
#define USER_CURSES_PAINTER_H

#include <stdbool.h>

#include "user/sink/screen/cells.h"

/* Keys that are no characters; the others are what they are in ASCII. */
enum painter_key {
	PAINTER_NONE = -1, /* nobody has pressed one (yet) */
	PAINTER_GONE = -2, /* there is no keyboard any more */
	PAINTER_ESCAPE = 27,
	PAINTER_ENTER = 256,
	PAINTER_BACKSPACE,
	PAINTER_CLEAR, /* Ctrl-U */
	PAINTER_UP,
	PAINTER_DOWN,
	PAINTER_PAGE_UP,
	PAINTER_PAGE_DOWN,
	PAINTER_HOME,
	PAINTER_END,
	PAINTER_TAB,
	PAINTER_BACK_TAB,
	PAINTER_HELP,  /* F1 */
	PAINTER_SORT,  /* F6 */
	PAINTER_QUIT,  /* F10 */
	PAINTER_OTHER, /* one that means nothing here, or a byte that is no ASCII */
};

/* Whether this program knows of terminals. */
bool painter_is_built_in(void);

/*
 * Makes the terminal of standard output, with the keyboard `keyboard`, ready, and leaves it as it
 * is: nothing is seen before painter_enter. What it needs of files is read now. Returns NULL, or
 * what is wrong with it.
 */
const char *painter_start(int keyboard, bool has_color);

/* From now on, and until painter_leave, the screen is ours. Either may be called again. */
void painter_enter(void);
void painter_leave(void);

/* The same for good. */
void painter_stop(void);

/* The size as the terminal has it now. */
void painter_size(unsigned int *ret_columns, unsigned int *ret_rows);

/* Paints what differs from what was painted last. */
void painter_show(const struct cells *cells);

/* The next key that has come; never waits. */
int painter_key(void);

#endif
