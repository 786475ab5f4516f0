/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes requests out of the queue, in batches, and sends them until the collector has them. */
#ifndef USER_COMMAND_EXPORT_COURIER_H
#define USER_COMMAND_EXPORT_COURIER_H

#include <stdint.h>

#include "user/command/export/queue.h"
#include "user/run/otel.h"

/* What the tracer says; the courier answers a FINISH with the same when all is over. */
enum courier_wish {
	COURIER_WAKE = 1, /* there is something to send */
	COURIER_FINISH,	  /* nothing more comes; what is left may take so long */
	COURIER_LEFT,	  /* the answer: all is over, and some of it is kept for another run */
};

struct courier_message {
	uint32_t wish; /* enum courier_wish */
	uint32_t patience_ms;
};

/* Until the other end of `fd` is closed. Returns an exit status. */
int courier_run(struct queue *queue, const struct otel *otel, int fd);

#endif
