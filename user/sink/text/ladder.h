/* SPDX-License-Identifier: GPL-2.0-only */
/* Draws a ladder for people. */
#ifndef USER_SINK_TEXT_LADDER_H
#define USER_SINK_TEXT_LADDER_H

#include <stdbool.h>
#include <stddef.h>

#include "user/aggregate/ladder.h"
#include "user/sink/sink.h"

void ladder_draw(const struct sink_settings *s, struct buffer *out, const struct ladder *l);

/*
 * The same in parts, of one that grows: who they are, each step, and the numbers. How it ended
 * stands in the head or at the end, for who says there that it `is_over`.
 */
void ladder_draw_head(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		      bool is_over);
void ladder_draw_step(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		      size_t index);
void ladder_draw_end(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		     bool is_over);

/* What is sent in a step: "--- SYN seq x --->", without a new line; nothing of a moment. */
void ladder_draw_arrow(const struct sink_settings *s, struct buffer *out,
		       const struct ladder_step *step);

#endif
