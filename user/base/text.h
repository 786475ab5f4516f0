/* SPDX-License-Identifier: GPL-2.0-only */
/* Text between people and the program: escaping what is not trusted, durations, numbers. */
#ifndef USER_BASE_TEXT_H
#define USER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

#define TEXT_DURATION_SIZE 8 /* "12.3us", at most 6 characters */
#define TEXT_SHORT_ID 12     /* characters of a long id, as people and runtimes shorten it */
#define TEXT_UNLIMITED SIZE_MAX

/*
 * The code point that `size` bytes of UTF-8 begin with. Returns the length of its sequence, 1 to 4,
 * or 0 when the bytes are none (overlong, surrogate, beyond U+10FFFF, cut off, `size` 0).
 */
size_t text_code_point(const char *bytes, size_t size, uint32_t *ret_code);

/* Whether a terminal shows it: no control, no invisible format character, nothing undefined. */
bool text_is_visible(uint32_t code);

/*
 * Columns that a terminal takes for it, in whatever locale: 2 for what East Asian fonts draw square
 * and for emoji, 0 for what stands on the character before it, else 1.
 */
size_t text_columns(uint32_t code);

/* The same for a text of valid UTF-8; nothing behind a byte that is none counts. */
size_t text_width(const char *text, size_t size);

/*
 * Adds `size` untrusted bytes so that a terminal prints them and does nothing else. What is not a
 * visible character of valid UTF-8 (controls, C1, bidirectional and other format characters, broken
 * sequences) becomes \xNN for each byte; so does the backslash, which keeps the result readable
 * backwards. Stops before the character that would not fit in `columns`, an escape counting 4 and
 * any other code point as text_columns has it. Returns the columns used, for padding.
 */
size_t text_add_escaped(struct buffer *b, const char *bytes, size_t size, size_t columns);

/* Adds one CSV field (RFC 4180), escaped as above, in quotes where it needs them. */
void text_add_csv(struct buffer *b, const char *bytes, size_t size);

#define TEXT_DIGITS 20 /* of the largest 64-bit number */

/* Writes decimal digits, TEXT_DIGITS at most, and no NUL. Returns their end. */
char *text_put_u64(char *at, uint64_t value);

/*
 * Three significant digits with a unit: "850ns", "12.3us", "80.1ms", "1.00s", "61.2s", "2m03s",
 * "3h12m", "4d02h"; "-" for UINT64_MAX, which means unknown. Returns `text`.
 */
const char *text_duration(uint64_t ns, char text[TEXT_DURATION_SIZE]);

/* The same in so much room, without a NUL. Returns the end. */
char *text_put_duration(char *at, uint64_t ns);

/*
 * Strict readers: the whole text or nothing, no signs, no blanks. Return 0, -EINVAL, or -ERANGE
 * when the value does not fit; the result is untouched on failure.
 */
int text_parse_u64(const char *text, uint64_t *ret_value);

/* Seconds ("10", "1.5"), or with a unit of ns, us, ms, s, m, h, d ("100ms", "2m"). */
int text_parse_duration(const char *text, uint64_t *ret_ns);

/* Bytes, or with K, M, G of 1024, either case ("512K", "8M"). */
int text_parse_size(const char *text, uint64_t *ret_bytes);

/* Punctuation of square characters that must not begin a line. */
bool text_is_closing(uint32_t code);

#endif
