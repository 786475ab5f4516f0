/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads all of it, however often it comes in parts. */
#ifndef USER_BASE_READ_H
#define USER_BASE_READ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Up to the end, or as many bytes as there is room for: a pipe has a part for each write. EINTR is
 * handled. Returns how many, or -errno.
 */
ssize_t read_all(int fd, void *bytes, size_t room);

/*
 * The same of the file of that name. Of a pipe whoever is to write is waited for, but no longer
 * than that, all together: then -ETIMEDOUT.
 */
ssize_t read_path(const char *path, void *bytes, size_t room, uint64_t patience_ns);

#endif
