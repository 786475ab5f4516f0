/* SPDX-License-Identifier: GPL-2.0-only */
/* From which ports connects take theirs, in each network namespace. */
#ifndef USER_SOCKETS_PORT_RANGES_H
#define USER_SOCKETS_PORT_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "user/event/netns_list.h"

struct broker;

struct port_range {
	uint32_t netns;
	uint16_t low, high;
	uint32_t usable; /* without those that are reserved */
	uint8_t reuse;	 /* net.ipv4.tcp_tw_reuse */
};

/*
 * The lines of a copy of ip_local_port_range, tcp_tw_reuse and ip_local_reserved_ports, in that
 * order. Returns 0, or -ENOENT: they are not those.
 */
int port_range_parse(const char *text, struct port_range *ret);

/* Tells of these namespaces, or all where the list is empty. Returns how many are not known. */
uint64_t port_ranges_each(const struct netns_list *netns, struct broker *broker,
			  void (*visit)(void *context, const struct port_range *range),
			  void *context);

#endif
