/* SPDX-License-Identifier: GPL-2.0-only */
/* A bounded queue of requests between the tracer and the process that sends them, in memory. */
#ifndef USER_COMMAND_EXPORT_QUEUE_H
#define USER_COMMAND_EXPORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/sink/series.h"

#define QUEUE_BYTES (8u << 20) /* of all queues to one receiver */
#define QUEUE_REQUEST_MAX (QUEUE_BYTES / 4)

struct queue;

/* A queue of rows has the same two places for what it carries: rows, and the ends of batches. */
#define QUEUE_ROWS SERIES_SPANS
#define QUEUE_BATCH SERIES_METRICS

/*
 * Of so many bytes, a multiple of 16 and more than a request, in memory that processes share which
 * begin later. NULL when there is none.
 */
struct queue *queue_new(size_t size);
void queue_free(struct queue *queue);

/*
 * One process puts. Returns false: there is no room, and its parts count as dropped. `ret_wake`:
 * the other one may be asleep.
 */
bool queue_put(struct queue *queue, enum series_signal signal, const void *bytes, size_t size,
	       uint32_t parts, bool *ret_wake);

/* Whether something of that size would find room. */
bool queue_has_room(const struct queue *queue, size_t size);

/* Whether all was taken. */
bool queue_is_empty(const struct queue *queue);

/* What comes next, for the one process that takes; false: nothing. */
struct queue_next {
	enum series_signal signal;
	uint32_t size, parts;
};

bool queue_peek(const struct queue *queue, struct queue_next *ret);

/* Parts that wait. */
uint64_t queue_parts(const struct queue *queue);

/* Adds the bytes of what comes next, and takes it out. */
void queue_take(struct queue *queue, struct buffer *out);

/* What became of parts. */
enum queue_fate { QUEUE_SENT, QUEUE_FAILED, QUEUE_DROPPED };

void queue_count(struct queue *queue, enum series_signal signal, enum queue_fate fate,
		 uint64_t parts);

/* Adds all that was counted since the start. */
void queue_read(const struct queue *queue, struct series_otlp *to);

/* One number that who takes tells whoever asks: how much it keeps itself. */
void queue_tell_kept(struct queue *queue, uint64_t bytes);
uint64_t queue_kept(const struct queue *queue);

#endif
