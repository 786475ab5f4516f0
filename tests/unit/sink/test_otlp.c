// SPDX-License-Identifier: GPL-2.0-only
/* Spans of OTLP: what is known of a connection, and nothing that is not. */
#include "tests/unit/sample_sink.h"
#include "user/sink/spans.h"

static struct buffer out;
static struct span_set set;

static const char *sample_host(const struct lore *lore, const struct conn *c)
{
	assert_non_null(lore);
	assert_non_null(c);
	return "web-1\033[2J";
}

static bool build(const struct conn *c, unsigned int parts)
{
	return spans_build(&sample_settings, c, parts, &set);
}

/* That of a span, or of the resource (RESOURCE); one without a key where there is none. */
#define RESOURCE SPANS_MAX

static struct span_attribute of(size_t span, const char *key)
{
	const struct span_attribute *all = set.resource;
	size_t count = set.resource_count;

	if (span != RESOURCE) {
		all = set.spans[span].attributes;
		count = set.spans[span].attribute_count;
	}
	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i].key, key))
			return all[i];
	return (struct span_attribute){ .key = NULL };
}

static void assert_says(size_t span, const char *key, const char *text)
{
	struct span_attribute a = of(span, key);

	assert_non_null(a.key);
	assert_int_equal(a.value, SPAN_TEXT);
	assert_int_equal(a.text.size, strlen(text));
	assert_memory_equal(a.text.bytes, text, a.text.size);
}

static void assert_counts(size_t span, const char *key, int64_t number)
{
	struct span_attribute a = of(span, key);

	assert_non_null(a.key);
	assert_int_equal(a.number, number);
}

static void a_life_and_its_parts(void **unused)
{
	static const char *const names[] = { "tcp connect", "handshake", "established", "close" };
	struct conn c = sample_client();

	(void)unused;
	assert_true(build(&c, SPANS_LIFE | SPANS_TIME_WAIT));
	assert_int_equal(set.count, 4); /* its TIME_WAIT lasts */
	for (size_t i = 0; i < set.count; i++) {
		assert_string_equal(set.spans[i].name, names[i]);
		assert_int_equal(set.spans[i].parent, i ? set.spans[0].id : 0);
		assert_null(set.spans[i].failure);
	}
	assert_int_equal(set.spans[0].kind, SPAN_CLIENT);
	assert_int_equal(set.spans[0].start_ns, 1767322985000000000);
	assert_int_equal(set.spans[0].end_ns, 1767322986090000000);
	assert_int_equal(set.spans[1].end_ns - set.spans[1].start_ns, 80123456);
	assert_int_equal(set.spans[1].end_ns, set.spans[2].start_ns);
	assert_int_equal(set.spans[2].end_ns, set.spans[3].start_ns);
	assert_int_equal(set.spans[3].end_ns, set.spans[0].end_ns);
	assert_null(of(0, "tcpspan.start_known").key);
	assert_null(of(0, "error.type").key);
	assert_counts(0, "network.peer.port", 443);
}

/* It is over later, and is told of by itself then. */
static void the_time_wait_follows(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	assert_false(build(&c, SPANS_TIME_WAIT));
	sample_step(&c, STATE_CLOSED, 62090000000);
	c.time_wait_quality = CONN_QUALITY_EXACT;
	c.time_wait_end = CONN_TW_END_EXPIRED;
	assert_true(build(&c, SPANS_TIME_WAIT));
	assert_int_equal(set.count, 1);
	assert_string_equal(set.spans[0].name, "time_wait");
	assert_int_equal(set.spans[0].end_ns - set.spans[0].start_ns, 60000000000);
	assert_int_equal(set.event_count, 0);
	assert_true(build(&c, SPANS_LIFE | SPANS_TIME_WAIT));
	assert_int_equal(set.count, 5);
	assert_int_equal(set.spans[4].parent, set.spans[0].id);
}

static void failures_are_errors(void **unused)
{
	struct conn c = sample_refused();

	(void)unused;
	assert_true(build(&c, SPANS_LIFE));
	assert_int_equal(set.count, 2);
	assert_string_equal(set.spans[0].failure, "the peer answered the SYN with a reset");
	assert_string_equal(set.spans[1].name, "handshake");
	assert_string_equal(set.spans[1].failure, set.spans[0].failure);
	assert_says(0, "error.type", "refused");
	assert_says(0, "tcpspan.pairing", "none");
	assert_null(of(0, "network.local.port").key);
	assert_int_equal(set.event_count, 1);
	assert_string_equal(set.events[0].name, "reset");
}

