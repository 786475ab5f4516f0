/* SPDX-License-Identifier: GPL-2.0-only */
/* The code that opened a connection, for people. */
#ifndef USER_SINK_TEXT_OPENER_H
#define USER_SINK_TEXT_OPENER_H

#include <stdbool.h>
#include <stddef.h>

#include "user/sink/sink.h"

/* "[...];main;open_one;connect": from without inwards, as flame graphs are made of. */
void opener_add_folded(struct buffer *out, const struct stack_frames *frames);

/* A paragraph: "Opened by open_one (leak.c:11), called by main (leak.c:15)."; of 0: nothing. */
void text_opener(const struct sink_settings *s, struct buffer *out, size_t indent, uint64_t stack);

/* The same of `same` among `count` that are told of at once: "38 of 41 opened by ...". */
void text_opener_of(const struct sink_settings *s, struct buffer *out, size_t indent,
		    uint64_t stack, size_t same, size_t count);

#endif
