// SPDX-License-Identifier: GPL-2.0-only
/* Reads several rings as one, in the order in which room for their records was asked for. */
#include "user/source/merge.h"

#include <string.h>

#include <linux/bpf.h>

#include "bpf/event.h"

/* Looks at a record that is being written: most of them are ready within a microsecond. */
#define BUSY_TRIES 1000

void merge_init(struct merge *merge, const struct ring_memory *memories, size_t count)
{
	memset(merge, 0, sizeof(*merge));
	merge->count = count;
	for (size_t i = 0; i < count; i++) {
		struct merge_ring *ring = &merge->rings[i];

		ring->memory = memories[i];
		ring->at = ring->end = ring->seen_end = *memories[i].consumed;
	}
}

static uint32_t head_at(const struct merge_ring *ring)
{
	const unsigned char *at = ring->memory.data + (ring->at & (ring->memory.size - 1));

	return __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
}

static bool is_busy(const struct merge_ring *ring)
{
	for (int i = 0; i < BUSY_TRIES; i++)
		if (!(head_at(ring) & BPF_RINGBUF_BUSY_BIT))
			return false;
	return true;
}

/* Nothing is handed over that may be later than a record that is being written. */
static void wait_for(struct merge *merge, struct merge_ring *ring)
{
	uint64_t asked_ns = ring->key_ns;

	merge->is_waiting = true;
	if (!ring->busy_ns || ring->busy_at != ring->at) {
		ring->busy_at = ring->at;
		ring->busy_ns = merge->now_ns;
	}
	if (merge->now_ns - ring->busy_ns >= MERGE_BUSY_NS)
		return;
	if ((long)(ring->at - ring->seen_end) >= 0 && ring->seen_ns > asked_ns)
		asked_ns = ring->seen_ns;
	if (asked_ns < merge->until_ns)
		merge->until_ns = asked_ns;
}

static unsigned long room_of(uint32_t head)
{
	uint32_t size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (size + BPF_RINGBUF_HDR_SZ + 7ul) & ~7ul;
}

/* What follows `at` becomes its next record. Returns false: there is none, or none yet. */
static bool find_next(struct merge *merge, struct merge_ring *ring)
{
	while (ring->at != ring->end) {
		const unsigned char *bytes = ring->memory.data +
					     (ring->at & (ring->memory.size - 1)) +
					     BPF_RINGBUF_HDR_SZ;
		uint64_t stamp;
		uint32_t head;

		if (is_busy(ring)) {
			wait_for(merge, ring);
			return false;
		}
		ring->busy_ns = 0;
		head = head_at(ring);
		if (head & BPF_RINGBUF_DISCARD_BIT || head < EVENT_STAMP_SIZE) {
			ring->at += room_of(head);
			continue;
		}
		ring->next =
			(struct record_bytes){ .bytes = bytes, .size = head - EVENT_STAMP_SIZE };
		memcpy(&stamp, bytes + ring->next.size, sizeof(stamp));
		if (stamp > ring->key_ns)
			ring->key_ns = stamp;
		return true;
	}
	return false;
}

/* ---- the heap -------------------------------------------------------------------------------- */

/* At the same moment, the first ring is first: there is nothing to tell them by. */
static bool is_before(const struct merge *merge, size_t a, size_t b)
{
	uint64_t x = merge->rings[merge->heap[a]].key_ns, y = merge->rings[merge->heap[b]].key_ns;

	return x != y ? x < y : merge->heap[a] < merge->heap[b];
}

static void sink_down(struct merge *merge, size_t i)
{
	for (;;) {
		size_t least = i;
		uint8_t ring;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < merge->heap_count; c++)
			if (is_before(merge, c, least))
				least = c;
		if (least == i)
			return;
		ring = merge->heap[i];
		merge->heap[i] = merge->heap[least];
		merge->heap[least] = ring;
		i = least;
	}
}

static void look(struct merge *merge)
{
	merge->heap_count = 0;
	for (size_t i = 0; i < merge->count; i++) {
		struct merge_ring *ring = &merge->rings[i];

		ring->end = __atomic_load_n(ring->memory.produced, __ATOMIC_ACQUIRE);
	}
	for (size_t i = 0; i < merge->count; i++)
		if (find_next(merge, &merge->rings[i]))
			merge->heap[merge->heap_count++] = (uint8_t)i;
	for (size_t i = merge->heap_count / 2; i-- > 0;)
		sink_down(merge, i);
}

/* The earliest record; NULL: none may be handed over now. */
static struct merge_ring *earliest(struct merge *merge)
{
	struct merge_ring *ring;

	if (!merge->heap_count)
		return NULL;
	ring = &merge->rings[merge->heap[0]];
	if (ring->key_ns <= merge->until_ns)
		return ring;
	merge->is_waiting = true;
	return NULL;
}

/* Behind its record, which is taken. */
static void go_on(struct merge *merge, struct merge_ring *ring)
{
	ring->at += room_of(ring->next.size + EVENT_STAMP_SIZE);
	if (!find_next(merge, ring))
		merge->heap[0] = merge->heap[--merge->heap_count];
	sink_down(merge, 0);
}

static void give_back(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++) {
		struct merge_ring *ring = &merge->rings[i];

		if (*ring->memory.consumed != ring->at)
			__atomic_store_n(ring->memory.consumed, ring->at, __ATOMIC_RELEASE);
	}
}

size_t merge_read(struct merge *merge, uint64_t now_ns, record_on_many on_records, void *context)
{
	struct record_bytes batch[RING_BATCH];
	size_t sum = 0, count;

	merge->now_ns = merge->until_ns = now_ns;
	merge->is_waiting = false;
	look(merge);
	do {
		struct merge_ring *ring;

		for (count = 0; count < RING_BATCH && (ring = earliest(merge)); count++) {
			batch[count] = ring->next;
			go_on(merge, ring);
		}
		if (count)
			on_records(context, batch, count);
		sum += count;
		give_back(merge);
	} while (count == RING_BATCH);
	for (size_t i = 0; i < merge->count; i++) {
		merge->rings[i].seen_end = merge->rings[i].end;
		merge->rings[i].seen_ns = now_ns;
	}
	return sum;
}

bool merge_is_waiting(const struct merge *merge)
{
	return merge->is_waiting;
}
