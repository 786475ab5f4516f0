// SPDX-License-Identifier: GPL-2.0-only
/* Packs all figures as metrics of OTLP, under the names that the one list of series has. */
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/net/otlp.h"
#include "user/net/otlp.pb-c.h"
#include "user/net/otlp_text.h"
#include "user/sink/exposition.h"

#define SINCE_THE_START 2 /* as a temporality of sums */

struct part {
	struct part *next;
	max_align_t bytes[];
};

/* A list that grows. */
struct list {
	void **all;
	size_t count, room;
};

struct writer {
	struct buffer *out;
	const struct otlp_moment *moment;
	const struct series *series;
	struct part *parts; /* all that was allocated */
	struct list metrics, points;
	uint64_t count; /* of points, in all */
};

/* Zeroed; NULL, and the output has failed. */
static void *take(struct writer *w, size_t count, size_t size)
{
	struct part *part = count > (SIZE_MAX - sizeof(*part)) / size ?
				    NULL :
				    calloc(1, sizeof(*part) + count * size);

	if (!part) {
		w->out->failed = true;
		return NULL;
	}
	part->next = w->parts;
	w->parts = part;
	return part->bytes;
}

static void append(struct writer *w, struct list *list, void *item)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		void **grown = reallocarray(list->all, room, sizeof(*grown));

		if (!grown) {
			w->out->failed = true;
			return;
		}
		list->all = grown;
		list->room = room;
	}
	list->all[list->count++] = item;
}

/* The list as it is now, of the writer's parts; it begins anew. */
static void *keep(struct writer *w, struct list *list)
{
	void **kept = take(w, list->count + 1, sizeof(*kept));

	if (kept && list->count)
		memcpy(kept, list->all, list->count * sizeof(*kept));
	list->count = 0;
	return kept;
}

static Tcpspan__Otlp__KeyValue *make_text(struct writer *w, const char *key, const char *text)
{
	Tcpspan__Otlp__KeyValue *pair = take(w, 1, sizeof(*pair));
	Tcpspan__Otlp__AnyValue *value = take(w, 1, sizeof(*value));
	char *copy = take(w, OTLP_TEXT_SIZE, 1);

	if (!pair || !value || !copy)
		return NULL;
	otlp_text(copy, text, strlen(text));
	tcpspan__otlp__key_value__init(pair);
	tcpspan__otlp__any_value__init(value);
	value->value_case = TCPSPAN__OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	value->string_value = copy;
	pair->key = (char *)key;
	pair->value = value;
	return pair;
}

static Tcpspan__Otlp__KeyValue **make_labels(struct writer *w, const struct series_label *labels,
					     size_t count)
{
	Tcpspan__Otlp__KeyValue **list = take(w, count + 1, sizeof(*list));

	for (size_t i = 0; list && i < count; i++)
		list[i] = make_text(w, labels[i].name, labels[i].value);
	return list;
}

static void begin(void *context, const struct series *s)
{
	((struct writer *)context)->series = s;
}

static void add_value(void *context, const struct series_label *labels, size_t count, double value)
{
	struct writer *w = context;
	Tcpspan__Otlp__NumberDataPoint *point = take(w, 1, sizeof(*point));

	if (!point)
		return;
	tcpspan__otlp__number_data_point__init(point);
	point->has_start_time_unix_nano = w->series->type != SERIES_GAUGE;
	point->start_time_unix_nano = w->moment->start_ns;
	point->has_time_unix_nano = point->has_as_double = 1;
	point->time_unix_nano = w->moment->now_ns;
	point->as_double = value;
	point->attributes = make_labels(w, labels, count);
	point->n_attributes = count;
	append(w, &w->points, point);
}

static void add_spread(void *context, const struct series_label *labels, size_t count,
		       const struct spread *spread)
{
	struct writer *w = context;
	Tcpspan__Otlp__HistogramDataPoint *point = take(w, 1, sizeof(*point));
	unsigned int edge_count;
	const uint64_t *edges = spread_edges((enum spread_edges)spread->edges, &edge_count);
	uint64_t *counts = take(w, edge_count + 1, sizeof(*counts)), below = 0;
	double *bounds = take(w, edge_count + 1, sizeof(*bounds));

	if (!point || !counts || !bounds)
		return;
	for (unsigned int i = 0; i < edge_count; i++) {
		bounds[i] = (double)edges[i] / NS_PER_S;
		counts[i] = spread->below[i];
		below += spread->below[i];
	}
	counts[edge_count] = spread->count - below;
	tcpspan__otlp__histogram_data_point__init(point);
	point->has_start_time_unix_nano = point->has_time_unix_nano = 1;
	point->start_time_unix_nano = w->moment->start_ns;
	point->time_unix_nano = w->moment->now_ns;
	point->has_count = point->has_sum = 1;
	point->count = spread->count;
	point->sum = spread_sum(spread);
	point->bucket_counts = counts;
	point->n_bucket_counts = edge_count + 1;
	point->explicit_bounds = bounds;
	point->n_explicit_bounds = edge_count;
	point->attributes = make_labels(w, labels, count);
	point->n_attributes = count;
	append(w, &w->points, point);
}

/* As UCUM writes it. */
static const char *unit_of(const struct series *s)
{
	if (!s->unit)
		return NULL;
	return !strcmp(s->unit, "seconds") ? "s" : !strcmp(s->unit, "bytes") ? "By" : "1";
}

