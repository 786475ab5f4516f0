/* SPDX-License-Identifier: GPL-2.0-only */
/* Control groups of version 2: from a path to the id that the kernel knows, and back. */
#ifndef USER_NAMES_CGROUP_H
#define USER_NAMES_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `path` is a folder, absolute or from the top of the cgroup2 mount on ("system.slice", and
 * "/system.slice" or "/" as in /proc/PID/cgroup, where that is no folder of a cgroup2 mount).
 * Returns 0, or -ENODEV (no cgroup2 is mounted), -ENOENT (no such folder), -EINVAL (a folder of
 * something else, such as a version-1 hierarchy), or another -errno of the kernel.
 */
int cgroup_resolve(const char *path, uint64_t *ret_id);

/* The cgroups that were seen, by their id; at most CGROUP_NAMES_MAX of them. */
#define CGROUP_NAMES_MAX (1U << 16)
#define CGROUP_NAMES_BYTES (32U << 20) /* of their paths */

#define CGROUP_TEXT_SIZE 8192 /* of /proc/PID/cgroup, as much as is looked at */

struct cgroup_names;

/* NULL when there is no memory. */
struct cgroup_names *cgroup_names_new(void);
void cgroup_names_free(struct cgroup_names *names);

/*
 * Adds those that are below the cgroup2 mount now; one that is gone by then keeps its name. Returns
 * 0, or -errno: -ENODEV (no cgroup2 is mounted), -ENOMEM (then some are missing).
 */
int cgroup_names_learn(struct cgroup_names *names);

/*
 * Adds one by what somebody else knew; the first name of an id stays. Returns 0, -ENOMEM, or
 * -ENOSPC: there is no more room for names.
 */
int cgroup_names_add(struct cgroup_names *names, uint64_t id, const char *path, size_t size);

/*
 * The same of one that this user has made. Root has half of the room in any case: who may make
 * groups of his own makes them by the ten thousand, and none of them has a name then. Of the other
 * half no user has more than he leaves. -EDQUOT: he has had his share.
 */
int cgroup_names_add_of(struct cgroup_names *names, uint32_t uid, uint64_t id, const char *path,
			size_t size);

/*
 * One was met that may be new: finds its name by whose it is (`pid`; 0: not known) or, as far as
 * that takes little of the time, as cgroup_names_learn() does. Returns whether any were added.
 */
bool cgroup_names_meet(struct cgroup_names *names, uint64_t id, uint32_t pid);

/*
 * Whether this machine has hierarchies of version 1 as well, whose groups sockets do not tell, and
 * the text of /proc/PID/cgroup, of which `room` bytes are kept. Returns its size; 0: there is none.
 */
bool cgroup_has_version_1(void);
size_t cgroup_read_process(uint32_t pid, char *text, size_t room);

/* Whether any can have a name here: with no cgroup2 mounted, those of version 1 alone do. */
bool cgroup_may_have_name(void);

/* Calls `visit` for each, the oldest first. */
void cgroup_names_each(const struct cgroup_names *names,
		       void (*visit)(void *context, uint64_t id, const char *path), void *context);

/* Its path from the mount on, "/" for the topmost, untrusted bytes; NULL when it is not known. */
const char *cgroup_names_find(const struct cgroup_names *names, uint64_t id);

/* Counted from 1, in the order in which they were added; 0: it is not known. */
size_t cgroup_names_number(const struct cgroup_names *names, uint64_t id);

/* Whether one is another or below it, as far as both have names. */
bool cgroup_names_is_within(const struct cgroup_names *names, uint64_t id, uint64_t ancestor);

/* The same, of the path of another as cgroup_names_find() tells it, whether or not it has an id. */
bool cgroup_names_is_below(const struct cgroup_names *names, uint64_t id, const char *path);

/*
 * The path from the mount on of what cgroup_resolve() takes, with no look at this machine: it is
 * mounted where systemd does that. Returns 0, or -ENAMETOOLONG.
 */
int cgroup_path_from_mount(const char *path, char *ret, size_t room);

/*
 * A cgroup that is removed and made again, as of a service that starts anew, has a new id and its
 * old path. Once they are compared, the least id of those that share the path of `id` is found, or
 * else `id`. Returns 0 or -ENOMEM.
 */
int cgroup_names_compare(struct cgroup_names *names);
uint64_t cgroup_names_first(const struct cgroup_names *names, uint64_t id);

#endif
