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

#include "user/base/log.h"
#include "user/base/units.h"
#include "user/command/check/selftest.h"
#include "user/command/check/words.h"
#include "user/run/run.h"

#define RING_BYTES 65536
#define CONNECTIONS 16
#define PATIENCE_NS NS_PER_S

struct watch {
	struct consumer consumer;
	struct selftest *result;
	int listener;
	struct sockaddr_in address;
	uint16_t port; /* of the listener: what tells its connection from other people's */
	uint64_t start_ns;
	int error; /* of the conversation: -errno */
};

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

static int begin(void *context, struct run *run)
{
	struct watch *watch = context;

	watch->start_ns = run->source->class->now(run->source);
	watch->error = converse(watch->listener, &watch->address);
	return 0;
}

static uint64_t due_ns(void *context)
{
	return ((struct watch *)context)->start_ns + PATIENCE_NS;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	const struct watch *watch = context;
	bool is_seen = watch->result->clients && watch->result->servers;

	return watch->error || is_seen || now_ns >= due_ns(context) ? TASK_ENOUGH : TASK_GO_ON;
}

static void finish(void *context, struct run *run)
{
	struct watch *watch = context;
	struct selftest *result = watch->result;

	run->source->class->events(run->source, &result->events);
	result->lost = result->events.ring_full + result->events.missed;
	result->connections = *conn_table_counts(run->table);
	result->duration_ns = run->source->class->now(run->source) - watch->start_ns;
	if (watch->error)
		snprintf(result->reason, sizeof(result->reason), "no loopback connection: %s",
			 strerror(-watch->error));
	else if (result->clients == 1 && result->servers == 1)
		result->ok = true;
	else
		result->is_seen_in_part = true;
	if (result->is_seen_in_part)
		snprintf(result->reason, sizeof(result->reason), IN(LADDER_EN, SAY_SEEN_IN_PART),
			 result->clients, result->servers);
}

static void refused(void *context, int error, const char *reason)
{
	struct selftest *result = ((struct watch *)context)->result;

	snprintf(result->reason, sizeof(result->reason), "%s", *reason ? reason : strerror(-error));
}

static void watch_conversation(struct watch *watch, const struct options *options)
{
	static const struct consumer_class class = { .closed = on_closed };
	struct consumer *consumers[] = { &watch->consumer };
	/* All that may be attached is. */
	const struct task task = {
		.consumers = { consumers, 1 },
		.wants = CONSUMER_RETRANSMITS | CONSUMER_PROMPT,
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.refused = refused,
		.context = watch,
	};

	watch->consumer.class = &class;
	run_follow(options, &task);
}

void selftest_run(enum attach attach, struct selftest *ret_result)
{
	struct options *options = calloc(1, sizeof(*options));
	struct watch watch = { .result = ret_result };

	memset(ret_result, 0, sizeof(*ret_result));
	ret_result->client_ns = TIME_UNKNOWN;
	ret_result->server_ns = TIME_UNKNOWN;
	ret_result->own_namespace = !enter_namespace();
	watch.listener = listen_anywhere(&watch.address);
	if (watch.listener < 0 || !options) {
		snprintf(ret_result->reason, sizeof(ret_result->reason),
			 "no listener on loopback: %s",
			 strerror(watch.listener < 0 ? -watch.listener : ENOMEM));
	} else {
		watch.port = ntohs(watch.address.sin_port);
		options->attach = attach;
		options->ring_bytes = RING_BYTES;
		options->max_connections = CONNECTIONS;
		netns_list_add(&options->filter.netns, own_netns());
		options->verbose = log_verbose;
		watch_conversation(&watch, options);
	}
	free(options);
	if (watch.listener >= 0)
		close(watch.listener);
}
