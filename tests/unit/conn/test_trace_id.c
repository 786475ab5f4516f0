// SPDX-License-Identifier: GPL-2.0-only
/* Both ends of a connection come to the same trace, and to spans that fit together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/conn/flow.h"
#include "user/conn/trace_id.h"

#define PAIRS 20000
#define SPANS 5

static uint64_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 16;
}

/* An end, whose addresses and ports nobody else needs to know. */
static struct conn end_of(enum conn_role role, uint64_t flow, uint64_t *seed)
{
	struct conn c = { .role = role, .flow = flow };

	c.lport = (uint16_t)random_number(seed);
	c.rport = (uint16_t)random_number(seed);
	c.netns = (uint32_t)random_number(seed);
	for (size_t i = 0; i < ADDRESS_SIZE; i++)
		c.laddr.byte[i] = (uint8_t)random_number(seed);
	return c;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void assert_different(uint64_t *ids, size_t count)
{
	qsort(ids, count, sizeof(*ids), compare);
	for (size_t i = 1; i < count; i++)
		assert_int_not_equal(ids[i - 1], ids[i]);
	assert_int_not_equal(ids[0], 0);
}

static void both_ends_agree(void **state)
{
	uint64_t *ids = calloc(2 * PAIRS * SPANS, sizeof(*ids)), seed = 4711;
	size_t count = 0, chosen = 0;

	(void)state;
	assert_non_null(ids);
	for (int i = 0; i < PAIRS; i++) {
		uint64_t flow =
			flow_of((uint32_t)random_number(&seed), (uint32_t)random_number(&seed));
		struct conn client = end_of(CONN_ROLE_CLIENT, flow, &seed);
		struct conn server = end_of(CONN_ROLE_SERVER, flow, &seed);
		struct trace_id here = trace_id_of(&client, random_number(&seed));
		struct trace_id there = trace_id_of(&server, random_number(&seed));

		assert_true(trace_is_paired(&client));
		assert_int_equal(here.high, there.high);
		assert_int_equal(here.low, there.low);
		assert_int_equal(span_parent_of(&server, there),
				 span_id_of(&client, here, SPAN_CONNECTION));
		assert_int_equal(span_parent_of(&client, here), 0);
		for (int name = SPAN_CONNECTION; name <= SPAN_TIME_WAIT; name++) {
			ids[count++] = span_id_of(&client, here, (enum span_name)name);
			ids[count++] = span_id_of(&server, there, (enum span_name)name);
		}
		assert_int_equal(trace_is_chosen(here, 100), trace_is_chosen(there, 100));
		assert_true(trace_is_chosen(here, 1));
		chosen += trace_is_chosen(here, 100);
	}
	assert_int_equal(count, 2 * PAIRS * SPANS);
	assert_different(ids, count);
	assert_in_range(chosen, PAIRS / 100 - 60, PAIRS / 100 + 60);
	free(ids);
}

/* Where the other end has other numbers, or none, nothing is claimed of it. */
static void alone(void **state)
{
	uint64_t *ids = calloc(PAIRS, sizeof(*ids)), seed = 42;

	(void)state;
	assert_non_null(ids);
	for (int i = 0; i < PAIRS; i++) {
		struct conn c = end_of(CONN_ROLE_SERVER, FLOW_UNKNOWN, &seed);
		struct trace_id trace = trace_id_of(&c, 1767322984000000000);
		struct trace_id later = trace_id_of(&c, 1767322984000000001);

		assert_false(trace_is_paired(&c));
		assert_int_equal(span_parent_of(&c, trace), 0);
		assert_true(trace.high != later.high && trace.low != later.low);
		ids[i] = trace.low;
	}
	assert_different(ids, PAIRS);
	free(ids);
}

/* Both call themselves the client, or neither knows: they have a trace in common, and no span. */
static void nobody_is_the_server(void **state)
{
	static const enum conn_role roles[] = { CONN_ROLE_CLIENT, CONN_ROLE_UNKNOWN };
	uint64_t seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		struct conn one = end_of(roles[i], 4711, &seed);
		struct conn other = end_of(roles[i], 4711, &seed);
		struct trace_id trace = trace_id_of(&one, 1);

		one.handshake_flags = other.handshake_flags = CONN_HANDSHAKE_SIMULTANEOUS;
		assert_int_equal(trace_id_of(&other, 2).low, trace.low);
		assert_int_not_equal(span_id_of(&one, trace, SPAN_CONNECTION),
				     span_id_of(&other, trace, SPAN_CONNECTION));
		assert_int_equal(span_parent_of(&one, trace), 0);
		assert_int_equal(span_parent_of(&other, trace), 0);
	}
}

/* Others may compute it: these, by an implementation of theirs. */
static void a_known_one(void **state)
{
	struct conn client = sample_client(), server = client;
	struct trace_id trace = trace_id_of(&client, 0);

	(void)state;
	server.role = CONN_ROLE_SERVER;
	assert_int_equal(trace.high, 0x0748a0603f04ef5f);
	assert_int_equal(trace.low, 0x9e8247e88c98e12c);
	assert_int_equal(span_id_of(&client, trace, SPAN_CONNECTION), 0xf7b89e8a7e53259c);
	assert_int_equal(span_id_of(&server, trace, SPAN_CONNECTION), 0x02ee751b8bb03efd);
	assert_int_equal(span_id_of(&server, trace, SPAN_HANDSHAKE), 0xcc6bad2e03f25f11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_agree),
		cmocka_unit_test(alone),
		cmocka_unit_test(nobody_is_the_server),
		cmocka_unit_test(a_known_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
