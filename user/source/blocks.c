// SPDX-License-Identifier: GPL-2.0-only
/* What a capture file says beside its packets: the steps of its clock, and what was dropped. */
#include "user/source/blocks.h"

#include <string.h>

#define MAGIC_PCAP 0xa1b2c3d4
#define MAGIC_PCAP_MODIFIED 0xa1b2cd34
#define MAGIC_PCAP_NS 0xa1b23c4d
#define ORDER_OF_SECTION 0x1a2b3c4d

enum block_kind {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
};

#define BLOCK_HEAD 8	/* kind and length */
#define BLOCK_AROUND 12 /* that, and the length once more */
#define SECTION_HEAD 12 /* with the word that tells the order of bytes */
#define INTERFACE_FIXED 8
#define STATISTICS_FIXED 12
#define OPTION_RESOLUTION 9
#define OPTION_IFDROP 5
#define OPTION_OSDROP 7
#define RESOLUTION_USUAL 6 /* microseconds */

static uint16_t u16(const struct blocks *b, const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return b->is_swapped ? __builtin_bswap16(value) : value;
}

static uint32_t u32(const struct blocks *b, const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return b->is_swapped ? __builtin_bswap32(value) : value;
}

static uint64_t u64(const struct blocks *b, const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return b->is_swapped ? __builtin_bswap64(value) : value;
}

static void note_resolution(struct blocks *b, uint64_t ns)
{
	if (ns > b->resolution_ns)
		b->resolution_ns = ns;
}

/* A power of ten, or with the highest bit of two: so many steps are a second. */
static uint64_t step_ns(uint8_t resolution)
{
	uint64_t ns = 1000000000;
	unsigned int power = resolution & 0x7f;

	while (power-- && ns > 1)
		ns = resolution & 0x80 ? (ns + 1) / 2 : (ns + 9) / 10;
	return ns;
}

/* An option of at least `least` bytes; NULL: it has none. */
static const uint8_t *find_option(const struct blocks *b, size_t from, uint16_t code, size_t least)
{
	while (from + 4 <= b->have) {
		uint16_t found = u16(b, b->body + from), size = u16(b, b->body + from + 2);

		if (!found || from + 4 + size > b->have)
			return NULL;
		if (found == code)
			return size >= least ? b->body + from + 4 : NULL;
		from += 4 + ((size + 3u) & ~3u);
	}
	return NULL;
}

static void take_interface(struct blocks *b)
{
	const uint8_t *option = find_option(b, INTERFACE_FIXED, OPTION_RESOLUTION, 1);

	note_resolution(b, step_ns(option ? *option : RESOLUTION_USUAL));
}

/* Counted from its beginning: the last one has all. */
static void take_statistics(struct blocks *b)
{
	const uint8_t *card = find_option(b, STATISTICS_FIXED, OPTION_IFDROP, 8);
	const uint8_t *system = find_option(b, STATISTICS_FIXED, OPTION_OSDROP, 8);
	uint32_t number;

	if (b->have < STATISTICS_FIXED)
		return;
	number = u32(b, b->body);
	if (number < BLOCKS_INTERFACES && (card || system))
		b->dropped[number] = (card ? u64(b, card) : 0) + (system ? u64(b, system) : 0);
}

/* What was wanted of it is there. */
static void take(struct blocks *b)
{
	if (b->kind == BLOCK_INTERFACE)
		take_interface(b);
	else if (b->kind == BLOCK_STATISTICS)
		take_statistics(b);
}

static void take_pcap(struct blocks *b, uint32_t magic)
{
	if (magic == MAGIC_PCAP || magic == __builtin_bswap32(MAGIC_PCAP) ||
	    magic == MAGIC_PCAP_MODIFIED || magic == __builtin_bswap32(MAGIC_PCAP_MODIFIED))
		note_resolution(b, 1000);
	else if (magic == MAGIC_PCAP_NS || magic == __builtin_bswap32(MAGIC_PCAP_NS))
		note_resolution(b, 1);
	b->is_over = true;
}

/* The head of a block is there. Returns whether more of it is wanted before it can be judged. */
static bool begin_block(struct blocks *b)
{
	uint32_t raw;

	memcpy(&raw, b->body, sizeof(raw));
	if (!b->is_begun && raw != BLOCK_SECTION) {
		take_pcap(b, raw);
		return false;
	}
	if (raw == BLOCK_SECTION) {
		uint32_t order;

		if (b->have < SECTION_HEAD) {
			b->want = SECTION_HEAD;
			return true;
		}
		memcpy(&order, b->body + BLOCK_HEAD, sizeof(order));
		b->is_swapped = order == __builtin_bswap32(ORDER_OF_SECTION);
	}
	b->is_begun = true;
	b->kind = u32(b, b->body);
	b->length = u32(b, b->body + 4);
	/* Who lies about that is caught by who reads the packets. */
	if (b->length < BLOCK_AROUND)
		b->is_over = true;
	return false;
}

/* Behind a head: how much of the block is looked at, and how much is passed over. */
static void enter_block(struct blocks *b)
{
	uint64_t padded = ((uint64_t)b->length + 3) & ~UINT64_C(3);

	b->left = padded > b->have ? padded - b->have : 0;
	b->have = 0;
	b->want = 0;
	b->phase = BLOCKS_PASS;
	if ((b->kind != BLOCK_INTERFACE && b->kind != BLOCK_STATISTICS) || b->left < 4)
		return;
	b->want = b->left - 4 < BLOCKS_BODY ? (size_t)b->left - 4 : BLOCKS_BODY;
	b->left -= b->want;
	b->phase = BLOCKS_INSIDE;
}

/* What was to be looked at is there. */
static void look(struct blocks *b)
{
	if (b->phase == BLOCKS_INSIDE) {
		take(b);
		b->phase = BLOCKS_PASS;
	} else if (!begin_block(b) && !b->is_over) {
		enter_block(b);
	}
}

void blocks_feed(struct blocks *b, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (!b->is_over) {
		size_t count;

		if (b->phase == BLOCKS_PASS && !b->left) {
			b->phase = BLOCKS_HEAD;
			b->have = 0;
			b->want = 0;
		}
		if (!b->want && b->phase == BLOCKS_HEAD)
			b->want = BLOCK_HEAD;
		if (!size && !(b->phase == BLOCKS_INSIDE && b->have == b->want))
			return;
		if (b->phase == BLOCKS_PASS) {
			count = b->left < size ? (size_t)b->left : size;
			b->left -= count;
		} else {
			count = b->want - b->have < size ? b->want - b->have : size;
			memcpy(b->body + b->have, at, count);
			b->have += count;
			if (b->have == b->want)
				look(b);
		}
		at += count;
		size -= count;
	}
}

uint64_t blocks_dropped(const struct blocks *b)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < BLOCKS_INTERFACES; i++)
		sum += b->dropped[i];
	return sum;
}
