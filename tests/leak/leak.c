// SPDX-License-Identifier: GPL-2.0-only
/* Forgets to close a connection: the program that the README's section on leaks looks into. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 9000
#define PERIOD_MS 100
#define FAILS_EVERY 5 /* answers */

static const char good[] = "HTTP/1.0 200 OK\r\n\r\n", bad[] = "HTTP/1.0 503 Busy\r\n\r\n";

static const struct sockaddr_in backend = {
	.sin_family = AF_INET,
	.sin_port = __builtin_bswap16(PORT),
	.sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK),
};

/* Answers one request after the other, and closes. */
static void serve(int listener)
{
	prctl(PR_SET_NAME, "backend");
	for (unsigned int i = 1;; i++) {
		const char *answer = i % FAILS_EVERY ? good : bad;
		int client = accept(listener, NULL, NULL);
		char request[256];

		if (client < 0)
			continue;
		if (read(client, request, sizeof(request)) > 0)
			send(client, answer, strlen(answer), MSG_NOSIGNAL);
		close(client);
	}
}

/* Whether the backend is well. */
static bool is_well(void)
{
	static const char request[] = "GET /health HTTP/1.0\r\n\r\n";
	char status[sizeof("HTTP/1.0 200") - 1];
	char rest[256];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)&backend, sizeof(backend)))
		return false;
	if (write(fd, request, strlen(request)) < 0 ||
	    recv(fd, status, sizeof(status), MSG_WAITALL) != sizeof(status))
		return false;
	if (memcmp(status, good, sizeof(status)))
		return false; /* here fd is forgotten */
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	close(fd);
	return true;
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = PERIOD_MS * 1000000L };
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	pid_t server;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (const struct sockaddr *)&backend, sizeof(backend)) ||
	    listen(listener, SOMAXCONN)) {
		perror("leak: port 9000");
		return 1;
	}
	server = fork();
	if (server < 0) {
		perror("leak: fork");
		return 1;
	}
	if (!server) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listener);
	}
	close(listener);
	prctl(PR_SET_NAME, "monitor");
	for (unsigned int failures = 0;; nanosleep(&pause, NULL))
		failures += !is_well();
}
