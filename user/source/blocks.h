/* SPDX-License-Identifier: GPL-2.0-only */
/* What a capture file says beside its packets: of its clock, its links, and what was dropped. */
#ifndef USER_SOURCE_BLOCKS_H
#define USER_SOURCE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_INTERFACES 65536 /* of a section; who has more is not read on */
#define BLOCKS_BODY 512		/* bytes of a block that are looked at */
/* Packets that were read and not taken: more do not fit into BLOCKS_AHEAD bytes. */
#define BLOCKS_WAITING 8192
#define BLOCKS_AHEAD (BLOCKS_WAITING / 2 * 16)

/* What its block, and those before it, say of a packet. */
struct blocks_packet {
	uint16_t link;	      /* layer of the interface; BLOCKS_NO_LINK: there is no such */
	bool is_behind_a_gap; /* some were dropped between it and the packet before */
	bool is_timeless;     /* it has no time: what libpcap shows is 1970 */
};

#define BLOCKS_NO_LINK UINT16_MAX

struct blocks_interface {
	uint64_t dropped; /* as its packets say, each of those before it */
	uint64_t counted; /* as its statistics say: the same, from its beginning */
	uint16_t link;
};

/* All zero: it begins. It is fed with the bytes of the file as they pass, and keeps none. */
struct blocks {
	uint64_t resolution_ns; /* the coarsest of all interfaces; 0: not known (yet) */
	uint64_t dropped;	/* on all interfaces, as far as the file has said so */
	const char *fault;	/* why it cannot be read on; NULL: it can */

	struct blocks_interface *interfaces; /* of the section */
	size_t interface_count, interface_room;
	struct blocks_packet waiting[BLOCKS_WAITING];
	uint64_t come, taken; /* packets */

	enum { BLOCKS_HEAD, BLOCKS_INSIDE, BLOCKS_PASS, BLOCKS_OPTIONS } phase;
	uint64_t left;	   /* of the block, behind what is looked at */
	uint64_t behind;   /* of a packet's block, behind its bytes; 0: no options */
	size_t have, want; /* of what is looked at: a head, or the inside of a block */
	uint32_t kind, length, payload, number;
	struct blocks_packet packet; /* that the block is of */
	bool is_begun, is_swapped, is_over, is_gap;
	uint8_t body[BLOCKS_BODY];
};

/*
 * `bytes` pass, and are changed: libpcap refuses files whose interfaces differ, so each is made to
 * look like the others.
 */
void blocks_feed(struct blocks *b, void *bytes, size_t size);

/* The next packet that passed; false: the file has no such blocks, and says nothing of it. */
bool blocks_take(struct blocks *b, struct blocks_packet *ret_packet);

void blocks_done(struct blocks *b);

#endif
