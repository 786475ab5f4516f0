// SPDX-License-Identifier: GPL-2.0-only
/* Instead of all else here, in a program that is built without ncurses. */
#include "user/curses/painter.h"

bool painter_is_built_in(void)
{
	return false;
}

const char *painter_start(int keyboard, bool has_color)
{
	(void)keyboard;
	(void)has_color;
	return "this program was built without ncurses";
}

void painter_enter(void)
{
}

void painter_leave(void)
{
}

void painter_stop(void)
{
}

void painter_size(unsigned int *ret_columns, unsigned int *ret_rows)
{
	*ret_columns = *ret_rows = 0;
}

void painter_show(const struct cells *cells)
{
	(void)cells;
}

int painter_key(void)
{
	return PAINTER_GONE;
}
