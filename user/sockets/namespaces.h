/* SPDX-License-Identifier: GPL-2.0-only */
/* The network namespaces of the machine, by inode, with a path that leads to each. */
#ifndef USER_SOCKETS_NAMESPACES_H
#define USER_SOCKETS_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/event/netns_list.h"

struct namespace
{
	uint32_t inode;
	char *path; /* may lead nowhere by the time it is opened */
};

struct namespaces {
	struct namespace *list; /* that of this process is the first */
	size_t count, room;
	struct hash_index index; /* of the list, counted from 1, by inode */
	uint64_t hidden;	 /* processes that do not show theirs to us */
};

/*
 * Finds the namespaces of processes and of mounts and, with `files`, those that are held open and
 * by nothing else. One of a thread alone is found only when it is held in one of these ways, too.
 * With `only`, stops as soon as all of these are found. Returns 0, or -ENOMEM. What is found is not
 * to be moved.
 */
int namespaces_find(struct namespaces *namespaces, bool files, const struct netns_list *only);

void namespaces_done(struct namespaces *namespaces);

/* The one with this inode, or NULL. */
const struct namespace *namespaces_get(const struct namespaces *namespaces, uint32_t inode);

/*
 * Opens it. Returns a descriptor, or -ENOENT (it is gone, or something else is in its place), or
 * another -errno.
 */
int namespace_open(const struct namespace *namespace);

#define NAMESPACE_NOBODY UINT32_MAX

/*
 * The user whose the open namespace is, as whoever made its user namespace: root's are those that
 * no user can make. NAMESPACE_NOBODY: the kernel does not tell us.
 */
uint32_t namespace_owner(int fd);

#endif
