// SPDX-License-Identifier: GPL-2.0-only
/* A port that no daemon can be started for is answered at again as soon as one can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void complain(void *context, const char *what)
{
	(void)context;
	(void)what;
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

/* Whether it answers before long. */
static bool is_answered(struct server *server, const struct sockaddr_in *at)
{
	static const char question[] = "GET / HTTP/1.0\r\n\r\n";
	uint64_t until_ns = clock_now() + PATIENCE_NS;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char said[64] = "";
	ssize_t got = -1;

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(write(fd, question, sizeof(question) - 1), sizeof(question) - 1);
	while (got < 0 && clock_now() < until_ns) {
		turn(server);
		got = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);
	}
	close(fd);
	return got > 0 && !strncmp(said, "HTTP/1", 6) && strstr(said, " 200 ");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_that_cannot_be_started_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
