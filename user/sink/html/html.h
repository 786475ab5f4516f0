/* SPDX-License-Identifier: GPL-2.0-only */
/* A report as one page that is complete in itself. */
#ifndef USER_SINK_HTML_HTML_H
#define USER_SINK_HTML_HTML_H

#include "user/aggregate/report.h"
#include "user/sink/sink.h"

#define HTML_BYTES_MOST (5u << 20)

/* Returns 0, -ENOMEM, or -EFBIG: it would be larger than any page should be. */
int html_report(const struct sink_settings *settings, struct buffer *out,
		const struct report *report);

#endif
