// SPDX-License-Identifier: GPL-2.0-only
/* Packs the spans of a connection, by protobuf-c, and reads what a collector answers. */
#include "user/net/otlp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/net/otlp.pb-c.h"
#include "user/net/otlp_text.h"

#define VALUES (SPAN_ATTRIBUTES_MAX + SPAN_EVENTS_MAX * SPAN_EVENT_ATTRIBUTES)
#define TEXTS_ROOM 16384
#define TRACE_BYTES 16
#define SPAN_BYTES 8
#define STATUS_ERROR 2
/* That it is known whether the parent is on another machine, and that it is. */
#define FLAGS_REMOTE 0x300

/* All that is pointed to until it is packed. */
struct packing {
	Tcpspan__Otlp__KeyValue keys[VALUES], *key_list[VALUES];
	Tcpspan__Otlp__AnyValue values[VALUES];
	size_t count;
	Tcpspan__Otlp__Event events[SPAN_EVENTS_MAX], *event_list[SPAN_EVENTS_MAX];
	Tcpspan__Otlp__Span spans[SPANS_MAX], *span_list[SPANS_MAX];
	Tcpspan__Otlp__Status status[SPANS_MAX];
	uint8_t trace[TRACE_BYTES], ids[SPANS_MAX][2][SPAN_BYTES];
	char texts[TEXTS_ROOM];
	size_t used;
};

static void put_id(uint8_t *bytes, uint64_t id)
{
	for (int i = SPAN_BYTES; i--; id >>= 8)
		bytes[i] = (uint8_t)id;
}

/* Returns false when it is a text and there is no room for it. */
static bool set_value(struct packing *p, Tcpspan__Otlp__AnyValue *value,
		      const struct span_attribute *a)
{
	tcpspan__otlp__any_value__init(value);
	switch (a->value) {
	case SPAN_NUMBER:
		value->value_case = TCPSPAN__OTLP__ANY_VALUE__VALUE_INT_VALUE;
		value->int_value = a->number;
		return true;
	case SPAN_TRUTH:
		value->value_case = TCPSPAN__OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
		value->bool_value = a->number != 0;
		return true;
	case SPAN_TEXT:
		value->value_case = TCPSPAN__OTLP__ANY_VALUE__VALUE_STRING_VALUE;
		value->string_value = p->texts + p->used;
		if (TEXTS_ROOM - p->used < OTLP_TEXT_SIZE)
			return false;
		p->used += otlp_text(value->string_value, a->text.bytes, a->text.size) + 1;
		return true;
	}
	return false;
}

/* Their list, and how many there are. */
static Tcpspan__Otlp__KeyValue **add_values(struct packing *p, const struct span_attribute *all,
					    size_t count, size_t *ret_count)
{
	Tcpspan__Otlp__KeyValue **list = p->key_list + p->count;

	*ret_count = 0;
	for (size_t i = 0; i < count && p->count < VALUES; i++) {
		Tcpspan__Otlp__KeyValue *key = &p->keys[p->count];

		if (!set_value(p, &p->values[p->count], &all[i]))
			continue;
		tcpspan__otlp__key_value__init(key);
		key->key = (char *)all[i].key;
		key->value = &p->values[p->count];
		p->key_list[p->count++] = key;
		++*ret_count;
	}
	return list;
}

static void add_events(struct packing *p, Tcpspan__Otlp__Span *span, const struct span_set *set)
{
	for (size_t i = 0; i < set->event_count; i++) {
		const struct span_event *e = &set->events[i];
		Tcpspan__Otlp__Event *event = &p->events[i];

		tcpspan__otlp__event__init(event);
		event->has_time_unix_nano = 1;
		event->time_unix_nano = e->real_ns;
		event->name = (char *)e->name;
		event->attributes =
			add_values(p, e->attributes, e->attribute_count, &event->n_attributes);
		p->event_list[i] = event;
	}
	span->events = p->event_list;
	span->n_events = set->event_count;
}

