/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's reasons to send a reset: a name for each number, as that kernel has them. */
#ifndef USER_EVENT_RESET_REASON_H
#define USER_EVENT_RESET_REASON_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

#define RESET_REASONS 256
#define RESET_REASON_SIZE 48

/*
 * Numbers differ between kernels, so that a recording needs the names of the one it was made on.
 * Zeroed memory is a table without names.
 */
struct reset_reasons {
	char names[RESET_REASONS][RESET_REASON_SIZE]; /* "": unknown */
};

/*
 * Gives a number its name, with or without the prefix SK_RST_REASON_. Bytes that are not of a name
 * become '?'. A number from RESET_REASONS on has no room, and stays unknown.
 */
void reset_reasons_add(struct reset_reasons *r, uint32_t number, const char *name);

/* "TCP_ABORT_ON_CLOSE", or "unknown(77)" in `text`. `r` may be NULL. */
const char *reset_reasons_name(const struct reset_reasons *r, uint32_t number,
			       char text[RESET_REASON_SIZE]);

/* Adds a line for each name: its number, a blank, the name. */
void reset_reasons_write(const struct reset_reasons *r, struct buffer *out);

/* Takes the names from such lines, which are untrusted: one that is none of these is left out. */
void reset_reasons_read(struct reset_reasons *r, const char *lines);

#endif
