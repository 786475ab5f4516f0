/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes that send to a collector and to a store, and what the tracer hands to them. */
#ifndef USER_COMMAND_EXPORT_SEND_H
#define USER_COMMAND_EXPORT_SEND_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/base/buffer.h"
#include "user/option/options.h"
#include "user/sink/series.h"

struct export_send;

/* Each kind has a process and a queue of its own: where one is slow the other is not. */
enum export_send_kind {
	EXPORT_SEND_OTLP, /* spans and figures, to a collector */
	EXPORT_SEND_ROWS, /* QUEUE_ROWS and QUEUE_BATCH, to a store */
};

/*
 * Reads where to, and starts the process, before rights are given up and before there are threads.
 * Returns 0 and `*ret`, or -errno after one sentence.
 */
int export_send_start(const struct options *o, enum export_send_kind kind,
		      struct export_send **ret);

/* What was not sent by then is not; `send` may be NULL. */
void export_send_free(struct export_send *send);

/* Which of them it takes, of EXPORT_SEND_OTLP. */
bool export_send_wants(const struct export_send *send, enum series_signal signal);

/* Figures are sent so often. */
uint64_t export_send_interval_ns(const struct export_send *send);

/*
 * Hands over a request of so many parts; without room they are dropped and counted, unless it may
 * wait, as of a recording, which does. `waiting`: the signals that are let in meanwhile; NULL: it
 * may not.
 */
void export_send_put(struct export_send *send, enum series_signal signal,
		     const struct buffer *request, uint32_t parts, const sigset_t *waiting);

/* To be watched; that process has ended when it can be read and export_send_take says so. */
int export_send_fd(const struct export_send *send);
pid_t export_send_pid(const struct export_send *send);
bool export_send_has_ended(const struct export_send *send);

/*
 * Waits until all is sent, or has failed. Returns false when that takes too long, or a signal
 * comes.
 */
bool export_send_finish(struct export_send *send, bool is_patient, const sigset_t *waiting);

/* What became of all: by the kind. */
void export_send_read(const struct export_send *send, struct series_otlp *ret);
void export_send_read_rows(const struct export_send *send, struct series_rows *ret);

#endif
