/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen as a grid of cells, which somebody else paints or prints. */
#ifndef USER_SINK_SCREEN_CELLS_H
#define USER_SINK_SCREEN_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

/* What a cell means; whoever paints gives it a colour, and none of them is told by colour alone. */
enum cell_style {
	CELL_PLAIN,
	CELL_DIM,
	CELL_BOLD,
	CELL_GOOD,
	CELL_WARN,
	CELL_BAD,
	CELL_BAR,    /* of a sparkline or a histogram */
	CELL_TITLE,  /* of columns, and of the whole */
	CELL_CURSOR, /* the row that the keys act on */
	CELL_STYLE_COUNT
};

#define CELL_CODES 3 /* a character, and what stands on it */

struct cell {
	uint32_t code[CELL_CODES]; /* code points, 0 behind the last one */
	uint8_t width;		   /* columns; 0: the one to the left takes this one, too */
	uint8_t style;		   /* enum cell_style */
};

struct cells {
	unsigned int columns, rows;
	bool is_ascii; /* the terminal shows nothing else */
	struct cell *all;
};

#define CELLS_MOST 1000 /* columns, and rows */

/* All blank. Of a size that is too large the rest stays unused. Returns 0, or -ENOMEM. */
int cells_init(struct cells *cells, unsigned int columns, unsigned int rows, bool is_ascii);
void cells_done(struct cells *cells);
void cells_clear(struct cells *cells);

/* The cell at a place; NULL: it is outside. */
struct cell *cells_at(const struct cells *cells, unsigned int row, unsigned int column);

/*
 * Puts valid UTF-8 of the program's own there, at most `limit` columns of it; what is outside is
 * left out. Returns the columns used.
 */
unsigned int cells_put(struct cells *cells, unsigned int row, unsigned int column,
		       unsigned int limit, enum cell_style style, const char *text);
unsigned int cells_putf(struct cells *cells, unsigned int row, unsigned int column,
			unsigned int limit, enum cell_style style, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The same of untrusted bytes, escaped as everywhere. What does not fit ends with "+". */
unsigned int cells_put_untrusted(struct cells *cells, unsigned int row, unsigned int column,
				 unsigned int limit, enum cell_style style, const char *bytes,
				 size_t size);

/* The same of bytes that were escaped before: their backslashes stay as they are. */
unsigned int cells_put_escaped(struct cells *cells, unsigned int row, unsigned int column,
			       unsigned int limit, enum cell_style style, const char *bytes,
			       size_t size);

/* From now on all cells of a row have this style. */
void cells_style_row(struct cells *cells, unsigned int row, enum cell_style style);

/* As lines of text, without blanks at their ends, and without empty lines at the end of all. */
void cells_print(const struct cells *cells, struct buffer *out);

#endif
