/* SPDX-License-Identifier: GPL-2.0-only */
/* Network namespaces without a name of their own: the container or pod whose sockets are in one. */
#ifndef USER_NAMES_NETNS_USERS_H
#define USER_NAMES_NETNS_USERS_H

#include <stdint.h>

#include "user/names/workloads.h"

#define NETNS_USERS_MAX 65536 /* namespaces; of more it is not known */

struct netns_users;

/* `workloads` must stay. NULL when there is no memory. */
struct netns_users *netns_users_new(struct workloads *workloads);
void netns_users_free(struct netns_users *users);

/* No container has this one, whoever is in it: it is the machine's. */
void netns_users_exclude(struct netns_users *users, uint32_t inode);

/* A socket in this namespace was made in this cgroup; 0: not known. */
void netns_users_meet(struct netns_users *users, uint32_t inode, uint64_t cgroup);

/*
 * The pod that all sockets that were met in it are of, or else the container: untrusted, and stays.
 * NULL: none was met, some were of no container, or of different ones, or it is not known of some.
 */
const char *netns_users_find(const struct netns_users *users, uint32_t inode);

#endif
