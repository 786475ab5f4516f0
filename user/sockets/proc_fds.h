/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks the descriptors of all processes as /proc shows them. */
#ifndef USER_SOCKETS_PROC_FDS_H
#define USER_SOCKETS_PROC_FDS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

#define PROC_TARGET_SIZE 64 /* a longer target is cut: it is the path of a file */

struct proc_fd {
	uint32_t pid, task; /* the process, and the thread whose table it is */
	uint32_t fd;
	const char *target; /* "socket:[4711]" */
};

/*
 * Whether the entry of /proc with this name is the first process: who does not find it there is
 * shown some of them alone.
 */
bool proc_fds_is_first(const char *name);

/*
 * Calls `visit` for each. A process that ends meanwhile is no error; those that may not be read are
 * added to `unreadable`, and one more where /proc hides others. Returns 0, or -errno when there is
 * no /proc.
 */
int proc_fds_walk(void (*visit)(void *context, const struct proc_fd *fd), void *context,
		  uint64_t *unreadable);

/* Calls `visit` for each line of the descriptor's fdinfo; nothing when it cannot be read. */
void proc_fds_info(const struct proc_fd *fd,
		   void (*visit)(void *context, const struct proc_fd *fd, const char *line),
		   void *context);

/* The process's name, NUL-padded, empty when it is gone. */
void proc_fds_comm(uint32_t pid, char comm[EVENT_COMM_SIZE]);

/* Whose it is; SHARES_NOBODY when it is gone. */
uint32_t proc_fds_uid(uint32_t pid);

/* The inode of its network namespace; 0: unknown. */
uint32_t proc_fds_netns(uint32_t pid);

/* Calls `visit` for the name of each thread of the process, until it returns false. */
void proc_fds_threads(uint32_t pid, bool (*visit)(void *context, const char comm[EVENT_COMM_SIZE]),
		      void *context);

#endif
