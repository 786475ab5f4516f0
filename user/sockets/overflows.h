/* SPDX-License-Identifier: GPL-2.0-only */
/* What listeners dropped during a run: no hook sees it, the kernel's counters do. */
#ifndef USER_SOCKETS_OVERFLOWS_H
#define USER_SOCKETS_OVERFLOWS_H

#include <stdint.h>

#include "user/event/counters.h"
#include "user/event/kernel_counters.h"
#include "user/event/netns_list.h"

struct broker;
struct counters_readings;
struct overflows;

/*
 * Reads the counters of these network namespaces, or of all where the list is empty; `broker`, if
 * there is one, opens them. NULL: no memory; then nothing will be known.
 */
struct overflows *overflows_begin(const struct netns_list *netns, struct broker *broker);

/* Reads them again: how far they have moved. May be called more than once. */
void overflows_read(const struct overflows *overflows, struct listen_counters *ret);

/* The same of what somebody has read just now, of the same namespaces. */
void overflows_tell(const struct overflows *overflows, const struct counters_readings *now,
		    struct listen_counters *ret);

/* How far each counter has moved, in sum; `known`: in at least one namespace. */
void overflows_moved(const struct overflows *overflows, struct kernel_counters *ret);

void overflows_free(struct overflows *overflows);

#endif
