/* SPDX-License-Identifier: GPL-2.0-only */
/* Listeners for people: a table, with a sentence beneath those that have one. */
#ifndef USER_SINK_TEXT_LISTENERS_H
#define USER_SINK_TEXT_LISTENERS_H

#include "user/aggregate/listening_row.h"
#include "user/sink/sink.h"

void text_listeners(const struct sink_settings *s, struct buffer *out, struct listening *listening,
		    const struct listening_row *rows, size_t count);

/* One line: when, which, and what it has come to. */
void text_listener_change(const struct sink_settings *s, struct buffer *out,
			  const struct listening_row *row);

#endif
