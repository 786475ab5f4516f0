// SPDX-License-Identifier: GPL-2.0-only
/* Reads a recording block by block. */
#include <errno.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "bpf/event.h"
#include "user/record/counters.h"
#include "user/record/pack.h"
#include "user/record/reader.h"

#define WINDOW_SIZE (2u << 20)
#define TEXT_ROOM (RECORDING_FIELDS_MAX + RECORDING_TEXT_COUNT)
#define KINDS 256
#define SKIP_MAX (1u << 20) /* of damage, gone over or looked at, before whoever waits is told */
#define BLOCK_MAX (RECORDING_BLOCK_BARE + RECORDING_COUNTERS_MAX * sizeof(uint64_t))

_Static_assert(WINDOW_SIZE >= BLOCK_MAX + RECORDING_STORED_MAX, "a block fits");
_Static_assert(WINDOW_SIZE >= sizeof(struct recording_head) + RECORDING_FIELDS_MAX, "a head fits");

struct reader {
	ssize_t (*read)(void *context, void *bytes, size_t size);
	void *context;
	ZSTD_DCtx *decompressor;
	struct pack *pack;

	struct recording_about about;
	size_t text_bytes; /* used of `texts` */
	uint16_t sizes[KINDS];
	struct counter_order order;

	struct recording_counters before;   /* of the parts that are over */
	struct recording_counters own;	    /* of this part, up to its last block */
	struct recording_counters counters; /* the sum of both */
	struct reader_fault fault;
	uint64_t next_record; /* of this part, if nothing is missing */
	uint64_t lost;
	uint64_t vain; /* bytes that were looked at for what turned out to be damaged */
	uint32_t part;
	bool has_fault, is_over, is_end_seen;

	uint64_t offset;   /* in the file, of the window's first byte that was not taken */
	size_t start, end; /* of these bytes in the window */
	bool is_all_read;
	uint8_t window[WINDOW_SIZE];
	uint8_t raw[RECORDING_RAW_MAX];
	char texts[TEXT_ROOM];
};

struct reader *reader_new(ssize_t (*read)(void *context, void *bytes, size_t size), void *context)
{
	struct reader *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct reader, window));
	r->decompressor = ZSTD_createDCtx();
	r->pack = pack_new();
	if (!r->decompressor || !r->pack) {
		reader_free(r);
		return NULL;
	}
	r->read = read;
	r->context = context;
	return r;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->decompressor);
	pack_free(reader->pack);
	free(reader);
}

static int note_fault(struct reader *r, const char *what)
{
	if (!r->has_fault)
		r->fault = (struct reader_fault){ .offset = r->offset, .what = what };
	r->has_fault = true;
	return -EBADMSG;
}

/* Sees to it that `size` bytes are in the window, or all there are. Returns 0 or -errno. */
static int need(struct reader *r, size_t size)
{
	while (r->end - r->start < size && !r->is_all_read) {
		ssize_t count;

		if (r->start + size > WINDOW_SIZE) {
			memmove(r->window, r->window + r->start, r->end - r->start);
			r->end -= r->start;
			r->start = 0;
		}
		count = r->read(r->context, r->window + r->end, WINDOW_SIZE - r->end);
		if (count < 0)
			return (int)count;
		r->is_all_read = !count;
		r->end += (size_t)count;
	}
	return 0;
}

static size_t available(const struct reader *r)
{
	return r->end - r->start;
}

static const uint8_t *next_bytes(const struct reader *r)
{
	return r->window + r->start;
}

static void take(struct reader *r, size_t size)
{
	r->start += size;
	r->offset += size;
	if (r->start == r->end)
		r->start = r->end = 0;
}

/* Which are there still, and may be looked at again. */
static void look_in_vain(struct reader *r, size_t size)
{
	r->vain += size < available(r) ? size : available(r);
}

/* What is wrong with the head as far as it is one; NULL: nothing. */
static const char *judge_head(const struct recording_head *head, size_t size)
{
	if (!size)
		return "it is empty";
	if (memcmp(head->magic, RECORDING_MAGIC,
		   size < RECORDING_MAGIC_SIZE ? size : RECORDING_MAGIC_SIZE))
		return "it is no recording of tcpspan, nor a packet capture";
	if (size < sizeof(*head))
		return "it ends within its head";
	if (head->byte_order == __builtin_bswap32(RECORDING_BYTE_ORDER))
		return "it was recorded on a machine of the other byte order, which this one "
		       "cannot read";
	if (head->byte_order != RECORDING_BYTE_ORDER)
		return "its head is damaged";
	if (head->version > RECORDING_VERSION || head->event_version > EVENT_VERSION)
		return "it was recorded by a newer tcpspan: use one as new to read it";
	if (!head->version || !head->event_version)
		return "its head makes no sense";
	if (head->field_bytes > RECORDING_FIELDS_MAX)
		return "its head claims more bytes than any head has";
	return NULL;
}

