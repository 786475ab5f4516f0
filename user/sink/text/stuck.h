/* SPDX-License-Identifier: GPL-2.0-only */
/* Stuck sockets for people: a table of groups with a sentence each, or a line for each socket. */
#ifndef USER_SINK_TEXT_STUCK_H
#define USER_SINK_TEXT_STUCK_H

#include "user/sink/sink.h"

void text_stuck_header(const struct sink_settings *s, struct buffer *out);
void text_stuck(const struct sink_settings *s, struct buffer *out, const struct stuck *stuck);
void text_stuck_groups(const struct sink_settings *s, struct buffer *out,
		       const struct stuck_group *groups, size_t count, unsigned int keys);

#endif
