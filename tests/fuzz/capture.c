// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes files of captures: packed or not, pcap or pcapng, and what is told of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/event/event.h"
#include "user/event/socket.h"
#include "user/source/capture.h"

/* A file of that size is over by then, however it is packed. */
#define BLOCKS_MOST 100000

#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

struct file {
	const uint8_t *bytes;
	size_t left;
	size_t piece; /* it is read in pieces of so many */
};

static ssize_t read_file(void *context, void *bytes, size_t size)
{
	struct file *file = context;

	size = size < file->piece ? size : file->piece;
	size = size < file->left ? size : file->left;
	memcpy(bytes, file->bytes, size);
	file->bytes += size;
	file->left -= size;
	return (ssize_t)size;
}

static void check_records(const uint8_t *raw, const struct recording_block *block)
{
	size_t left = block->raw_bytes;
	struct socket_info info;
	struct event event;

	for (uint32_t i = 0; i < block->record_count; i++) {
		size_t size = event_size_of(raw[offsetof(struct event_head, kind)]);

		demand(size && size <= left);
		size += event_size_behind(raw, size);
		demand(size <= left);
		demand(socket_is_record(raw, size) ? !socket_decode(raw, size, &info) :
						     !event_decode(raw, size, &event));
		raw += size;
		left -= size;
	}
	demand(!left);
}

static void read_all(struct capture *capture)
{
	struct recording_block block;
	bool is_end_seen = false;
	uint64_t records = 0;
	uint8_t *raw;
	int status;

	for (int i = 0; (status = capture_next(capture, &block, &raw)); i++) {
		demand(i < BLOCKS_MOST && (status == 1 || status == -EAGAIN));
		if (status != 1)
			continue;
		demand(!is_end_seen);
		is_end_seen = block.kind == RECORDING_END;
		if (!is_end_seen)
			check_records(raw, &block);
		records += block.record_count;
	}
	demand(is_end_seen);
	demand(records == capture_counters(capture)->submitted);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct file file;
	const struct capture_settings settings = { .read = read_file,
						   .context = &file,
						   .max_connections = 8 };
	struct capture *capture;
	int error;

	if (size < 2)
		return 0;
	file = (struct file){ input + 1, size - 1, input[0] ? input[0] : SIZE_MAX };
	capture_is(input + 1, size - 1);
	capture = capture_new(&settings);
	demand(capture);
	error = capture_begin(capture);
	demand(!error || error == -EBADMSG);
	demand(!error || capture_fault(capture));
	if (!error)
		read_all(capture);
	capture_free(capture);
	return 0;
}
