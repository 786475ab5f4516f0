// SPDX-License-Identifier: GPL-2.0-only
/* The web config file is read as other exporters read it, and what is wrong has its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/log.h"
#include "user/net/password.h"
#include "user/net/web_config.h"

/* "secret" */
#define HASH "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"

static int parse(const char *text, struct web_config *ret, char why[WEB_WHY_SIZE])
{
	return web_config_parse(text, strlen(text), "/etc/tcpspan", ret, why);
}

static void all_of_it_is_read(void **unused)
{
	struct web_config c;
	char why[WEB_WHY_SIZE];

	(void)unused;
	assert_int_equal(parse("tls_server_config:\n"
			       "  cert_file: cert.pem\n"
			       "  key_file: /run/key.pem\n"
			       "  client_ca_file: \"ca.pem\"\n"
			       "  client_auth_type: RequireAndVerifyClientCert\n"
			       "  client_allowed_sans:\n"
			       "  - scraper.example\n"
			       "  - 2001:DB8:0::1\n"
			       "  - spiffe://example/scraper\n"
			       "  min_version: TLS13\n"
			       "basic_auth_users:\n"
			       "  alice: " HASH "\n"
			       "  bob: '" HASH "'\n",
			       &c, why),
			 0);
	assert_string_equal(c.cert_file, "/etc/tcpspan/cert.pem");
	assert_string_equal(c.key_file, "/run/key.pem");
	assert_string_equal(c.client_ca_file, "/etc/tcpspan/ca.pem");
	assert_int_equal(c.client_auth, WEB_CLIENT_REQUIRE_AND_VERIFY);
	assert_true(c.only_tls13);
	assert_int_equal(c.san_count, 3);
	assert_string_equal(c.sans[0], "scraper.example");
	assert_string_equal(c.sans[1], "2001:db8::1");
	assert_string_equal(c.sans[2], "spiffe://example/scraper");
	assert_int_equal(c.user_count, 2);
	assert_string_equal(c.users[1].name, "bob");
	web_config_done(&c);
}

static void an_empty_file_asks_for_nothing(void **unused)
{
	static const char *const texts[] = { "", "# nothing\n", "{}\n", "---\n" };
	struct web_config c;
	char why[WEB_WHY_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(texts[i], &c, why), 0);
		assert_null(c.cert_file);
		assert_int_equal(c.user_count, 0);
		web_config_done(&c);
	}
}

#define RATE_WANTED "rate_limit takes an interval, such as 1s, and a burst of 1 to 10000 requests"
#define RATE_WRONG(line) "line " #line ": " RATE_WANTED

