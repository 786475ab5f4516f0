// SPDX-License-Identifier: GPL-2.0-only
/* A client gets the format that it likes best of those that there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/net/server.h"

#define PROTOBUF                                                                   \
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;" \
	"encoding=delimited"

static void clients_get_what_they_like(void **unused)
{
	static const struct {
		const char *accept;
		enum exposition_format format;
	} cases[] = {
		{ NULL, EXPOSITION_TEXT },
		{ "", EXPOSITION_TEXT },
		{ "*/*", EXPOSITION_TEXT },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", EXPOSITION_TEXT },
		/* Prometheus 2.42 with native histograms, without, and an old one. */
		{ PROTOBUF ",application/openmetrics-text;version=1.0.0;q=0.8,"
			   "application/openmetrics-text;version=0.0.1;q=0.75,"
			   "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  EXPOSITION_PROTOBUF },
		{ "application/openmetrics-text;version=1.0.0,"
		  "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  EXPOSITION_OPENMETRICS },
		{ "text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.3",
		  EXPOSITION_TEXT },
		{ "application/vnd.google.protobuf;encoding=compact-text", EXPOSITION_TEXT },
		{ ",;q=;;q=1,q,q=nan", EXPOSITION_TEXT },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(server_choose_format(cases[i].accept), cases[i].format);
}

static void who_takes_gzip_gets_it(void **unused)
{
	static const char *const takes[] = { "gzip", "deflate, gzip", "gzip;q=0.5, *;q=0",
					     "br;q=1.0,GZIP;q=0.8" };
	static const char *const refuses[] = { "",	"identity", "gzip;q=0", "gzip; q=0.0, br",
					       "xgzip", "gzipped" };

	(void)unused;
	assert_false(server_takes_gzip(NULL));
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		assert_true(server_takes_gzip(takes[i]));
	for (size_t i = 0; i < sizeof(refuses) / sizeof(refuses[0]); i++)
		assert_false(server_takes_gzip(refuses[i]));
}

static void a_target_may_name_its_server(void **unused)
{
	(void)unused;
	assert_string_equal(server_path_of("/metrics"), "/metrics");
	assert_string_equal(server_path_of("http://host:9464/metrics"), "/metrics");
	assert_string_equal(server_path_of("HTTPS://[::1]/-/ready"), "/-/ready");
	assert_string_equal(server_path_of("http://host"), "/");
	assert_string_equal(server_path_of("/http://host/metrics"), "/http://host/metrics");
	assert_string_equal(server_path_of("*"), "*");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_get_what_they_like),
		cmocka_unit_test(who_takes_gzip_gets_it),
		cmocka_unit_test(a_target_may_name_its_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
