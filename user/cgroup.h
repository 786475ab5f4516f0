/* SPDX-License-Identifier: GPL-2.0-only */
/* Control groups of version 2: from a path to the id that the kernel knows. */
#ifndef USER_CGROUP_H
#define USER_CGROUP_H

#include <stdint.h>

/*
 * `path` is a folder, absolute or from the top of the cgroup2 mount on ("system.slice", and
 * "/system.slice" as in /proc/PID/cgroup where no such folder is).
 * Returns 0, or -ENODEV (no cgroup2 is mounted), -ENOENT (no such folder), -EINVAL (a folder of
 * something else, such as a version-1 hierarchy), or another -errno of the kernel.
 */
int cgroup_resolve(const char *path, uint64_t *ret_id);

#endif
