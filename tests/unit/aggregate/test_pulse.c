// SPDX-License-Identifier: GPL-2.0-only
/* Rates are those between two samples, and percentiles those of the latest handshakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/any_life.h"
#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/pulse.h"
#include "user/base/units.h"
#include "user/conn/life.h"

static void sample(struct pulse *p, uint64_t s, uint64_t opened)
{
	const struct pulse_sums sums = { .of = { [PULSE_OPENED] = opened } };

	pulse_sample(p, s * NS_PER_S, &sums);
}

static void rates_are_unknown_before_two_samples(void **state)
{
	struct pulse *p = pulse_new();

	(void)state;
	assert_true(pulse_rate(p, PULSE_OPENED, 0) < 0);
	assert_int_equal(pulse_sampled_ns(p), 0);
	sample(p, 1, 5);
	assert_true(pulse_rate(p, PULSE_OPENED, 0) < 0);
	sample(p, 3, 11);
	assert_true(pulse_rate(p, PULSE_OPENED, 0) == 3);
	assert_true(pulse_rate(p, PULSE_CLOSED, 0) == 0);
	assert_true(pulse_rate(p, PULSE_OPENED, 1) < 0);
	pulse_free(p);
}

static void old_samples_make_room(void **state)
{
	struct pulse *p = pulse_new();

	(void)state;
	for (uint64_t i = 0; i < 3 * PULSE_SAMPLES; i++)
		sample(p, i + 1, i * i);
	assert_true(pulse_rate(p, PULSE_OPENED, 0) == 2.0 * (3 * PULSE_SAMPLES - 1) - 1);
	assert_true(pulse_rate(p, PULSE_OPENED, PULSE_SAMPLES - 2) ==
		    2.0 * (2 * PULSE_SAMPLES + 1) - 1);
	assert_true(pulse_rate(p, PULSE_OPENED, PULSE_SAMPLES - 1) < 0);
	pulse_free(p);
}

static void tell(struct pulse *p, const struct conn *c, unsigned int step)
{
	struct transition t;

	life_transition(c, step, &t);
	feed_transition(pulse_consumer(p), c, &t);
}

static void transitions_have_sums_and_rates(void **state)
{
	struct pulse *p = pulse_new();
	struct conn c = sample_client();

	(void)state;
	assert_true(pulse_transition_rate(p, STATE_SYN_SENT, STATE_ESTABLISHED) < 0);
	sample(p, 1, 0);
	for (unsigned int i = 0; i < 6; i++)
		tell(p, &c, 1);
	sample(p, 4, 0);
	assert_int_equal(pulse_transitions(p, STATE_SYN_SENT, STATE_ESTABLISHED), 6);
	assert_true(pulse_transition_rate(p, STATE_SYN_SENT, STATE_ESTABLISHED) == 2);
	for (uint64_t i = 0; i < PULSE_RATE_SAMPLES; i++)
		sample(p, 5 + i, 0);
	assert_int_equal(pulse_transitions(p, STATE_SYN_SENT, STATE_ESTABLISHED), 6);
	assert_true(pulse_transition_rate(p, STATE_SYN_SENT, STATE_ESTABLISHED) == 0);
	pulse_free(p);
}

static void shake(struct pulse *p, uint64_t took_ns, uint64_t at_ns, uint8_t quality)
{
	struct conn c = sample_client();

	c.step_ns[1] = at_ns;
	c.handshake_ns = took_ns;
	c.handshake_quality = (uint8_t)(quality & 3);
	tell(p, &c, 1);
}

static void handshakes_are_those_of_the_last_minute(void **state)
{
	struct pulse *p = pulse_new();
	struct pulse_latency latency;

	(void)state;
	for (uint64_t i = 1; i <= 100; i++)
		shake(p, i * NS_PER_MS, i * NS_PER_S, CONN_QUALITY_EXACT);
	shake(p, NS_PER_S, 100 * NS_PER_S, CONN_QUALITY_ESTIMATED);
	pulse_handshakes(p, CONN_ROLE_CLIENT, 160 * NS_PER_S, &latency);
	assert_int_equal(latency.count, 1);
	assert_int_equal(latency.p50_ns, 100 * NS_PER_MS);
	pulse_handshakes(p, CONN_ROLE_CLIENT, 61 * NS_PER_S, &latency);
	assert_int_equal(latency.count, 100);
	assert_int_equal(latency.p50_ns, 50 * NS_PER_MS);
	assert_int_equal(latency.p99_ns, 99 * NS_PER_MS);
	pulse_handshakes(p, CONN_ROLE_SERVER, 61 * NS_PER_S, &latency);
	assert_int_equal(latency.count, 0);
	pulse_free(p);
}

static void no_more_handshakes_are_kept_than_there_is_room_for(void **state)
{
	struct pulse *p = pulse_new();
	struct pulse_latency latency;

	(void)state;
	for (uint64_t i = 0; i < 3 * PULSE_LATEST; i++)
		shake(p, NS_PER_MS + i, NS_PER_S, CONN_QUALITY_EXACT);
	pulse_handshakes(p, CONN_ROLE_CLIENT, NS_PER_S, &latency);
	assert_int_equal(latency.count, PULSE_LATEST);
	assert_true(latency.p50_ns >= NS_PER_MS + 2 * PULSE_LATEST);
	pulse_free(p);
}

/* More kinds of lives than are kept apart. */
static void lives_count_alike_at_once_and_step_by_step(void **state)
{
	struct pulse *once = pulse_new(), *slowly = pulse_new();
	struct pulse_latency a, b;
	uint64_t row = 1;

	(void)state;
	for (unsigned int life = 0; life < 20000; life++) {
		struct conn c = sample_any_life(&row);

		pulse_consumer(once)->class->steps(pulse_consumer(once), &c, 0);
		for (unsigned int i = 0; i < c.step_count; i++) {
			struct transition t;

			life_transition(&c, i, &t);
			t.mono_ns = c.step_ns[i];
			feed_transition(pulse_consumer(slowly), &c, &t);
		}
		if (life == 10000)
			sample(once, 1, 0);
	}
	for (int from = 1; from < STATE_COUNT; from++)
		for (int to = 1; to < STATE_COUNT; to++)
			assert_int_equal(pulse_transitions(once, from, to),
					 pulse_transitions(slowly, from, to));
	pulse_handshakes(once, CONN_ROLE_CLIENT, NS_PER_S, &a);
	pulse_handshakes(slowly, CONN_ROLE_CLIENT, NS_PER_S, &b);
	assert_true(a.count > 0);
	assert_int_equal(a.count, b.count);
	assert_int_equal(a.p99_ns, b.p99_ns);
	pulse_free(once);
	pulse_free(slowly);
}

