/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a BPF ring buffer, or several as one, a batch at a time. */
#ifndef USER_SOURCE_RING_H
#define USER_SOURCE_RING_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/source/source.h"

#define RING_BATCH 64

/*
 * The memory of one, as BPF_MAP_TYPE_RINGBUF lays it out (kernel/bpf/ringbuf.c, since 5.8):
 * positions count bytes from the beginning of time, and the data follows itself so that no record
 * is cut.
 */
struct ring_memory {
	unsigned long *consumed;       /* up to where we have read */
	const unsigned long *produced; /* up to where the kernel has reserved */
	const unsigned char *data;
	size_t size; /* of the data once, a power of two */
};

/*
 * Hands over what is there, RING_BATCH records at most at a time, in order, and gives their room
 * back after each batch. Returns the number of records; not more than one ring's worth, so that a
 * reader which is no faster than the kernel comes up for air.
 */
size_t ring_read(const struct ring_memory *memory, record_on_many on_records, void *context);

struct ring;

/* Of maps of `size` bytes each, MERGE_RINGS at most (merge.h). Returns 0, or -errno. */
int ring_open(const int *map_fds, size_t count, size_t size, struct ring **ret_ring);

/*
 * The milliseconds from `now_ns` to `until_ns`, begun ones counted; -1: for ever. No more than an
 * int holds: who sleeps for less than was meant looks and sleeps again.
 */
int ring_timeout_ms(uint64_t now_ns, uint64_t until_ns);

/* From now on ring_wait() returns, too, while `fd` can be read. Returns 0, or -errno. */
int ring_watch(struct ring *ring, int fd);

/*
 * Sleeps until the kernel wakes readers anew, however much there is to read, or a signal of those
 * `allowed` comes, or `timeout_ms` (-1: never) are over. Returns 0, or -errno.
 */
int ring_wait(const struct ring *ring, int timeout_ms, const sigset_t *allowed);

/* As ring_read; of several, in order, what asked for its room before this began. */
size_t ring_consume(struct ring *ring, record_on_many on_records, void *context);

/* The bytes that were there, at most, when one of these began since this was asked last. */
uint64_t ring_take_waited(struct ring *ring);

/* Whether that left something which waits for its turn: look again soon. Of one ring never. */
bool ring_is_waiting(const struct ring *ring);

void ring_free(struct ring *ring);

#endif
