// SPDX-License-Identifier: GPL-2.0-only
/* Rows of values as a table for people, as lines of JSON, or as CSV. */
#include "user/fleet/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/json.h"
#include "user/base/text.h"
#include "user/conn/flow.h"

#define SCHEMA_VERSION 1
#define TEXT_COLUMNS 48 /* of a value, for people */
/* Where there is not room for all: of a name, before other columns go; of any text, at least. */
#define NAME_FAIR 20
#define TEXT_LEAST 8
#define TEXT_CUT '+' /* behind what was cut */
#define LINE_SIZE 256
#define INDENT 2 /* of what had no room on the line before */

/* A value, by where it stands in the bytes of the table. */
struct cell {
	size_t at, size;
	bool is_known;
};

struct table {
	const char *type;
	const struct table_column *columns;
	size_t count;
	struct buffer bytes, cells;
	size_t rows;
};

struct table *table_new(const char *type, const struct table_column *columns, size_t count)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct table){ .type = type, .columns = columns, .count = count };
	buffer_init(&t->bytes);
	buffer_init(&t->cells);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	buffer_done(&t->bytes);
	buffer_done(&t->cells);
	free(t);
}

void table_add(struct table *t, const struct answer_value *values)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct cell cell = { t->bytes.size, values[i].size, values[i].bytes };

		if (cell.is_known)
			buffer_add(&t->bytes, values[i].bytes, values[i].size);
		buffer_add(&t->cells, &cell, sizeof(cell));
	}
	t->rows++;
}

size_t table_rows(const struct table *t)
{
	return t->rows;
}

static struct answer_value value_at(const struct table *t, size_t row, size_t column)
{
	struct cell cell;

	memcpy(&cell, t->cells.bytes + (row * t->count + column) * sizeof(cell), sizeof(cell));
	return (struct answer_value){ cell.is_known ? t->bytes.bytes + cell.at : NULL, cell.size };
}

/* ---- values -------------------------------------------------------------------------------- */

/* Only what a number of JSON is made of. */
static bool is_number(const struct answer_value *v)
{
	static const char parts[] = "0123456789+-.eE";
	bool has_digit = false;

	for (size_t i = 0; i < v->size; i++) {
		if (!v->bytes[i] || !strchr(parts, v->bytes[i]))
			return false;
		has_digit |= v->bytes[i] >= '0' && v->bytes[i] <= '9';
	}
	return has_digit && v->size < 32 && v->bytes[0] != '+' && v->bytes[0] != '.';
}

static bool is_text(enum table_kind kind)
{
	return kind == TABLE_TEXT || kind == TABLE_NAME;
}

/* What is the same in all formats. Returns false: it is not known. */
static bool spell(enum table_kind kind, const struct answer_value *v, char text[LINE_SIZE],
		  uint64_t *ret_number)
{
	static const struct clock since_1970;
	uint64_t number = 0;

	if (!v->bytes || (!is_text(kind) && kind != TABLE_NUMBER && !answer_u64(v, &number)))
		return false;
	*text = '\0';
	switch (kind) {
	case TABLE_TEXT:
		return true;
	case TABLE_NAME:
		return v->size;
	case TABLE_FLAG:
		snprintf(text, LINE_SIZE, "%s", number ? "true" : "false");
		return true;
	case TABLE_NUMBER:
		return is_number(v);
	case TABLE_TIME:
		clock_format_iso(&since_1970, number, text);
		return number;
	case TABLE_FLOW:
		flow_format(number, text);
		return number != FLOW_UNKNOWN;
	default:
		*ret_number = number;
		return true;
	}
}

static void add_json(struct json *j, enum table_kind kind, const struct answer_value *v)
{
	char text[LINE_SIZE];
	uint64_t number = 0;

	if (!spell(kind, v, text, &number)) {
		json_null(j);
	} else if (kind == TABLE_NUMBER) {
		buffer_add(j->out, v->bytes, v->size);
		j->comma = true;
	} else if (kind == TABLE_FLAG) {
		json_bool(j, *text == 't');
	} else if (*text) {
		json_text(j, text);
	} else if (is_text(kind)) {
		json_string(j, v->bytes, v->size);
	} else {
		json_u64(j, number);
	}
}

/* As in sink/csv.c: a single quote in front of what a spreadsheet would take for a formula. */
static void add_csv_text(struct buffer *out, const struct answer_value *v)
{
	static const char formula[] = { '=', '+', '-', '@' };
	struct buffer quoted;

	if (!v->bytes || !v->size || !memchr(formula, v->bytes[0], sizeof(formula))) {
		text_add_csv(out, v->bytes, v->size);
		return;
	}
	buffer_init(&quoted);
	buffer_add_char(&quoted, '\'');
	buffer_add(&quoted, v->bytes, v->size);
	if (quoted.failed)
		out->failed = true;
	else
		text_add_csv(out, quoted.bytes, quoted.size);
	buffer_done(&quoted);
}

