// SPDX-License-Identifier: GPL-2.0-only
/* A screen as a grid of cells: characters by their width, and untrusted bytes without effect. */
#include "user/sink/screen/cells.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/text.h"

#define CUT_MARK '+'
#define LAST_ASCII 0x7e
#define LINE_SIZE 512
#define UTF8_BYTES 4

int cells_init(struct cells *cells, unsigned int columns, unsigned int rows, bool is_ascii)
{
	*cells = (struct cells){
		.columns = columns < CELLS_MOST ? columns : CELLS_MOST,
		.rows = rows < CELLS_MOST ? rows : CELLS_MOST,
		.is_ascii = is_ascii,
	};
	cells->all = calloc((size_t)cells->columns * cells->rows + 1, sizeof(*cells->all));
	if (!cells->all)
		return -ENOMEM;
	cells_clear(cells);
	return 0;
}

void cells_done(struct cells *cells)
{
	free(cells->all);
	cells->all = NULL;
	cells->columns = cells->rows = 0;
}

void cells_clear(struct cells *cells)
{
	const struct cell blank = { .code = { ' ' }, .width = 1 };

	for (size_t i = 0; i < (size_t)cells->columns * cells->rows; i++)
		cells->all[i] = blank;
}

struct cell *cells_at(const struct cells *cells, unsigned int row, unsigned int column)
{
	if (row >= cells->rows || column >= cells->columns)
		return NULL;
	return &cells->all[(size_t)row * cells->columns + column];
}

/* What stands on a character goes into its cell, as far as there is room. */
static void stack(struct cell *cell, uint32_t code)
{
	for (size_t i = 1; cell && i < CELL_CODES; i++)
		if (!cell->code[i]) {
			cell->code[i] = code;
			return;
		}
}

/* Of a wide character half of which is put over, the other half goes, too. */
static void free_halves(struct cells *cells, unsigned int row, unsigned int column,
			unsigned int width)
{
	struct cell *first = cells_at(cells, row, column);
	struct cell *behind = cells_at(cells, row, column + width);

	if (!first->width)
		first[-1] = (struct cell){ .code = { ' ' }, .width = 1, .style = first[-1].style };
	if (behind && !behind->width)
		*behind = (struct cell){ .code = { ' ' }, .width = 1, .style = behind->style };
}

/* Returns whether there was room for it. */
static bool put_code(struct cells *cells, unsigned int row, unsigned int column, uint32_t code,
		     unsigned int width, enum cell_style style)
{
	struct cell *cell = cells_at(cells, row, column);

	if (!cell || !cells_at(cells, row, column + width - 1))
		return false;
	free_halves(cells, row, column, width);
	*cell = (struct cell){ .code = { code }, .width = (uint8_t)width, .style = style };
	if (width > 1)
		cell[1] = (struct cell){ .style = style };
	return true;
}

/* A text whose bytes are all to be shown. */
static unsigned int put(struct cells *cells, unsigned int row, unsigned int column,
			unsigned int limit, enum cell_style style, const char *text, size_t size)
{
	unsigned int used = 0;

	while (size) {
		uint32_t code;
		size_t length = text_code_point(text, size, &code);
		unsigned int width = length ? (unsigned int)text_columns(code) : 0;

		if (!length)
			break;
		if (!width && used)
			stack(cells_at(cells, row, column + used - 1), code);
		if (used + width > limit)
			break;
		if (width && !put_code(cells, row, column + used, code, width, style))
			break;
		used += width;
		text += length;
		size -= length;
	}
	return used;
}

unsigned int cells_put(struct cells *cells, unsigned int row, unsigned int column,
		       unsigned int limit, enum cell_style style, const char *text)
{
	return put(cells, row, column, limit, style, text, strlen(text));
}

unsigned int cells_putf(struct cells *cells, unsigned int row, unsigned int column,
			unsigned int limit, enum cell_style style, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return cells_put(cells, row, column, limit, style, line);
}

