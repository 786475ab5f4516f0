// SPDX-License-Identifier: GPL-2.0-only
/* Takes a stream out of gzip or zstd, or hands it on as it is. */
#include "user/source/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_SIZE (256u << 10)
/* What zstd(1) takes without being told to. */
#define WINDOW_LOG_MOST 27
/* Of gzip with its header, and of the widest window there is. */
#define GZIP_WINDOW (15 + 16)

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct unpack {
	ssize_t (*read)(void *context, void *bytes, size_t size);
	void *context;
	enum packing packing;
	z_stream gzip;
	ZSTD_DStream *zstd;
	const char *fault;
	size_t at, end; /* of what was read and not taken */
	bool is_all_read;
	bool is_within; /* a member or a frame has begun, and has not ended */
	uint8_t input[INPUT_SIZE];
};

static const uint8_t gzip_magic[] = { 0x1f, 0x8b, 8 };
static const uint8_t zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

static enum packing packing_of(const uint8_t *bytes, size_t size)
{
	if (size >= sizeof(gzip_magic) && !memcmp(bytes, gzip_magic, sizeof(gzip_magic)))
		return PACKING_GZIP;
	if (size >= sizeof(zstd_magic) && !memcmp(bytes, zstd_magic, sizeof(zstd_magic)))
		return PACKING_ZSTD;
	return PACKING_NONE;
}

bool unpack_is_packed(const uint8_t *bytes, size_t size)
{
	return packing_of(bytes, size) != PACKING_NONE;
}

struct unpack *unpack_new(ssize_t (*read)(void *context, void *bytes, size_t size), void *context)
{
	struct unpack *u = malloc(sizeof(*u));

	if (!u)
		return NULL;
	memset(u, 0, offsetof(struct unpack, input));
	u->read = read;
	u->context = context;
	return u;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	if (u->packing == PACKING_GZIP)
		inflateEnd(&u->gzip);
	ZSTD_freeDStream(u->zstd);
	free(u);
}

const char *unpack_fault(const struct unpack *u)
{
	return u->fault;
}

static ssize_t damaged(struct unpack *u, const char *what)
{
	u->fault = what;
	return -EBADMSG;
}

/* Reads on, behind what is left. Returns 0 or -errno. */
static int fill(struct unpack *u)
{
	ssize_t count;

	if (u->at) {
		memmove(u->input, u->input + u->at, u->end - u->at);
		u->end -= u->at;
		u->at = 0;
	}
	if (u->is_all_read || u->end == INPUT_SIZE)
		return 0;
	count = u->read(u->context, u->input + u->end, INPUT_SIZE - u->end);
	if (count < 0)
		return (int)count;
	u->is_all_read = !count;
	u->end += (size_t)count;
	return 0;
}

static int begin(struct unpack *u)
{
	while (u->end < UNPACK_MAGIC_SIZE && !u->is_all_read) {
		int error = fill(u);

		if (error)
			return error;
	}
	u->packing = packing_of(u->input, u->end);
	if (u->packing == PACKING_GZIP && inflateInit2(&u->gzip, GZIP_WINDOW) != Z_OK) {
		u->packing = PACKING_NONE;
		return -ENOMEM;
	}
	if (u->packing == PACKING_ZSTD) {
		u->zstd = ZSTD_createDStream();
		if (!u->zstd)
			return -ENOMEM;
		ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
	}
	return 0;
}

/* Members follow each other, as of gzip(1) and cat(1). */
static ssize_t inflate_some(struct unpack *u, void *bytes, size_t size)
{
	int status;

	u->gzip.next_in = u->input + u->at;
	u->gzip.avail_in = (uInt)(u->end - u->at);
	u->gzip.next_out = bytes;
	u->gzip.avail_out = (uInt)size;
	status = inflate(&u->gzip, Z_NO_FLUSH);
	if (u->gzip.avail_in != u->end - u->at || u->gzip.avail_out != size)
		u->is_within = true;
	u->at = u->end - u->gzip.avail_in;
	if (status == Z_STREAM_END)
		u->is_within = false;
	if (status == Z_STREAM_END)
		inflateReset(&u->gzip);
	else if (status != Z_OK && status != Z_BUF_ERROR)
		return damaged(u, "the gzip stream is damaged");
	return (ssize_t)(size - u->gzip.avail_out);
}

static ssize_t decompress_some(struct unpack *u, void *bytes, size_t size)
{
	ZSTD_inBuffer in = { u->input + u->at, u->end - u->at, 0 };
	ZSTD_outBuffer out = { bytes, size, 0 };
	size_t status = ZSTD_decompressStream(u->zstd, &out, &in);

	if (ZSTD_isError(status))
		return damaged(u, "the zstd stream is damaged, or wants a window of over 128 MiB");
	if (in.pos || out.pos)
		u->is_within = status;
	u->at += in.pos;
	return (ssize_t)out.pos;
}

static ssize_t copy_some(struct unpack *u, void *bytes, size_t size)
{
	size_t count = u->end - u->at < size ? u->end - u->at : size;

	memcpy(bytes, u->input + u->at, count);
	u->at += count;
	return (ssize_t)count;
}

ssize_t unpack_read(struct unpack *u, void *bytes, size_t size)
{
	if (size > UINT32_MAX / 2)
		size = UINT32_MAX / 2;
	if (u->packing == PACKING_UNKNOWN) {
		int error = begin(u);

		if (error)
			return error;
	}
	for (;;) {
		size_t before = u->end - u->at;
		ssize_t count;
		int error;

		if (u->packing == PACKING_NONE) {
			if (u->at != u->end)
				return copy_some(u, bytes, size);
			/* What comes now needs no place in between. */
			return u->is_all_read ? 0 : u->read(u->context, bytes, size);
		}
		count = u->packing == PACKING_GZIP ? inflate_some(u, bytes, size) :
						     decompress_some(u, bytes, size);
		if (count)
			return count;
		if (u->end - u->at < before)
			continue;
		if (u->is_all_read)
			return u->is_within ?
				       damaged(u, "it ends in the middle of the packed stream") :
				       0;
		error = fill(u);
		if (error)
			return error;
		if (u->end - u->at == before && !u->is_all_read)
			return damaged(u, "the packed stream makes no sense");
	}
}
