// SPDX-License-Identifier: GPL-2.0-only
/* Where rows go, who sends them, and what a store means by its answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/run/store.h"

static struct options o;
static struct store got;

static int reset(void **state)
{
	(void)state;
	memset(&o, 0, sizeof(o));
	o.store.database = OPTIONS_DATABASE;
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static void name(const char *url)
{
	o.store.urls[o.store.url_count++] = url;
}

static void several_urls(void **state)
{
	(void)state;
	name("https://a:8443//,http://127.0.0.1:8123");
	name("http://[::1]:8123/behind/");
	assert_int_equal(store_read(&got, &o), 0);
	assert_int_equal(got.url_count, 3);
	assert_string_equal(got.urls[0], "https://a:8443");
	assert_string_equal(got.urls[1], "http://127.0.0.1:8123");
	assert_string_equal(got.urls[2], "http://[::1]:8123/behind");
	assert_int_equal(got.header_count, 0);
	assert_string_equal(got.database, "tcpspan");
}

static void none_that_tells_others(void **state)
{
	static const char *const urls[] = { "http://a:8123", "https://me:secret@a",
					    "https://a,",    "https://a/?query=x",
					    "a:8123",	     "https://a b" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		reset(state);
		name(urls[i]);
		assert_int_equal(store_read(&got, &o), -EINVAL);
	}
	reset(state);
	name("http://a:8123");
	o.store.is_insecure = true;
	assert_int_equal(store_read(&got, &o), 0);
	reset(state);
	for (size_t i = 0; i < OPTIONS_STORES; i++)
		name("https://a,https://b");
	assert_int_equal(store_read(&got, &o), -EINVAL);
}

static void a_database_is_a_name(void **state)
{
	static const char *const names[] = { "", "1a", "a b", "a;b", "a`", "a.b" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		reset(state);
		name("https://a");
		o.store.database = names[i];
		assert_int_equal(store_read(&got, &o), -EINVAL);
	}
}

static void write_password(char path[], const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void a_password_of_a_file(void **state)
{
	char path[] = "/tmp/tcpspan-test-XXXXXX", odd[] = "/tmp/tcpspan-test-XXXXXX";
	char too_long[] = "/tmp/tcpspan-test-XXXXXX", long_one[STORE_HEADER_SIZE] = "";

	(void)state;
	name("https://a");
	write_password(path, "open sesame\r\nmore\n");
	o.store.user = "writer";
	o.store.password = path;
	assert_int_equal(store_read(&got, &o), 0);
	assert_int_equal(got.header_count, 2);
	assert_string_equal(got.headers[0], "X-ClickHouse-User: writer");
	assert_string_equal(got.headers[1], "X-ClickHouse-Key: open sesame");
	store_forget(&got);
	assert_int_equal(got.header_count, 0);
	assert_string_equal(got.headers[1], "");
	write_password(odd, "a\tb\n");
	o.store.password = odd;
	assert_int_equal(store_read(&got, &o), -EINVAL);
	o.store.password = "/proc/nothing";
	assert_int_equal(store_read(&got, &o), -EINVAL);
	memset(long_one, 'x', sizeof(long_one) - 1);
	write_password(too_long, long_one);
	o.store.password = too_long;
	assert_int_equal(store_read(&got, &o), -EINVAL);
	o.store.password = NULL;
	unlink(path);
	unlink(too_long);
	unlink(odd);
}

static void a_password_of_the_service_manager(void **state)
{
	char folder[] = "/tmp/tcpspan-test-XXXXXX", path[64];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/clickhouse-password", folder);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	name("https://a");
	assert_int_equal(store_read(&got, &o), 0);
	assert_int_equal(got.header_count, 0);
	file = fopen(path, "w");
	fputs("x\n", file);
	fclose(file);
	assert_int_equal(store_read(&got, &o), 0);
	assert_string_equal(got.headers[0], "X-ClickHouse-Key: x");
	unlink(path);
	rmdir(folder);
}

static void a_query_is_encoded(void **state)
{
	struct buffer out;

	(void)state;
	name("https://a");
	assert_int_equal(store_read(&got, &o), 0);
	buffer_init(&out);
	store_add_url(&out, &got, 0, "SELECT '\xc3\xa4&#+'", "&x=1");
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, "https://a/?query=SELECT%20%27%C3%A4%26%23%2B%27&x=1");
	buffer_done(&out);
}

static unsigned int code_of(const char *text)
{
	return store_code(text, strlen(text));
}

static void what_answers_mean(void **state)
{
	static const char field[] = "Code: 117, Unknown field found while parsing";

	(void)state;
	assert_int_equal(code_of("Code: 60. DB::Exception: x"), 60);
	assert_int_equal(code_of("x Code: 26, e.displayText()"), 26);
	assert_int_equal(code_of("Code: "), 0);
	assert_int_equal(code_of("no code"), 0);
	assert_int_equal(store_code(NULL, 0), 0);
	assert_in_range(code_of("Code: 99999999999999999999"), 100000, 999999);
	assert_true(store_refuses_rows(26, "", 0));
	assert_false(store_refuses_rows(60, "", 0));
	assert_false(store_refuses_rows(117, field, sizeof(field) - 1));
	assert_true(store_refuses_rows(117, "x", 1));
	assert_null(store_reason(117, "x", 1));
	assert_non_null(strstr(store_reason(117, field, sizeof(field) - 1), "older"));
	assert_null(store_reason(0, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(several_urls, reset),
		cmocka_unit_test_setup(none_that_tells_others, reset),
		cmocka_unit_test_setup(a_database_is_a_name, reset),
		cmocka_unit_test_setup(a_password_of_a_file, reset),
		cmocka_unit_test_setup(a_password_of_the_service_manager, reset),
		cmocka_unit_test_setup(a_query_is_encoded, reset),
		cmocka_unit_test_setup(what_answers_mean, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
