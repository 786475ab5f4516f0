/* SPDX-License-Identifier: GPL-2.0-only */
/* The last lines of stuck: how many there are, and what could not be seen. */
#ifndef USER_SINK_TEXT_STUCK_SUMMARY_H
#define USER_SINK_TEXT_STUCK_SUMMARY_H

#include "user/aggregate/summary.h"
#include "user/base/buffer.h"

/* Of a summary of that command, in its language. */
void text_stuck_summary(struct buffer *out, const struct summary *sum);

#endif
