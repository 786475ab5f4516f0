// SPDX-License-Identifier: GPL-2.0-only
/* A growing run of bytes that becomes output. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/base/text.h"
#include "user/base/write.h"

#define ROOM_FIRST 4096

void buffer_init(struct buffer *b)
{
	*b = (struct buffer){ 0 };
}

void buffer_done(struct buffer *b)
{
	free(b->bytes);
	buffer_init(b);
}

void buffer_clear(struct buffer *b)
{
	b->size = 0;
	b->failed = false;
}

bool buffer_grow(struct buffer *b, size_t size)
{
	size_t room = b->room ? b->room : ROOM_FIRST;
	char *bytes;

	if (b->failed)
		return false;
	if (size > SIZE_MAX / 2 - b->size)
		goto failed;
	while (room < b->size + size)
		room *= 2;
	bytes = realloc(b->bytes, room);
	if (!bytes)
		goto failed;
	b->bytes = bytes;
	b->room = room;
	return true;
failed:
	b->failed = true;
	return false;
}

void buffer_add(struct buffer *b, const void *bytes, size_t size)
{
	char *at = size ? buffer_room(b, size) : NULL;

	if (!at)
		return;
	memcpy(at, bytes, size);
	b->size += size;
}

void buffer_add_char(struct buffer *b, char c)
{
	char *at = buffer_room(b, 1);

	if (!at)
		return;
	*at = c;
	b->size++;
}

void buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void buffer_add_u64(struct buffer *b, uint64_t value)
{
	char *at = buffer_room(b, TEXT_DIGITS);

	if (at)
		buffer_take(b, text_put_u64(at, value));
}

void buffer_addf(struct buffer *b, const char *format, ...)
{
	size_t room = b->room - b->size;
	va_list args;
	int size;

	if (b->failed)
		return;
	va_start(args, format);
	size = vsnprintf(room ? b->bytes + b->size : NULL, room, format, args);
	va_end(args);
	if (size < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)size >= room) {
		/* One more for the NUL that vsnprintf writes. */
		if (!buffer_grow(b, (size_t)size + 1))
			return;
		va_start(args, format);
		vsnprintf(b->bytes + b->size, b->room - b->size, format, args);
		va_end(args);
	}
	b->size += (size_t)size;
}

int buffer_flush(struct buffer *b, int fd)
{
	int written = write_lines(fd, b->bytes, b->size);
	int error = b->failed ? -ENOMEM : 0;

	buffer_clear(b);
	return written ? written : error;
}
