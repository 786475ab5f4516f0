// SPDX-License-Identifier: GPL-2.0-only
/* Groups: ten thousand hostile names, of which nothing is lost; and what is no name of a group. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/base/text.h"
#include "user/command/export/group.h"
#include "user/conn/life.h"
#include "user/sink/exposition.h"

#define NAMES 10000
#define GROUPS 100
#define LABEL_BYTES (2 * METRICS_GROUP_SIZE) /* of a name, quotes and backslashes escaped */

struct world {
	struct metrics *metrics;
	struct metrics_counter *counter;
	struct export_grouping grouping;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->grouping.key = GROUP_BY_COMM;
	w->metrics = malloc(metrics_size(GROUPS));
	w->counter = metrics_counter_new(w->metrics, GROUPS, export_group_name, &w->grouping);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	metrics_counter_free(w->counter);
	free(w->metrics);
	free(w);
	return 0;
}

/* Any bytes but NUL, each name another one. */
static void name_hostilely(struct conn *c, uint32_t number)
{
	static const char parts[][5] = { "\"} 9\n", "\xff\xfe\\\x1b[", "\xe2\x80\xae\x7f{",
					 "\xc3\xa9\xf0\x9f\x92", "=,\"\\\t" };

	memcpy(c->comm, parts[number % 5], 5);
	for (int i = 5; i < 15; i++, number /= 7)
		c->comm[i] = (char)(number % 7 ? 0x01 + number % 7 : 0x80 + number % 11);
	c->comm[15] = 0;
	c->process = PROCESS_IS_COMM;
	c->flags |= CONN_HAS_OWNER;
}

static void ports_are_those_of_services(void **state)
{
	struct world *w = *state;
	struct conn client = sample_client(), server = sample_server(), other = sample_client();
	const struct {
		enum group_key key;
		const struct conn *c;
		uint16_t port; /* 0: none */
	} wanted[] = {
		{ GROUP_BY_LPORT, &client, 0 },		 { GROUP_BY_LPORT, &server, server.lport },
		{ GROUP_BY_LPORT, &other, other.lport }, { GROUP_BY_RPORT, &client, client.rport },
		{ GROUP_BY_RPORT, &server, 0 },		 { GROUP_BY_RPORT, &other, other.rport },
	};

	other.role = CONN_ROLE_UNKNOWN;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		char name[METRICS_GROUP_SIZE], port[METRICS_GROUP_SIZE] = EXPORT_GROUP_NONE;

		if (wanted[i].port)
			snprintf(port, sizeof(port), "%u", wanted[i].port);
		w->grouping.key = wanted[i].key;
		assert_true(export_group_name(&w->grouping, wanted[i].c, name));
		assert_string_equal(name, port);
	}
}

static void live_all(struct world *w)
{
	struct consumer *consumer = metrics_counter_consumer(w->counter);

	for (uint32_t i = 0; i < NAMES; i++) {
		struct conn c = i % 3 ? sample_client() : sample_refused();
		struct transition t;

		name_hostilely(&c, i);
		c.id = i + 1;
		for (unsigned int step = 0; step < c.step_count; step++) {
			life_transition(&c, step, &t);
			feed_transition(consumer, &c, &t);
		}
		feed_closed(consumer, &c);
		feed_gone(consumer, &c);
	}
}

/* The sum of all samples of this name, and how many there are; each is one line and well formed. */
static double sum_of(const char *text, const char *name, unsigned int *ret_count)
{
	double sum = 0;

	*ret_count = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n'), *at = line + strlen(name);

		assert_non_null(end);
		if (strncmp(line, name, strlen(name)) || strncmp(at, "{comm=\"", 7))
			continue;
		for (at += 7; *at != '"'; at += *at == '\\' ? 2 : 1)
			assert_true((unsigned char)*at >= 0x20 && *at != 0x7f && at < end);
		assert_true(at - line < (long)strlen(name) + 7 + LABEL_BYTES);
		assert_int_equal(strncmp(at, "\"} ", 3), 0);
		sum += strtod(at + 3, NULL);
		++*ret_count;
	}
	return sum;
}

static void expect(const char *text, const char *name, double sum)
{
	unsigned int count;

	assert_true(sum_of(text, name, &count) == sum);
	assert_int_equal(count, GROUPS + 1);
}

static void sums_are_exact_whatever_they_are_called(void **state)
{
	struct world *w = *state;
	const struct series_source from = { .metrics = w->metrics,
					    .group_label = "comm",
					    .version = "",
					    .kernel = "",
					    .libbpf = "" };
	const unsigned int failed = (NAMES + 2) / 3;
	struct buffer out;
	uint32_t code;

	live_all(w);
	buffer_init(&out);
	exposition_write(&out, EXPOSITION_TEXT, &from);
	buffer_add_char(&out, '\0');
	assert_false(out.failed);
	expect(out.bytes, "tcpspan_group_opened_total", NAMES);
	expect(out.bytes, "tcpspan_group_failures_total", failed);
	expect(out.bytes, "tcpspan_group_connections", 0);
	expect(out.bytes, "tcpspan_group_handshake_duration_seconds_count", NAMES - failed);
	assert_int_equal(w->metrics->group_end, GROUPS);
	assert_int_equal(w->metrics->overflowed, NAMES - GROUPS);
	for (size_t i = 0, size; i + 1 < out.size; i += size) {
		size = text_code_point(out.bytes + i, out.size - i, &code);
		assert_true(size > 0);
	}
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_are_exact_whatever_they_are_called, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(ports_are_those_of_services, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
