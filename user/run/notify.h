/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells the service manager what becomes of the run: the protocol of sd_notify(3). */
#ifndef USER_RUN_NOTIFY_H
#define USER_RUN_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd;		      /* -1: nobody wants to know */
	uint64_t interval_ns; /* between signs of life; 0: none are wanted */
	uint64_t due_ns;      /* of the next one, or of what is unsent; UINT64_MAX: none is */
	const char *unsent;   /* what it was too busy to hear; NULL: nothing */
};

/*
 * Takes what the environment says, and leaves nothing of it to others. Before rights are given up:
 * afterwards no socket is opened any more. A manager that is not there is one sentence.
 */
void notify_open(struct notify *n);
void notify_close(struct notify *n);

/*
 * "READY=1" and the like, lines with newlines between, which live as long as `n`. Never waits: of
 * what a busy manager has not heard the last is sent again when it is due.
 */
void notify_send(struct notify *n, const char *lines);

/* Sends what is due: that, or a sign of life. */
void notify_live(struct notify *n, uint64_t now_ns);

#endif
