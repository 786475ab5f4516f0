// SPDX-License-Identifier: GPL-2.0-only
/* Spans as lines of OTLP's JSON: each is a whole request, as collectors read them from files. */
#include <stdio.h>

#include "user/base/json.h"
#include "user/sink/sink.h"
#include "user/sink/spans.h"

#define TRACE_SIZE (32 + 1)
#define SPAN_SIZE (16 + 1)
#define STATUS_ERROR 2
/* That it is known whether the parent is on another machine, and that it is. */
#define FLAGS_REMOTE 0x300

/* Numbers of 64 bits are texts there. */
static void add_wide(struct json *j, uint64_t number, bool is_negative)
{
	buffer_add_char(j->out, '"');
	if (is_negative)
		json_i64(j, (int64_t)number);
	else
		json_u64(j, number);
	buffer_add_char(j->out, '"');
}

static void add_time(struct json *j, const char *key, uint64_t ns)
{
	json_key(j, key);
	add_wide(j, ns, false);
}

static void add_attribute(struct json *j, const struct span_attribute *a)
{
	json_object_begin(j);
	json_key(j, "key");
	json_text(j, a->key);
	json_key(j, "value");
	json_object_begin(j);
	switch (a->value) {
	case SPAN_TEXT:
		json_key(j, "stringValue");
		json_string(j, a->text.bytes, a->text.size);
		break;
	case SPAN_NUMBER:
		json_key(j, "intValue");
		add_wide(j, (uint64_t)a->number, a->number < 0);
		break;
	case SPAN_TRUTH:
		json_key(j, "boolValue");
		json_bool(j, a->number);
		break;
	}
	json_object_end(j);
	json_object_end(j);
}

static void add_attributes(struct json *j, const struct span_attribute *all, size_t count)
{
	json_key(j, "attributes");
	json_array_begin(j);
	for (size_t i = 0; i < count; i++)
		add_attribute(j, &all[i]);
	json_array_end(j);
}

static void add_id(struct json *j, const char *key, uint64_t id)
{
	char text[SPAN_SIZE];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)id);
	json_key(j, key);
	json_text(j, text);
}

static void add_events(struct json *j, const struct span_set *set)
{
	json_key(j, "events");
	json_array_begin(j);
	for (size_t i = 0; i < set->event_count; i++) {
		const struct span_event *e = &set->events[i];

		json_object_begin(j);
		add_time(j, "timeUnixNano", e->real_ns);
		json_key(j, "name");
		json_text(j, e->name);
		add_attributes(j, e->attributes, e->attribute_count);
		json_object_end(j);
	}
	json_array_end(j);
}

static void add_status(struct json *j, const char *failure)
{
	json_key(j, "status");
	json_object_begin(j);
	json_key(j, "code");
	json_u64(j, STATUS_ERROR);
	json_key(j, "message");
	json_text(j, failure);
	json_object_end(j);
}

static void add_span(struct json *j, const struct span_set *set, const struct span *span)
{
	char trace[TRACE_SIZE];

	snprintf(trace, sizeof(trace), "%016llx%016llx", (unsigned long long)set->trace.high,
		 (unsigned long long)set->trace.low);
	json_object_begin(j);
	json_key(j, "traceId");
	json_text(j, trace);
	add_id(j, "spanId", span->id);
	if (span->parent)
		add_id(j, "parentSpanId", span->parent);
	if (span->is_remote) {
		json_key(j, "flags");
		json_u64(j, FLAGS_REMOTE);
	}
	json_key(j, "name");
	json_text(j, span->name);
	json_key(j, "kind");
	json_u64(j, span->kind);
	add_time(j, "startTimeUnixNano", span->start_ns);
	add_time(j, "endTimeUnixNano", span->end_ns);
	add_attributes(j, span->attributes, span->attribute_count);
	if (span == set->spans && set->event_count)
		add_events(j, set);
	if (span->failure)
		add_status(j, span->failure);
	json_object_end(j);
}

static void print_set(struct buffer *out, const struct span_set *set)
{
	struct json j;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "resourceSpans");
	json_array_begin(&j);
	json_object_begin(&j);
	json_key(&j, "resource");
	json_object_begin(&j);
	add_attributes(&j, set->resource, set->resource_count);
	json_object_end(&j);
	json_key(&j, "scopeSpans");
	json_array_begin(&j);
	json_object_begin(&j);
	json_key(&j, "scope");
	json_object_begin(&j);
	json_key(&j, "name");
	json_text(&j, "tcpspan");
	json_key(&j, "version");
	json_text(&j, TCPSPAN_VERSION);
	json_object_end(&j);
	json_key(&j, "spans");
	json_array_begin(&j);
	for (size_t i = 0; i < set->count; i++)
		add_span(&j, set, &set->spans[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	struct span_set set;

	if (spans_build(s, c, SPANS_LIFE | SPANS_TIME_WAIT, &set))
		print_set(out, &set);
}

const struct sink sink_otlp = {
	.name = "otlp",
	.connection = print_connection,
};
