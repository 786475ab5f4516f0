/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the bytes of a recording: heads and blocks, added to a buffer. */
#ifndef USER_RECORD_ENCODER_H
#define USER_RECORD_ENCODER_H

#include <stddef.h>

#include "user/base/buffer.h"
#include "user/record/format.h"

struct encoder;

/* NULL when there is no memory. One thread at a time may use it. */
struct encoder *encoder_new(void);
void encoder_free(struct encoder *encoder);

/* The first bytes of a file. `out->failed` when there is no memory. */
void encoder_add_head(struct buffer *out, const struct recording_about *about);

/*
 * A block of `block->raw_bytes` bytes (at most RECORDING_RAW_MAX) at `raw`: the caller fills in
 * kind, flags, raw_bytes and what tells of the records, the encoder the rest. Returns 0 or -ENOMEM.
 */
int encoder_add_block(struct encoder *encoder, struct buffer *out, struct recording_block *block,
		      const void *raw);

#endif
