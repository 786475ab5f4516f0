// SPDX-License-Identifier: GPL-2.0-only
/* Makes the bytes of a recording. */
#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "bpf/event.h"
#include "user/record/counters.h"
#include "user/record/encoder.h"
#include "user/record/pack.h"

/* The library's fast levels are negative: half the time of level 1, for a sixth more bytes. */
#define LEVEL (-1)
/* Of records that are less alike zstd makes fewer bytes, for four times as much. */
#define PACKED_WELL 3

struct encoder {
	ZSTD_CCtx *context;
	struct pack *pack;
	uint8_t stored[RECORDING_STORED_MAX];
};

struct encoder *encoder_new(void)
{
	struct encoder *encoder = malloc(sizeof(*encoder));

	if (!encoder)
		return NULL;
	encoder->context = ZSTD_createCCtx();
	encoder->pack = pack_new();
	if (encoder->context && encoder->pack)
		return encoder;
	encoder_free(encoder);
	return NULL;
}

void encoder_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	ZSTD_freeCCtx(encoder->context);
	pack_free(encoder->pack);
	free(encoder);
}

static void add_field(struct buffer *out, uint16_t tag, const void *bytes, size_t size)
{
	struct recording_field field = { .tag = tag, .size = size };

	buffer_add(out, &field, sizeof(field));
	buffer_add(out, bytes, size);
}

static void add_fields(struct buffer *out, const struct recording_about *about)
{
	static const struct recording_kind_size kinds[] = {
#define X(NAME, name, payload) { .kind = EVENT_##NAME, .size = sizeof(payload) },
		EVENT_KINDS(X)
#undef X
	};
	struct buffer counters;

	add_field(out, RECORDING_KINDS, kinds, sizeof(kinds));
	buffer_init(&counters);
	counter_order_write(&counters);
	add_field(out, RECORDING_COUNTERS, counters.bytes, counters.size);
	out->failed |= counters.failed;
	buffer_done(&counters);
	for (int i = 0; i < RECORDING_TEXT_COUNT; i++)
		if (about->text[i] && out->size + strlen(about->text[i]) < RECORDING_FIELDS_MAX)
			add_field(out, i, about->text[i], strlen(about->text[i]));
}

void encoder_add_head(struct buffer *out, const struct recording_about *about)
{
	struct recording_head head = {
		.magic = RECORDING_MAGIC,
		.byte_order = RECORDING_BYTE_ORDER,
		.version = RECORDING_VERSION,
		.event_version = EVENT_VERSION,
		.start_mono_ns = about->start_mono_ns,
		.clock_offset_ns = about->clock_offset_ns,
		.series = about->series,
		.part = about->part,
		.utc_offset_s = about->utc_offset_s,
	};
	struct buffer fields;
	uint32_t checksum;

	buffer_init(&fields);
	add_fields(&fields, about);
	head.field_bytes = fields.size;
	checksum = libdeflate_crc32(0, &head, sizeof(head));
	head.checksum = libdeflate_crc32(checksum, fields.bytes, fields.size);
	buffer_add(out, &head, sizeof(head));
	buffer_add(out, fields.bytes, fields.size);
	out->failed |= fields.failed;
	buffer_done(&fields);
}

/* Returns the bytes that were stored; 0: they would be no fewer. */
static size_t store(struct encoder *encoder, struct recording_block *block, const void *raw)
{
	size_t stored =
		block->kind == RECORDING_RECORDS ?
			pack_records(encoder->pack, raw, block->raw_bytes, encoder->stored) :
			0;

	block->compression = RECORDING_PACKED;
	if (stored && stored <= block->raw_bytes / PACKED_WELL)
		return stored;
	stored = ZSTD_compressCCtx(encoder->context, encoder->stored, sizeof(encoder->stored), raw,
				   block->raw_bytes, LEVEL);
	block->compression = RECORDING_ZSTD;
	return ZSTD_isError(stored) || stored >= block->raw_bytes ? 0 : stored;
}

int encoder_add_block(struct encoder *encoder, struct buffer *out, struct recording_block *block,
		      const void *raw)
{
	size_t stored = store(encoder, block, raw);
	const void *bytes = encoder->stored;

	if (!stored) {
		block->compression = RECORDING_PLAIN;
		bytes = raw;
		stored = block->raw_bytes;
	}
	block->magic = RECORDING_BLOCK_MAGIC;
	block->stored_bytes = stored;
	block->checksum = libdeflate_crc32(0, bytes, stored);
	block->head_checksum = 0;
	block->head_checksum = libdeflate_crc32(0, block, sizeof(*block));
	buffer_add(out, block, sizeof(*block));
	buffer_add(out, bytes, stored);
	return out->failed ? -ENOMEM : 0;
}
