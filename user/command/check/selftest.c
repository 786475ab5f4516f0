// SPDX-License-Identifier: GPL-2.0-only
/* Traces one loopback connection of its own and compares what was seen with what was done. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/command/check/selftest.h"
#include "user/conn/table.h"
#include "user/run/terminal.h"
#include "user/source/live.h"

#define RING_BYTES 65536
#define PATIENCE_NS 1000000000ull

struct watch {
	struct consumer consumer;
	struct conn_table *table;
	struct selftest *result;
	uint16_t port; /* of the listener: what tells its connection from other people's */
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct watch *watch = context;
	struct event event;

	if (!event_decode(bytes, size, &event))
		conn_table_apply(watch->table, &event);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct watch *watch = (struct watch *)self;

	if (c->flags & CONN_INCOMPLETE || (c->lport != watch->port && c->rport != watch->port))
		return;
	if (c->role == CONN_ROLE_CLIENT) {
		watch->result->clients++;
		watch->result->client_ns = c->handshake_ns;
	} else if (c->role == CONN_ROLE_SERVER) {
		watch->result->servers++;
		watch->result->server_ns = c->handshake_ns;
	}
}

static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = ioctl(fd, SIOCSIFFLAGS, &request) ? -errno : 0;
	close(fd);
	return error;
}

/* A network namespace whose loopback is up; without the right to raise it, stays where it is. */
static int enter_namespace(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int error;

	if (home < 0)
		return -errno;
	error = unshare(CLONE_NEWNET) ? -errno : 0;
	if (!error) {
		error = raise_loopback();
		if (error)
			setns(home, CLONE_NEWNET);
	}
	close(home);
	return error;
}

static uint32_t own_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/* A listener on a free port of 127.0.0.1. Returns its descriptor, or -errno. */
static int listen_anywhere(struct sockaddr_in *ret_address)
{
	socklen_t size = sizeof(*ret_address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(ret_address, 0, size);
	ret_address->sin_family = AF_INET;
	ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)ret_address, size) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)ret_address, &size)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* Connects, accepts, and closes the client's end first. Returns 0, or -errno. */
static int converse(int listener, const struct sockaddr_in *address)
{
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int server = -1;
	int error = 0;
	char byte;

	if (client < 0)
		return -errno;
	if (connect(client, (const struct sockaddr *)address, sizeof(*address)))
		error = -errno;
	else
		server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (!error && server < 0)
		error = -errno;
	close(client);
	if (server >= 0) {
		/* Returns when the client's FIN has come. */
		if (read(server, &byte, 1) < 0)
			error = -errno;
		close(server);
	}
	return error;
}

static void watch_conversation(struct live *live, struct watch *watch, int listener,
			       const struct sockaddr_in *address)
{
	struct selftest *result = watch->result;
	uint64_t start_ns = terminal_now_ns(), deadline = start_ns + PATIENCE_NS;
	int error = converse(listener, address);

	while (!error && terminal_now_ns() < deadline && (!result->clients || !result->servers))
		if (live_poll(live, deadline, NULL) < 0)
			break;
	live_stop(live);
	live_events(live, &result->events);
	result->lost = result->events.ring_full + result->events.missed;
	result->connections = *conn_table_counts(watch->table);
	result->duration_ns = terminal_now_ns() - start_ns;
	if (error)
		snprintf(result->reason, sizeof(result->reason), "no loopback connection: %s",
			 strerror(-error));
	else if (result->clients != 1 || result->servers != 1)
		snprintf(result->reason, sizeof(result->reason),
			 "of 1 client and 1 server, %u and %u were seen whole", result->clients,
			 result->servers);
	else
		result->ok = true;
}

void selftest_run(enum plan_attach attach, struct selftest *ret_result)
{
	static const struct consumer_class class = { .closed = on_closed };
	struct watch watch = { .consumer.class = &class, .result = ret_result };
	struct consumer *consumers[] = { &watch.consumer };
	struct live_settings settings = {
		.attach = attach,
		.families = HOOK_TRACED,
		.ring_bytes = RING_BYTES,
		.on_record = on_record,
		.context = &watch,
	};
	struct conn_filter *filter = calloc(1, sizeof(*filter));
	struct sockaddr_in address;
	struct live *live = NULL;
	int fd;

	memset(ret_result, 0, sizeof(*ret_result));
	ret_result->client_ns = TIME_UNKNOWN;
	ret_result->server_ns = TIME_UNKNOWN;
	ret_result->own_namespace = !enter_namespace();
	fd = listen_anywhere(&address);
	if (fd < 0 || !filter) {
		snprintf(ret_result->reason, sizeof(ret_result->reason),
			 "no listener on loopback: %s", strerror(fd < 0 ? -fd : ENOMEM));
		free(filter);
		return;
	}
	filter->netns = own_netns();
	watch.port = ntohs(address.sin_port);
	settings.filter = filter;
	watch.table = conn_table_new(16, filter, &(struct consumer_list){ consumers, 1 });
	if (!watch.table)
		snprintf(ret_result->reason, sizeof(ret_result->reason), "not enough memory");
	else if (!live_open(&settings, &live, ret_result->reason))
		watch_conversation(live, &watch, fd, &address);
	live_free(live);
	conn_table_free(watch.table);
	free(filter);
	close(fd);
}
