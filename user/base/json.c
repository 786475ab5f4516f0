// SPDX-License-Identifier: GPL-2.0-only
/* A streaming JSON writer over a buffer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/json.h"
#include "user/base/text.h"

#define KEY_SIZE 60
#define DOUBLE_SIZE 32
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void json_init(struct json *j, struct buffer *out)
{
	*j = (struct json){ .out = out };
}

/* Before each key, and before each value that no key announces. */
static void comma(struct json *j)
{
	if (j->comma)
		buffer_add_char(j->out, ',');
	j->comma = true;
}

static void begin(struct json *j, char c)
{
	comma(j);
	buffer_add_char(j->out, c);
	j->comma = false;
}

static void end(struct json *j, char c)
{
	buffer_add_char(j->out, c);
	j->comma = true;
}

void json_object_begin(struct json *j)
{
	begin(j, '{');
}

void json_object_end(struct json *j)
{
	end(j, '}');
}

void json_array_begin(struct json *j)
{
	begin(j, '[');
}

void json_array_end(struct json *j)
{
	end(j, ']');
}

/* Half of a line is keys, so each is one run of bytes. */
void json_key(struct json *j, const char *key)
{
	char text[KEY_SIZE + 4]; /* a comma, two quotes, a colon */
	size_t size = strnlen(key, KEY_SIZE);
	size_t at = 0;

	if (j->comma)
		text[at++] = ',';
	text[at++] = '"';
	memcpy(text + at, key, size);
	at += size;
	text[at++] = '"';
	text[at++] = ':';
	buffer_add(j->out, text, at);
	j->comma = false;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void add_code_unit(struct buffer *b, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = {
		'\\',	       'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15],
		hex[unit & 15]
	};

	buffer_add(b, escape, sizeof(escape));
}

/* What a reader's terminal would obey is escaped too; to a JSON parser it is the same. */
static void add_code_point(struct buffer *b, const char *bytes, size_t length, uint32_t code)
{
	if (code == '"' || code == '\\') {
		buffer_add_char(b, '\\');
		buffer_add_char(b, (char)code);
	} else if (text_is_visible(code)) {
		buffer_add(b, bytes, length);
	} else if (code <= 0xffff) {
		add_code_unit(b, code);
	} else {
		add_code_unit(b, 0xd800 + ((code - 0x10000) >> 10));
		add_code_unit(b, 0xdc00 + ((code - 0x10000) & 0x3ff));
	}
}

void json_string(struct json *j, const char *bytes, size_t size)
{
	size_t at = 0;

	comma(j);
	buffer_add_char(j->out, '"');
	while (at < size) {
		size_t first = at;
		uint32_t code;
		size_t length;

		while (at < size && is_plain(bytes[at]))
			at++;
		buffer_add(j->out, bytes + first, at - first);
		if (at == size)
			break;
		length = text_code_point(bytes + at, size - at, &code);
		if (length)
			add_code_point(j->out, bytes + at, length, code);
		else
			buffer_add_text(j->out, REPLACEMENT);
		at += length ? length : 1;
	}
	buffer_add_char(j->out, '"');
}

void json_text(struct json *j, const char *text)
{
	if (text)
		json_string(j, text, strlen(text));
	else
		json_null(j);
}

void json_u64(struct json *j, uint64_t value)
{
	comma(j);
	buffer_add_u64(j->out, value);
}

void json_i64(struct json *j, int64_t value)
{
	comma(j);
	if (value < 0)
		buffer_add_char(j->out, '-');
	buffer_add_u64(j->out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* The shortest of the two precisions that reads back as the same number. */
void json_double(struct json *j, double value)
{
	char text[DOUBLE_SIZE];
	char *point;

	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	comma(j);
	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	/* A locale may write a decimal comma. */
	point = strchr(text, ',');
	if (point)
		*point = '.';
	buffer_add_text(j->out, text);
}

void json_bool(struct json *j, bool value)
{
	comma(j);
	buffer_add_text(j->out, value ? "true" : "false");
}

void json_null(struct json *j)
{
	comma(j);
	buffer_add(j->out, "null", 4);
}

void json_line_end(struct json *j)
{
	buffer_add_char(j->out, '\n');
	j->comma = false;
}
