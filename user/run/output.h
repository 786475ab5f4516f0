/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard output: lines are gathered, and written whole, many at a time. */
#ifndef USER_RUN_OUTPUT_H
#define USER_RUN_OUTPUT_H

#include <signal.h>

#include "user/base/buffer.h"
#include "user/option/options.h"
#include "user/sink/sink.h"

struct output {
	struct buffer lines;	 /* that are not written yet */
	const sigset_t *waiting; /* the signals that are let in meanwhile; NULL: as they are */
	int error;		 /* -errno; then nothing more is written. -EPIPE: the reader left */
};

void output_init(struct output *out, const sigset_t *waiting);
void output_done(struct output *out);

/* What prints in that format. */
const struct sink *output_sink(enum output_format format);

/* Writes all there is. */
void output_flush(struct output *out);

/* The same once there is enough of it to be worth a system call. */
void output_flush_full(struct output *out);

/*
 * Writes the rest. Returns 0, or -errno after one sentence if any of it could not be written; a
 * reader that left is no error.
 */
int output_end(struct output *out);

#endif