static void add_span(struct packing *p, const struct span_set *set, size_t i)
{
	const struct span *from = &set->spans[i];
	Tcpspan__Otlp__Span *span = &p->spans[i];

	tcpspan__otlp__span__init(span);
	put_id(p->ids[i][0], from->id);
	put_id(p->ids[i][1], from->parent);
	span->has_trace_id = span->has_span_id = span->has_kind = 1;
	span->trace_id = (ProtobufCBinaryData){ TRACE_BYTES, p->trace };
	span->span_id = (ProtobufCBinaryData){ SPAN_BYTES, p->ids[i][0] };
	span->has_parent_span_id = from->parent != 0;
	span->parent_span_id = (ProtobufCBinaryData){ SPAN_BYTES, p->ids[i][1] };
	span->has_flags = from->is_remote;
	span->flags = FLAGS_REMOTE;
	span->name = (char *)from->name;
	span->kind = (int32_t)from->kind;
	span->has_start_time_unix_nano = span->has_end_time_unix_nano = 1;
	span->start_time_unix_nano = from->start_ns;
	span->end_time_unix_nano = from->end_ns;
	span->attributes =
		add_values(p, from->attributes, from->attribute_count, &span->n_attributes);
	if (!i)
		add_events(p, span, set);
	if (from->failure) {
		tcpspan__otlp__status__init(&p->status[i]);
		p->status[i].has_code = 1;
		p->status[i].code = STATUS_ERROR;
		p->status[i].message = (char *)from->failure;
		span->status = &p->status[i];
	}
	p->span_list[i] = span;
}

static void pack(struct buffer *out, const Tcpspan__Otlp__ExportTraceServiceRequest *request)
{
	size_t size = tcpspan__otlp__export_trace_service_request__get_packed_size(request);
	uint8_t *bytes = malloc(size);

	if (!bytes) {
		out->failed = true;
		return;
	}
	tcpspan__otlp__export_trace_service_request__pack(request, bytes);
	buffer_add(out, bytes, size);
	free(bytes);
}

void otlp_add_spans(struct buffer *out, const struct span_set *set)
{
	Tcpspan__Otlp__ExportTraceServiceRequest request;
	Tcpspan__Otlp__ResourceSpans of, *of_list = &of;
	Tcpspan__Otlp__ScopeSpans spans, *spans_list = &spans;
	Tcpspan__Otlp__InstrumentationScope scope;
	Tcpspan__Otlp__Resource resource;
	struct packing *p = malloc(sizeof(*p));

	if (!p) {
		out->failed = true;
		return;
	}
	p->count = p->used = 0;
	put_id(p->trace, set->trace.high);
	put_id(p->trace + SPAN_BYTES, set->trace.low);
	tcpspan__otlp__export_trace_service_request__init(&request);
	tcpspan__otlp__resource_spans__init(&of);
	tcpspan__otlp__scope_spans__init(&spans);
	tcpspan__otlp__instrumentation_scope__init(&scope);
	tcpspan__otlp__resource__init(&resource);
	scope.name = (char *)OTLP_SCOPE;
	scope.version = (char *)TCPSPAN_VERSION;
	resource.attributes =
		add_values(p, set->resource, set->resource_count, &resource.n_attributes);
	for (size_t i = 0; i < set->count; i++)
		add_span(p, set, i);
	spans.scope = &scope;
	spans.spans = p->span_list;
	spans.n_spans = set->count;
	of.resource = &resource;
	of.scope_spans = &spans_list;
	of.n_scope_spans = 1;
	request.resource_spans = &of_list;
	request.n_resource_spans = 1;
	pack(out, &request);
	free(p);
}

int otlp_read_answer(const void *bytes, size_t size, uint64_t *ret_rejected,
		     char why[OTLP_WHY_SIZE])
{
	Tcpspan__Otlp__ExportResponse *answer =
		tcpspan__otlp__export_response__unpack(NULL, size, bytes);
	const Tcpspan__Otlp__PartialSuccess *part = answer ? answer->partial_success : NULL;

	*ret_rejected = 0;
	*why = '\0';
	if (!answer)
		return -EBADMSG;
	if (part && part->has_rejected && part->rejected > 0)
		*ret_rejected = (uint64_t)part->rejected;
	if (part && part->error_message)
		snprintf(why, OTLP_WHY_SIZE, "%s", part->error_message);
	tcpspan__otlp__export_response__free_unpacked(answer, NULL);
	return 0;
}
