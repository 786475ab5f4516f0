// SPDX-License-Identifier: GPL-2.0-only
/* How long a connection takes to open: done, failed, or still at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/aggregate/measure.h"

static void an_open_one_has_its_handshake(void **state)
{
	struct conn client = sample_client(), seeded = sample_unknown();

	(void)state;
	assert_int_equal(measure_opening(&client, TIME_UNKNOWN), 80123456);
	assert_int_equal(measure_opening(&client, client.step_ns[0] + 5), 80123456);
	client.handshake_quality = CONN_QUALITY_UNKNOWN;
	assert_int_equal(measure_opening(&client, TIME_UNKNOWN), TIME_UNKNOWN);
	assert_int_equal(measure_opening(&seeded, TIME_UNKNOWN), TIME_UNKNOWN);
}

static void a_failed_one_took_until_it_failed(void **state)
{
	struct conn refused = sample_refused();

	(void)state;
	assert_int_equal(measure_opening(&refused, TIME_UNKNOWN), conn_dwell(&refused, 0));
	refused.step_inferred = 2;
	assert_int_equal(measure_opening(&refused, TIME_UNKNOWN), TIME_UNKNOWN);
}

static void one_that_waits_has_waited_until_now(void **state)
{
	struct conn c = sample_refused();

	(void)state;
	c.step_count = 1;
	assert_int_equal(measure_opening(&c, c.step_ns[0] + 7), 7);
	assert_int_equal(measure_opening(&c, TIME_UNKNOWN), TIME_UNKNOWN);
	c.step_count = 0;
	assert_int_equal(measure_opening(&c, 7), TIME_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_one_has_its_handshake),
		cmocka_unit_test(a_failed_one_took_until_it_failed),
		cmocka_unit_test(one_that_waits_has_waited_until_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
