// SPDX-License-Identifier: GPL-2.0-only
/* What is packed for a collector can be read again, whatever somebody has put into its texts. */
#include "tests/unit/sample_sink.h"
#include "user/net/otlp.h"
#include "user/net/otlp.pb-c.h"
#include "user/net/otlp_text.h"

static struct buffer out;
static struct span_set set;
static int sent_judged;

static Tcpspan__Otlp__ExportTraceServiceRequest *packed(const struct conn *c)
{
	Tcpspan__Otlp__ExportTraceServiceRequest *request;

	assert_true(spans_build(&sample_settings, c, SPANS_LIFE | SPANS_TIME_WAIT, &set));
	otlp_add_spans(&out, &set);
	assert_false(out.failed);
	request = tcpspan__otlp__export_trace_service_request__unpack(NULL, out.size,
								      (uint8_t *)out.bytes);
	assert_non_null(request);
	return request;
}

static const char *text_of(const Tcpspan__Otlp__ResourceSpans *of, const char *key)
{
	for (size_t i = 0; i < of->resource->n_attributes; i++)
		if (!strcmp(of->resource->attributes[i]->key, key))
			return of->resource->attributes[i]->value->string_value;
	return "";
}

static void a_request_of_each(void **unused)
{
	struct conn good = sample_client(), bad = sample_refused();
	Tcpspan__Otlp__ExportTraceServiceRequest *request;
	const Tcpspan__Otlp__Span *span;

	(void)unused;
	buffer_clear(&out);
	tcpspan__otlp__export_trace_service_request__free_unpacked(packed(&good), NULL);
	/* Both are one, where they stand one behind the other. */
	request = packed(&bad);
	assert_int_equal(request->n_resource_spans, 2);
	assert_string_equal(text_of(request->resource_spans[0], "service.name"), "curl");
	assert_string_equal(text_of(request->resource_spans[1], "service.name"), "x");
	assert_int_equal(request->resource_spans[0]->scope_spans[0]->n_spans, 4);
	span = request->resource_spans[0]->scope_spans[0]->spans[1];
	assert_string_equal(span->name, "handshake");
	assert_int_equal(span->trace_id.len, 16);
	assert_int_equal(span->span_id.len, 8);
	assert_int_equal(span->parent_span_id.len, 8);
	assert_memory_equal(span->parent_span_id.data,
			    request->resource_spans[0]->scope_spans[0]->spans[0]->span_id.data, 8);
	assert_memory_equal(span->trace_id.data, "\x07\x48\xa0\x60\x3f\x04\xef\x5f", 8);
	assert_int_equal(span->end_time_unix_nano - span->start_time_unix_nano, 80123456);
	span = request->resource_spans[1]->scope_spans[0]->spans[0];
	assert_false(span->has_parent_span_id);
	assert_int_equal(span->status->code, 2);
	assert_int_equal(span->n_events, 1);
	tcpspan__otlp__export_trace_service_request__free_unpacked(request, NULL);
}

static void texts_are_utf8(void **unused)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *text;
	} cases[] = {
		{ "caf\xc3\xa9", 5, "caf\xc3\xa9" },
		{ "\xc3(", 2, "\xef\xbf\xbd(" },
		{ "a\0b", 3,
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", 0, "" },
	};
	char text[OTLP_TEXT_SIZE], bytes[2 * OTLP_TEXT_SIZE];
	struct conn c = sample_widest();
	Tcpspan__Otlp__ExportTraceServiceRequest *request;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(otlp_text(text, cases[i].bytes, cases[i].size),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(otlp_text(text, bytes, sizeof(bytes)), 255);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(otlp_text(text, bytes, sizeof(bytes)), 256);
	buffer_clear(&out);
	request = packed(&c);
	assert_non_null(
		strstr(text_of(request->resource_spans[0], "service.name"), "\xef\xbf\xbd"));
	tcpspan__otlp__export_trace_service_request__free_unpacked(request, NULL);
}

static void answers(void **unused)
{
	static const char partial[] = "\x0a\x07\x08\x05\x12\x03old";
	static const char fine[] = "\x0a\x00";
	char why[OTLP_WHY_SIZE];
	uint64_t rejected;

	(void)unused;
	assert_int_equal(otlp_read_answer("", 0, &rejected, why), 0);
	assert_int_equal(rejected, 0);
	assert_int_equal(otlp_read_answer(fine, 2, &rejected, why), 0);
	assert_int_equal(otlp_read_answer(partial, sizeof(partial) - 1, &rejected, why), 0);
	assert_int_equal(rejected, 5);
	assert_string_equal(why, "old");
	assert_int_equal(otlp_read_answer("<html>", 6, &rejected, why), -EBADMSG);
	assert_int_equal(rejected, 0);
	/* Fewer than none. */
	assert_int_equal(otlp_read_answer("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
					  13, &rejected, why),
			 0);
	assert_int_equal(rejected, 0);
}

static void judge_sent(const Tcpspan__Otlp__Sum *sum)
{
	assert_true(sum->is_monotonic && sum->aggregation_temporality == 2);
	assert_int_equal(sum->n_data_points, 2);
	assert_int_equal((int)sum->data_points[0]->as_double, 4711);
	assert_string_equal(sum->data_points[0]->attributes[0]->value->string_value, "spans");
	sent_judged++;
}

static void figures(void **unused)
{
	static struct metrics metrics;
	static const struct otlp_moment moment = { .host = "h\xff", .start_ns = 1, .now_ns = 2 };
	const struct series_otlp sent = { .sent = { 4711, 2 } };
	const struct series_source from = {
		.metrics = &metrics, .version = "", .kernel = "", .libbpf = "", .otlp = &sent
	};
	Tcpspan__Otlp__ExportMetricsServiceRequest *request;
	const Tcpspan__Otlp__ScopeMetrics *all;
	uint64_t points = 0;

	(void)unused;
	buffer_clear(&out);
	points = otlp_add_metrics(&out, &from, &moment);
	assert_false(out.failed);
	request = tcpspan__otlp__export_metrics_service_request__unpack(NULL, out.size,
									(uint8_t *)out.bytes);
	assert_non_null(request);
	all = request->resource_metrics[0]->scope_metrics[0];
	assert_true(all->n_metrics > 30);
	for (size_t i = 0; i < all->n_metrics; i++) {
		const Tcpspan__Otlp__Metric *m = all->metrics[i];

		assert_int_equal(!!m->sum + !!m->gauge + !!m->histogram, 1);
		if (m->gauge)
			points -= m->gauge->n_data_points;
		if (m->histogram)
			points -= m->histogram->n_data_points;
		if (m->sum)
			points -= m->sum->n_data_points;
		if (m->sum && !strcmp(m->name, "tcpspan_otlp_sent_total"))
			judge_sent(m->sum);
	}
	assert_int_equal(points, 0);
	assert_int_equal(sent_judged, 1);
	tcpspan__otlp__export_metrics_service_request__free_unpacked(request, NULL);
}

static int done(void **unused)
{
	(void)unused;
	buffer_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_of_each),
		cmocka_unit_test(texts_are_utf8),
		cmocka_unit_test(answers),
		cmocka_unit_test(figures),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
