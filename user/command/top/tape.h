/* SPDX-License-Identifier: GPL-2.0-only */
/* The records of the last minutes, in memory: the oldest make room for the newest. */
#ifndef USER_COMMAND_TOP_TAPE_H
#define USER_COMMAND_TOP_TAPE_H

#include <stddef.h>
#include <stdint.h>

#define TAPE_PIECES 128
#define TAPE_PIECE_BYTES (256 << 10) /* so that it takes 32 MiB at most */

/* Zeroed memory is an empty one. */
struct tape {
	struct {
		uint8_t *bytes; /* each record behind its size, 16 bits */
		size_t size;
	} pieces[TAPE_PIECES];
	size_t last;	    /* the piece that is being filled */
	uint64_t forgotten; /* records: the oldest, and those for which there was no memory */
};

void tape_done(struct tape *tape);

/* Keeps a record as it is. */
void tape_add(struct tape *tape, const void *bytes, size_t size);

/* Calls `visit` for each, the oldest first. */
void tape_each(const struct tape *tape,
	       void (*visit)(void *context, const void *bytes, size_t size), void *context);

#endif