/* The name is that of the other world as a whole, so that nobody has to guess what it becomes. */
static char *name_of(struct writer *w, const struct series *s)
{
	struct buffer name;
	char *copy;

	buffer_init(&name);
	exposition_name(&name, s);
	buffer_add_text(&name, s->type == SERIES_COUNTER ? "_total" : "");
	copy = take(w, name.size + 1, 1);
	if (copy && !name.failed)
		memcpy(copy, name.bytes, name.size);
	w->out->failed |= name.failed;
	buffer_done(&name);
	return copy;
}

static void set_points(struct writer *w, Tcpspan__Otlp__Metric *m)
{
	size_t count = w->points.count;
	void *points = keep(w, &w->points);

	if (w->series->type == SERIES_HISTOGRAM) {
		m->histogram = take(w, 1, sizeof(*m->histogram));
		if (!m->histogram)
			return;
		tcpspan__otlp__histogram__init(m->histogram);
		m->histogram->data_points = points;
		m->histogram->n_data_points = count;
		m->histogram->has_aggregation_temporality = 1;
		m->histogram->aggregation_temporality = SINCE_THE_START;
	} else if (w->series->type == SERIES_COUNTER) {
		m->sum = take(w, 1, sizeof(*m->sum));
		if (!m->sum)
			return;
		tcpspan__otlp__sum__init(m->sum);
		m->sum->data_points = points;
		m->sum->n_data_points = count;
		m->sum->has_aggregation_temporality = m->sum->has_is_monotonic = 1;
		m->sum->aggregation_temporality = SINCE_THE_START;
		m->sum->is_monotonic = 1;
	} else {
		m->gauge = take(w, 1, sizeof(*m->gauge));
		if (!m->gauge)
			return;
		tcpspan__otlp__gauge__init(m->gauge);
		m->gauge->data_points = points;
		m->gauge->n_data_points = count;
	}
}

static void end(void *context, const struct series *s)
{
	struct writer *w = context;
	Tcpspan__Otlp__Metric *m = w->points.count ? take(w, 1, sizeof(*m)) : NULL;

	if (!m)
		return;
	w->count += w->points.count;
	tcpspan__otlp__metric__init(m);
	m->name = name_of(w, s);
	m->description = (char *)s->help;
	m->unit = (char *)unit_of(s);
	set_points(w, m);
	append(w, &w->metrics, m);
}

static void set_resource(struct writer *w, Tcpspan__Otlp__Resource *resource)
{
	const struct span_resource *own = w->moment->resource;
	struct list list = { .count = 0 };
	bool is_named = false;

	for (size_t i = 0; own && i < own->count; i++) {
		is_named |= !strcmp(own->all[i].key, "service.name");
		append(w, &list, make_text(w, own->all[i].key, own->all[i].text.bytes));
	}
	if (!is_named)
		append(w, &list, make_text(w, "service.name", OTLP_SCOPE));
	if (w->moment->host)
		append(w, &list, make_text(w, "host.name", w->moment->host));
	resource->n_attributes = list.count;
	resource->attributes = keep(w, &list);
	free(list.all);
}

static void pack(struct writer *w)
{
	Tcpspan__Otlp__ExportMetricsServiceRequest request;
	Tcpspan__Otlp__ResourceMetrics of, *of_list = &of;
	Tcpspan__Otlp__ScopeMetrics metrics, *metrics_list = &metrics;
	Tcpspan__Otlp__InstrumentationScope scope;
	Tcpspan__Otlp__Resource resource;
	uint8_t *bytes;
	size_t size;

	tcpspan__otlp__export_metrics_service_request__init(&request);
	tcpspan__otlp__resource_metrics__init(&of);
	tcpspan__otlp__scope_metrics__init(&metrics);
	tcpspan__otlp__instrumentation_scope__init(&scope);
	tcpspan__otlp__resource__init(&resource);
	scope.name = (char *)OTLP_SCOPE;
	scope.version = (char *)TCPSPAN_VERSION;
	set_resource(w, &resource);
	metrics.scope = &scope;
	metrics.n_metrics = w->metrics.count;
	metrics.metrics = keep(w, &w->metrics);
	of.resource = &resource;
	of.scope_metrics = &metrics_list;
	of.n_scope_metrics = 1;
	request.resource_metrics = &of_list;
	request.n_resource_metrics = 1;
	if (w->out->failed)
		return;
	size = tcpspan__otlp__export_metrics_service_request__get_packed_size(&request);
	bytes = take(w, size, 1);
	if (!bytes)
		return;
	tcpspan__otlp__export_metrics_service_request__pack(&request, bytes);
	buffer_add(w->out, bytes, size);
}

uint64_t otlp_add_metrics(struct buffer *out, const struct series_source *from,
			  const struct otlp_moment *moment)
{
	struct writer w = { .out = out, .moment = moment };
	const struct series_visitor visitor = {
		.begin = begin, .value = add_value, .spread = add_spread, .end = end, .context = &w
	};

	series_each(from, &visitor);
	pack(&w);
	while (w.parts) {
		struct part *next = w.parts->next;

		free(w.parts);
		w.parts = next;
	}
	free(w.metrics.all);
	free(w.points.all);
	return w.count;
}
