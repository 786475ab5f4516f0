/* SPDX-License-Identifier: GPL-2.0-only */
/* How much room the maps of the kernel side have, and what memory that takes. */
#ifndef USER_KERNEL_ROOM_H
#define USER_KERNEL_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/kernel/planner.h"

struct tcpspan_bpf;

struct room_settings {
	size_t ring_bytes;	/* of all rings: a power of two, a page at least */
	unsigned int rings;	/* at least 1; live.c makes them */
	unsigned int slot_bits; /* 2^so many slots; 0: none */
	bool samples;		/* some connections are not followed, by --sample ... */
	bool budget;		/* ... or by a budget */
	bool follows;		/* children of processes are */
};

/* In bytes; what a map takes in addition for its own affairs is not counted. */
struct room {
	uint64_t ring, slots;
	unsigned int rings; /* that have the `ring` bytes in equal parts */
	uint64_t others;    /* all other maps, at most */
};

/* Of an object that is open, and was not loaded. */
void room_make(struct tcpspan_bpf *skel, const struct room_settings *settings);

/* What a run by this plan would take. Returns 0, or -errno: there would be none. */
int room_of_plan(const struct plan *plan, const struct room_settings *settings,
		 struct room *ret_room);

#endif
