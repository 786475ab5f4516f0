/* SPDX-License-Identifier: GPL-2.0-only */
/* What a code of the column END means, for people. */
#ifndef USER_SINK_TEXT_CODES_H
#define USER_SINK_TEXT_CODES_H

#include <stddef.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"

/*
 * Adds an entry for each cause, or else outcome, that has this code ("lin0", ">rst") or this name
 * in JSON ("linger_zero"), in lines of `width` columns. Returns their number; 0: it is neither.
 * Without `out` it counts alone.
 */
size_t codes_add(struct buffer *out, size_t width, enum ladder_language language, const char *word);

#endif
