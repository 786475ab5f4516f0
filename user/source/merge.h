/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads several rings as one, in the order in which room for their records was asked for. */
#ifndef USER_SOURCE_MERGE_H
#define USER_SOURCE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/source/ring.h"

#define MERGE_RINGS 64

/* A record that is being written holds up what is later for so long at most. */
#define MERGE_BUSY_NS UINT64_C(1000000000)

/*
 * Behind each record stands the time at which room for it was asked for (EVENT_STAMP_SIZE of
 * bpf/event.h). A ring's own order is that of its lock, and is kept: a record counts as no earlier
 * than the one before it in its ring. Whatever had room, in whichever ring, before a record asked
 * for it comes before that record, if only what had asked when a look begins is read by that look:
 * when it looks into a ring, all that is earlier has its room there. That does not take one ring's
 * word for another's: a ring in which nothing is holds up nobody.
 */
struct merge_ring {
	struct ring_memory memory;
	unsigned long at;  /* what is before has been handed over, or is about to be */
	unsigned long end; /* what is behind was not there when this look began */
	uint64_t key_ns;   /* when its next record, or the last one, counts as */
	struct record_bytes next;
	/* What had no room up to here at the look before has asked for it later than that. */
	unsigned long seen_end;
	uint64_t seen_ns;
	unsigned long busy_at; /* where a record is being written, at least since ... */
	uint64_t busy_ns;      /* ... then; 0: none is */
};

struct merge {
	struct merge_ring rings[MERGE_RINGS];
	size_t count;
	uint8_t heap[MERGE_RINGS]; /* rings that have something, the earliest on top */
	size_t heap_count;
	uint64_t now_ns, until_ns; /* of this look; what is later waits */
	bool is_waiting;
};

/* Of rings in which nothing was read. */
void merge_init(struct merge *merge, const struct ring_memory *memories, size_t count);

/*
 * As ring_read(), without the times behind the records: what asked for its room until `now_ns`, a
 * moment that is over. Not more than what is there when it begins.
 */
size_t merge_read(struct merge *merge, uint64_t now_ns, record_on_many on_records, void *context);

/* Whether the last look has left something that is there, or about to be. */
bool merge_is_waiting(const struct merge *merge);

#endif
