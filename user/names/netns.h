/* SPDX-License-Identifier: GPL-2.0-only */
/* Network namespaces: from what a person calls one to the inode number that the kernel knows. */
#ifndef USER_NAMES_NETNS_H
#define USER_NAMES_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where `ip netns` keeps them, by name. */
extern const char *const netns_folders[];
extern const size_t netns_folder_count;

/*
 * Looks up, in this order: `self`; `pid:N`, `inode:N` or `net:[N]`; a path, which has a slash; a
 * name that `ip netns` knows; a number, which is a PID where such a process exists and else an
 * inode. An inode must be that of a process or of a mount.
 * Returns 0, or -ENOENT (there is none), -EINVAL (it is something else), or another -errno of the
 * kernel (-EACCES, -EPERM).
 */
int netns_resolve(const char *text, uint32_t *ret_inode);

/* Whether it can only be a name, as `ip netns` has them: nothing else of the above. */
bool netns_is_name(const char *text);

#define NETNS_FIRST 0xeffffff9u /* NET_NS_INIT_INO, where that has a number of its own */

/*
 * That of the machine, which its first process is in. Returns 0, -ENOENT (whose processes /proc
 * shows are not the machine's, but a container's), or another -errno.
 */
int netns_of_machine(uint32_t *ret_inode);

/* The names that `ip netns` knows, by the inode; at most NETNS_NAMES_MAX of them. */
#define NETNS_NAMES_MAX 65536

struct netns_names;

/* None, or those that there are now; NULL when there is no memory. */
struct netns_names *netns_names_new(void);
struct netns_names *netns_names_learn(void);
void netns_names_free(struct netns_names *names);

/* Untrusted bytes; NULL when it has none. */
const char *netns_names_find(const struct netns_names *names, uint32_t inode);

/* From now on it is called so; NULL: it has no name any more. */
void netns_names_set(struct netns_names *names, uint32_t inode, const char *name, size_t size);

/* Calls `visit` for each name. */
void netns_names_each(const struct netns_names *names,
		      void (*visit)(void *context, uint32_t inode, const char *name),
		      void *context);

/* The inode in `inode:N`, `net:[N]` or N, of this machine or of another. Returns 0 or -EINVAL. */
int netns_parse_inode(const char *text, uint32_t *ret_inode);

#endif
