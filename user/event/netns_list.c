// SPDX-License-Identifier: GPL-2.0-only
/* Network namespaces by their inodes, a few of them: those that are wanted. */
#include "user/event/netns_list.h"

#include <errno.h>

bool netns_list_has(const struct netns_list *list, uint32_t inode)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->inodes[i] == inode)
			return true;
	return false;
}

int netns_list_add(struct netns_list *list, uint32_t inode)
{
	if (netns_list_has(list, inode))
		return 0;
	if (list->count == NETNS_LIST_MAX)
		return -E2BIG;
	list->inodes[list->count++] = inode;
	return 0;
}
