// SPDX-License-Identifier: GPL-2.0-only
/* What a capture file says beside its packets: links, gaps, drops and clocks, in any pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/source/blocks.h"

#define ROOM (4u << 20)
#define NO_OPTION 0
#define PACKET_BYTES 61 /* with padding behind them */

enum { OLD_PACKET = 2, SIMPLE_PACKET = 3, STATISTICS = 5, PACKET = 6 };

/* A file that is being made, in the order of bytes of this machine or in the other one. */
struct file {
	uint8_t *bytes;
	size_t size, begun; /* where the block that is being made begins */
	bool is_swapped;
	struct blocks *blocks;
};

static void put(struct file *f, uint64_t value, size_t size)
{
	uint8_t raw[8];

	memcpy(raw, &value, sizeof(raw));
	assert_true(f->size + size <= ROOM);
	for (size_t i = 0; i < size; i++)
		f->bytes[f->size++] = raw[f->is_swapped ? size - 1 - i : i];
}

static void begin_block(struct file *f, uint32_t kind)
{
	f->begun = f->size;
	put(f, kind, 4);
	put(f, 0, 4);
}

static void end_block(struct file *f)
{
	size_t end = f->size + 4;

	f->size = f->begun + 4;
	put(f, end - f->begun, 4);
	f->size = end - 4;
	put(f, end - f->begun, 4);
}

static void put_option(struct file *f, uint16_t code, uint64_t value, size_t size)
{
	put(f, code, 2);
	put(f, size, 2);
	put(f, value, size);
	while (f->size % 4)
		put(f, 0, 1);
}

static void section(struct file *f)
{
	begin_block(f, 0x0a0d0d0a);
	put(f, 0x1a2b3c4d, 4);
	put(f, 1, 4);
	put(f, UINT64_MAX, 8);
	end_block(f);
}

static void interface(struct file *f, uint16_t link, uint32_t snaplen, uint8_t resolution)
{
	begin_block(f, 1);
	put(f, link, 2);
	put(f, 0, 2);
	put(f, snaplen, 4);
	put_option(f, 9, resolution, 1);
	put(f, NO_OPTION, 4);
	end_block(f);
}

static void packet(struct file *f, uint32_t number, uint64_t drops)
{
	begin_block(f, PACKET);
	put(f, number, 4);
	put(f, 0, 8);
	put(f, PACKET_BYTES, 4);
	put(f, PACKET_BYTES, 4);
	for (int i = 0; i < (PACKET_BYTES + 3) / 4; i++)
		put(f, 0x05060506, 4);
	if (drops) {
		put_option(f, 2, 0, 4);
		put_option(f, 4, drops, 8);
		put(f, NO_OPTION, 4);
	}
	end_block(f);
}

static void statistics(struct file *f, uint32_t number, uint64_t card, uint64_t system)
{
	begin_block(f, STATISTICS);
	put(f, number, 4);
	put(f, 0, 8);
	put_option(f, 4, 1000, 8);
	put_option(f, 5, card, 8);
	put_option(f, 7, system, 8);
	put(f, NO_OPTION, 4);
	end_block(f);
}

static void begin(struct file *f, bool is_swapped)
{
	memset(f, 0, sizeof(*f));
	f->bytes = malloc(ROOM);
	f->blocks = calloc(1, sizeof(*f->blocks));
	assert_true(f->bytes && f->blocks);
	f->is_swapped = is_swapped;
	section(f);
}

/* It passes in pieces of that size. */
static void pass(struct file *f, size_t piece)
{
	blocks_done(f->blocks);
	memset(f->blocks, 0, sizeof(*f->blocks));
	for (size_t at = 0; at < f->size; at += piece)
		blocks_feed(f->blocks, f->bytes + at, f->size - at < piece ? f->size - at : piece);
}

static void end(struct file *f)
{
	blocks_done(f->blocks);
	free(f->blocks);
	free(f->bytes);
}

static void expect(struct file *f, uint16_t link, bool is_behind_a_gap)
{
	struct blocks_packet packet;

	assert_true(blocks_take(f->blocks, &packet));
	assert_int_equal(packet.link, link);
	assert_int_equal(packet.is_behind_a_gap, is_behind_a_gap);
}

static void expect_no_more(struct file *f)
{
	struct blocks_packet packet;

	assert_null(f->blocks->fault);
	assert_false(blocks_take(f->blocks, &packet));
}

static const size_t pieces[] = { 1, 7, 64, ROOM };

/* Each packet has the link of its interface, of its section. */
static void links(void **state)
{
	struct file f;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(*pieces); i++) {
		begin(&f, i & 1);
		interface(&f, 113, 64, 6);
		interface(&f, 276, 0, 9);
		packet(&f, 1, 0);
		packet(&f, 0, 0);
		packet(&f, 2, 0);
		begin_block(&f, SIMPLE_PACKET);
		put(&f, 4, 4);
		put(&f, 0x01020304, 4);
		end_block(&f);
		section(&f);
		interface(&f, 101, 64, 3);
		packet(&f, 0, 0);
		packet(&f, 1, 0);
		pass(&f, pieces[i / 2]);
		expect(&f, 276, false);
		expect(&f, 113, false);
		expect(&f, BLOCKS_NO_LINK, false);
		expect(&f, 113, false);
		expect(&f, 101, false);
		expect(&f, BLOCKS_NO_LINK, false);
		expect_no_more(&f);
		assert_int_equal(f.blocks->resolution_ns, 1000000);
		assert_int_equal(f.blocks->dropped, 0);
		end(&f);
	}
}

