/* SPDX-License-Identifier: GPL-2.0-only */
/* Draws a ladder for people. */
#ifndef USER_SINK_TEXT_LADDER_H
#define USER_SINK_TEXT_LADDER_H

#include "user/aggregate/ladder.h"
#include "user/sink/sink.h"

void ladder_draw(const struct sink_settings *s, struct buffer *out, const struct ladder *l);

#endif
