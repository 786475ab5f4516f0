/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of passwords and keys, which may be pipes: `--clickhouse-password <(...)`. */
#ifndef USER_RUN_SECRET_H
#define USER_RUN_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SECRET_PATH_SIZE 4096

/*
 * At most `room` bytes, of which the caller leaves nothing in memory. Returns how many; or -errno
 * after one sentence, and leaves nothing: -ETIMEDOUT where who writes takes too long.
 */
ssize_t secret_read(const char *path, char *text, size_t room);

/*
 * Where the one of that name is which a service manager hands over as a file, as systemd does by
 * LoadCredential=. Returns false when there is none.
 */
bool secret_find(const char *name, char ret_path[SECRET_PATH_SIZE]);

#endif
