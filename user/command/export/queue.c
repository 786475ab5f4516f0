// SPDX-License-Identifier: GPL-2.0-only
/* A bounded queue of requests between the tracer and the process that sends them, in memory. */
#include "user/command/export/queue.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FATES 3

/* Stands in front of each request; both are a multiple of its size. */
struct entry {
	uint32_t size, parts;
	uint64_t signal;
};

/*
 * Of both processes. Who takes is the one that talks to the network: what it writes here is not
 * believed by the other one, whose own `head` is not here.
 */
struct shared {
	_Atomic uint64_t head, tail; /* bytes that were put and taken since the start */
	_Atomic uint64_t put, taken; /* parts */
	_Atomic uint64_t counts[SERIES_SIGNALS][FATES];
	_Atomic uint64_t kept;
	uint8_t bytes[];
};

struct queue {
	struct shared *shared;
	size_t size;
	uint64_t head, put; /* of who puts */
	uint64_t told;	    /* parts that the other one has been woken for */
};

/* A batch is full by so many. */
#define WAKE_PARTS 512

struct queue *queue_new(size_t size)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	void *shared = mmap(NULL, sizeof(struct shared) + size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (queue && shared != MAP_FAILED) {
		queue->shared = shared;
		queue->size = size;
		return queue;
	}
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(struct shared) + size);
	free(queue);
	return NULL;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	munmap(queue->shared, sizeof(struct shared) + queue->size);
	free(queue);
}

static size_t padded(size_t size)
{
	return sizeof(struct entry) +
	       (size + sizeof(struct entry) - 1) / sizeof(struct entry) * sizeof(struct entry);
}

static void copy_in(struct queue *queue, uint64_t at, const void *bytes, size_t size)
{
	size_t place = at % queue->size, before = queue->size - place;

	before = size < before ? size : before;
	memcpy(queue->shared->bytes + place, bytes, before);
	memcpy(queue->shared->bytes, (const uint8_t *)bytes + before, size - before);
}

bool queue_has_room(const struct queue *queue, size_t size)
{
	uint64_t used = queue->head - atomic_load(&queue->shared->tail);

	return size <= QUEUE_REQUEST_MAX && used <= queue->size &&
	       padded(size) <= queue->size - used;
}

bool queue_put(struct queue *queue, enum series_signal signal, const void *bytes, size_t size,
	       uint32_t parts, bool *ret_wake)
{
	struct entry entry = { (uint32_t)size, parts, signal };
	struct shared *s = queue->shared;
	uint64_t before = queue->head;

	*ret_wake = false;
	if (!queue_has_room(queue, size)) {
		queue_count(queue, signal, QUEUE_DROPPED, parts);
		return false;
	}
	copy_in(queue, queue->head, &entry, sizeof(entry));
	copy_in(queue, queue->head + sizeof(entry), bytes, size);
	queue->head += padded(size);
	queue->put += parts;
	atomic_store(&s->put, queue->put);
	atomic_store(&s->head, queue->head);
	if (atomic_load(&s->tail) == before || queue->put - queue->told >= WAKE_PARTS) {
		queue->told = queue->put;
		*ret_wake = true;
	}
	return true;
}

bool queue_is_empty(const struct queue *queue)
{
	return atomic_load(&queue->shared->tail) == atomic_load(&queue->shared->head);
}

static void copy_out(const struct queue *queue, uint64_t at, void *bytes, size_t size)
{
	size_t place = at % queue->size, before = queue->size - place;

	before = size < before ? size : before;
	memcpy(bytes, queue->shared->bytes + place, before);
	memcpy((uint8_t *)bytes + before, queue->shared->bytes, size - before);
}

bool queue_peek(const struct queue *queue, struct queue_next *ret)
{
	struct entry entry;

	if (queue_is_empty(queue))
		return false;
	copy_out(queue, atomic_load(&queue->shared->tail), &entry, sizeof(entry));
	*ret = (struct queue_next){ (enum series_signal)entry.signal, entry.size, entry.parts };
	return true;
}

uint64_t queue_parts(const struct queue *queue)
{
	return atomic_load(&queue->shared->put) - atomic_load(&queue->shared->taken);
}

void queue_take(struct queue *queue, struct buffer *out)
{
	struct shared *s = queue->shared;
	uint64_t at = atomic_load(&s->tail);
	struct queue_next next;

	if (!queue_peek(queue, &next))
		return;
	for (size_t done = 0; done < next.size;) {
		size_t place = (at + sizeof(struct entry) + done) % queue->size;
		size_t left = next.size - done, piece = queue->size - place;

		piece = left < piece ? left : piece;
		buffer_add(out, s->bytes + place, piece);
		done += piece;
	}
	atomic_fetch_add(&s->taken, next.parts);
	atomic_store(&s->tail, at + padded(next.size));
}

void queue_count(struct queue *queue, enum series_signal signal, enum queue_fate fate,
		 uint64_t parts)
{
	atomic_fetch_add(&queue->shared->counts[signal][fate], parts);
}

void queue_read(const struct queue *queue, struct series_otlp *to)
{
	for (int signal = 0; signal < SERIES_SIGNALS; signal++) {
		const _Atomic uint64_t *counts = queue->shared->counts[signal];

		to->sent[signal] += atomic_load(&counts[QUEUE_SENT]);
		to->failed[signal] += atomic_load(&counts[QUEUE_FAILED]);
		to->dropped[signal] += atomic_load(&counts[QUEUE_DROPPED]);
	}
}

void queue_tell_kept(struct queue *queue, uint64_t bytes)
{
	atomic_store(&queue->shared->kept, bytes);
}

uint64_t queue_kept(const struct queue *queue)
{
	return atomic_load(&queue->shared->kept);
}
