// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the recording's format: what the encoder writes, and what a reader makes of damage. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "bpf/event.h"
#include "user/record/encoder.h"
#include "user/record/reader.h"

#define BLOCKS 7
#define BLOCK_RECORDS 11
#define SERIES 0x5eed
#define CLAIMS 64
#define OFFSET_OF(member) offsetof(struct recording_head, member)

/* A file in memory, given out in bites. */
struct file {
	struct buffer bytes;
	size_t at, bite;
	unsigned int interruptions; /* EINTR so many times */
	size_t ends[BLOCKS + 2];    /* of the head, and of each block */
};

static ssize_t read_file(void *context, void *bytes, size_t size)
{
	struct file *f = context;
	size_t left = f->bytes.size - f->at;

	if (f->interruptions) {
		f->interruptions--;
		return -EINTR;
	}
	size = size < left ? size : left;
	size = size < f->bite ? size : f->bite;
	if (size)
		memcpy(bytes, f->bytes.bytes + f->at, size);
	f->at += size;
	return (ssize_t)size;
}

static struct event_destroy record_of(uint32_t number)
{
	return (struct event_destroy){
		.head = { .mono_ns = 1000 + number, .sock = 1 + number, .kind = EVENT_DESTROY }
	};
}

static void add_part(struct file *f, uint32_t part)
{
	const struct recording_about about = {
		.start_mono_ns = 1000,
		.clock_offset_ns = -5,
		.utc_offset_s = 3600,
		.series = SERIES,
		.part = part,
		.text = { [RECORDING_HOST] = "somewhere", [RECORDING_FILTERS] = "lport 80\n" },
	};
	struct encoder *encoder = encoder_new();

	assert_non_null(encoder);
	encoder_add_head(&f->bytes, &about);
	f->ends[0] = f->bytes.size;
	for (uint32_t b = 0; b <= BLOCKS; b++) {
		struct event_destroy raw[BLOCK_RECORDS];
		struct recording_block block = { .kind = RECORDING_RECORDS, .number = b };

		block.first_record = b * BLOCK_RECORDS;
		block.counters.submitted = block.counters.seen = block.first_record;
		if (b == BLOCKS) {
			block.kind = RECORDING_END;
		} else {
			for (uint32_t i = 0; i < BLOCK_RECORDS; i++)
				raw[i] = record_of(b * BLOCK_RECORDS + i);
			block.raw_bytes = sizeof(raw);
			block.record_count = BLOCK_RECORDS;
			block.counters.submitted += BLOCK_RECORDS;
			block.counters.seen += BLOCK_RECORDS;
		}
		assert_int_equal(encoder_add_block(encoder, &f->bytes, &block, raw), 0);
		f->ends[b + 1] = f->bytes.size;
	}
	encoder_free(encoder);
}

static void make_file(struct file *f)
{
	*f = (struct file){ .bite = SIZE_MAX };
	add_part(f, 0);
}

static struct reader *open_file(struct file *f)
{
	struct reader *r = reader_new(read_file, f);

	assert_non_null(r);
	return r;
}

/* Reads to the end; the records of each block must be those of its place. Returns the records. */
static uint64_t read_all(struct reader *r)
{
	struct recording_block block;
	uint64_t records = 0;
	uint8_t *raw;
	int result;

	while ((result = reader_next(r, &block, &raw))) {
		if (result == -EINTR || result == -EAGAIN)
			continue;
		assert_int_equal(result, 1);
		for (uint32_t i = 0; i < block.record_count; i++) {
			struct event_destroy want = record_of((uint32_t)block.first_record + i);

			assert_memory_equal(raw + i * sizeof(want), &want, sizeof(want));
		}
		records += block.record_count;
	}
	return records;
}

static void test_whole(void **state)
{
	const size_t bites[] = { SIZE_MAX, 1, 7, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(bites) / sizeof(*bites); i++) {
		struct file f;
		struct reader *r;

		make_file(&f);
		f.bite = bites[i];
		r = open_file(&f);
		assert_int_equal(reader_begin(r), 0);
		assert_int_equal(reader_about(r)->clock_offset_ns, -5);
		assert_int_equal(reader_about(r)->series, SERIES);
		assert_string_equal(reader_about(r)->text[RECORDING_HOST], "somewhere");
		assert_null(reader_about(r)->text[RECORDING_KERNEL]);
		assert_int_equal(reader_size_of(r, EVENT_CLOSE), sizeof(struct event_close));
		assert_int_equal(reader_size_of(r, EVENT_KIND_COUNT), 0);
		assert_int_equal(read_all(r), BLOCKS * BLOCK_RECORDS);
		assert_null(reader_fault(r));
		assert_int_equal(reader_lost(r), 0);
		assert_int_equal(reader_counters(r)->submitted, BLOCKS * BLOCK_RECORDS);
		assert_int_equal(reader_position(r), f.bytes.size);
		reader_free(r);
		buffer_done(&f.bytes);
	}
}

