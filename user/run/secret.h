/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of passwords and keys, which may be pipes: `--clickhouse-password <(...)`. */
#ifndef USER_RUN_SECRET_H
#define USER_RUN_SECRET_H

#include <stddef.h>
#include <sys/types.h>

/*
 * At most `room` bytes, of which the caller leaves nothing in memory. Returns how many; or -errno
 * after one sentence, and leaves nothing: -ETIMEDOUT where who writes takes too long.
 */
ssize_t secret_read(const char *path, char *text, size_t room);

#endif
