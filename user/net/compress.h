/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes an answer shorter, for clients that take it so. */
#ifndef USER_NET_COMPRESS_H
#define USER_NET_COMPRESS_H

#include "user/base/buffer.h"

/* Puts the gzip of what is in the buffer into its place. Returns 0, or -ENOMEM: it is as it was. */
int compress_gzip(struct buffer *b);

#endif
