/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as a row of bars, one to a column. */
#ifndef USER_SINK_SCREEN_SPARK_H
#define USER_SINK_SCREEN_SPARK_H

#include "user/sink/screen/cells.h"

/* The highest of them takes a whole cell; below 0: unknown, and left blank. */
void spark_draw(struct cells *cells, unsigned int row, unsigned int column, const double *values,
		size_t count);

#endif
