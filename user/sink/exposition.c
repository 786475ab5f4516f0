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
#define NO_LE NULL
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

/* The shortest that is read as the same number again. */
static const char *format_number(double value, char text[NUMBER_SIZE])
{
	if (value == floor(value) && fabs(value) < EXACT_MAX) {
		snprintf(text, NUMBER_SIZE, "%" PRId64, (int64_t)value);
		return text;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return text;
}

/* An edge in seconds, in digits alone; OpenMetrics wants to see that it is no integer. */
static const char *format_edge(uint64_t ns, bool is_open, char text[NUMBER_SIZE])
{
	int length =
		snprintf(text, NUMBER_SIZE, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);

	while (text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		snprintf(text + length - 1, NUMBER_SIZE - (size_t)length, "%s",
			 is_open ? ".0" : "");
	return text;
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

static void add_sample(struct writer *w, const char *suffix, const struct series_label *labels,
		       size_t count, const char *le, const char *value)
{
	struct buffer *out = w->out;

	exposition_name(out, w->series);
	buffer_add_text(out, suffix);
	for (size_t i = 0; i < count; i++) {
		buffer_addf(out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		add_escaped(out, labels[i].value);
		buffer_add_char(out, '"');
	}
	if (le)
		buffer_addf(out, "%cle=\"%s\"", count ? ',' : '{', le);
	buffer_addf(out, "%s %s\n", count || le ? "}" : "", value);
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
	char text[NUMBER_SIZE];

	add_head(w);
	add_sample(w, is_counter(w->series) ? "_total" : "", labels, count, NO_LE,
		   format_number(value, text));
}

static void write_spread(void *context, const struct series_label *labels, size_t count,
			 const struct spread *spread)
{
	struct writer *w = context;
	char value[NUMBER_SIZE], edge[NUMBER_SIZE];
	unsigned int edge_count;
	const uint64_t *edges = spread_edges((enum spread_edges)spread->edges, &edge_count);
	uint64_t sum = 0;

	add_head(w);
	for (unsigned int i = 0; i < edge_count; i++) {
		sum += spread->below[i];
		add_sample(w, "_bucket", labels, count, format_edge(edges[i], w->is_open, edge),
			   format_number((double)sum, value));
	}
	add_sample(w, "_bucket", labels, count, "+Inf",
		   format_number((double)spread->count, value));
	add_sample(w, "_sum", labels, count, NO_LE, format_number(spread_sum(spread), value));
	add_sample(w, "_count", labels, count, NO_LE, format_number((double)spread->count, value));
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
