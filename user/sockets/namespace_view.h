/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be opened in a network namespace, to be read from anywhere then. */
#ifndef USER_SOCKETS_NAMESPACE_VIEW_H
#define USER_SOCKETS_NAMESPACE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

enum namespace_view {
	NAMESPACE_ITERATOR, /* of its sockets, by the link of a BPF program */
	NAMESPACE_DIAG,	    /* a socket of NETLINK_SOCK_DIAG */
	NAMESPACE_COUNTERS, /* a copy of its /proc/net/netstat and snmp */
	NAMESPACE_PORTS,    /* a copy of its range of ports: see port_ranges.h */
	NAMESPACE_VIEW_COUNT
};

struct namespace_sight {
	uint32_t netns;	 /* 0: nothing tells which it is */
	uint64_t cookie; /* inodes are used again, these are not; 0: before 5.14, or of ports */
	bool is_empty;	 /* of sockets: it has none of TCP, and nothing was opened */
	int fd;		 /* closed by who has shown it; -1: nothing */
};

/*
 * Opens it in the namespace that the thread is in; `link` is that of an iterator, else -1. Returns
 * 0, with all but the namespace in `sight`, or -errno.
 */
int namespace_view_open(enum namespace_view view, int link, struct namespace_sight *sight);

/* An iterator of this link, in the namespace that the thread is in. A descriptor or -errno. */
int namespace_iterate(int link);

#endif
