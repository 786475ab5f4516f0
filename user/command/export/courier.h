/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes requests out of the queues, in batches, and sends them until the collector has them. */
#ifndef USER_COMMAND_EXPORT_COURIER_H
#define USER_COMMAND_EXPORT_COURIER_H

#include "user/command/export/queue.h"
#include "user/run/otel.h"

/*
 * A queue for each signal, so that none waits for what the collector does not take of the other.
 * Messages are those of errand.h, until the other end of `fd` is closed. Returns an exit status.
 */
int courier_run(struct queue *const queues[SERIES_SIGNALS], const struct otel *otel, int fd);

#endif
