/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes all of it, however often the kernel stops in the middle. */
#ifndef USER_BASE_WRITE_H
#define USER_BASE_WRITE_H

#include <stddef.h>

/*
 * Returns 0, or -errno when a part may be missing (-EPIPE: the reader left). EINTR and short writes
 * are handled; EAGAIN waits for room.
 */
int write_all(int fd, const void *bytes, size_t size);

/*
 * The same of lines. Where a file has room for a part of one, it gets none of that: whoever reads
 * lines would stumble over it, and what is appended later would be glued to it.
 */
int write_lines(int fd, const char *bytes, size_t size);

/* Closes it: file systems may tell only then that a part is missing. Returns 0 or -errno. */
int write_close(int fd);

/* To a file in memory, to be read from its start. Returns its descriptor or -errno. */
int write_memory(const char *name, const void *bytes, size_t size);

#endif