static void test_interrupted(void **state)
{
	struct file f;
	struct reader *r;

	(void)state;
	make_file(&f);
	f.bite = 100;
	f.interruptions = 3;
	r = open_file(&f);
	while (reader_begin(r))
		assert_true(f.interruptions < 3);
	f.interruptions = 5;
	assert_int_equal(read_all(r), BLOCKS * BLOCK_RECORDS);
	assert_null(reader_fault(r));
	reader_free(r);
	buffer_done(&f.bytes);
}

/* Wherever it ends, the whole blocks before are read, and the fault is at the end of them. */
static void test_cut_short(void **state)
{
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t size = 0; size < f.ends[BLOCKS + 1]; size++) {
		struct file cut = { .bytes = f.bytes, .bite = SIZE_MAX };
		struct reader *r = open_file(&cut);
		size_t whole = 0;

		cut.bytes.size = size;
		if (size < f.ends[0]) {
			assert_int_equal(reader_begin(r), -EBADMSG);
			assert_int_equal(reader_fault(r)->offset, 0);
		} else {
			assert_int_equal(reader_begin(r), 0);
			while (whole < BLOCKS && f.ends[whole + 1] <= size)
				whole++;
			assert_int_equal(read_all(r), whole * BLOCK_RECORDS);
			assert_non_null(reader_fault(r));
			assert_int_equal(reader_fault(r)->offset, f.ends[whole]);
		}
		reader_free(r);
	}
	buffer_done(&f.bytes);
}

/* Each bit of it: the head is refused, one block at most is lost, and the loss is known. */
static void test_flipped(void **state)
{
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t bit = 0; bit < f.bytes.size * 8; bit += 3) {
		struct file flipped = { .bytes = f.bytes, .bite = SIZE_MAX };
		struct reader *r = open_file(&flipped);

		f.bytes.bytes[bit / 8] ^= (char)(1 << bit % 8);
		if (bit / 8 < f.ends[0]) {
			assert_int_equal(reader_begin(r), -EBADMSG);
		} else {
			uint64_t records;

			assert_int_equal(reader_begin(r), 0);
			records = read_all(r);
			assert_non_null(reader_fault(r));
			if (bit / 8 < f.ends[BLOCKS])
				assert_int_equal(records, (BLOCKS - 1) * BLOCK_RECORDS);
			assert_int_equal(records + reader_lost(r), BLOCKS * BLOCK_RECORDS);
		}
		f.bytes.bytes[bit / 8] ^= (char)(1 << bit % 8);
		reader_free(r);
	}
	buffer_done(&f.bytes);
}

static void refuse(const void *bytes, size_t size, const char *what)
{
	struct file f = { .bytes = { .bytes = (char *)bytes, .size = size }, .bite = SIZE_MAX };
	struct reader *r = open_file(&f);

	assert_int_equal(reader_begin(r), -EBADMSG);
	assert_non_null(strstr(reader_fault(r)->what, what));
	reader_free(r);
}

static void test_refused(void **state)
{
	static const uint32_t big_endian = __builtin_bswap32(RECORDING_BYTE_ORDER);
	static const uint16_t newer = RECORDING_VERSION + 1;
	static const uint32_t gigantic = UINT32_MAX;
	const struct {
		const void *bytes;
		size_t at, size;
		const char *what;
	} cases[] = {
		{ &big_endian, OFFSET_OF(byte_order), 4, "byte order" },
		{ &newer, OFFSET_OF(version), 2, "newer" },
		{ &newer, OFFSET_OF(event_version), 2, "newer" },
		{ &gigantic, OFFSET_OF(field_bytes), 4, "claims" },
	};
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *copy = malloc(f.bytes.size);

		assert_non_null(copy);
		memcpy(copy, f.bytes.bytes, f.bytes.size);
		memcpy(copy + cases[i].at, cases[i].bytes, cases[i].size);
		refuse(copy, f.bytes.size, cases[i].what);
		free(copy);
	}
	refuse("", 0, "empty");
	refuse("hello", 5, "no recording");
	refuse(f.bytes.bytes, 5, "within its head");
	buffer_done(&f.bytes);
}

/* Of one recording, one behind the other, as cat(1) does it; another one is not joined. */
static void test_parts(void **state)
{
	struct file f;
	struct reader *r;

	(void)state;
	make_file(&f);
	add_part(&f, 1);
	r = open_file(&f);
	assert_int_equal(reader_begin(r), 0);
	assert_int_equal(read_all(r), 2 * BLOCKS * BLOCK_RECORDS);
	assert_null(reader_fault(r));
	assert_int_equal(reader_counters(r)->submitted, 2 * BLOCKS * BLOCK_RECORDS);
	reader_free(r);
	add_part(&f, 1);
	f.at = 0;
	r = open_file(&f);
	assert_int_equal(reader_begin(r), 0);
	assert_int_equal(read_all(r), 2 * BLOCKS * BLOCK_RECORDS);
	assert_non_null(strstr(reader_fault(r)->what, "something else"));
	reader_free(r);
	buffer_done(&f.bytes);
}