const char *reader_judge(const uint8_t *bytes, size_t size)
{
	struct recording_head head = { .version = 0 };

	memcpy(&head, bytes, size < sizeof(head) ? size : sizeof(head));
	return judge_head(&head, size);
}

static bool is_head_whole(const struct recording_head *head, const uint8_t *fields)
{
	struct recording_head bare = *head;
	uint32_t checksum;

	bare.checksum = 0;
	checksum = libdeflate_crc32(0, &bare, sizeof(bare));
	return libdeflate_crc32(checksum, fields, head->field_bytes) == head->checksum;
}

static bool set_size(struct reader *r, uint8_t kind, uint16_t size)
{
	if (size < sizeof(struct event_head))
		return false;
	r->sizes[kind] = size;
	return true;
}

static bool read_kinds_1(struct reader *r, const uint8_t *pairs, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		if (!set_size(r, pairs[i], pairs[i + 1]))
			return false;
	return true;
}

static bool read_kinds(struct reader *r, const uint8_t *bytes, size_t size)
{
	struct recording_kind_size kind;

	for (; size >= sizeof(kind); size -= sizeof(kind), bytes += sizeof(kind)) {
		memcpy(&kind, bytes, sizeof(kind));
		if (!set_size(r, kind.kind, kind.size))
			return false;
	}
	return true;
}

/* What is no text. */
static bool read_table(struct reader *r, uint16_t tag, const uint8_t *bytes, size_t size)
{
	switch (tag) {
	case RECORDING_KINDS_1:
		return read_kinds_1(r, bytes, size);
	case RECORDING_KINDS:
		return read_kinds(r, bytes, size);
	case RECORDING_COUNTERS:
		return counter_order_read(&r->order, (const char *)bytes, size);
	default:
		return true;
	}
}

/* Copied, because the window moves on. The first of a tag counts, also of parts that are joined. */
static void keep_text(struct reader *r, uint16_t tag, const uint8_t *bytes, size_t size)
{
	char *text = r->texts + r->text_bytes;

	if (r->about.text[tag] || size >= TEXT_ROOM - r->text_bytes)
		return;
	memcpy(text, bytes, size);
	text[size] = '\0';
	r->about.text[tag] = text;
	r->text_bytes += size + 1;
}

static bool read_fields(struct reader *r, const uint8_t *bytes, size_t size)
{
	while (size) {
		struct recording_field field;

		if (size < sizeof(field))
			return false;
		memcpy(&field, bytes, sizeof(field));
		bytes += sizeof(field);
		size -= sizeof(field);
		if (field.size > size)
			return false;
		if (!read_table(r, field.tag, bytes, field.size))
			return false;
		if (field.tag < RECORDING_TEXT_COUNT)
			keep_text(r, field.tag, bytes, field.size);
		bytes += field.size;
		size -= field.size;
	}
	return true;
}

/* Copies the head at the window's start, and says what is wrong with it; NULL: nothing. */
static int read_head(struct reader *r, struct recording_head *ret_head, const char **ret_flaw)
{
	int error = need(r, sizeof(*ret_head));

	if (error)
		return error;
	memset(ret_head, 0, sizeof(*ret_head));
	memcpy(ret_head, next_bytes(r),
	       available(r) < sizeof(*ret_head) ? available(r) : sizeof(*ret_head));
	*ret_flaw = judge_head(ret_head, available(r));
	if (*ret_flaw)
		return 0;
	error = need(r, sizeof(*ret_head) + ret_head->field_bytes);
	if (error)
		return error;
	if (available(r) < sizeof(*ret_head) + ret_head->field_bytes)
		*ret_flaw = "it ends within its head";
	else if (!is_head_whole(ret_head, next_bytes(r) + sizeof(*ret_head)))
		*ret_flaw = "its head is damaged";
	return 0;
}

