// SPDX-License-Identifier: GPL-2.0-only
/* A growing run of bytes that becomes output. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/base/write.h"

#define ROOM_FIRST 4096
#define U64_DIGITS 20

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

/* Once this has failed everything is refused, so that no line is printed with a hole in it. */
static bool buffer_grow(struct buffer *b, size_t size)
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

static inline bool buffer_has_room(struct buffer *b, size_t size)
{
	if (!b->failed && size <= b->room - b->size)
		return true;
	return buffer_grow(b, size);
}

void buffer_add(struct buffer *b, const void *bytes, size_t size)
{
	if (!size || !buffer_has_room(b, size))
		return;
	memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
}

void buffer_add_char(struct buffer *b, char c)
{
	if (!buffer_has_room(b, 1))
		return;
	b->bytes[b->size++] = c;
}

void buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void buffer_add_u64(struct buffer *b, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[U64_DIGITS];
	size_t at = U64_DIGITS;

	while (value >= 100) {
		at -= 2;
		memcpy(digits + at, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + value * 2, 2);
	} else {
		digits[--at] = (char)('0' + value);
	}
	buffer_add(b, digits + at, U64_DIGITS - at);
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
	int written = write_all(fd, b->bytes, b->size);
	int error = b->failed ? -ENOMEM : 0;

	buffer_clear(b);
	return written ? written : error;
}