/* Where the terminal has nothing but ASCII, the other bytes are escaped as well. */
static void escape(const struct cells *cells, struct buffer *out, const char *bytes, size_t size)
{
	static const char hex[] = "0123456789abcdef";

	if (!cells->is_ascii) {
		text_add_escaped(out, bytes, size, TEXT_UNLIMITED);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte <= LAST_ASCII) {
			text_add_escaped(out, &bytes[i], 1, TEXT_UNLIMITED);
			continue;
		}
		buffer_add(out, "\\x", 2);
		buffer_add_char(out, hex[byte >> 4]);
		buffer_add_char(out, hex[byte & 15]);
	}
}

/* What does not fit ends with a mark. */
static unsigned int put_cut(struct cells *cells, unsigned int row, unsigned int column,
			    unsigned int limit, enum cell_style style, const struct buffer *text)
{
	unsigned int used;

	if (text_width(text->bytes, text->size) <= limit)
		return put(cells, row, column, limit, style, text->bytes, text->size);
	used = put(cells, row, column, limit - 1, style, text->bytes, text->size);
	return used + put_code(cells, row, column + used, CUT_MARK, 1, style);
}

/* An escape takes four bytes for one, and no character more than that for a column. */
static size_t seen_of(size_t size, unsigned int limit)
{
	return size > (size_t)limit * UTF8_BYTES * 2 ? (size_t)limit * UTF8_BYTES * 2 : size;
}

unsigned int cells_put_untrusted(struct cells *cells, unsigned int row, unsigned int column,
				 unsigned int limit, enum cell_style style, const char *bytes,
				 size_t size)
{
	struct buffer text;
	unsigned int used;

	if (!limit)
		return 0;
	buffer_init(&text);
	escape(cells, &text, bytes, seen_of(size, limit));
	used = put_cut(cells, row, column, limit, style, &text);
	buffer_done(&text);
	return used;
}

unsigned int cells_put_escaped(struct cells *cells, unsigned int row, unsigned int column,
			       unsigned int limit, enum cell_style style, const char *bytes,
			       size_t size)
{
	const char *end = bytes + seen_of(size, limit);
	struct buffer text;
	unsigned int used;

	if (!limit)
		return 0;
	buffer_init(&text);
	while (bytes < end) {
		const char *slash = memchr(bytes, '\\', (size_t)(end - bytes));

		escape(cells, &text, bytes, (size_t)((slash ? slash : end) - bytes));
		if (slash)
			buffer_add_char(&text, '\\');
		bytes = slash ? slash + 1 : end;
	}
	used = put_cut(cells, row, column, limit, style, &text);
	buffer_done(&text);
	return used;
}

void cells_style_row(struct cells *cells, unsigned int row, enum cell_style style)
{
	struct cell *cell = cells_at(cells, row, 0);

	for (unsigned int column = 0; cell && column < cells->columns; column++)
		cell[column].style = style;
}

static void add_utf8(struct buffer *out, uint32_t code)
{
	if (code < 0x80) {
		buffer_add_char(out, (char)code);
	} else if (code < 0x800) {
		buffer_add_char(out, (char)(0xc0 | code >> 6));
		buffer_add_char(out, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buffer_add_char(out, (char)(0xe0 | code >> 12));
		buffer_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buffer_add_char(out, (char)(0x80 | (code & 0x3f)));
	} else {
		buffer_add_char(out, (char)(0xf0 | code >> 18));
		buffer_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		buffer_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buffer_add_char(out, (char)(0x80 | (code & 0x3f)));
	}
}

static bool is_blank(const struct cell *cell)
{
	return cell && cell->code[0] == ' ' && !cell->code[1];
}

/* Columns up to the last one that is not blank. */
static unsigned int used_columns(const struct cells *cells, unsigned int row)
{
	unsigned int used = cells->columns;

	while (used && is_blank(cells_at(cells, row, used - 1)))
		used--;
	return used;
}

void cells_print(const struct cells *cells, struct buffer *out)
{
	unsigned int rows = cells->rows;

	while (rows && !used_columns(cells, rows - 1))
		rows--;
	for (unsigned int row = 0; row < rows; row++) {
		const struct cell *cell = cells_at(cells, row, 0);
		const struct cell *end = cell + used_columns(cells, row);

		for (; cell < end; cell++)
			for (size_t i = 0; i < CELL_CODES && cell->code[i]; i++)
				add_utf8(out, cell->code[i]);
		buffer_add_char(out, '\n');
	}
}
