// SPDX-License-Identifier: GPL-2.0-only
/* Trace Event JSON: what is not known has neither a name nor a slice. */
#include "tests/unit/sample_sink.h"

static struct buffer out;

static const char *printed(const struct conn *c)
{
	sink_perfetto.connection(&sample_settings, &out, c);
	return sample_text(&out);
}

static void unknown_ends_have_no_numbers(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	assert_non_null(strstr(printed(&c), "\"name\":\"192.0.2.1 40000 > 198.51.100.7 443\""));
	c.flags &= (uint16_t)~CONN_HAS_ENDPOINTS;
	c.lport = 0;
	assert_non_null(strstr(printed(&c), "\"name\":\"? ? > ? ?\""));
}

static void only_a_reset_is_one(void **unused)
{
	struct conn c = sample_refused();

	(void)unused;
	c.cause = CONN_CAUSE_REFUSED;
	assert_non_null(strstr(printed(&c), "\"name\":\"RST received\""));
	c.cause = CONN_CAUSE_REFUSED_BY_ICMP;
	assert_null(strstr(printed(&c), "RST"));
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
		cmocka_unit_test(unknown_ends_have_no_numbers),
		cmocka_unit_test(only_a_reset_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