static void no_time_no_span(void **unused)
{
	struct conn c = sample_unknown();

	(void)unused;
	assert_false(build(&c, SPANS_LIFE));
	c.step_ns[1] = 5000000000;
	c.step_inferred = 1;
	assert_true(build(&c, SPANS_LIFE));
	assert_int_equal(set.count, 1);
	assert_string_equal(set.spans[0].name, "tcp");
	assert_int_equal(set.spans[0].kind, SPAN_INTERNAL);
	assert_int_equal(set.spans[0].start_ns, set.spans[0].end_ns);
	assert_counts(0, "tcpspan.start_known", 0);
	assert_counts(0, "tcpspan.complete", 0);
	assert_null(of(0, "tcpspan.bytes_sent").key);
	c.outcome = CONN_OUTCOME_OPEN;
	assert_false(build(&c, SPANS_LIFE));
}

/* All that can be known, at once. */
static void there_is_room_for_all(void **unused)
{
	static const struct lore_class class = { .host = sample_host, .workload = sample_workload };
	struct lore lore = { &class };
	struct sink_settings s = sample_settings;
	struct conn c = sample_client();

	(void)unused;
	s.lore = &lore;
	c.cgroup = 4711;
	c.outcome = CONN_OUTCOME_RESET_SENT;
	c.cause = CONN_CAUSE_UNREAD_DATA;
	c.error = ECONNRESET;
	c.reset_reason = 3;
	c.accept_ns = 1080200000;
	sample_step(&c, STATE_CLOSED, 62090000000);
	c.time_wait_quality = CONN_QUALITY_EXACT;
	assert_true(spans_build(&s, &c, SPANS_LIFE | SPANS_TIME_WAIT, &set));
	assert_in_range(set.attribute_count, 30, SPAN_ATTRIBUTES_MAX - 6);
	assert_in_range(set.event_count, 5, SPAN_EVENTS_MAX - RESENT_KINDS + 2);
	assert_counts(RESOURCE, "process.pid", 4321);
	assert_says(RESOURCE, "k8s.pod.uid", "8b9c");
	assert_says(RESOURCE, "k8s.namespace.name", "shop");
	sink_otlp.connection(&s, &out, &c);
	assert_null(strstr(sample_text(&out), "\033"));
}

static void which_are_wanted(void **unused)
{
	struct spans_choice all = { SPANS_ALL, 0 }, none = { SPANS_NONE, 0 },
			    failed = { SPANS_FAILED, 0 }, slow = { SPANS_SLOW, 80 * MS };
	struct conn good = sample_client(), bad = sample_refused();

	(void)unused;
	good.handshake_ns = 79 * MS;
	assert_true(spans_are_wanted(&all, &sample_settings, &good));
	assert_false(spans_are_wanted(&none, &sample_settings, &bad));
	assert_true(spans_are_wanted(&failed, &sample_settings, &bad));
	assert_false(spans_are_wanted(&failed, &sample_settings, &good));
	assert_true(spans_are_wanted(&slow, &sample_settings, &bad));
	assert_false(spans_are_wanted(&slow, &sample_settings, &good));
	good.handshake_ns = 80 * MS;
	assert_true(spans_are_wanted(&slow, &sample_settings, &good));
	good.handshake_quality = CONN_QUALITY_UNKNOWN;
	assert_false(spans_are_wanted(&slow, &sample_settings, &good));
	for (good.flow = 1; !trace_is_chosen(trace_id_of(&good, 0), SPANS_SAMPLE); good.flow++)
		;
	assert_true(spans_are_wanted(&failed, &sample_settings, &good));
}

static void as_a_line(void **unused)
{
	struct conn c = sample_refused();

	(void)unused;
	c.role = CONN_ROLE_SERVER;
	c.flow = 0x0f3a09c1d2e4b678;
	c.flags &= ~(unsigned int)(CONN_HAS_COUNTERS | CONN_HAS_OWNER);
	c.comm[0] = '\0';
	c.netns = 0;
	c.cause = CONN_CAUSE_RESET_RECEIVED;
	c.outcome = CONN_OUTCOME_RESET_RECEIVED;
	c.error = 0;
	sink_otlp.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out),
			       "\"traceId\":\"0748a0603f04ef5f9e8247e88c98e12c\","
			       "\"spanId\":\"02ee751b8bb03efd\","
			       "\"parentSpanId\":\"f7b89e8a7e53259c\",\"flags\":768,"
			       "\"name\":\"tcp accept\",\"kind\":2,"
			       "\"startTimeUnixNano\":\"1767322985000000000\","));
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
		cmocka_unit_test(a_life_and_its_parts),
		cmocka_unit_test(the_time_wait_follows),
		cmocka_unit_test(failures_are_errors),
		cmocka_unit_test(no_time_no_span),
		cmocka_unit_test(there_is_room_for_all),
		cmocka_unit_test(which_are_wanted),
		cmocka_unit_test(as_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
