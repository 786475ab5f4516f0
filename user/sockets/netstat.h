/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a network namespace, as /proc/net/netstat shows them. */
#ifndef USER_SOCKETS_NETSTAT_H
#define USER_SOCKETS_NETSTAT_H

#include <stdint.h>

struct netstat_listen {
	uint64_t overflows, drops;
};

/*
 * The values of a pair of lines, names above numbers, which both begin with the same group. Returns
 * 0, or -ENOENT: they are not of the group TcpExt, lack a number, or what stands there is none.
 */
int netstat_parse(const char *names, const char *values, struct netstat_listen *ret);

/* Of an open file of that kind, which stays open. Returns 0, or -errno. */
int netstat_read(int fd, struct netstat_listen *ret);

#endif
