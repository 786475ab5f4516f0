// SPDX-License-Identifier: GPL-2.0-only
/* The text formats of Prometheus, 0.0.4, and of OpenMetrics, 1.0.0. */
#include "user/sink/exposition.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"

#define NUMBER_SIZE 32
#define EXACT_MAX 0x1p53 /* a double holds each integer up to here */

struct writer {
	struct buffer *out;
	bool is_open; /* OpenMetrics */
	const struct series *series;
	bool has_head; /* of this series: it has none as long as it has no value */
};

const char *exposition_type(enum exposition_format format)
{
	static const char *const types[EXPOSITION_FORMAT_COUNT] = {
#define X(NAME, type) [EXPOSITION_##NAME] = type,
		EXPOSITION_FORMATS(X)
#undef X
	};

	return types[format];
}

/* What every process may tell has the names that all have for it. */
void exposition_name(struct buffer *out, const struct series *s)
{
	if (strncmp(s->name, "process_", strlen("process_")))
		buffer_add_text(out, SERIES_PREFIX);
	buffer_add_text(out, s->name);
}

/* The shortest that is read as the same number again; most are whole, and not below 0. */
static void add_number(struct buffer *out, double value)
{
	char text[NUMBER_SIZE];

	if (value >= 0 && value < EXACT_MAX && value == (double)(uint64_t)value) {
		buffer_add_u64(out, (uint64_t)value);
		return;
	}
	if (value == floor(value) && fabs(value) < EXACT_MAX) {
		buffer_addf(out, "%" PRId64, (int64_t)value);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buffer_add_text(out, text);
}

/* An edge in seconds, in digits alone; OpenMetrics wants to see that it is no integer. */
static void add_edge(struct buffer *out, uint64_t ns, bool is_open)
{
	uint64_t rest = ns % NS_PER_S, digit = NS_PER_S / 10;

	buffer_add_u64(out, ns / NS_PER_S);
	if (!rest) {
		buffer_add_text(out, is_open ? ".0" : "");
		return;
	}
	buffer_add_char(out, '.');
	for (; rest; rest %= digit, digit /= 10)
		buffer_add_char(out, (char)('0' + rest / digit));
}

static void add_escaped(struct buffer *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buffer_add_text(out, "\\n");
		else if (*text == '"' || *text == '\\')
			buffer_addf(out, "\\%c", *text);
		else
			buffer_add_char(out, *text);
	}
}

static bool is_counter(const struct series *s)
{
	return s->type == SERIES_COUNTER;
}

/* "# TYPE name ": of a counter the name of the family is that of the sample in one format only. */
static void add_remark(struct writer *w, const char *what)
{
	buffer_addf(w->out, "# %s ", what);
	exposition_name(w->out, w->series);
	if (is_counter(w->series) && !w->is_open)
		buffer_add_text(w->out, "_total");
	buffer_add_char(w->out, ' ');
}

static void add_head(struct writer *w)
{
	static const char *const types[] = {
		[SERIES_GAUGE] = "gauge",
		[SERIES_COUNTER] = "counter",
		[SERIES_HISTOGRAM] = "histogram",
	};

	if (w->has_head)
		return;
	w->has_head = true;
	add_remark(w, "HELP");
	buffer_addf(w->out, "%s\n", w->series->help);
	add_remark(w, "TYPE");
	buffer_addf(w->out, "%s\n", types[w->series->type]);
	if (w->is_open && w->series->unit) {
		add_remark(w, "UNIT");
		buffer_addf(w->out, "%s\n", w->series->unit);
	}
}

/* Up to what is in braces, which are open where there is a label. */
static void begin_sample(struct writer *w, const char *suffix, const struct series_label *labels,
			 size_t count)
{
	struct buffer *out = w->out;

	exposition_name(out, w->series);
	buffer_add_text(out, suffix);
	for (size_t i = 0; i < count; i++) {
		buffer_add_char(out, i ? ',' : '{');
		buffer_add_text(out, labels[i].name);
		buffer_add_text(out, "=\"");
		add_escaped(out, labels[i].value);
		buffer_add_char(out, '"');
	}
}

static void add_sample(struct writer *w, const char *suffix, const struct series_label *labels,
		       size_t count, double value)
{
	begin_sample(w, suffix, labels, count);
	buffer_add_text(w->out, count ? "} " : " ");
	add_number(w->out, value);
	buffer_add_char(w->out, '\n');
}

/* `edge_ns`: UINT64_MAX: there is none. */
static void add_bucket(struct writer *w, const struct series_label *labels, size_t count,
		       uint64_t edge_ns, uint64_t value)
{
	begin_sample(w, "_bucket", labels, count);
	buffer_add_text(w->out, count ? ",le=\"" : "{le=\"");
	if (edge_ns == UINT64_MAX)
		buffer_add_text(w->out, "+Inf");
	else
		add_edge(w->out, edge_ns, w->is_open);
	buffer_add_text(w->out, "\"} ");
	add_number(w->out, (double)value);
	buffer_add_char(w->out, '\n');
}

static void begin(void *context, const struct series *s)
{
	struct writer *w = context;

	w->series = s;
	w->has_head = false;
}

static void write_value(void *context, const struct series_label *labels, size_t count,
			double value)
{
	struct writer *w = context;

	add_head(w);
	add_sample(w, is_counter(w->series) ? "_total" : "", labels, count, value);
}

static void write_spread(void *context, const struct series_label *labels, size_t count,
			 const struct spread *spread)
{
	struct writer *w = context;
	unsigned int edge_count;
	const uint64_t *edges = spread_edges((enum spread_edges)spread->edges, &edge_count);
	uint64_t sum = 0;

	add_head(w);
	for (unsigned int i = 0; i < edge_count; i++) {
		sum += spread->below[i];
		add_bucket(w, labels, count, edges[i], sum);
	}
	add_bucket(w, labels, count, UINT64_MAX, spread->count);
	add_sample(w, "_sum", labels, count, spread_sum(spread));
	add_sample(w, "_count", labels, count, (double)spread->count);
}

void exposition_write(struct buffer *out, enum exposition_format format,
		      const struct series_source *from)
{
	struct writer writer = { .out = out, .is_open = format == EXPOSITION_OPENMETRICS };
	const struct series_visitor visitor = {
		.begin = begin, .value = write_value, .spread = write_spread, .context = &writer
	};

	series_each(from, &visitor);
	if (writer.is_open)
		buffer_add_text(out, "# EOF\n");
}