/* Where the end of a part is damaged, the next one is found all the same, and nothing goes back. */
static void test_part_without_end(void **state)
{
	struct file f;
	size_t end;

	(void)state;
	make_file(&f);
	end = f.ends[BLOCKS];
	add_part(&f, 1);
	for (size_t at = end; at < f.ends[BLOCKS + 1] - f.ends[BLOCKS] + end; at++) {
		struct file damaged = { .bytes = f.bytes, .bite = SIZE_MAX };
		struct reader *r = open_file(&damaged);

		f.bytes.bytes[at] ^= 1;
		assert_int_equal(reader_begin(r), 0);
		assert_int_equal(read_all(r), 2 * BLOCKS * BLOCK_RECORDS);
		assert_non_null(reader_fault(r));
		assert_int_equal(reader_fault(r)->offset, end);
		assert_int_equal(reader_counters(r)->submitted, 2 * BLOCKS * BLOCK_RECORDS);
		assert_int_equal(reader_part(r), 1);
		f.bytes.bytes[at] ^= 1;
		reader_free(r);
	}
	buffer_done(&f.bytes);
}

/* The head of a block that is as large as any, and damaged. */
static void add_claim(struct buffer *bytes)
{
	struct recording_block block = { .magic = RECORDING_BLOCK_MAGIC,
					 .stored_bytes = RECORDING_RAW_MAX,
					 .raw_bytes = RECORDING_RAW_MAX,
					 .checksum = 1 };

	block.head_checksum = (uint32_t)crc32(0, (const Bytef *)&block, sizeof(block));
	buffer_add(bytes, &block, sizeof(block));
}

/* Heads may lie so close that each byte is looked at for many: whoever waits is told meanwhile. */
static void test_blocks_in_blocks(void **state)
{
	static const char none[RECORDING_RAW_MAX];
	struct recording_block block;
	unsigned int told = 0;
	struct reader *r;
	struct file f;
	uint8_t *raw;

	(void)state;
	make_file(&f);
	f.bytes.size = f.ends[0];
	for (unsigned int i = 0; i < CLAIMS; i++)
		add_claim(&f.bytes);
	buffer_add(&f.bytes, none, sizeof(none));
	r = open_file(&f);
	assert_int_equal(reader_begin(r), 0);
	while (reader_next(r, &block, &raw) == -EAGAIN)
		told++;
	assert_in_range(told, CLAIMS, CLAIMS + 2);
	assert_string_equal(reader_fault(r)->what, "a block is damaged");
	reader_free(r);
	buffer_done(&f.bytes);
}

static void test_part_is_missing(void **state)
{
	struct file f;
	struct reader *r;

	(void)state;
	make_file(&f);
	add_part(&f, 4);
	r = open_file(&f);
	assert_int_equal(reader_begin(r), 0);
	assert_int_equal(read_all(r), 2 * BLOCKS * BLOCK_RECORDS);
	assert_non_null(strstr(reader_fault(r)->what, "missing"));
	assert_int_equal(reader_part(r), 4);
	reader_free(r);
	buffer_done(&f.bytes);
}

/* A block of its own, behind a head. */
static struct file contradicting(struct recording_block block)
{
	struct file f = { .bite = SIZE_MAX };
	struct event_destroy raw = record_of(0);
	struct encoder *encoder = encoder_new();

	assert_non_null(encoder);
	encoder_add_head(&f.bytes, &(struct recording_about){ .series = SERIES });
	block.raw_bytes = sizeof(raw);
	assert_int_equal(encoder_add_block(encoder, &f.bytes, &block, &raw), 0);
	encoder_free(encoder);
	return f;
}

#define ONE                               \
	{                                 \
		.seen = 1, .submitted = 1 \
	}

/* What its own numbers rule out is left out, and told of. */
static void test_contradictions(void **state)
{
	static const struct {
		const char *what; /* NULL: it is sound */
		struct recording_block block;
	} cases[] = {
		{ NULL, { .record_count = 1, .counters = ONE } },
		{ "room", { .record_count = 2, .counters = { .seen = 2, .submitted = 2 } } },
		{ "room", { .kind = RECORDING_NAMES, .record_count = 1, .counters = ONE } },
		{ "add up", { .record_count = 1, .counters = { .seen = 2, .submitted = 1 } } },
		{ "add up", { .record_count = 1, .counters = { .seen = 2, .submitted = 2 } } },
		{ "add up", { .record_count = 1, .counters = { .seen = 1, .ring_full = 1 } } },
		{ NULL,
		  { .record_count = 1, .counters = { .seen = 3, .submitted = 3, .dropped = 2 } } },
		{ "add up", { .record_count = 1, .first_record = 1, .counters = ONE } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct file f = contradicting(cases[i].block);
		struct reader *r = open_file(&f);

		assert_int_equal(reader_begin(r), 0);
		assert_int_equal(read_all(r), cases[i].what ? 0 : 1);
		/* It has no end in either case. */
		assert_non_null(strstr(reader_fault(r)->what,
				       cases[i].what ? cases[i].what : "last block"));
		assert_int_equal(reader_counters(r)->submitted,
				 cases[i].what ? 0 : cases[i].block.counters.submitted);
		reader_free(r);
		buffer_done(&f.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_part_without_end),
		cmocka_unit_test(test_blocks_in_blocks),
		cmocka_unit_test(test_part_is_missing),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
