/* SPDX-License-Identifier: GPL-2.0-only */
/* The code that opened a connection, for people. */
#ifndef USER_SINK_TEXT_OPENER_H
#define USER_SINK_TEXT_OPENER_H

#include <stdbool.h>
#include <stddef.h>

#include "user/sink/sink.h"

/* The frames that tell a reader something: from `first` to the one before `end`. */
struct opener_frames {
	size_t first, end;
};

/* Without the C library's own, which everything begins and ends with, if there are others. */
struct opener_frames opener_told(const struct stack_frames *frames);

/* "open_one", "?open_one", "libc.so.6+0x1234": escaped, and without a blank or a semicolon. */
void opener_add_name(struct buffer *out, const struct stack_frame *frame);

/* "[...];main;open_one;connect": from without inwards, as flame graphs are made of. */
void opener_add_folded(struct buffer *out, const struct stack_frames *frames);

/* A paragraph: "Opened by open_one (leak.c:11), called by main (leak.c:15)."; of 0: nothing. */
void text_opener(const struct sink_settings *s, struct buffer *out, size_t indent, uint64_t stack);

/* The same of `same` among `count` that are told of at once: "38 of 41 opened by ...". */
void text_opener_of(const struct sink_settings *s, struct buffer *out, size_t indent,
		    uint64_t stack, size_t same, size_t count);

#endif
