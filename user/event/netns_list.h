/* SPDX-License-Identifier: GPL-2.0-only */
/* Network namespaces by their inodes, a few of them: those that are wanted. */
#ifndef USER_EVENT_NETNS_LIST_H
#define USER_EVENT_NETNS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETNS_LIST_MAX 64

/* Of those that are wanted, none means all. Each is in it once. */
struct netns_list {
	size_t count;
	uint32_t inodes[NETNS_LIST_MAX];
};

bool netns_list_has(const struct netns_list *list, uint32_t inode);

/* Returns 0, also when it is in the list, or -E2BIG. */
int netns_list_add(struct netns_list *list, uint32_t inode);

#endif