static void add_csv(struct buffer *out, enum table_kind kind, const struct answer_value *v)
{
	char text[LINE_SIZE];
	uint64_t number;

	if (!spell(kind, v, text, &number))
		return;
	if (*text)
		buffer_add_text(out, text);
	else if (is_text(kind))
		add_csv_text(out, v);
	else
		buffer_add(out, v->bytes, v->size);
}

/* Returns the columns that it takes: at most so many, if it can be cut. */
static size_t add_text(struct buffer *out, enum table_kind kind, const struct answer_value *v,
		       size_t most)
{
	size_t begin = out->size, columns;

	char text[LINE_SIZE], duration[TEXT_DURATION_SIZE];
	uint64_t number = 0;

	if (!spell(kind, v, text, &number) || (!*text && !v->size)) {
		buffer_add_char(out, '-');
		return 1;
	}
	if (kind == TABLE_NS) {
		text_duration(number, duration);
		buffer_add_text(out, duration);
		return strlen(duration);
	}
	/* To the second, for people. */
	if (kind == TABLE_TIME)
		text[sizeof("2026-01-02T03:04:05") - 1] = '\0';
	if (*text) {
		buffer_add_text(out, text);
		return strlen(text);
	}
	columns = text_add_escaped(out, v->bytes, v->size, TEXT_COLUMNS);
	if (columns <= most)
		return columns;
	out->size = begin;
	columns = text_add_escaped(out, v->bytes, v->size, most - 1);
	buffer_add_char(out, TEXT_CUT);
	return columns + 1;
}

/* ---- formats ------------------------------------------------------------------------------- */

static void print_json(const struct table *t, struct buffer *out)
{
	struct json j;

	json_init(&j, out);
	for (size_t row = 0; row < t->rows; row++) {
		json_object_begin(&j);
		json_key(&j, "v");
		json_u64(&j, SCHEMA_VERSION);
		json_key(&j, "type");
		json_text(&j, t->type);
		for (size_t i = 0; i < t->count; i++) {
			struct answer_value v = value_at(t, row, i);

			json_key(&j, t->columns[i].name);
			add_json(&j, t->columns[i].kind, &v);
		}
		json_object_end(&j);
		json_line_end(&j);
	}
}

static void print_csv(const struct table *t, struct buffer *out)
{
	for (size_t i = 0; i < t->count; i++)
		buffer_addf(out, "%s%s", i ? "," : "", t->columns[i].name);
	buffer_add_char(out, '\n');
	for (size_t row = 0; row < t->rows; row++) {
		for (size_t i = 0; i < t->count; i++) {
			struct answer_value v = value_at(t, row, i);

			if (i)
				buffer_add_char(out, ',');
			add_csv(out, t->columns[i].kind, &v);
		}
		buffer_add_char(out, '\n');
	}
}

static void pad(struct buffer *out, size_t columns)
{
	while (columns--)
		buffer_add_char(out, ' ');
}

static void measure(const struct table *t, size_t widths[ANSWER_COLUMNS])
{
	struct buffer scratch;

	buffer_init(&scratch);
	for (size_t i = 0; i < t->count; i++)
		widths[i] = t->columns[i].title ? strlen(t->columns[i].title) : 0;
	for (size_t row = 0; row < t->rows; row++) {
		for (size_t i = 0; i < t->count; i++) {
			struct answer_value v = value_at(t, row, i);
			size_t width = add_text(&scratch, t->columns[i].kind, &v, TEXT_COLUMNS);

			if (width > widths[i])
				widths[i] = width;
		}
		buffer_clear(&scratch);
	}
	buffer_done(&scratch);
}

/* The one to leave out, of those that are left. Returns `count`: none. */
static size_t most_dispensable(const struct table *t, const bool *is_left_out)
{
	size_t found = t->count;
	uint8_t rank = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (is_left_out[i] || t->columns[i].rank <= rank)
			continue;
		rank = t->columns[i].rank;
		found = i;
	}
	return found;
}

/* How wide a column is where names have no more than `name` columns, and other texts `text`. */
static size_t width_of(enum table_kind kind, size_t width, size_t name, size_t text)
{
	size_t most = kind == TABLE_NAME ? name : kind == TABLE_TEXT ? text : width;

	return width < most ? width : most;
}

/* How wide a line is with those that are left. */
static size_t measure_line(const struct table *t, const size_t *widths, const bool *is_left_out,
			   size_t name, size_t text)
{
	size_t used = 0;

	for (size_t i = 0; i < t->count; i++)
		if (!is_left_out[i])
			used += width_of(t->columns[i].kind, widths[i], name, text) + 2;
	return used ? used - 2 : 0;
}

