// SPDX-License-Identifier: GPL-2.0-only
/* Makes an answer shorter, by zlib. */
#include "user/net/compress.h"

#include <errno.h>
#include <stdlib.h>

#include <zlib.h>

#define GZIP_WINDOW (MAX_WBITS + 16)
#define MEMORY_LEVEL 8

int compress_gzip(struct buffer *b)
{
	z_stream z = { .next_in = (unsigned char *)b->bytes, .avail_in = (unsigned int)b->size };
	unsigned long room;
	char *bytes;

	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	room = deflateBound(&z, b->size);
	bytes = malloc(room);
	z.next_out = (unsigned char *)bytes;
	z.avail_out = (unsigned int)room;
	if (!bytes || deflate(&z, Z_FINISH) != Z_STREAM_END) {
		deflateEnd(&z);
		free(bytes);
		return -ENOMEM;
	}
	free(b->bytes);
	b->bytes = bytes;
	b->size = z.total_out;
	b->room = room;
	deflateEnd(&z);
	return 0;
}
