/* SPDX-License-Identifier: GPL-2.0-only */
/* The one list of the series that leave the machine: their names, and where their values are. */
#ifndef USER_SINK_SERIES_H
#define USER_SINK_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/metrics.h"

#define SERIES_PREFIX "tcpspan_"
#define SERIES_LABELS_MAX 3

enum series_type { SERIES_GAUGE, SERIES_COUNTER, SERIES_HISTOGRAM };

/* Of the exporter's process, which the tracer's does not know. */
struct series_exporter {
	uint64_t scrapes;      /* answered before this one */
	double scrape_seconds; /* that the last one took */
};

/* X(NAME, "name"): what is sent to a collector. */
#define SERIES_SENT(X)    \
	X(SPANS, "spans") \
	X(METRICS, "metrics")

enum series_signal {
#define X(NAME, name) SERIES_##NAME,
	SERIES_SENT(X)
#undef X
		SERIES_SIGNALS
};

/* What became of them: spans, and figures one by one. */
struct series_otlp {
	uint64_t sent[SERIES_SIGNALS], failed[SERIES_SIGNALS], dropped[SERIES_SIGNALS];
};

/* Rows for a store, and the bytes of those that wait. */
struct series_rows {
	uint64_t sent, failed, dropped, spool_bytes;
};

/* What the values are taken from. */
struct series_source {
	const struct metrics *metrics;
	double epoch_of_zero_s;	 /* seconds since 1970 when the monotonic clock was 0 */
	const char *group_label; /* "comm"; NULL: there are no groups */
	const char *version, *kernel, *libbpf;
	const struct series_exporter *exporter; /* NULL: printed once, by no server */
	const struct series_otlp *otlp;		/* NULL: nothing is sent */
	const struct series_rows *rows;		/* NULL: the same */
};

struct series {
	const char *name; /* without prefix and without _total; in base units */
	const char *unit; /* "seconds", "bytes", "ratio", or NULL: what the name ends in */
	const char *help; /* a sentence */
	enum series_type type;
	void (*walk)(const struct series_source *from, void *walk);
};

struct series_label {
	const char *name;
	const char *value; /* untrusted; UTF-8 */
};

/* Who is told of each series, in the order of the list; labels are valid during the call. */
struct series_visitor {
	void (*begin)(void *context, const struct series *s);
	void (*value)(void *context, const struct series_label *labels, size_t count, double value);
	void (*spread)(void *context, const struct series_label *labels, size_t count,
		       const struct spread *spread);
	void (*end)(void *context, const struct series *s); /* NULL: does not care */
	void *context;
};

void series_each(const struct series_source *from, const struct series_visitor *visitor);

/* The list itself, for documents and tests. */
const struct series *series_list(size_t *ret_count);

#endif
