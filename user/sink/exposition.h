/* SPDX-License-Identifier: GPL-2.0-only */
/* All series at a moment, as text for whoever scrapes them. */
#ifndef USER_SINK_EXPOSITION_H
#define USER_SINK_EXPOSITION_H

#include "user/base/buffer.h"
#include "user/sink/series.h"

/* X(NAME, "content type"): formats that are told apart by the header Accept. */
#define EXPOSITION_FORMATS(X)                                                        \
	X(TEXT, "text/plain; version=0.0.4; charset=utf-8")                          \
	X(OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8") \
	X(PROTOBUF, "application/vnd.google.protobuf; "                              \
		    "proto=io.prometheus.client.MetricFamily; encoding=delimited")

enum exposition_format {
#define X(NAME, type) EXPOSITION_##NAME,
	EXPOSITION_FORMATS(X)
#undef X
		EXPOSITION_FORMAT_COUNT
};

const char *exposition_type(enum exposition_format format);

/* TEXT or OPENMETRICS; the others have files of their own. `out->failed` is set without memory. */
void exposition_write(struct buffer *out, enum exposition_format format,
		      const struct series_source *from);

/* Writes a name as it stands in front of samples and in other formats: with its prefix. */
void exposition_name(struct buffer *out, const struct series *s);

#endif
