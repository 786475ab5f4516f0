// SPDX-License-Identifier: GPL-2.0-only
/* Where spans go, what goes along, and what of it nobody is to read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/otel.h"

#define BASE "https://collector.example:4318"

static struct otel got;

static int reset(void **state)
{
	static const char *const names[] = { "ENDPOINT",    "TRACES_ENDPOINT", "METRICS_ENDPOINT",
					     "HEADERS",	    "TIMEOUT",	       "COMPRESSION",
					     "CERTIFICATE", "INSECURE",	       "PROTOCOL" };
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_%s", names[i]);
		unsetenv(name);
		snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_TRACES_%s", names[i]);
		unsetenv(name);
		snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_METRICS_%s", names[i]);
		unsetenv(name);
	}
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("OTEL_TRACES_EXPORTER");
	unsetenv("OTEL_METRICS_EXPORTER");
	unsetenv("OTEL_SERVICE_NAME");
	unsetenv("OTEL_RESOURCE_ATTRIBUTES");
	unsetenv("OTEL_METRIC_EXPORT_INTERVAL");
	return 0;
}

static void say(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static void without_the_environment(void **state)
{
	(void)state;
	assert_int_equal(otel_read(&got, BASE "/some/where//", NULL, false), 0);
	assert_string_equal(got.signals[SERIES_SPANS].url, BASE "/some/where/v1/traces");
	assert_string_equal(got.signals[SERIES_METRICS].url, BASE "/some/where/v1/metrics");
	assert_int_equal(got.signals[0].header_count, 0);
	assert_int_equal(got.signals[0].timeout_ms, 10000);
	assert_int_equal(got.interval_ms, 60000);
	assert_int_equal(got.delay_ms, 5000);
	assert_int_equal(got.batch, 512);
	assert_true(got.signals[0].compresses);
}

static void with_it(void **state)
{
	(void)state;
	say("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:4318");
	say("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", BASE "/figures");
	say("OTEL_EXPORTER_OTLP_HEADERS", " api-key = a%20b%2C , x=1,");
	say("OTEL_EXPORTER_OTLP_TIMEOUT", "250");
	say("OTEL_EXPORTER_OTLP_COMPRESSION", "none");
	say("OTEL_METRIC_EXPORT_INTERVAL", "soon");
	assert_int_equal(otel_read(&got, "env", NULL, false), 0);
	assert_string_equal(got.signals[SERIES_SPANS].url, "http://[::1]:4318/v1/traces");
	assert_string_equal(got.signals[SERIES_METRICS].url, BASE "/figures");
	assert_int_equal(got.signals[0].header_count, 2);
	assert_string_equal(got.signals[0].headers[0], "api-key: a b,");
	assert_string_equal(got.signals[0].headers[1], "x: 1");
	assert_int_equal(got.signals[0].timeout_ms, 250);
	assert_int_equal(got.interval_ms, 60000);
	assert_false(got.signals[0].compresses);
	say("OTEL_TRACES_EXPORTER", "none");
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
	assert_string_equal(got.signals[SERIES_SPANS].url, "");
	otel_forget(&got);
	assert_int_equal(got.signals[0].headers[0][0], '\0');
}

/* What was said on standard error by the call. */
static const char *said_of(const char *name, const char *value)
{
	static char said[512];
	FILE *file = tmpfile();
	int before = dup(STDERR_FILENO);
	size_t size;

	assert_non_null(file);
	assert_true(before >= 0);
	say(name, value);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	unsetenv(name);
	rewind(file);
	size = fread(said, 1, sizeof(said) - 1, file);
	said[size] = '\0';
	fclose(file);
	return said;
}

