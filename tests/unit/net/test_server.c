// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of a port that no daemon can be started for, and of requests that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/net/server.h"

#define PATIENCE_NS (20 * NS_PER_S)

static void answer(void *context, const char *path, enum exposition_format format,
		   struct server_answer *answer)
{
	(void)context;
	(void)path;
	(void)format;
	buffer_add_text(&answer->body, "here");
}

static char complaint[WEB_WHY_SIZE];

static void complain(void *context, const char *what)
{
	(void)context;
	snprintf(complaint, sizeof(complaint), "%s", what);
}

static int listen_anywhere(struct sockaddr_in *ret)
{
	socklen_t size = sizeof(*ret);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*ret = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)ret, sizeof(*ret)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret, &size), 0);
	return fd;
}

static void turn(struct server *server)
{
	struct pollfd wait = { .fd = server_fd(server), .events = POLLIN };
	int timeout = server_timeout_ms(server);

	poll(&wait, 1, timeout < 0 || timeout > 50 ? 50 : timeout);
	server_run(server);
}

/* From that address. */
static int connect_from(uint32_t address, const struct sockaddr_in *at)
{
	const struct sockaddr_in from = { .sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(address) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)at, sizeof(*at)), 0);
	return fd;
}

/* What it answers before long. */
static void ask_from(struct server *server, uint32_t address, const struct sockaddr_in *at,
		     const char *question, char said[static 64])
{
	uint64_t until_ns = clock_now() + PATIENCE_NS;
	int fd = connect_from(address, at);
	ssize_t got = -1;

	assert_int_equal(write(fd, question, strlen(question)), strlen(question));
	while (got < 0 && clock_now() < until_ns) {
		turn(server);
		got = recv(fd, said, 63, MSG_DONTWAIT);
	}
	close(fd);
	said[got > 0 ? got : 0] = '\0';
}

static void ask(struct server *server, const struct sockaddr_in *at, const char *question,
		char said[static 64])
{
	ask_from(server, INADDR_LOOPBACK, at, question, said);
}

static bool is_answered(struct server *server, const struct sockaddr_in *at)
{
	char said[64];

	ask(server, at, "GET / HTTP/1.0\r\n\r\n", said);
	return !strncmp(said, "HTTP/1", 6) && strstr(said, " 200 ");
}

