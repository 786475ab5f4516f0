/* SPDX-License-Identifier: GPL-2.0-only */
/* A streaming JSON writer over a buffer: commas by itself, output that is always valid UTF-8. */
#ifndef USER_BASE_JSON_H
#define USER_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

/* The caller pairs begin and end, and writes a key before each value in an object. */
struct json {
	struct buffer *out;
	bool comma; /* the next key or element is not the first of its object or array */
};

void json_init(struct json *j, struct buffer *out);

void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);

/* A name of the program's own: up to 60 printable ASCII, no quotes and backslashes. */
void json_key(struct json *j, const char *key);

/* Untrusted bytes: escaped, and what is not UTF-8 becomes U+FFFD. */
void json_string(struct json *j, const char *bytes, size_t size);

/* The same for a text that ends with NUL; NULL becomes null. */
void json_text(struct json *j, const char *text);

void json_u64(struct json *j, uint64_t value);
void json_i64(struct json *j, int64_t value);
void json_double(struct json *j, double value); /* null if not finite, for JSON has no other word */
void json_bool(struct json *j, bool value);
void json_null(struct json *j);

/* Ends the line of one whole value and begins afresh: NDJSON. */
void json_line_end(struct json *j);

#endif
