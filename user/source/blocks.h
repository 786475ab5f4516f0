/* SPDX-License-Identifier: GPL-2.0-only */
/* What a capture file says beside its packets: the steps of its clock, and what was dropped. */
#ifndef USER_SOURCE_BLOCKS_H
#define USER_SOURCE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_INTERFACES 256 /* whose drops are known; what others dropped is not */
#define BLOCKS_BODY 512	      /* bytes of a block that are looked at */

/* All zero: it begins. It is fed with the bytes of the file as they pass, and keeps none. */
struct blocks {
	uint64_t resolution_ns; /* the coarsest of all interfaces; 0: not known (yet) */
	uint64_t dropped[BLOCKS_INTERFACES];

	enum { BLOCKS_HEAD, BLOCKS_INSIDE, BLOCKS_PASS } phase;
	uint64_t left;	   /* of the block, behind what is looked at */
	size_t have, want; /* of what is looked at: a head, or the inside of a block */
	uint32_t kind, length;
	bool is_begun, is_swapped, is_over;
	uint8_t body[BLOCKS_BODY];
};

void blocks_feed(struct blocks *b, const void *bytes, size_t size);

/* What all interfaces have dropped, as far as the file has said so. */
uint64_t blocks_dropped(const struct blocks *b);

#endif
