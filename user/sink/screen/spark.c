// SPDX-License-Identifier: GPL-2.0-only
/* Numbers as bars, of blocks or of what ASCII has. */
#include "user/sink/screen/spark.h"

#define LEVELS 8

static const char *const blocks[LEVELS + 1] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const signs[LEVELS + 1] = { ".", ":", "-", "=", "+", "x", "*", "%", "#" };

static size_t level_of(double value, double most)
{
	size_t level = (size_t)(value / most * LEVELS + 0.5);

	if (value <= 0 || most <= 0)
		return 0;
	return level < 1 ? 1 : level > LEVELS ? LEVELS : level;
}

void spark_draw(struct cells *cells, unsigned int row, unsigned int column, const double *values,
		size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		if (values[i] > most)
			most = values[i];
	for (size_t i = 0; i < count; i++) {
		size_t level = level_of(values[i], most);

		if (values[i] >= 0)
			cells_put(cells, row, column + (unsigned int)i, 1,
				  level ? CELL_BAR : CELL_DIM,
				  cells->is_ascii ? signs[level] : blocks[level]);
	}
}