/* Cuts names, and where that is not enough all texts, by no more than it takes. */
static void cut(const struct table *t, size_t *widths, const bool *is_left_out, size_t most)
{
	size_t name = TEXT_COLUMNS, text = TEXT_COLUMNS;

	while (name > NAME_FAIR && measure_line(t, widths, is_left_out, name, text) > most)
		name--;
	while (text > TEXT_LEAST && measure_line(t, widths, is_left_out, name, text) > most) {
		text--;
		name = text < name ? text : name;
	}
	for (size_t i = 0; i < t->count; i++) {
		size_t title = t->columns[i].title ? strlen(t->columns[i].title) : 0;
		size_t width = width_of(t->columns[i].kind, widths[i], name, text);

		widths[i] = width < title ? title : width;
	}
}

/* So that a line has no more than `most` columns; 0: it may have any number. */
static void choose(const struct table *t, size_t *widths, size_t most, bool *is_left_out)
{
	size_t out;

	for (size_t i = 0; i < t->count; i++)
		is_left_out[i] = !t->columns[i].title;
	if (!most)
		return;
	while (measure_line(t, widths, is_left_out, NAME_FAIR, TEXT_COLUMNS) > most &&
	       (out = most_dispensable(t, is_left_out)) < t->count)
		is_left_out[out] = true;
	cut(t, widths, is_left_out, most);
}

/* Where cutting was not enough, a row has more lines than one: whether a column begins one. */
static void break_lines(const struct table *t, const size_t *widths, const bool *is_left_out,
			size_t most, bool *begins_line)
{
	size_t used = 0;

	memset(begins_line, 0, t->count * sizeof(*begins_line));
	for (size_t i = 0; most && i < t->count; i++) {
		if (is_left_out[i])
			continue;
		begins_line[i] = used && used + 2 + widths[i] > most;
		used = begins_line[i] ? INDENT + widths[i] : used + (used ? 2 : 0) + widths[i];
	}
}

/* Numbers stand to the right, but for the last one, behind which nothing does. */
static bool is_right(enum table_kind kind)
{
	return kind == TABLE_COUNT || kind == TABLE_NS || kind == TABLE_NUMBER;
}

/* Keys of a group are called as options have them. */
static void add_title(struct buffer *out, const char *title)
{
	for (; *title; title++)
		buffer_add_char(out, *title >= 'a' && *title <= 'z' ? (char)(*title - 'a' + 'A') :
								      *title);
}

static void end_line(struct buffer *out, size_t begin)
{
	while (out->size > begin && out->bytes[out->size - 1] == ' ')
		out->size--;
	buffer_add_char(out, '\n');
}

/* `row` beyond all: the titles. */
static void print_line(const struct table *t, struct buffer *out, size_t row,
		       const size_t widths[ANSWER_COLUMNS], const bool *is_left_out,
		       const bool *begins_line)
{
	size_t begin = out->size, left = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct buffer cell;
		struct answer_value v;
		size_t width;

		if (is_left_out[i])
			continue;
		buffer_init(&cell);
		if (row < t->rows) {
			v = value_at(t, row, i);
			width = add_text(&cell, t->columns[i].kind, &v, widths[i]);
		} else {
			add_title(&cell, t->columns[i].title);
			width = cell.size;
		}
		if (begins_line[i]) {
			end_line(out, begin);
			begin = out->size;
			left = INDENT;
		}
		pad(out, left + (is_right(t->columns[i].kind) ? widths[i] - width : 0));
		buffer_add(out, cell.bytes, cell.size);
		left = 2 + (is_right(t->columns[i].kind) ? 0 : widths[i] - width);
		buffer_done(&cell);
	}
	end_line(out, begin);
}

static void print_text(const struct table *t, struct buffer *out, size_t most)
{
	bool is_left_out[ANSWER_COLUMNS], begins_line[ANSWER_COLUMNS];
	size_t widths[ANSWER_COLUMNS];

	measure(t, widths);
	choose(t, widths, most, is_left_out);
	break_lines(t, widths, is_left_out, most, begins_line);
	print_line(t, out, t->rows, widths, is_left_out, begins_line);
	for (size_t row = 0; row < t->rows; row++)
		print_line(t, out, row, widths, is_left_out, begins_line);
}

int table_print(const struct table *t, struct buffer *out, enum output_format format, size_t most)
{
	if (t->bytes.failed || t->cells.failed)
		return -ENOMEM;
	if (format == FORMAT_JSON)
		print_json(t, out);
	else if (format == FORMAT_CSV)
		print_csv(t, out);
	else
		print_text(t, out, most);
	return out->failed ? -ENOMEM : 0;
}
