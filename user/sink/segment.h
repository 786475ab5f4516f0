/* SPDX-License-Identifier: GPL-2.0-only */
/* A segment of a ladder in letters: what it says, and by which numbers. */
#ifndef USER_SINK_SEGMENT_H
#define USER_SINK_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "user/aggregate/ladder.h"

/* "SYN,ACK"; what is guessed stands in parentheses: "(SYN,)ACK". Returns the length. */
size_t segment_put_flags(char *text, size_t size, const struct ladder_step *step);

/* " seq=x+1", and with `is_absolute` the number itself behind it. Returns the length. */
size_t segment_put_number(char *text, size_t size, const char *name,
			  const struct ladder_number *number, bool is_absolute);

#endif
