// SPDX-License-Identifier: GPL-2.0-only
/* A text that grows on a terminal: what differs is written again, from the first such line on. */
#include "user/sink/text/growing.h"

#define UP_AND_CLEAR "\033[%zuA\r\033[J"

void growing_init(struct growing *growing)
{
	buffer_init(&growing->shown);
}

void growing_done(struct growing *growing)
{
	buffer_done(&growing->shown);
}

/* Bytes of the lines with which both begin. */
static size_t same_lines(const struct buffer *one, const struct buffer *other)
{
	size_t same = 0;

	for (size_t i = 0; i < one->size && i < other->size && one->bytes[i] == other->bytes[i];
	     i++)
		if (one->bytes[i] == '\n')
			same = i + 1;
	return same;
}

void growing_update(struct growing *growing, struct buffer *out, const struct buffer *text,
		    unsigned int rows)
{
	struct buffer *shown = &growing->shown;
	size_t same = same_lines(shown, text), lines = 0;

	for (size_t i = same; i < shown->size; i++)
		lines += shown->bytes[i] == '\n';
	if (lines && lines < rows)
		buffer_addf(out, UP_AND_CLEAR, lines);
	buffer_add(out, text->bytes + same, text->size - same);
	buffer_clear(shown);
	buffer_add(shown, text->bytes, text->size);
}
