/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the checksums of a recording right, which chance alone would never find. */
#ifndef TESTS_FUZZ_MEND_H
#define TESTS_FUZZ_MEND_H

#include <string.h>
#include <zlib.h>

#include "user/record/format.h"

#define COUNTERS_1 7 /* of a block of version 1 */

static inline size_t lines_of(const uint8_t *text, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n' || i + 1 == size;
	return lines;
}

/* Bytes of the head of a block in this file: its counters are as many as the head has names of. */
static inline size_t block_size(const uint8_t *fields, size_t size)
{
	size_t counters = COUNTERS_1;
	struct recording_field field;

	while (size >= sizeof(field)) {
		memcpy(&field, fields, sizeof(field));
		fields += sizeof(field);
		size -= sizeof(field);
		if (field.size > size)
			break;
		if (field.tag == RECORDING_COUNTERS)
			counters = lines_of(fields, field.size);
		fields += field.size;
		size -= field.size;
	}
	if (counters > RECORDING_COUNTERS_MAX)
		counters = RECORDING_COUNTERS_MAX;
	return RECORDING_BLOCK_BARE + counters * sizeof(uint64_t);
}

/* What is well-formed otherwise gets the right ones. */
static inline void mend(uint8_t *bytes, size_t size)
{
	struct recording_head head;
	size_t at = sizeof(head), bare;

	if (size < sizeof(head))
		return;
	memcpy(&head, bytes, sizeof(head));
	if (head.field_bytes > size - at)
		return;
	head.checksum = 0;
	head.checksum =
		crc32(crc32(0, (const Bytef *)&head, sizeof(head)), bytes + at, head.field_bytes);
	memcpy(bytes, &head, sizeof(head));
	bare = block_size(bytes + at, head.field_bytes);
	at += head.field_bytes;
	while (size - at >= bare) {
		struct recording_block block;

		memcpy(&block, bytes + at, RECORDING_BLOCK_BARE);
		if (block.magic != RECORDING_BLOCK_MAGIC || block.stored_bytes > size - at - bare)
			return;
		block.checksum = crc32(0, bytes + at + bare, block.stored_bytes);
		block.head_checksum = 0;
		memcpy(bytes + at, &block, RECORDING_BLOCK_BARE);
		block.head_checksum = crc32(0, bytes + at, (uInt)bare);
		memcpy(bytes + at, &block, RECORDING_BLOCK_BARE);
		at += bare + block.stored_bytes;
	}
}

#endif
