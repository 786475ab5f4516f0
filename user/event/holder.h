/* SPDX-License-Identifier: GPL-2.0-only */
/* A holder of a socket: a process, and the descriptor by which it holds it. */
#ifndef USER_EVENT_HOLDER_H
#define USER_EVENT_HOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/* X(NAME, "name"): what kind of number `fd` is. */
#define HOLDER_WAYS(X)              \
	X(DESCRIPTOR, "descriptor") \
	X(IO_URING, "io_uring") /* of a ring, in whose table of files the socket is */

enum holder_way {
#define X(NAME, name) HOLDER_##NAME,
	HOLDER_WAYS(X)
#undef X
		HOLDER_WAY_COUNT
};

struct holder {
	uint64_t inode; /* of the socket */
	uint32_t pid;
	uint32_t fd;
	char comm[EVENT_COMM_SIZE]; /* untrusted; NUL-terminated if shorter */
	uint8_t way;		    /* enum holder_way */
};

const char *holder_way_name(enum holder_way way);

/* By inode, process and descriptor; removes what was told of twice. Returns how many are left. */
size_t holder_sort(struct holder *holders, size_t count);

/* Those of one socket among sorted ones; NULL when there is none. */
const struct holder *holder_find(const struct holder *holders, size_t count, uint64_t inode,
				 size_t *ret_count);

/* Sorts the inodes that are asked for, and removes repeated ones; returns how many are left. */
size_t holder_sort_inodes(uint64_t *inodes, size_t count);

/* Keeps the inodes that none of the sorted holders has; returns how many. */
size_t holder_unheld(const struct holder *holders, size_t holder_count, uint64_t *inodes,
		     size_t count);

#endif
