/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing run of bytes that becomes output: whole lines are written, few system calls made. */
#ifndef USER_BASE_BUFFER_H
#define USER_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	char *bytes;
	size_t size, room;
	bool failed; /* out of memory once: what was added since is missing */
};

void buffer_init(struct buffer *b);
void buffer_done(struct buffer *b);
void buffer_clear(struct buffer *b);

/*
 * Makes room for so many bytes. Once this has failed everything is refused, so that no line is
 * printed with a hole in it.
 */
bool buffer_grow(struct buffer *b, size_t size);

/*
 * Where `size` bytes, not 0, may be written, for buffer_take() to take those up to the end of what
 * was; NULL: there is no memory.
 */
static inline char *buffer_room(struct buffer *b, size_t size)
{
	if ((b->failed || size > b->room - b->size) && !buffer_grow(b, size))
		return NULL;
	return b->bytes + b->size;
}

static inline void buffer_take(struct buffer *b, const char *end)
{
	b->size = (size_t)(end - b->bytes);
}

void buffer_add(struct buffer *b, const void *bytes, size_t size);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_add_u64(struct buffer *b, uint64_t value); /* decimal, fast */
void buffer_addf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Writes everything to `fd` and empties the buffer. Returns 0 or -errno (-EPIPE: the reader left;
 * what was not written is dropped, and of a line in a file all or nothing is written). EINTR and
 * short writes are handled; -EAGAIN waits for room.
 */
int buffer_flush(struct buffer *b, int fd);

#endif
