/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes a stream out of gzip or zstd, or hands it on as it is. */
#ifndef USER_SOURCE_UNPACK_H
#define USER_SOURCE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define UNPACK_MAGIC_SIZE 4

struct unpack;

/* Whether what begins so is gzip or zstd; `size` bytes are there. */
bool unpack_is_packed(const uint8_t *bytes, size_t size);

/*
 * `read` gives up to `size` bytes (0: the end) or -errno, as read(2) does. NULL when there is no
 * memory. However much comes out, it holds a few buffers and what the format wants for a window,
 * which is bounded.
 */
struct unpack *unpack_new(ssize_t (*read)(void *context, void *bytes, size_t size), void *context);
void unpack_free(struct unpack *u);

/* The next bytes, up to `size`; 0: the end. Returns -EBADMSG: it is damaged; or what `read` has. */
ssize_t unpack_read(struct unpack *u, void *bytes, size_t size);

/* What is wrong where it is damaged; NULL: nothing. */
const char *unpack_fault(const struct unpack *u);

#endif
