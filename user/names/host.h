/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the machine, which may be mounted below a folder of the container that this runs in. */
#ifndef USER_NAMES_HOST_H
#define USER_NAMES_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All files of the machine are below this folder, which stays; NULL: they are where they are. */
void host_set_root(const char *folder);
const char *host_root(void); /* "" where it is this one */

/* Whether the PIDs of /proc are those of the machine. */
bool host_shows_processes(void);

/*
 * Opens a file to read what others may have put there: a regular file of `most` bytes at most, no
 * link in its last place, nothing that waits. Returns its content, which the caller frees, with a
 * NUL behind it; NULL: there is none.
 */
char *host_read(const char *path, size_t most, size_t *ret_size);

/*
 * Calls `visit` for each entry of a folder, with its name and d_type, up to `most` of them and
 * until `deadline_ns` of the monotonic clock. Returns 0, or -errno.
 */
int host_list(const char *path, size_t most, uint64_t deadline_ns,
	      void (*visit)(void *context, const char *name, unsigned char type), void *context);

#endif
