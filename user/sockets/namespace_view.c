// SPDX-License-Identifier: GPL-2.0-only
/* Opens the lists of sockets and the counters of the network namespace that the thread is in. */
#include "user/sockets/namespace_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "user/base/write.h"
#include "user/sockets/sockstat.h"

#define NET_FOLDER "/proc/thread-self/net"
#define IPV4_FOLDER "/proc/sys/net/ipv4"
#define COUNTERS_SIZE (64 << 10)

/* Since 5.14. */
static uint64_t own_cookie(void)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

int namespace_iterate(int link)
{
	int fd = bpf_iter_create(link);

	return fd < 0 ? -errno : fd;
}

/* As much of it as there is room for is added. Returns 0, or -errno. */
static int add_file(const char *path, char text[COUNTERS_SIZE], size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && *size < COUNTERS_SIZE) {
		got = read(fd, text + *size, COUNTERS_SIZE - *size);
		*size += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		got = -errno;
	if (fd >= 0)
		close(fd);
	return got < 0 ? (int)got : 0;
}

/* The files themselves would keep the namespace as long as somebody has them open. */
static int copy_counters(void)
{
	char *text = malloc(COUNTERS_SIZE);
	size_t size = 0;
	int error = text ? add_file(NET_FOLDER "/netstat", text, &size) : -ENOMEM;

	if (!error)
		error = add_file(NET_FOLDER "/snmp", text, &size);
	if (!error)
		error = write_memory("counters", text, size);
	free(text);
	return error;
}

static int copy_ports(void)
{
	char *text = malloc(COUNTERS_SIZE);
	size_t size = 0;
	int error = text ? add_file(IPV4_FOLDER "/ip_local_port_range", text, &size) : -ENOMEM;

	if (!error)
		error = add_file(IPV4_FOLDER "/tcp_tw_reuse", text, &size);
	if (!error)
		error = add_file(IPV4_FOLDER "/ip_local_reserved_ports", text, &size);
	if (!error)
		error = write_memory("ports", text, size);
	free(text);
	return error;
}

static bool is_of_sockets(enum namespace_view view)
{
	return view == NAMESPACE_ITERATOR || view == NAMESPACE_DIAG;
}

static int open_view(enum namespace_view view, int link)
{
	int fd = -1;

	if (view == NAMESPACE_ITERATOR)
		return namespace_iterate(link);
	if (view == NAMESPACE_COUNTERS)
		return copy_counters();
	if (view == NAMESPACE_PORTS)
		return copy_ports();
	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	return fd < 0 ? -errno : fd;
}

/* To look at sockets costs a walk through those of all namespaces. */
int namespace_view_open(enum namespace_view view, int link, struct namespace_sight *sight)
{
	sight->fd = -1;
	sight->is_empty = is_of_sockets(view) && !sockstat_may_have_tcp(NET_FOLDER);
	sight->cookie = view == NAMESPACE_PORTS ? 0 : own_cookie();
	if (sight->is_empty)
		return 0;
	sight->fd = open_view(view, link);
	return sight->fd < 0 ? sight->fd : 0;
}