/* Whoever reads behind sees interfaces that do not differ, and all else as it was. */
static void interfaces_look_alike(void **state)
{
	struct file f, same;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(*pieces); i++) {
		begin(&f, i & 1);
		begin(&same, i & 1);
		interface(&f, 113, 64, 6);
		interface(&same, 1, INT32_MAX, 6);
		packet(&f, 0, 3);
		packet(&same, 0, 3);
		interface(&f, 276, 65535, 9);
		interface(&same, 1, INT32_MAX, 9);
		statistics(&f, 1, 2, 3);
		statistics(&same, 1, 2, 3);
		pass(&f, pieces[i / 2]);
		assert_int_equal(f.size, same.size);
		assert_memory_equal(f.bytes, same.bytes, f.size);
		end(&f);
		end(&same);
	}
}

/* As its packets say, or its statistics: both tell of the same. */
static void drops(void **state)
{
	struct file f;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(*pieces); i++) {
		begin(&f, i & 1);
		interface(&f, 1, 0, 9);
		interface(&f, 1, 0, 9);
		packet(&f, 0, 0);
		packet(&f, 0, 5);
		packet(&f, 1, 0);
		statistics(&f, 0, 2, 3); /* that has been told */
		packet(&f, 1, 0);
		statistics(&f, 1, 4, 0);
		statistics(&f, 2, 1000, 0); /* there is none */
		packet(&f, 0, 0);
		packet(&f, 1, 3); /* part of those four */
		statistics(&f, 0, 4, 5);
		pass(&f, pieces[i / 2]);
		expect(&f, 1, false);
		expect(&f, 1, true);
		expect(&f, 1, false);
		expect(&f, 1, false);
		expect(&f, 1, true);
		expect(&f, 1, true);
		expect_no_more(&f);
		assert_int_equal(f.blocks->dropped, 9 + 4);
		end(&f);
	}
}

static void drops_of_old_packets(void **state)
{
	static const uint16_t counts[] = { 0, 7, 0xffff };
	struct file f;

	(void)state;
	begin(&f, false);
	interface(&f, 1, 0, 9);
	for (int i = 0; i < 3; i++) {
		begin_block(&f, OLD_PACKET);
		put(&f, 0, 2);
		put(&f, counts[i], 2);
		put(&f, 0, 8);
		put(&f, 4, 4);
		put(&f, 4, 4);
		put(&f, 0, 4);
		end_block(&f);
	}
	pass(&f, 1);
	expect(&f, 1, false);
	expect(&f, 1, true);
	expect(&f, 1, false);
	expect_no_more(&f);
	assert_int_equal(f.blocks->dropped, 7);
	end(&f);
}

/* Sums that do not fit stay at the most. */
static void absurd_drops(void **state)
{
	struct file f;

	(void)state;
	begin(&f, false);
	interface(&f, 1, 0, 9);
	interface(&f, 1, 0, 9);
	packet(&f, 0, UINT64_MAX - 1);
	packet(&f, 0, UINT64_MAX - 1);
	statistics(&f, 1, UINT64_MAX, UINT64_MAX);
	pass(&f, 3);
	assert_true(f.blocks->dropped == UINT64_MAX);
	end(&f);
}

static void too_many_interfaces(void **state)
{
	struct file f;

	(void)state;
	begin(&f, false);
	for (unsigned int i = 0; i < BLOCKS_INTERFACES; i++)
		interface(&f, 1, 0, 9);
	packet(&f, BLOCKS_INTERFACES - 1, 0);
	pass(&f, ROOM);
	expect(&f, 1, false);
	expect_no_more(&f);
	interface(&f, 1, 0, 9);
	packet(&f, 0, 0);
	pass(&f, ROOM);
	assert_non_null(f.blocks->fault);
	expect(&f, 1, false);
	end(&f);
}

/* As many as can be ahead of who reads are kept in mind. */
static void as_far_ahead_as_can_be(void **state)
{
	struct file f;
	size_t first;

	(void)state;
	begin(&f, false);
	interface(&f, 228, 0, 9);
	first = f.size;
	while (f.size < BLOCKS_AHEAD) {
		begin_block(&f, SIMPLE_PACKET);
		put(&f, 0, 4);
		end_block(&f);
	}
	pass(&f, ROOM);
	assert_true(f.blocks->come < BLOCKS_WAITING);
	for (uint64_t i = f.blocks->come; i; i--)
		expect(&f, 228, false);
	expect_no_more(&f);
	/* Further, nobody would know any more which packet is which. */
	for (int i = 0; i < 3; i++)
		blocks_feed(f.blocks, f.bytes + first, f.size - first);
	assert_non_null(f.blocks->fault);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),
		cmocka_unit_test(interfaces_look_alike),
		cmocka_unit_test(drops),
		cmocka_unit_test(drops_of_old_packets),
		cmocka_unit_test(absurd_drops),
		cmocka_unit_test(too_many_interfaces),
		cmocka_unit_test(as_far_ahead_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
