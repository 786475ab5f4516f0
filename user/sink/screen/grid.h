/* SPDX-License-Identifier: GPL-2.0-only */
/* Columns on a screen: those that fit, and those that grow where there is room. */
#ifndef USER_SINK_SCREEN_GRID_H
#define USER_SINK_SCREEN_GRID_H

#include "user/sink/screen/cells.h"

#define GRID_COLUMNS 16
#define GRID_LUXURY 4 /* columns of this rank and more have no room of others' */

struct grid_column {
	const char *title;
	uint8_t width;
	uint8_t likes; /* before any other grows; 0: its width will do */
	uint8_t most;  /* it may grow up to so much; 0: it does not */
	uint8_t rank;  /* what is left out first where there is no room; 0: never */
	bool is_right;
};

struct grid {
	struct cells *cells;
	const struct grid_column *columns;
	size_t count;
	unsigned int left, room;
	uint32_t chosen; /* set of 1 << column */
	uint16_t at[GRID_COLUMNS], width[GRID_COLUMNS];
};

/* Lays `count` columns out from column `left` on, in `room` columns of the screen. */
void grid_init(struct grid *grid, struct cells *cells, unsigned int left, unsigned int room,
	       const struct grid_column *columns, size_t count);

/* The titles; that of column `sorted` with a sign of the direction; `count`: of none. */
void grid_head(const struct grid *grid, unsigned int row, size_t sorted, bool is_falling);

/* The program's own text; numbers stand to the right. */
void grid_text(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
	       const char *text);
/* "-" where it is not known. */
void grid_number(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		 bool is_known, uint64_t number);
void grid_duration(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		   uint64_t ns);
/* NULL: unknown. */
void grid_untrusted(const struct grid *grid, unsigned int row, size_t column, enum cell_style style,
		    const char *bytes, size_t size);

#endif
