// SPDX-License-Identifier: GPL-2.0-only
/* Holds connections over loopback in many processes, half of their ends in CLOSE_WAIT. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7000

static void die(const char *what)
{
	fprintf(stderr, "hoard: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Each process has a server address of its own, so that ports do not run out: 127.2.HIGH.LOW. */
static struct sockaddr_in server_of(unsigned int process)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	address.sin_addr.s_addr = htonl(0x7f020001u + process);
	return address;
}

/* Both ends of `count` connections; the client has closed its direction, the server has not. */
static void hold(unsigned int process, unsigned int count)
{
	struct sockaddr_in address = server_of(process);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, SOMAXCONN))
		die("listen");
	for (unsigned int i = 0; i < count; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);

		if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof(address)))
			die("connect");
		if (accept(listener, NULL, NULL) < 0)
			die("accept");
		if (write(client, "x", 1) != 1 || shutdown(client, SHUT_WR))
			die("shutdown");
	}
	close(listener);
}

int main(int argc, char **argv)
{
	unsigned int processes = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned int sockets = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	struct rlimit files = { 1 << 20, 1 << 20 };
	int ready[2];
	char byte;

	if (!processes || sockets / processes < 2) {
		fprintf(stderr, "usage: hoard PROCESSES SOCKETS\n");
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	if (pipe(ready))
		die("pipe");
	for (unsigned int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(i, sockets / processes / 2);
		if (write(ready[1], "x", 1) != 1)
			die("write");
		pause();
		return 0;
	}
	close(ready[1]);
	for (unsigned int i = 0; i < processes; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("a process ended");
	puts("ready");
	fflush(stdout);
	/* Until whoever started it closes the other end. */
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
