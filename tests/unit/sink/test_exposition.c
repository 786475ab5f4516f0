// SPDX-License-Identifier: GPL-2.0-only
/* The exposition has the names that others rely on, its text is well formed, its sums add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/aggregate/metrics.h"
#include "user/sink/exposition.h"

static struct metrics *metrics_new(size_t groups)
{
	struct metrics *m = calloc(1, metrics_size(groups));

	m->group_max = (uint32_t)groups;
	m->now.oldest_close_wait_ns = TIME_UNKNOWN;
	m->totals.time_wait.edges = SPREAD_TIME_WAIT;
	return m;
}

static char *expose(const struct metrics *m, enum exposition_format format, const char *label)
{
	const struct series_source from = { .metrics = m,
					    .epoch_of_zero_s = 1000,
					    .group_label = label,
					    .version = "1",
					    .kernel = "6.12",
					    .libbpf = "1.5" };
	struct buffer out;

	buffer_init(&out);
	exposition_write(&out, format, &from);
	buffer_add_char(&out, '\0');
	assert_false(out.failed);
	return out.bytes;
}

static void has(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	while (found && ((found != text && found[-1] != '\n') || found[strlen(line)] != '\n'))
		found = strstr(found + 1, line);
	if (!found)
		fail_msg("no line %s", line);
}

static void names_and_labels_are_those_that_bind(void **unused)
{
	struct metrics *m = metrics_new(0);
	char *text;

	(void)unused;
	m->totals.transitions[STATE_FIN_WAIT1][STATE_FIN_WAIT2] = 7;
	m->now.live[STATE_CLOSE_WAIT] = 3;
	m->now.oldest_close_wait_ns = 500000000;
	m->totals.failures[CONN_ROLE_CLIENT][CONN_CAUSE_REFUSED] = 11;
	m->account.sampling = 0.125;
	m->account.events.births = 12;
	text = expose(m, EXPOSITION_TEXT, NULL);
	has(text, "# TYPE tcpspan_connections gauge");
	has(text, "tcpspan_connections{state=\"close_wait\"} 3");
	has(text, "tcpspan_connections{state=\"syn_received\"} 0");
	has(text, "# TYPE tcpspan_state_transitions_total counter");
	has(text, "tcpspan_state_transitions_total{from=\"fin_wait_1\",to=\"fin_wait_2\"} 7");
	has(text, "tcpspan_connections_opened_total{role=\"client\",family=\"ipv6\"} 0");
	has(text, "tcpspan_connection_failures_total{role=\"client\",cause=\"refused\"} 11");
	/* What cannot become of a connection is no series that stands still. */
	has(text, "tcpspan_connection_failures_total{role=\"server\",cause=\"reset_received\"} 0");
	assert_null(strstr(text, "cause=\"handshake_abandoned\""));
	assert_null(strstr(text, "cause=\"request_reset\""));
	assert_null(strstr(text, "cause=\"accept_queue_full\""));
	assert_null(strstr(text, "cause=\"bad_syn\""));
	has(text, "tcpspan_half_open_ended_total{outcome=\"listener_closed\"} 0");
	has(text, "tcpspan_close_wait_connections{age=\"1m_10m\"} 0");
	has(text, "tcpspan_close_wait_oldest_timestamp_seconds 1000.5");
	has(text, "tcpspan_time_wait_ended_total{reason=\"purged\"} 0");
	has(text, "tcpspan_retransmits_total{reason=\"probe\"} 0");
	has(text, "tcpspan_build_info{version=\"1\",kernel=\"6.12\",libbpf=\"1.5\"} 1");
	has(text, "tcpspan_tracer_events_ring_full_total 0");
	has(text, "tcpspan_tracer_sampling_ratio 0.125");
	has(text, "tcpspan_tracer_births_total 12");
	assert_null(strstr(text, "listen_overflows"));
	free(text);
	free(m);
}

