// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what answers requests of HTTP: the first byte says whether a password is asked for, and
 * how many bytes come first; the rest is what a client sends.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "user/net/server.h"

#define ROUNDS 16 /* in which an answer has to be there, if there is to be one */
#define ANSWER "the answer\n"
/* Of "secret", with as few rounds as there may be. */
#define USERS                 \
	"basic_auth_users:\n" \
	"  alice: $2b$04$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u\n"

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

struct subject {
	struct server *server;
	struct sockaddr_un address; /* there are fewer ports than inputs */
	socklen_t size;
};

static void answer(void *context, const char *path, enum exposition_format format,
		   struct server_answer *answer)
{
	(void)context;
	demand(path && strlen(path) <= SERVER_REQUEST_BYTES);
	demand(format < EXPOSITION_FORMAT_COUNT);
	answer->status = 200;
	answer->type = "text/plain";
	answer->may_compress = true;
	buffer_add(&answer->body, ANSWER, strlen(ANSWER));
}

static void complain(void *context, const char *what)
{
	(void)context;
	demand(*what);
}

static void start(struct subject *s, bool asks)
{
	struct server_settings settings = { .answer = answer, .complain = complain };
	struct web_config config = { 0 };
	char why[WEB_WHY_SIZE];

	s->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	s->size = sizeof(s->address);
	settings.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The kernel chooses a name. */
	demand(!bind(settings.listen_fd, (void *)&s->address, sizeof(s->address.sun_family)) &&
	       !listen(settings.listen_fd, 16) &&
	       !getsockname(settings.listen_fd, (void *)&s->address, &s->size));
	if (asks)
		demand(!web_config_parse(USERS, strlen(USERS), "/nowhere", &config, why));
	demand(!server_start(&settings, &config, &s->server, why));
}

/* Whether the server has hung up. */
static bool read_answer(int fd, char *first, size_t *got)
{
	char bytes[4096];
	ssize_t size;

	while ((size = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		for (ssize_t i = 0; i < size && *got < 7; i++)
			first[(*got)++] = bytes[i];
	return !size || errno != EAGAIN;
}

static void ask(struct subject *s, const uint8_t *bytes, size_t size, size_t begin)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char first[7];
	size_t got = 0;

	demand(!connect(fd, (void *)&s->address, s->size));
	if (begin > size)
		begin = size;
	send(fd, bytes, begin, MSG_NOSIGNAL | MSG_DONTWAIT);
	server_run(s->server);
	send(fd, bytes + begin, size - begin, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < ROUNDS; i++) {
		server_run(s->server);
		if (read_answer(fd, first, &got))
			break;
	}
	demand(got < sizeof(first) || !memcmp(first, "HTTP/1.", sizeof(first)));
	close(fd);
	server_run(s->server);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct subject subjects[2];
	struct subject *s;

	if (!size || !server_is_built_in())
		return 0;
	s = &subjects[bytes[0] & 1];
	if (!s->server)
		start(s, bytes[0] & 1);
	ask(s, bytes + 1, size - 1, bytes[0] >> 1);
	return 0;
}
