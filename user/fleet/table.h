/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of values as a table for people, as lines of JSON, or as CSV. */
#ifndef USER_FLEET_TABLE_H
#define USER_FLEET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/fleet/answer.h"
#include "user/option/options.h"

/* What a value is: how people read it, and whether JSON has a number. */
enum table_kind {
	TABLE_TEXT,
	TABLE_NAME, /* the same, and empty where it is unknown */
	TABLE_FLAG, /* 0 or 1: false or true */
	TABLE_COUNT,
	TABLE_NS,     /* a duration */
	TABLE_TIME,   /* nanoseconds since 1970: ISO 8601 in each format */
	TABLE_FLOW,   /* 16 hexadecimal digits; 0: unknown */
	TABLE_NUMBER, /* with a sign, with a fraction */
};

struct table_column {
	const char *name;  /* in JSON and CSV */
	const char *title; /* for people; NULL: it is too much for them */
	enum table_kind kind;
	uint8_t rank; /* for people, those with the highest are left out first; 0: never */
};

struct table;

/* `type`: that of the lines of JSON. NULL without memory. */
struct table *table_new(const char *type, const struct table_column *columns, size_t count);
void table_free(struct table *table);

/* Adds a row; the values are copied. */
void table_add(struct table *table, const struct answer_value *values);

size_t table_rows(const struct table *table);

/*
 * Adds all of it. `format`: FORMAT_TEXT, FORMAT_JSON or FORMAT_CSV. For people in `most` columns,
 * if leaving some out helps; 0: however many. Returns 0 or -ENOMEM.
 */
int table_print(const struct table *table, struct buffer *out, enum output_format format,
		size_t most);

#endif