/* A variable of one signal comes before that of both, headers as a whole. */
static void of_one_signal(void **state)
{
	const struct otel_signal *spans = &got.signals[SERIES_SPANS];
	const struct otel_signal *figures = &got.signals[SERIES_METRICS];

	(void)state;
	say("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2");
	say("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "key=of%20spans");
	say("OTEL_EXPORTER_OTLP_TIMEOUT", "700");
	say("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "800");
	say("OTEL_EXPORTER_OTLP_COMPRESSION", "none");
	say("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip");
	say("OTEL_EXPORTER_OTLP_CERTIFICATE", "/both.pem");
	say("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/spans.pem");
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
	assert_int_equal(spans->header_count, 1);
	assert_string_equal(spans->headers[0], "key: of spans");
	assert_int_equal(figures->header_count, 2);
	assert_string_equal(figures->headers[1], "b: 2");
	assert_int_equal(spans->timeout_ms, 700);
	assert_int_equal(figures->timeout_ms, 800);
	assert_false(spans->compresses);
	assert_true(figures->compresses);
	assert_string_equal(spans->certificates, "/spans.pem");
	assert_string_equal(figures->certificates, "/both.pem");
	say("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "no header");
	assert_int_equal(otel_read(&got, BASE, NULL, false), -EINVAL);
}

/* Where each has a URL of its own none of both is needed; what has none is not sent. */
static void urls_of_each_signal_do(void **state)
{
	(void)state;
	assert_int_equal(otel_read(&got, "env", NULL, false), -EINVAL);
	say("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://spans.example/in");
	assert_int_equal(otel_read(&got, "env", NULL, false), 0);
	assert_string_equal(got.signals[SERIES_SPANS].url, "https://spans.example/in");
	assert_string_equal(got.signals[SERIES_METRICS].url, "");
	say("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://figures.example/");
	assert_int_equal(otel_read(&got, "env", NULL, false), 0);
	assert_string_equal(got.signals[SERIES_METRICS].url, "https://figures.example/");
}

static void what_is_not_to_be_had_is_said(void **state)
{
	(void)state;
	assert_string_equal(said_of("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), "");
	assert_string_equal(said_of("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
			    "tcpspan: OTEL_EXPORTER_OTLP_COMPRESSION is neither gzip nor none, and "
			    "taken for gzip\n");
	assert_true(got.signals[0].compresses);
	assert_string_equal(said_of("OTEL_METRICS_EXPORTER", "otlp"), "");
	assert_string_equal(said_of("OTEL_METRICS_EXPORTER", "prometheus"),
			    "tcpspan: OTEL_METRICS_EXPORTER is neither otlp nor none, and taken "
			    "for otlp\n");
	assert_string_equal(got.signals[SERIES_METRICS].url, BASE "/v1/metrics");
	assert_string_equal(said_of("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), "");
	assert_string_equal(said_of("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
			    "tcpspan: OTEL_EXPORTER_OTLP_PROTOCOL is left out: what is sent is "
			    "http/protobuf, whatever it says\n");
}

/* Over the network only what nobody on the way can read, unless it was asked for. */
static void plain_is_for_this_machine(void **state)
{
	static const char *const here[] = { "http://localhost", "http://LOCALHOST:1/x",
					    "http://127.0.0.1:4318", "http://127.9.9.9",
					    "http://[::1]:4318/" };
	static const char *const there[] = { "http://192.0.2.1",
					     "http://[::2]:4318",
					     "http://localhost.example.org",
					     "http://127.example.org",
					     "http://127.0.0.1.example.org",
					     "http://[::1].example" };
	static const char *const bad[] = { "",
					   "collector:4318",
					   "https://",
					   "http:///x",
					   "ftp://localhost",
					   "https://me:secret@example.org",
					   "http://localhost@example.org",
					   "https://example.org/?key=secret",
					   "https://example.org/ x",
					   "https://example.org/\r\nX: y" };

	(void)state;
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		assert_int_equal(otel_read(&got, here[i], NULL, false), 0);
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++) {
		assert_int_equal(otel_read(&got, there[i], NULL, false), -EINVAL);
		assert_int_equal(otel_read(&got, there[i], NULL, true), 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(otel_read(&got, bad[i], NULL, true), -EINVAL);
	say("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://192.0.2.1/traces");
	assert_int_equal(otel_read(&got, BASE, NULL, false), -EINVAL);
	say("OTEL_EXPORTER_OTLP_INSECURE", "true");
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
}

static int read_file(const char *text)
{
	int fd = memfd_create("headers", 0), error;
	char path[64];

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = otel_read(&got, BASE, path, false);
	close(fd);
	return error;
}

/* Comments as long as all headers may be: nobody knows what stands behind them. */
static const char *long_one(void)
{
	static char text[OTEL_HEADERS * OTEL_HEADER_SIZE + 1];

	memset(text, '#', sizeof(text) - 1);
	return text;
}

static void headers_of_a_file(void **state)
{
	static const char line[] = "a: b\n";
	char many[(OTEL_HEADERS + 1) * sizeof(line)] = "", big[OTEL_HEADER_SIZE + 16];

	(void)state;
	assert_int_equal(read_file("# who\r\nAuthorization:  Bearer a=b:c \r\n\nX-Tenant: 7"), 0);
	assert_int_equal(got.signals[0].header_count, 2);
	assert_string_equal(got.signals[0].headers[0], "Authorization: Bearer a=b:c");
	assert_string_equal(got.signals[0].headers[1], "X-Tenant: 7");
	assert_int_equal(read_file(""), 0);
	assert_int_equal(read_file("no header"), -EINVAL);
	assert_int_equal(read_file("a b: c"), -EINVAL);
	assert_int_equal(read_file(": c"), -EINVAL);
	assert_int_equal(read_file("a: \x01"), -EINVAL);
	for (size_t i = 0; i <= OTEL_HEADERS; i++)
		memcpy(many + i * strlen(line), line, sizeof(line));
	assert_int_equal(read_file(many), -EINVAL);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	big[1] = ':';
	assert_int_equal(read_file(big), -EINVAL);
	assert_int_equal(otel_read(&got, BASE, "/nowhere", false), -EINVAL);
	assert_int_equal(read_file(long_one()), -EINVAL);
}

/* What another program writes line by line is read part by part, and whole. */
static void headers_of_a_pipe(void **state)
{
	static const char *const lines[] = { "a: b\n", "c: ", "d\n" };
	char path[64];
	int ends[2];

	(void)state;
	/* Each read takes one write. */
	assert_int_equal(pipe2(ends, O_DIRECT), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(write(ends[1], lines[i], strlen(lines[i])), strlen(lines[i]));
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(otel_read(&got, BASE, path, false), 0);
	close(ends[0]);
	assert_int_equal(got.signals[0].header_count, 2);
	assert_string_equal(got.signals[0].headers[0], "a: b");
	assert_string_equal(got.signals[0].headers[1], "c: d");
}

static void what_it_is_of(void **state)
{
	static struct span_resource r;

	(void)state;
	otel_read_resource(&r);
	assert_int_equal(r.count, 0);
	say("OTEL_SERVICE_NAME", "shop");
	say("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,rack=7%2f4, host.id = x ,novalue,=y");
	otel_read_resource(&r);
	assert_int_equal(r.count, 3);
	assert_string_equal(r.all[0].key, "service.name");
	assert_string_equal(r.all[0].text.bytes, "shop");
	assert_string_equal(r.all[1].text.bytes, "7/4");
	assert_string_equal(r.all[2].key, "host.id");
	assert_int_equal(r.all[2].text.size, 1);
}

static void headers_of_the_service_manager(void **state)
{
	char folder[] = "/tmp/tcpspan-test-XXXXXX", path[64];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/otlp-headers", folder);
	say("CREDENTIALS_DIRECTORY", folder);
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
	assert_int_equal(got.signals[0].header_count, 0);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("Authorization: Bearer x\n", file);
	fclose(file);
	assert_int_equal(otel_read(&got, BASE, NULL, false), 0);
	assert_int_equal(got.signals[0].header_count, 1);
	assert_string_equal(got.signals[0].headers[0], "Authorization: Bearer x");
	assert_int_equal(otel_read(&got, BASE, "/dev/null", false), 0);
	assert_int_equal(got.signals[0].header_count, 0);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_the_environment, reset),
		cmocka_unit_test_setup(with_it, reset),
		cmocka_unit_test_setup(of_one_signal, reset),
		cmocka_unit_test_setup(urls_of_each_signal_do, reset),
		cmocka_unit_test_setup(what_is_not_to_be_had_is_said, reset),
		cmocka_unit_test_setup(plain_is_for_this_machine, reset),
		cmocka_unit_test_setup(headers_of_a_file, reset),
		cmocka_unit_test_setup(headers_of_a_pipe, reset),
		cmocka_unit_test_setup(headers_of_the_service_manager, reset),
		cmocka_unit_test_setup(what_it_is_of, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