static void calm_begins_with_the_last_change(void **state)
{
	struct conn c = { .role = CONN_ROLE_CLIENT };
	struct pulse *p = pulse_new();

	(void)state;
	assert_int_equal(pulse_calm_ns(p), 0);
	for (uint64_t s = 1; s < 20; s++)
		sample(p, s, 5);
	assert_int_equal(pulse_calm_ns(p), 18 * NS_PER_S);
	sample(p, 20, 6);
	assert_int_equal(pulse_calm_ns(p), 0);
	sample(p, 30, 6);
	assert_int_equal(pulse_calm_ns(p), 10 * NS_PER_S);
	sample_step(&c, STATE_SYN_SENT, 30 * NS_PER_S);
	tell(p, &c, 0);
	sample(p, 31, 6);
	assert_int_equal(pulse_calm_ns(p), 0);
	pulse_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_unknown_before_two_samples),
		cmocka_unit_test(old_samples_make_room),
		cmocka_unit_test(calm_begins_with_the_last_change),
		cmocka_unit_test(transitions_have_sums_and_rates),
		cmocka_unit_test(handshakes_are_those_of_the_last_minute),
		cmocka_unit_test(no_more_handshakes_are_kept_than_there_is_room_for),
		cmocka_unit_test(lives_count_alike_at_once_and_step_by_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
