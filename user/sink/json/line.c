// SPDX-License-Identifier: GPL-2.0-only
/* The parts that every line of JSON is made of. */
#include "user/sink/json/line.h"

#include <string.h>

#define SCHEMA_VERSION 1

void line_add_key(struct json *j, struct line_key key)
{
	size_t skipped = !j->comma;

	buffer_add(j->out, key.text + skipped, key.size - skipped);
	j->comma = false;
}

/* A word of the program's own, which needs no escapes; NULL becomes null. */
void line_add_word(struct json *j, struct line_key key, const char *word)
{
	line_add_key(j, key);
	if (!word) {
		json_null(j);
		return;
	}
	buffer_add_char(j->out, '"');
	buffer_add_text(j->out, word);
	buffer_add_char(j->out, '"');
	j->comma = true;
}

void line_begin(struct json *j, struct buffer *out, const char *type)
{
	json_init(j, out);
	json_object_begin(j);
	line_add_key(j, LINE_KEY("v"));
	json_u64(j, SCHEMA_VERSION);
	line_add_word(j, LINE_KEY("type"), type);
}

void line_end(struct json *j)
{
	json_object_end(j);
	json_line_end(j);
}

void line_add_u64(struct json *j, struct line_key key, uint64_t value)
{
	line_add_key(j, key);
	json_u64(j, value);
}

void line_add_bool(struct json *j, struct line_key key, bool value)
{
	line_add_key(j, key);
	json_bool(j, value);
}

/* null, unless the value is known. */
void line_add_known_value(struct json *j, bool known, uint64_t value)
{
	if (known)
		json_u64(j, value);
	else
		json_null(j);
}

void line_add_known(struct json *j, struct line_key key, bool known, uint64_t value)
{
	line_add_key(j, key);
	line_add_known_value(j, known, value);
}

void line_add_ns(struct json *j, struct line_key key, uint64_t ns)
{
	line_add_known(j, key, ns != TIME_UNKNOWN, ns);
}

void line_add_time(struct json *j, struct line_key key, const struct clock *clock, uint64_t mono_ns)
{
	char text[CLOCK_ISO_SIZE];

	line_add_word(j, key,
		      mono_ns == TIME_UNKNOWN ? NULL : clock_format_iso(clock, mono_ns, text));
}

void line_add_address(struct json *j, struct line_key key, const struct address *a)
{
	char text[ADDRESS_TEXT_SIZE];

	line_add_word(j, key, a ? address_format(a, text) : NULL);
}

void line_add_name(struct json *j, struct line_key key, struct conn_name name)
{
	line_add_key(j, key);
	if (name.bytes)
		json_string(j, name.bytes, name.size);
	else
		json_null(j);
}

void line_add_comm(struct json *j, struct line_key key, bool known, const char *comm, size_t size)
{
	line_add_key(j, key);
	if (known)
		json_string(j, comm, strnlen(comm, size));
	else
		json_null(j);
}

void line_add_sentence(struct json *j, struct line_key key, struct buffer *sentence)
{
	line_add_key(j, key);
	if (sentence->size)
		json_string(j, sentence->bytes, sentence->size);
	else
		json_null(j);
	if (sentence->failed)
		j->out->failed = true;
	buffer_done(sentence);
}

/* The number as a string: readers keep numbers as doubles. */
void line_add_id(struct json *j, uint64_t id)
{
	line_add_key(j, LINE_KEY("id"));
	buffer_add_char(j->out, '"');
	json_u64(j, id);
	buffer_add_char(j->out, '"');
}

/* Untrusted. */
void line_add_text(struct json *j, struct line_key key, const char *text)
{
	line_add_key(j, key);
	json_text(j, text);
}