int reader_begin(struct reader *reader)
{
	struct recording_head head;
	const char *flaw;
	int error = read_head(reader, &head, &flaw);

	if (error)
		return error;
	if (flaw)
		return note_fault(reader, flaw);
	reader->about.start_mono_ns = head.start_mono_ns;
	reader->about.clock_offset_ns = head.clock_offset_ns;
	reader->about.utc_offset_s = head.utc_offset_s;
	reader->about.series = head.series;
	reader->about.part = head.part;
	reader->about.event_version = head.event_version;
	reader->part = head.part;
	counter_order_first(&reader->order);
	if (!read_fields(reader, next_bytes(reader) + sizeof(head), head.field_bytes))
		return note_fault(reader, "its head makes no sense");
	take(reader, sizeof(head) + head.field_bytes);
	return 0;
}

const struct recording_about *reader_about(const struct reader *reader)
{
	return &reader->about;
}

size_t reader_size_of(const struct reader *reader, uint8_t kind)
{
	return reader->sizes[kind];
}

/* Bytes of a block's head in this file. */
static size_t block_size(const struct reader *r)
{
	return RECORDING_BLOCK_BARE + r->order.count * sizeof(uint64_t);
}

/* Reads the block's head that is in the window. Returns what is wrong with it; NULL: nothing. */
static const char *read_block(const struct reader *r, struct recording_block *ret_block)
{
	uint8_t bytes[BLOCK_MAX];
	const uint32_t none = 0;

	memcpy(bytes, next_bytes(r), block_size(r));
	memcpy(ret_block, bytes, RECORDING_BLOCK_BARE);
	if (ret_block->magic != RECORDING_BLOCK_MAGIC)
		return "no block begins here";
	memcpy(bytes + offsetof(struct recording_block, head_checksum), &none, sizeof(none));
	if (libdeflate_crc32(0, bytes, block_size(r)) != ret_block->head_checksum)
		return "the head of a block is damaged";
	if (ret_block->stored_bytes > RECORDING_STORED_MAX ||
	    ret_block->raw_bytes > RECORDING_RAW_MAX)
		return "a block claims more bytes than any block has";
	ret_block->counters = counter_order_apply(&r->order, bytes + RECORDING_BLOCK_BARE);
	return NULL;
}

static const char *unpack(struct reader *r, const struct recording_block *block,
			  const uint8_t *stored)
{
	if (libdeflate_crc32(0, stored, block->stored_bytes) != block->checksum)
		return "a block is damaged";
	if (block->compression == RECORDING_PLAIN) {
		if (block->stored_bytes != block->raw_bytes)
			return "a block contradicts itself";
		memcpy(r->raw, stored, block->raw_bytes);
		return NULL;
	}
	if (block->compression == RECORDING_PACKED)
		return pack_undo(r->pack, stored, block->stored_bytes, r->raw, block->raw_bytes) ?
			       "a block cannot be unpacked" :
			       NULL;
	if (block->compression != RECORDING_ZSTD)
		return "a block is packed in a way that is not known";
	if (ZSTD_decompressDCtx(r->decompressor, r->raw, sizeof(r->raw), stored,
				block->stored_bytes) != block->raw_bytes)
		return "a block cannot be unpacked";
	return NULL;
}

/* What is wrong with what the block says of itself and of its place; NULL: nothing. */
static const char *judge_block(const struct reader *r, const struct recording_block *block)
{
	const struct recording_counters *c = &block->counters;

	if (block->record_count >
	    (block->kind == RECORDING_RECORDS ? block->raw_bytes / sizeof(struct event_head) : 0))
		return "a block has not the room for its records";
	if (block->first_record < r->next_record)
		return "a block is out of its order";
	if (c->seen < r->own.seen || c->filtered < r->own.filtered ||
	    c->submitted < r->own.submitted || c->ring_full < r->own.ring_full ||
	    c->dropped < r->own.dropped)
		return "its counters go back";
	if (c->seen != c->filtered + c->submitted + c->ring_full ||
	    c->submitted - c->dropped != block->first_record + block->record_count)
		return "its counters do not add up";
	return NULL;
}

static void account(struct reader *r, const struct recording_block *block)
{
	r->lost += block->first_record - r->next_record;
	r->next_record = block->first_record + block->record_count;
	r->own = block->counters;
	r->counters = r->before;
	recording_counters_add(&r->counters, &block->counters);
	r->is_end_seen = block->kind == RECORDING_END;
}

