// SPDX-License-Identifier: GPL-2.0-only
/* Packs one family of series after the other, by protobuf-c. */
#include "user/net/protobuf.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/net/metrics.pb-c.h"
#include "user/sink/exposition.h"

/* Of one family, whose parts are all freed when it has been packed. */
struct writer {
	struct buffer *out;
	const struct series *series;
	struct part *parts; /* all that was allocated for it */
	Io__Prometheus__Client__Metric **metrics;
	size_t count, room;
};

struct part {
	struct part *next;
	max_align_t bytes[];
};

/* Zeroed, and the family's; NULL, and the output has failed. */
static void *take(struct writer *w, size_t count, size_t size)
{
	struct part *part;

	if (count > (SIZE_MAX - sizeof(*part)) / size)
		return NULL;
	part = calloc(1, sizeof(*part) + count * size);
	if (!part) {
		w->out->failed = true;
		return NULL;
	}
	part->next = w->parts;
	w->parts = part;
	return part->bytes;
}

static char *take_text(struct writer *w, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = take(w, size, 1);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

static void free_parts(struct writer *w)
{
	while (w->parts) {
		struct part *next = w->parts->next;

		free(w->parts);
		w->parts = next;
	}
	free(w->metrics);
	w->metrics = NULL;
	w->count = w->room = 0;
}

static bool set_labels(struct writer *w, Io__Prometheus__Client__Metric *m,
		       const struct series_label *labels, size_t count)
{
	Io__Prometheus__Client__LabelPair *pairs = take(w, count + 1, sizeof(*pairs));
	Io__Prometheus__Client__LabelPair **list = take(w, count + 1, sizeof(*list));

	if (!pairs || !list)
		return false;
	for (size_t i = 0; i < count; i++) {
		io__prometheus__client__label_pair__init(&pairs[i]);
		pairs[i].name = take_text(w, labels[i].name);
		pairs[i].value = take_text(w, labels[i].value);
		list[i] = &pairs[i];
	}
	m->label = list;
	m->n_label = count;
	return true;
}

/* One more of the family; NULL without memory. */
static Io__Prometheus__Client__Metric *add_metric(struct writer *w,
						  const struct series_label *labels, size_t count)
{
	Io__Prometheus__Client__Metric *m = take(w, 1, sizeof(*m));

	if (m && w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 64;
		Io__Prometheus__Client__Metric **grown =
			reallocarray(w->metrics, room, sizeof(*grown));

		if (!grown) {
			w->out->failed = true;
			return NULL;
		}
		w->metrics = grown;
		w->room = room;
	}
	if (!m)
		return NULL;
	io__prometheus__client__metric__init(m);
	if (!set_labels(w, m, labels, count))
		return NULL;
	w->metrics[w->count++] = m;
	return m;
}

static void begin(void *context, const struct series *s)
{
	((struct writer *)context)->series = s;
}

static void add_value(void *context, const struct series_label *labels, size_t count, double value)
{
	struct writer *w = context;
	Io__Prometheus__Client__Metric *m = add_metric(w, labels, count);

	if (!m)
		return;
	if (w->series->type == SERIES_COUNTER) {
		m->counter = take(w, 1, sizeof(*m->counter));
		if (!m->counter)
			return;
		io__prometheus__client__counter__init(m->counter);
		m->counter->has_value = 1;
		m->counter->value = value;
	} else {
		m->gauge = take(w, 1, sizeof(*m->gauge));
		if (!m->gauge)
			return;
		io__prometheus__client__gauge__init(m->gauge);
		m->gauge->has_value = 1;
		m->gauge->value = value;
	}
}

static bool set_classic(struct writer *w, Io__Prometheus__Client__Histogram *h,
			const struct spread *spread)
{
	unsigned int count;
	const uint64_t *edges = spread_edges((enum spread_edges)spread->edges, &count);
	Io__Prometheus__Client__Bucket *buckets = take(w, count, sizeof(*buckets));
	uint64_t sum = 0;

	h->bucket = take(w, count, sizeof(Io__Prometheus__Client__Bucket *));
	if (!buckets || !h->bucket)
		return false;
	for (unsigned int i = 0; i < count; i++) {
		sum += spread->below[i];
		io__prometheus__client__bucket__init(&buckets[i]);
		buckets[i].has_cumulative_count = buckets[i].has_upper_bound = 1;
		buckets[i].cumulative_count = sum;
		buckets[i].upper_bound = (double)edges[i] / NS_PER_S;
		h->bucket[i] = &buckets[i];
	}
	h->n_bucket = count;
	return true;
}

/*
 * By a zero bucket of no width, and nothing in the others, Prometheus does not know a histogram for
 * a native one, nor all that follow it in its family: this is the width that its own clients give.
 */
#define ZERO_THRESHOLD 0x1p-128

/* One span of all buckets; each count is told as the difference to the one before. */
static bool set_native(struct writer *w, Io__Prometheus__Client__Histogram *h,
		       const struct spread *spread)
{
	Io__Prometheus__Client__BucketSpan *span = take(w, 1, sizeof(*span));
	uint64_t before = 0;

	h->positive_span = take(w, 1, sizeof(Io__Prometheus__Client__BucketSpan *));
	h->positive_delta = take(w, spread->used + 1, sizeof(int64_t));
	if (!span || !h->positive_span || !h->positive_delta)
		return false;
	io__prometheus__client__bucket_span__init(span);
	span->has_offset = span->has_length = 1;
	span->offset = spread->first;
	span->length = spread->used;
	h->positive_span[0] = span;
	h->n_positive_span = 1;
	for (uint32_t i = 0; i < spread->used; i++) {
		h->positive_delta[i] = (int64_t)(spread->bucket[i] - before);
		before = spread->bucket[i];
	}
	h->n_positive_delta = spread->used;
	h->has_schema = h->has_zero_threshold = h->has_zero_count = 1;
	h->schema = spread_schema(spread);
	h->zero_threshold = ZERO_THRESHOLD;
	h->zero_count = spread->zeros;
	return true;
}

static void add_spread(void *context, const struct series_label *labels, size_t count,
		       const struct spread *spread)
{
	struct writer *w = context;
	Io__Prometheus__Client__Metric *m = add_metric(w, labels, count);
	Io__Prometheus__Client__Histogram *h = m ? take(w, 1, sizeof(*h)) : NULL;

	if (!h)
		return;
	io__prometheus__client__histogram__init(h);
	h->has_sample_count = h->has_sample_sum = 1;
	h->sample_count = spread->count;
	h->sample_sum = spread_sum(spread);
	if (set_classic(w, h, spread) && set_native(w, h, spread))
		m->histogram = h;
}

/* The length of a message, in as few bytes as it takes. */
static void add_length(struct buffer *out, size_t length)
{
	for (; length >= 0x80; length >>= 7)
		buffer_add_char(out, (char)(0x80 | (length & 0x7f)));
	buffer_add_char(out, (char)length);
}

static void pack(struct writer *w, Io__Prometheus__Client__MetricFamily *family)
{
	size_t size = io__prometheus__client__metric_family__get_packed_size(family);
	uint8_t *bytes = malloc(size);

	if (!bytes) {
		w->out->failed = true;
		return;
	}
	io__prometheus__client__metric_family__pack(family, bytes);
	add_length(w->out, size);
	buffer_add(w->out, bytes, size);
	free(bytes);
}

static void end(void *context, const struct series *s)
{
	static const Io__Prometheus__Client__MetricType types[] = {
		[SERIES_GAUGE] = IO__PROMETHEUS__CLIENT__METRIC_TYPE__GAUGE,
		[SERIES_COUNTER] = IO__PROMETHEUS__CLIENT__METRIC_TYPE__COUNTER,
		[SERIES_HISTOGRAM] = IO__PROMETHEUS__CLIENT__METRIC_TYPE__HISTOGRAM,
	};
	Io__Prometheus__Client__MetricFamily family;
	struct writer *w = context;
	struct buffer name;

	buffer_init(&name);
	exposition_name(&name, s);
	buffer_add_text(&name, s->type == SERIES_COUNTER ? "_total" : "");
	buffer_add_char(&name, '\0');
	io__prometheus__client__metric_family__init(&family);
	family.name = name.bytes;
	family.help = (char *)s->help;
	family.has_type = 1;
	family.type = types[s->type];
	family.metric = w->metrics;
	family.n_metric = w->count;
	if (w->count && !name.failed && !w->out->failed)
		pack(w, &family);
	w->out->failed |= name.failed;
	buffer_done(&name);
	free_parts(w);
}

void protobuf_write(struct buffer *out, const struct series_source *from)
{
	struct writer writer = { .out = out };
	const struct series_visitor visitor = { .begin = begin,
						.value = add_value,
						.spread = add_spread,
						.end = end,
						.context = &writer };

	series_each(from, &visitor);
	free_parts(&writer);
}
