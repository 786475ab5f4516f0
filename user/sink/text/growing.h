/* SPDX-License-Identifier: GPL-2.0-only */
/* A text that grows on a terminal, and whose last lines may still change. */
#ifndef USER_SINK_TEXT_GROWING_H
#define USER_SINK_TEXT_GROWING_H

#include <stddef.h>

#include "user/base/buffer.h"

struct growing {
	struct buffer shown;
};

void growing_init(struct growing *growing);
void growing_done(struct growing *growing);

/*
 * Adds what makes of the text that is shown the text `text`, whole lines both, on a screen of
 * `rows`: lines from the first one that differs are written again, in place where they can be
 * reached. Lines must be no wider than the screen. Of 0 rows nothing can.
 */
void growing_update(struct growing *growing, struct buffer *out, const struct buffer *text,
		    unsigned int rows);

#endif