/* No further descriptor can be had, or again as many as before. */
static void forbid_descriptors(bool forbids)
{
	static struct rlimit before;
	struct rlimit none;
	int least = fcntl(STDIN_FILENO, F_DUPFD, 0);

	if (forbids) {
		assert_true(least >= 0);
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
		none = (struct rlimit){ (rlim_t)least, before.rlim_max };
		close(least);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		return;
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void a_config_that_cannot_be_started_is_tried_again(void **state)
{
	struct sockaddr_in at;
	struct server_settings settings = { .answer = answer, .complain = complain };
	struct web_config config = { 0 };
	struct server *server;
	char why[WEB_WHY_SIZE] = "";
	uint64_t begin_ns;

	(void)state;
	if (!server_is_built_in())
		skip();
	settings.listen_fd = listen_anywhere(&at);
	assert_int_equal(server_start(&settings, NULL, &server, why), 0);
	assert_true(is_answered(server, &at));
	assert_int_equal(server_configure(server, &config, why), 0);
	assert_true(is_answered(server, &at));

	forbid_descriptors(true);
	assert_int_not_equal(server_configure(server, &config, why), 0);
	assert_true(server_is_idle(server));
	/* So it stays as long as nothing else does; one that comes meanwhile changes nothing. */
	begin_ns = clock_now();
	assert_int_not_equal(server_configure(server, &config, why), 0);
	while (clock_now() - begin_ns < NS_PER_S)
		turn(server);
	assert_true(server_is_idle(server));
	forbid_descriptors(false);
	assert_true(is_answered(server, &at));
	assert_false(server_is_idle(server));
	assert_int_equal(server_configure(server, &config, why), 0);
	assert_true(is_answered(server, &at));
	server_free(server);
}

/* The page that the library answers with is for who has asked. */
static void what_is_complained_of_is_a_line(void **state)
{
	static const char *const questions[] = {
		"GET / HTTP/9.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nHost\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
	};
	struct server_settings settings = { .answer = answer, .complain = complain };
	char why[WEB_WHY_SIZE] = "", said[64];
	struct server *server;
	struct sockaddr_in at;
	size_t pages = 0;

	(void)state;
	if (!server_is_built_in())
		skip();
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		*complaint = '\0';
		settings.listen_fd = listen_anywhere(&at);
		assert_int_equal(server_start(&settings, NULL, &server, why), 0);
		ask(server, &at, questions[i], said);
		server_free(server);
		if (strpbrk(complaint, "<>\n"))
			fail_msg("%s", complaint);
		pages += strstr(complaint, "(HTTP response code is 4") != NULL;
	}
	assert_true(pages);
}

#define CROWD 0x7f000002u /* 127.0.0.2 */
#define MANY (SERVER_CONNECTIONS + 32)

/* Whoever has come before all of them, and asks for little, is not the one to leave. */
static void a_crowd_from_one_address_makes_room_itself(void **state)
{
	static const char begin[] = "GET / HTTP/1.1\r\n", end[] = "Host: x\r\n\r\n";
	struct server_settings settings = { .answer = answer, .complain = complain };
	uint64_t until_ns = clock_now() + PATIENCE_NS;
	char why[WEB_WHY_SIZE] = "", said[64] = "";
	int fd, crowd[MANY];
	struct server *server;
	struct sockaddr_in at;
	ssize_t got = -1;

	(void)state;
	if (!server_is_built_in())
		skip();
	settings.listen_fd = listen_anywhere(&at);
	assert_int_equal(server_start(&settings, NULL, &server, why), 0);
	fd = connect_from(INADDR_LOOPBACK, &at);
	assert_int_equal(write(fd, begin, strlen(begin)), strlen(begin));
	turn(server);
	for (size_t i = 0; i < MANY; i++) {
		crowd[i] = connect_from(CROWD, &at);
		turn(server);
	}
	assert_non_null(strstr(complaint, "too many"));
	assert_int_equal(write(fd, end, strlen(end)), strlen(end));
	while (got < 0 && clock_now() < until_ns) {
		turn(server);
		got = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);
	}
	assert_true(got > 0);
	assert_memory_equal(said, "HTTP/1.1 200", strlen("HTTP/1.1 200"));
	server_free(server);
	close(fd);
	for (size_t i = 0; i < MANY; i++)
		close(crowd[i]);
}

#define HASH "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u" /* of "secret" */
#define GUESSES 400

static unsigned int status_of(struct server *server, uint32_t address, const struct sockaddr_in *at,
			      const char *word)
{
	char question[128], said[64];

	snprintf(question, sizeof(question), "GET / HTTP/1.0\r\nAuthorization: Basic %s\r\n\r\n",
		 word);
	ask_from(server, address, at, question, said);
	return (unsigned int)strtoul(said + strlen("HTTP/1.1 "), NULL, 10);
}

/* To look at a password takes its time, which is not theirs alone. */
static void who_guesses_is_looked_at_no_more(void **state)
{
	static const char right[] = "cHJvbTpzZWNyZXQ=", wrong[] = "cHJvbTpndWVzcw==";
	struct server_settings settings = { .answer = answer, .complain = complain };
	struct web_config config = { .user_count = 1 };
	char why[WEB_WHY_SIZE] = "";
	unsigned int refused = 0, put_off = 0;
	struct server *server;
	struct sockaddr_in at;

	(void)state;
	if (!server_is_built_in())
		skip();
	config.users[0] = (struct web_user){ strdup("prom"), strdup(HASH) };
	settings.listen_fd = listen_anywhere(&at);
	assert_int_equal(server_start(&settings, &config, &server, why), 0);
	assert_int_equal(status_of(server, INADDR_LOOPBACK, &at, right), 200);
	for (int i = 0; i < GUESSES; i++) {
		unsigned int status = status_of(server, CROWD, &at, wrong);

		assert_true(status == 401 || status == 429);
		refused += status == 401;
		put_off += status == 429;
	}
	assert_true(refused);
	assert_true(put_off > refused);
	/* Others are, and what is known to be right is let in from anywhere. */
	assert_int_equal(status_of(server, CROWD + 1, &at, wrong), 401);
	assert_int_equal(status_of(server, INADDR_LOOPBACK, &at, right), 200);
	assert_int_equal(status_of(server, CROWD, &at, right), 200);
	server_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_that_cannot_be_started_is_tried_again),
		cmocka_unit_test(what_is_complained_of_is_a_line),
		cmocka_unit_test(a_crowd_from_one_address_makes_room_itself),
		cmocka_unit_test(who_guesses_is_looked_at_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