static void what_is_wrong_has_a_sentence(void **unused)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "foo: 1\n", "line 1: only tls_server_config, basic_auth_users, rate_limit and "
			      "http_server_config are known here" },
		{ "rate_limit:\n  interval: soon\n", RATE_WRONG(2) },
		{ "rate_limit:\n  interval: 1s\n  burst: -1\n", RATE_WRONG(3) },
		{ "rate_limit:\n  interval: 1s\n  burst: 10001\n", RATE_WRONG(3) },
		{ "rate_limit:\n  rate: 1s\n", RATE_WRONG(2) },
		{ "rate_limit:\n  interval: 1s\n", RATE_WANTED },
		{ "http_server_config:\n  http2: perhaps\n",
		  "line 2: of http_server_config only http2, true or false, is known here" },
		{ "tls_server_config:\n  cert: x\n",
		  "line 2: tls_server_config has a key that is not known here" },
		{ "tls_server_config:\n  cert_file: x\n",
		  "cert_file and key_file belong together" },
		{ "tls_server_config:\n  client_ca_file: x\n",
		  "client certificates need cert_file and key_file" },
		{ "tls_server_config:\n  cert_file: x\n  key_file: y\n"
		  "  client_auth_type: RequireAndVerifyClientCert\n",
		  "this client_auth_type needs a client_ca_file" },
		{ "tls_server_config:\n  min_version: TLS10\n",
		  "line 2: min_version is neither TLS12 nor TLS13" },
		{ "basic_auth_users:\n  a: secret\n",
		  "line 2: what stands behind a user is no hash of bcrypt" },
		{ "basic_auth_users:\n  a: " HASH "\n  b: " HASH "\n  a: " HASH "\n",
		  "line 4: what stands here has been said already" },
		{ "tls_server_config:\n  cert_file: x\n  cert_file: y\n",
		  "line 3: what stands here has been said already" },
		{ "tls_server_config:\nbasic_auth_users:\ntls_server_config:\n",
		  "line 3: what stands here has been said already" },
		{ "tls_server_config:\n  cert_file: x\n  key_file\n",
		  "line 3: could not find expected ':'" },
		{ "tls_server_config:\n  cert_file: x\n  key_file\n  min_version: TLS13\n",
		  "line 3: could not find expected ':'" },
		{ "tls_server_config:\n  cert_file: \"x\n",
		  "line 2: found unexpected end of stream" },
		{ "tls_server_config: {cert_file: x\n",
		  "line 1: did not find expected ',' or '}'" },
		{ "tls_server_config:\n  cert_file: x\n - y\n",
		  "line 3: did not find expected key" },
		{ "tls_server_config:\n  cert_file: x\n   key_file: y\n",
		  "line 3: mapping values are not allowed in this context" },
		{ "tls_server_config:\n  client_allowed_sans: a\n",
		  "line 2: client_allowed_sans is a list of names, 64 of 255 bytes at most" },
		{ "tls_server_config:\n  client_allowed_sans: [a, [b]]\n",
		  "line 2: client_allowed_sans is a list of names, 64 of 255 bytes at most" },
		{ "tls_server_config:\n  client_allowed_sans:\n  - a\n  - ''\n",
		  "line 4: client_allowed_sans is a list of names, 64 of 255 bytes at most" },
		{ "tls_server_config:\n  cert_file: x\n  key_file: y\n"
		  "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n",
		  "client_allowed_sans needs a client_auth_type that verifies" },
		{ "- a\n", "line 1: no group of values stands here" },
		{ "a: [1]\n", "line 1: neither a value nor a group of values stands here" },
	};
	struct web_config c;
	char why[WEB_WHY_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text, &c, why), -EINVAL);
		assert_string_equal(why, cases[i].why);
	}
}

static void it_is_said_in_the_language_that_is_spoken(void **unused)
{
	char why[WEB_WHY_SIZE];
	struct web_config c;

	(void)unused;
	log_language = LADDER_ZH;
	assert_int_equal(parse("\nbasic_auth_users: {a: b}\n", &c, why), -EINVAL);
	log_language = LADDER_EN;
	assert_string_equal(why, "第 2 行：用户后面的不是 bcrypt 的散列值");
	web_config_done(&c);
}

static void a_key_for_everybody_is_refused(void **unused)
{
	char folder[] = "/tmp/tcpspan-web-XXXXXX", path[64], key[64], why[WEB_WHY_SIZE];
	struct web_config c;
	FILE *file;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/web.yml", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	file = fopen(path, "w");
	fputs("tls_server_config: {cert_file: key, key_file: key}\n", file);
	fclose(file);
	file = fopen(key, "w");
	fputs("PEM\n", file);
	fclose(file);
	chmod(key, 0644);
	assert_int_equal(web_config_read(path, &c, why), -EPERM);
	assert_non_null(strstr(why, "everybody can read"));
	chmod(key, 0600);
	assert_int_equal(web_config_read(path, &c, why), 0);
	assert_string_equal(c.key, "PEM\n");
	web_config_done(&c);
	unlink(key);
	assert_int_equal(web_config_read(path, &c, why), -ENOENT);
	unlink(path);
	rmdir(folder);
}

