/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of aligned columns: text to the left, numbers to the right, no blanks at the end. */
#ifndef USER_SINK_TEXT_COLUMNS_H
#define USER_SINK_TEXT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "user/base/address.h"
#include "user/base/buffer.h"
#include "user/sink/fact.h"
#include "user/sink/owner.h"

#define COLUMNS_TEXT_SIZE FACT_END_SIZE /* holds an end, a decimal number, a duration, a time */

/* A cell that is too wide moves the next ones only as far as it must. */
struct columns {
	struct buffer *out;
	size_t used; /* columns of the line that are printed */
	size_t next; /* where the next cell's column begins */
};

/*
 * Which of at most 32 columns a line of `limit` columns has room for, as a set of 1 << i: those
 * with the highest rank are left out first, those of rank 0 never.
 */
uint32_t columns_choose(const uint8_t *widths, const uint8_t *ranks, size_t count, size_t limit);

void columns_begin(struct columns *l, struct buffer *out);

/* Blanks are written by so many. */
#define COLUMNS_BLANKS 8

/* Pads up to that column, with room for so many bytes behind it: where they begin, or NULL. */
static inline char *columns_pad(struct columns *l, size_t column, size_t size)
{
	size_t count;
	char *at;

	/* A cell that ran over its width is still parted from the next one. */
	if (l->next && column <= l->used)
		column = l->used + 1;
	count = column > l->used ? column - l->used : 0;
	l->used += count;
	at = buffer_room(l->out, count + size + COLUMNS_BLANKS);
	if (!at)
		return NULL;
	for (size_t done = 0; done < count; done += COLUMNS_BLANKS)
		memset(at + done, ' ', COLUMNS_BLANKS);
	return at + count;
}

/* A cell of this width, of so many columns, ends where bytes were written. */
static inline void columns_take(struct columns *l, size_t width, size_t used, const char *end)
{
	buffer_take(l->out, end);
	l->used += used;
	l->next += width + 1;
}

/* Adds a cell of the program's own text. */
void columns_left(struct columns *l, size_t width, const char *text);
void columns_right(struct columns *l, size_t width, const char *text);

/* Adds a cell of untrusted bytes, cut where `limit` columns are full. */
void columns_untrusted(struct columns *l, size_t width, size_t limit, const char *bytes,
		       size_t size);

/* Adds a cell of an owner's name, cut in the same way. */
void columns_owner(struct columns *l, size_t width, size_t limit, const struct owner_name *owner);

/*
 * Adds a cell of an untrusted path; of one that is longer than `limit` columns, which are at least
 * 3, the end is kept.
 */
void columns_path(struct columns *l, size_t width, size_t limit, const char *path);

void columns_end(struct columns *l);

/* "-" when the number is unknown. Returns `text`. */
const char *columns_number(bool known, uint64_t number, char text[COLUMNS_TEXT_SIZE]);

/* Seconds since the start with six decimals, "12.345678"; negative before it. Returns `text`. */
const char *columns_timestamp(uint64_t start_ns, uint64_t mono_ns, char text[COLUMNS_TEXT_SIZE]);

/* In at most `width` columns, the middle left out if it must be; "-" for NULL. Returns `text`. */
const char *columns_place(struct fact_end end, size_t width, char text[COLUMNS_TEXT_SIZE]);

/* The same without a NUL, for which there is room. Return the end. */
char *columns_put_number(bool known, uint64_t number, char *at);
char *columns_put_place(struct fact_end end, size_t width, char text[COLUMNS_TEXT_SIZE]);

#endif
