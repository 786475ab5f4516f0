/* SPDX-License-Identifier: GPL-2.0-only */
/* Flat rows of a store of many machines: a connection is one, and what was sent with it another. */
#ifndef USER_SINK_ROWS_H
#define USER_SINK_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/sink/sink.h"

/* X(name): what the tracer lost or left out since its start, for whoever asks why a row is missing.
 */
#define ROWS_LOSSES(X)         \
	X(events_ring_full)    \
	X(events_missed)       \
	X(gaps)                \
	X(incomplete)          \
	X(evicted)             \
	X(unsampled)           \
	X(half_open_unprinted) \
	X(rows_dropped)        \
	X(rows_failed)

enum rows_loss {
#define X(name) ROWS_LOSS_##name,
	ROWS_LOSSES(X)
#undef X
		ROWS_LOSS_COUNT
};

/* Rows that were sent together, and how things stood then. */
struct rows_batch {
	const char *host; /* untrusted; NULL: unknown */
	uint64_t run;	  /* which run of that machine: when it began, ns since 1970 */
	uint64_t batch;	  /* its number in the run, counted from 1 */
	uint64_t time_ns; /* since 1970 */
	uint64_t rows, connections, half_open;
	bool is_last;	 /* the run ends with it */
	double sampling; /* the part of the connections that is followed; below 0: unknown */
	uint64_t losses[ROWS_LOSS_COUNT];
};

/* Adds the row of a batch, for the table `batches`. */
void rows_add_batch(struct buffer *out, const struct rows_batch *batch);

/* The number of a run in each of its rows. */
uint64_t rows_run(const struct sink_settings *s);

#endif
