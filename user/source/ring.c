// SPDX-License-Identifier: GPL-2.0-only
/* Reads a BPF ring buffer, or several as one, a batch at a time. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/source/merge.h"
#include "user/source/ring.h"

/*
 * What a program takes from its look at the clock to its place in the ring, unless it is
 * interrupted, and more than its clock and ours differ by.
 */
#define SETTLE_NS 5000

/*
 * libbpf's reader gives each record's room back by itself, in a cache line that the kernel's
 * producers read, and waits on the level of the ring: as long as anything is in it, there is no
 * sleep. Under load that makes a reader of one record at a time; here it sleeps until it is worth
 * it.
 */
struct ring {
	struct ring_memory memories[MERGE_RINGS];
	size_t count, page;
	uint64_t waited; /* bytes, at most, since somebody asked */
	int epoll_fd;
	struct merge merge; /* of several */
};

size_t ring_read(const struct ring_memory *memory, record_on_many on_records, void *context)
{
	unsigned long consumed = *memory->consumed;
	const unsigned long end = consumed + memory->size;
	struct record_bytes batch[RING_BATCH];
	size_t sum = 0, count;

	do {
		unsigned long produced = __atomic_load_n(memory->produced, __ATOMIC_ACQUIRE);

		count = 0;
		while (count < RING_BATCH && consumed != produced) {
			const unsigned char *at = memory->data + (consumed & (memory->size - 1));
			uint32_t head = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
			uint32_t size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

			if (head & BPF_RINGBUF_BUSY_BIT)
				break;
			if (!(head & BPF_RINGBUF_DISCARD_BIT))
				batch[count++] =
					(struct record_bytes){ .bytes = at + BPF_RINGBUF_HDR_SZ,
							       .size = size };
			consumed += (size + BPF_RINGBUF_HDR_SZ + 7ul) & ~7ul;
		}
		if (count)
			on_records(context, batch, count);
		sum += count;
		__atomic_store_n(memory->consumed, consumed, __ATOMIC_RELEASE);
	} while (count == RING_BATCH && (long)(end - consumed) > 0);
	return sum;
}

static int map_memory(struct ring_memory *memory, size_t page, int map_fd)
{
	unsigned char *produced;
	void *consumed;

	consumed = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (consumed == MAP_FAILED)
		return -errno;
	memory->consumed = consumed;
	produced = mmap(NULL, page + 2 * memory->size, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (produced == MAP_FAILED)
		return -errno;
	memory->produced = (const unsigned long *)produced;
	memory->data = produced + page;
	return 0;
}

/* On the edge: woken by what the kernel does, not by what is left to read. */
static int add(struct ring *ring, int map_fd, size_t size)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct ring_memory *memory = &ring->memories[ring->count++];

	memory->size = size;
	if (epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, map_fd, &event))
		return -errno;
	return map_memory(memory, ring->page, map_fd);
}

int ring_open(const int *map_fds, size_t count, size_t size, struct ring **ret_ring)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int error;

	if (!ring)
		return -ENOMEM;
	ring->page = (size_t)sysconf(_SC_PAGESIZE);
	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	error = ring->epoll_fd < 0 ? -errno : 0;
	for (size_t i = 0; !error && i < count && i < MERGE_RINGS; i++)
		error = add(ring, map_fds[i], size);
	if (error) {
		ring_free(ring);
		return error;
	}
	merge_init(&ring->merge, ring->memories, ring->count);
	*ret_ring = ring;
	return 0;
}

int ring_timeout_ms(uint64_t now_ns, uint64_t until_ns)
{
	uint64_t left_ms;

	if (until_ns == UINT64_MAX)
		return -1;
	if (until_ns <= now_ns)
		return 0;
	left_ms = (until_ns - now_ns - 1) / NS_PER_MS + 1;
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

int ring_watch(struct ring *ring, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int ring_wait(const struct ring *ring, int timeout_ms, const sigset_t *allowed)
{
	struct epoll_event event;

	if (epoll_pwait(ring->epoll_fd, &event, 1, timeout_ms, allowed) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

static void note_waiting(struct ring *ring)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ring->count; i++)
		sum += __atomic_load_n(ring->memories[i].produced, __ATOMIC_RELAXED) -
		       *ring->memories[i].consumed;
	if (sum > ring->waited)
		ring->waited = sum;
}

size_t ring_consume(struct ring *ring, record_on_many on_records, void *context)
{
	uint64_t now_ns;

	note_waiting(ring);
	if (ring->count == 1)
		return ring_read(ring->memories, on_records, context);
	now_ns = clock_now();
	while (clock_now() < now_ns + SETTLE_NS)
		;
	return merge_read(&ring->merge, now_ns, on_records, context);
}

uint64_t ring_take_waited(struct ring *ring)
{
	uint64_t waited = ring->waited;

	ring->waited = 0;
	return waited;
}

bool ring_is_waiting(const struct ring *ring)
{
	return ring->count > 1 && merge_is_waiting(&ring->merge);
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	if (ring->epoll_fd >= 0)
		close(ring->epoll_fd);
	for (size_t i = 0; i < ring->count; i++) {
		const struct ring_memory *memory = &ring->memories[i];

		if (memory->data)
			munmap((void *)memory->produced, ring->page + 2 * memory->size);
		if (memory->consumed)
			munmap(memory->consumed, ring->page);
	}
	free(ring);
}