/* If the next part begins here: goes behind its head. Returns 1, 0: it does not, or -errno. */
static int begin_next_part(struct reader *r)
{
	struct recording_head head;
	const char *flaw;
	int error = read_head(r, &head, &flaw);

	if (error)
		return error;
	if (flaw || head.series != r->about.series || head.part <= r->part ||
	    !read_fields(r, next_bytes(r) + sizeof(head), head.field_bytes)) {
		look_in_vain(r, head.field_bytes);
		return 0;
	}
	if (!r->is_end_seen)
		note_fault(r, "a part begins before the one in front of it has ended");
	else if (head.part != r->part + 1)
		note_fault(r, "the part before it is missing");
	r->part = head.part;
	r->before = r->counters;
	memset(&r->own, 0, sizeof(r->own));
	r->next_record = 0;
	r->is_end_seen = false;
	take(r, sizeof(head) + head.field_bytes);
	return 1;
}

static bool is_head_ahead(const struct reader *r)
{
	return available(r) >= RECORDING_MAGIC_SIZE &&
	       !memcmp(next_bytes(r), RECORDING_MAGIC, RECORDING_MAGIC_SIZE);
}

/*
 * Behind a block: the next part, if it begins here. Returns 1: there is a block to come, 0: there
 * is not, or -errno.
 */
static int pass_head(struct reader *r)
{
	int result = need(r, r->is_end_seen ? 1 : RECORDING_MAGIC_SIZE);

	if (result || (r->is_end_seen && !available(r)))
		return result;
	if (!r->is_end_seen && !is_head_ahead(r))
		return 1;
	result = begin_next_part(r);
	if (result || !r->is_end_seen)
		return result ? result : 1;
	note_fault(r, "something else follows behind its end");
	return 0;
}

/* No block begins where one should: to the next place where one might, or the head of a part. */
static void skip_damage(struct reader *r)
{
	const uint32_t magic = RECORDING_BLOCK_MAGIC;
	const uint8_t *bytes, *block, *head;
	size_t size;

	take(r, 1);
	bytes = next_bytes(r);
	size = available(r);
	block = size ? memchr(bytes, *(const uint8_t *)&magic, size) : NULL;
	head = memchr(bytes, *RECORDING_MAGIC, block ? (size_t)(block - bytes) : size);
	take(r, head ? (size_t)(head - bytes) : block ? (size_t)(block - bytes) : size);
}

/* One step: 1 and a block, 0 at the end, -EAGAIN after something was skipped, or -errno. */
static int step(struct reader *r, struct recording_block *ret_block)
{
	const char *flaw;
	size_t whole;
	int error = pass_head(r);

	if (error <= 0)
		return error;
	error = need(r, block_size(r));
	if (error)
		return error;
	if (available(r) < block_size(r)) {
		note_fault(r, available(r) ? "it is cut short within a block" :
					     "it is cut short: its last block is missing");
		return 0;
	}
	flaw = read_block(r, ret_block);
	if (flaw) {
		note_fault(r, flaw);
		skip_damage(r);
		return -EAGAIN;
	}
	whole = block_size(r) + ret_block->stored_bytes;
	error = need(r, whole);
	if (error)
		return error;
	flaw = judge_block(r, ret_block);
	if (!flaw && available(r) < whole)
		flaw = "it is cut short within a block";
	if (!flaw)
		flaw = unpack(r, ret_block, next_bytes(r) + block_size(r));
	if (!flaw) {
		take(r, whole);
		return 1;
	}
	/* Its own bytes may be gone, and what stands there may be another block. */
	note_fault(r, flaw);
	look_in_vain(r, whole);
	take(r, block_size(r));
	return -EAGAIN;
}

int reader_next(struct reader *reader, struct recording_block *ret_block, uint8_t **ret_raw)
{
	uint64_t patience = reader->offset + reader->vain + SKIP_MAX;
	int result;

	if (reader->is_over)
		return 0;
	do
		result = step(reader, ret_block);
	while (result == -EAGAIN && reader->offset + reader->vain < patience);
	if (!result)
		reader->is_over = true;
	if (result <= 0)
		return result;
	account(reader, ret_block);
	*ret_raw = reader->raw;
	return 1;
}

const struct recording_counters *reader_counters(const struct reader *reader)
{
	return &reader->counters;
}

const struct reader_fault *reader_fault(const struct reader *reader)
{
	return reader->has_fault ? &reader->fault : NULL;
}

bool reader_is_torn(const struct reader *reader)
{
	return reader->has_fault && !reader->is_end_seen;
}

uint32_t reader_part(const struct reader *reader)
{
	return reader->part;
}

uint64_t reader_lost(const struct reader *reader)
{
	return reader->lost;
}

uint64_t reader_position(const struct reader *reader)
{
	return reader->offset;
}