/* Nobody waits for what is no file, and it is said what it is. */
static void no_files(void **unused)
{
	char folder[] = "/tmp/tcpspan-web-XXXXXX", path[64], pipe[64], why[WEB_WHY_SIZE];
	struct web_config c;
	FILE *file;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/web.yml", folder);
	snprintf(pipe, sizeof(pipe), "%s/pipe", folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	file = fopen(path, "w");
	fputs("tls_server_config: {cert_file: pipe, key_file: pipe}\n", file);
	fclose(file);
	assert_int_equal(web_config_read(path, &c, why), -ENOTSUP);
	assert_non_null(strstr(why, "/pipe cannot be read: it is no regular file"));
	assert_int_equal(web_config_read(pipe, &c, why), -ENOTSUP);
	assert_string_equal(why, "it cannot be read: it is no regular file");
	assert_int_equal(web_config_read("/dev/zero", &c, why), -ENOTSUP);
	assert_string_equal(why, "it cannot be read: it is no regular file");
	log_language = LADDER_ZH;
	assert_int_equal(web_config_read("/dev/null", &c, why), -ENOTSUP);
	assert_string_equal(why, "无法读取：它不是普通文件");
	log_language = LADDER_EN;
	assert_int_equal(web_config_read(folder, &c, why), -EISDIR);
	assert_string_equal(why, "it cannot be read: Is a directory");
	unlink(pipe);
	unlink(path);
	rmdir(folder);
}

static void another_process_gets_the_same(void **unused)
{
	struct web_config c, copy;
	char why[WEB_WHY_SIZE];
	size_t size;
	char *bytes;

	(void)unused;
	assert_int_equal(parse("tls_server_config: {cert_file: c, key_file: k, client_ca_file: a, "
			       "client_auth_type: VerifyClientCertIfGiven, "
			       "client_allowed_sans: [x, 192.0.2.1]}\n"
			       "rate_limit: {interval: 250ms, burst: 3}\n"
			       "http_server_config: {http2: false}\n"
			       "basic_auth_users: {a: " HASH "}\n",
			       &c, why),
			 0);
	c.cert = strdup("CERT");
	bytes = web_config_pack(&c, &size);
	assert_int_equal(web_config_unpack(bytes, size, &copy), 0);
	assert_string_equal(copy.cert, "CERT");
	assert_null(copy.key);
	assert_string_equal(copy.users[0].hash, HASH);
	assert_int_equal(copy.rate_interval_ns, 250000000);
	assert_int_equal(copy.rate_burst, 3);
	assert_int_equal(copy.san_count, 2);
	assert_string_equal(copy.sans[1], "192.0.2.1");
	web_config_done(&copy);
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(web_config_unpack(bytes, cut, &copy), -EBADMSG);
	free(bytes);
	web_config_done(&c);
}

static void a_password_is_that_of_its_user(void **unused)
{
	struct passwords p = { .key = { 1, 2 } };
	struct web_config c;
	char why[WEB_WHY_SIZE];

	(void)unused;
	assert_int_equal(parse("basic_auth_users: {a: " HASH "}\n", &c, why), 0);
	for (unsigned int i = 0; i < 2; i++) {
		assert_true(password_is_right(&p, &c, "a", "secret"));
		assert_false(password_is_right(&p, &c, "a", "secrets"));
		assert_false(password_is_right(&p, &c, "b", "secret"));
		assert_false(password_is_right(&p, &c, "", ""));
	}
	assert_int_equal(p.next, 1);
	web_config_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_read),
		cmocka_unit_test(an_empty_file_asks_for_nothing),
		cmocka_unit_test(what_is_wrong_has_a_sentence),
		cmocka_unit_test(it_is_said_in_the_language_that_is_spoken),
		cmocka_unit_test(a_key_for_everybody_is_refused),
		cmocka_unit_test(no_files),
		cmocka_unit_test(another_process_gets_the_same),
		cmocka_unit_test(a_password_is_that_of_its_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
