/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between two runs, as rows of comma-separated values. */
#ifndef USER_SINK_CSV_DIFFERENCE_H
#define USER_SINK_CSV_DIFFERENCE_H

#include "user/sink/sink.h"

void csv_difference(const struct sink_settings *s, struct buffer *out,
		    const struct difference *difference, const struct difference_told *old,
		    const struct difference_told *new);

#endif
