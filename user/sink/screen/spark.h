/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as a row of bars, one to a column. */
#ifndef USER_SINK_SCREEN_SPARK_H
#define USER_SINK_SCREEN_SPARK_H

#include "user/sink/screen/cells.h"

/* The highest of them takes a whole cell; below 0: unknown, and left blank. */
void spark_draw(struct cells *cells, unsigned int row, unsigned int column, const double *values,
		size_t count);

/* A bar of `width` columns for a part of a whole, 0 to 1; it is seen if there is anything of it. */
void spark_bar(struct cells *cells, unsigned int row, unsigned int column, unsigned int width,
	       double part);

#endif