/* A series whose number nobody knows is not there, rather than 0. */
static void what_is_not_known_is_not_told(void **unused)
{
	struct metrics *m = metrics_new(0);
	char *text;

	(void)unused;
	m->account.part = SUMMARY_BY_FILTER;
	m->account.hook_count = 1;
	snprintf(m->account.hooks[0].family, METRICS_HOOK_NAME, "passive");
	text = expose(m, EXPOSITION_TEXT, NULL);
	assert_null(strstr(text, "tcpspan_stray_resets_total 0"));
	assert_null(strstr(text, "reason=\"synack\""));
	has(text, "tcpspan_retransmits_total{reason=\"syn\"} 0");
	has(text, "tcpspan_resets_sent_total 0");
	assert_null(strstr(text, "tcpspan_half_open_ended_total{"));
	has(text, "tcpspan_connections{state=\"time_wait\"} 0");
	free(text);
	snprintf(m->account.hooks[0].family, METRICS_HOOK_NAME, "time_wait");
	text = expose(m, EXPOSITION_TEXT, NULL);
	assert_null(strstr(text, "tcpspan_connections{state=\"time_wait\"}"));
	assert_null(strstr(text, "tcpspan_connections{state=\"fin_wait_2\"}"));
	assert_null(strstr(text, "tcpspan_stuck_connections{state=\"fin_wait_2\"}"));
	has(text, "tcpspan_connections{state=\"fin_wait_1\"} 0");
	free(text);
	snprintf(m->account.hooks[0].family, METRICS_HOOK_NAME, "passive");
	m->account.part = SUMMARY_BY_CHANCE;
	snprintf(m->account.hooks[0].rung, METRICS_HOOK_NAME, "tp_btf");
	text = expose(m, EXPOSITION_TEXT, NULL);
	has(text, "tcpspan_stray_resets_total 0");
	assert_null(strstr(text, "reason=\"synack\""));
	has(text, "tcpspan_half_open_ended_total{outcome=\"unknown\"} 0");
	free(text);
	free(m);
}

static void buckets_are_cumulative(void **unused)
{
	struct metrics *m = metrics_new(0);
	char *text;

	(void)unused;
	spread_add(&m->totals.handshake[CONN_ROLE_CLIENT], 50000);
	spread_add(&m->totals.handshake[CONN_ROLE_CLIENT], 2000000);
	spread_add(&m->totals.handshake[CONN_ROLE_CLIENT], 200000000000);
	text = expose(m, EXPOSITION_TEXT, NULL);
#define NAME "tcpspan_handshake_duration_seconds"
	has(text, "# TYPE " NAME " histogram");
	has(text, NAME "_bucket{role=\"client\",le=\"0.00005\"} 1");
	has(text, NAME "_bucket{role=\"client\",le=\"0.001\"} 1");
	has(text, NAME "_bucket{role=\"client\",le=\"0.0025\"} 2");
	has(text, NAME "_bucket{role=\"client\",le=\"127\"} 2");
	has(text, NAME "_bucket{role=\"client\",le=\"+Inf\"} 3");
	has(text, NAME "_sum{role=\"client\"} 200.00205");
	has(text, NAME "_count{role=\"client\"} 3");
	has(text, NAME "_count{role=\"server\"} 0");
	free(text);
	free(m);
}

static void openmetrics_has_its_own_ways(void **unused)
{
	struct metrics *m = metrics_new(0);
	char *text = expose(m, EXPOSITION_OPENMETRICS, NULL);

	(void)unused;
	has(text, "# TYPE tcpspan_connections_opened counter");
	has(text, "tcpspan_connections_opened_total{role=\"client\",family=\"ipv4\"} 0");
	has(text, "# UNIT tcpspan_sent_bytes bytes");
	has(text, NAME "_bucket{role=\"client\",le=\"1.0\"} 0");
	assert_string_equal(text + strlen(text) - strlen("# EOF\n"), "# EOF\n");
	free(text);
	free(m);
}

static void names_that_play_tricks_stay_inside_their_quotes(void **unused)
{
	struct metrics *m = metrics_new(2);
	char *text;

	(void)unused;
	m->group_end = 2;
	snprintf(m->groups[1].name, METRICS_GROUP_SIZE, "a\"} 1\nb\\");
	m->groups[1].opened = 5;
	m->other.opened = 6;
	text = expose(m, EXPOSITION_TEXT, "comm");
	has(text, "tcpspan_group_opened_total{comm=\"a\\\"} 1\\nb\\\\\"} 5");
	has(text, "tcpspan_group_opened_total{comm=\"other\"} 6");
	assert_null(strstr(text, "comm=\"\""));
	free(text);
	free(m);
}

/* A name is told once, after its head, and by no two rows. */
static void each_series_has_one_head(void **unused)
{
	struct metrics *m = metrics_new(0);
	char *text = expose(m, EXPOSITION_TEXT, NULL);
	size_t count;
	const struct series *all = series_list(&count);

	(void)unused;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(all[i].name, all[j].name);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(!strncmp(line, "# ", 2) || strchr(line, ' '));
	free(text);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_labels_are_those_that_bind),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(buckets_are_cumulative),
		cmocka_unit_test(openmetrics_has_its_own_ways),
		cmocka_unit_test(names_that_play_tricks_stay_inside_their_quotes),
		cmocka_unit_test(each_series_has_one_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
