/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tracer tells a process that sends for it, and when that tries again what failed. */
#ifndef USER_COMMAND_EXPORT_ERRAND_H
#define USER_COMMAND_EXPORT_ERRAND_H

#include <stdbool.h>
#include <stdint.h>

/* What the tracer says; who sends answers a FINISH when all is over. */
enum errand_wish {
	ERRAND_WAKE = 1, /* there is something to send */
	ERRAND_FINISH,	 /* nothing more comes; what is left may take so long. The answer: done */
	ERRAND_LEFT,	 /* the answer: all is over, and some of it is kept for another run */
};

struct errand_message {
	uint32_t wish; /* enum errand_wish */
	uint32_t patience_ms;
};

/* The end of who sends. */
struct errand {
	int fd;
	bool is_over, is_finishing;
	uint64_t finish_ns; /* by when it has to be */
};

/* Waits so long for a message, -1: for ever, and takes all. Whether a FINISH was among them. */
bool errand_listen(struct errand *e, int timeout_ms);

/* The tracer has ended, or waits no longer. */
bool errand_is_late(const struct errand *e);

void errand_answer(struct errand *e, enum errand_wish wish);

/* How long to wait before the next attempt, in ns. */
struct retry {
	uint64_t pause_ns;
};

void retry_reset(struct retry *r);

/* One has failed; `asked_s`: the other end has asked for so many seconds, 0: for none. */
uint64_t retry_after(struct retry *r, uint64_t now_ns, long asked_s);

#endif
