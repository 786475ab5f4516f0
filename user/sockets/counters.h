/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel has counted in all network namespaces at one time. */
#ifndef USER_SOCKETS_COUNTERS_H
#define USER_SOCKETS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/kernel_counters.h"
#include "user/event/netns_list.h"

struct broker;

/* One namespace. */
struct counters_reading {
	uint64_t cookie; /* inodes are used again, these are not; 0: the kernel is too old */
	uint32_t netns;
	bool is_known; /* false: it is there, and that is all that is known of it */
	struct kernel_counters counters;
};

struct counters_readings {
	struct counters_reading *list; /* in the order of their inodes */
	size_t count, room;
	uint64_t unread;  /* namespaces, or processes whose one is hidden */
	bool is_complete; /* what is not in the list did not exist */
};

/* Those of these network namespaces, or of all where the list is empty; `broker`, if there is one,
 * opens them. */
void counters_read(const struct netns_list *netns, struct broker *broker,
		   struct counters_readings *ret);
void counters_done(struct counters_readings *readings);

/* The same namespace in other readings; NULL: it is not there. */
const struct counters_reading *counters_find(const struct counters_readings *readings,
					     const struct counters_reading *like);

#endif
