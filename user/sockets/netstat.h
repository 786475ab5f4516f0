/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a network namespace, as /proc/net/snmp and netstat show them. */
#ifndef USER_SOCKETS_NETSTAT_H
#define USER_SOCKETS_NETSTAT_H

#include "user/event/kernel_counters.h"

/*
 * Adds the values of a pair of lines, names above numbers, which both begin with the same group.
 * What is no number stays unknown. Returns 0, or -ENOENT: they are of neither Tcp nor TcpExt.
 */
int netstat_parse(const char *names, const char *values, struct kernel_counters *ret);

/* Of an open file with such lines, which stays open. Returns 0, or -errno: there are none. */
int netstat_read(int fd, struct kernel_counters *ret);

#endif
