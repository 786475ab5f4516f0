/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between two runs, for people. */
#ifndef USER_SINK_TEXT_DIFFERENCE_H
#define USER_SINK_TEXT_DIFFERENCE_H

#include "user/sink/sink.h"

void text_difference(const struct sink_settings *s, struct buffer *out,
		     const struct difference *difference, const struct difference_told *old,
		     const struct difference_told *new);

#endif
