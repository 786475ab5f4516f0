// SPDX-License-Identifier: GPL-2.0-only
/* What a capture file says beside its packets: of its clock, its links, and what was dropped. */
#include "user/source/blocks.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC_PCAP 0xa1b2c3d4
#define MAGIC_PCAP_MODIFIED 0xa1b2cd34
#define MAGIC_PCAP_NS 0xa1b23c4d
#define ORDER_OF_SECTION 0x1a2b3c4d

enum block_kind {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};

#define BLOCK_HEAD 8	/* kind and length */
#define BLOCK_AROUND 12 /* that, and the length once more */
#define BLOCK_TAIL 4	/* the length once more */
#define SECTION_HEAD 12 /* with the word that tells the order of bytes */
#define INTERFACE_FIXED 8
#define STATISTICS_FIXED 12
#define PACKET_FIXED 20
#define OPTION_RESOLUTION 9
#define OPTION_IFDROP 5
#define OPTION_OSDROP 7
#define OPTION_DROPS 4	   /* of a packet */
#define RESOLUTION_USUAL 6 /* microseconds */
#define DROPS_UNKNOWN 0xffff

/*
 * What libpcap is shown of each interface: as much of each packet as there is, and a link layer
 * that has one number in files and in libpcap, for it compares the one with the other.
 */
#define SHOWN_LINK 1
#define SHOWN_SNAPLEN INT32_MAX

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

/* NULL: it has no room, or there may be no more of them. */
static struct blocks_interface *add_interface(struct blocks *b)
{
	if (b->interface_count == BLOCKS_INTERFACES) {
		b->fault = "it has more than 65536 interfaces";
		return NULL;
	}
	if (b->interface_count == b->interface_room) {
		size_t room = b->interface_room ? 2 * b->interface_room : 4;
		struct blocks_interface *more =
			reallocarray(b->interfaces, room, sizeof(*b->interfaces));

		if (!more) {
			b->fault = "there is no memory for its interfaces";
			return NULL;
		}
		b->interfaces = more;
		b->interface_room = room;
	}
	return &b->interfaces[b->interface_count++];
}

static void take_interface(struct blocks *b)
{
	const uint8_t *option = find_option(b, INTERFACE_FIXED, OPTION_RESOLUTION, 1);
	struct blocks_interface *interface = add_interface(b);

	if (!interface)
		return;
	*interface = (struct blocks_interface){ .link = u16(b, b->body) };
	note_resolution(b, step_ns(option ? *option : RESOLUTION_USUAL));
}

/* NULL: there is none of this number. */
static struct blocks_interface *interface_at(const struct blocks *b, uint32_t number)
{
	return number < b->interface_count ? &b->interfaces[number] : NULL;
}

static uint64_t dropped_by(const struct blocks_interface *interface)
{
	return interface->dropped > interface->counted ? interface->dropped : interface->counted;
}

/* Its counts have been `before`, and may have grown: then the next packet is behind a gap. */
static void note_drops(struct blocks *b, const struct blocks_interface *interface, uint64_t before)
{
	uint64_t more = dropped_by(interface) - before;

	b->dropped = more < UINT64_MAX - b->dropped ? b->dropped + more : UINT64_MAX;
	if (more)
		b->is_gap = true;
}

static void take_statistics(struct blocks *b)
{
	const uint8_t *card = find_option(b, STATISTICS_FIXED, OPTION_IFDROP, 8);
	const uint8_t *system = find_option(b, STATISTICS_FIXED, OPTION_OSDROP, 8);
	struct blocks_interface *interface;
	uint64_t before, counted;

	if (b->have < STATISTICS_FIXED)
		return;
	interface = interface_at(b, u32(b, b->body));
	if (!interface || (!card && !system))
		return;
	before = dropped_by(interface);
	if (__builtin_add_overflow(card ? u64(b, card) : 0, system ? u64(b, system) : 0, &counted))
		counted = UINT64_MAX;
	/* Counted from its beginning: the last one has all. */
	if (counted > interface->counted)
		interface->counted = counted;
	note_drops(b, interface, before);
}

/* So many were dropped on its interface since the packet before. */
static void drop(struct blocks *b, uint32_t number, uint64_t count)
{
	struct blocks_interface *interface = interface_at(b, number);
	uint64_t before;

	if (!interface || !count)
		return;
	before = dropped_by(interface);
	if (__builtin_add_overflow(interface->dropped, count, &interface->dropped))
		interface->dropped = UINT64_MAX;
	note_drops(b, interface, before);
	/* Where the statistics had told of them before, nobody knew where they were. */
	b->is_gap = true;
}

/* What stands before its bytes, of which there are `payload`. */
static void take_packet(struct blocks *b)
{
	bool is_simple = b->kind == BLOCK_SIMPLE_PACKET;
	const struct blocks_interface *interface;

	b->number = is_simple ? 0 : b->kind == BLOCK_PACKET ? u32(b, b->body) : u16(b, b->body);
	interface = interface_at(b, b->number);
	b->packet.link = interface ? interface->link : BLOCKS_NO_LINK;
	b->packet.is_timeless = is_simple;
	b->payload = is_simple ? UINT32_MAX : u32(b, b->body + 12);
	if (b->kind == BLOCK_OLD_PACKET && u16(b, b->body + 2) != DROPS_UNKNOWN)
		drop(b, b->number, u16(b, b->body + 2));
}

static void take_packet_options(struct blocks *b)
{
	const uint8_t *drops = find_option(b, 0, OPTION_DROPS, 8);

	if (drops)
		drop(b, b->number, u64(b, drops));
}

/* All of its block has passed. */
static void add_packet(struct blocks *b)
{
	b->packet.is_behind_a_gap = b->is_gap;
	b->is_gap = false;
	if (b->come - b->taken < BLOCKS_WAITING)
		b->waiting[b->come++ % BLOCKS_WAITING] = b->packet;
	else
		b->fault = "it is read further ahead than can be kept in mind";
}

static bool is_packet(const struct blocks *b)
{
	return b->kind == BLOCK_PACKET || b->kind == BLOCK_SIMPLE_PACKET ||
	       b->kind == BLOCK_OLD_PACKET;
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
		bool is_swapped;
		uint32_t order;

		if (b->have < SECTION_HEAD) {
			b->want = SECTION_HEAD;
			return true;
		}
		memcpy(&order, b->body + BLOCK_HEAD, sizeof(order));
		is_swapped = order == __builtin_bswap32(ORDER_OF_SECTION);
		/* libpcap takes its length for another number, and says that it is too large. */
		if (b->is_begun && b->is_swapped != is_swapped) {
			b->fault = "a section of it, which should be a file of its own, has "
				   "another order of bytes than the first";
			return false;
		}
		b->is_swapped = is_swapped;
	}
	b->is_begun = true;
	b->kind = u32(b, b->body);
	b->length = u32(b, b->body + 4);
	/* Who lies about that is caught by who reads the packets. */
	if (b->length < BLOCK_AROUND)
		b->is_over = true;
	return false;
}

/* Bytes of a block of this kind that are looked at first; 0: none are. */
static size_t bytes_wanted(const struct blocks *b)
{
	switch (b->kind) {
	case BLOCK_INTERFACE:
	case BLOCK_STATISTICS:
		return BLOCKS_BODY;
	case BLOCK_PACKET:
	case BLOCK_OLD_PACKET:
		return PACKET_FIXED;
	case BLOCK_SIMPLE_PACKET:
		return 4;
	default:
		return 0;
	}
}

/* Looks at the next `most` bytes of the block, or as many as there are before its tail. */
static void look_at(struct blocks *b, size_t most, unsigned int phase)
{
	uint64_t inside = b->left > BLOCK_TAIL ? b->left - BLOCK_TAIL : 0;

	b->have = 0;
	b->want = inside < most ? (size_t)inside : most;
	b->left -= b->want;
	b->phase = phase;
}

/* Behind a head: how much of the block is looked at, and how much is passed over. */
static void enter_block(struct blocks *b)
{
	uint64_t padded = ((uint64_t)b->length + 3) & ~UINT64_C(3);
	size_t wanted = bytes_wanted(b);

	b->left = padded > b->have ? padded - b->have : 0;
	b->want = 0;
	b->payload = 0;
	b->packet = (struct blocks_packet){ .link = BLOCKS_NO_LINK };
	b->phase = BLOCKS_PASS;
	if (b->kind == BLOCK_SECTION)
		b->interface_count = 0;
	if (wanted)
		look_at(b, wanted, BLOCKS_INSIDE);
}

/* Behind the fixed part of a packet: its bytes are passed over, what stands behind them is not. */
static void enter_packet(struct blocks *b)
{
	uint64_t padded = ((uint64_t)b->payload + 3) & ~UINT64_C(3);

	b->phase = BLOCKS_PASS;
	if (padded + BLOCK_TAIL >= b->left)
		return;
	b->behind = b->left - padded;
	b->left = padded;
}

/* What was to be looked at is there. */
static void look(struct blocks *b)
{
	switch (b->phase) {
	case BLOCKS_HEAD:
		if (!begin_block(b) && !b->is_over && !b->fault)
			enter_block(b);
		return;
	case BLOCKS_INSIDE:
		b->phase = BLOCKS_PASS;
		if (b->kind == BLOCK_INTERFACE)
			take_interface(b);
		else if (b->kind == BLOCK_STATISTICS)
			take_statistics(b);
		else if (b->have == bytes_wanted(b)) {
			take_packet(b);
			enter_packet(b);
		}
		return;
	default:
		b->phase = BLOCKS_PASS;
		take_packet_options(b);
		return;
	}
}

/* Nothing of what is passed over is left: of the block, or of what stands before its options. */
static void pass(struct blocks *b)
{
	if (b->behind) {
		b->left = b->behind;
		b->behind = 0;
		look_at(b, BLOCKS_BODY, BLOCKS_OPTIONS);
		return;
	}
	if (is_packet(b))
		add_packet(b);
	b->phase = BLOCKS_HEAD;
	b->have = 0;
	b->want = BLOCK_HEAD;
}

/* An interface as libpcap is to see it. */
static void show(const struct blocks *b, uint8_t *at, size_t from, size_t count)
{
	uint16_t link = b->is_swapped ? __builtin_bswap16(SHOWN_LINK) : SHOWN_LINK;
	uint32_t snaplen = b->is_swapped ? __builtin_bswap32(SHOWN_SNAPLEN) : SHOWN_SNAPLEN;
	uint8_t shown[INTERFACE_FIXED] = { 0 };

	memcpy(shown, &link, sizeof(link));
	memcpy(shown + 4, &snaplen, sizeof(snaplen));
	for (size_t i = from; i < from + count && i < sizeof(shown); i++)
		at[i - from] = shown[i];
}

void blocks_feed(struct blocks *b, void *bytes, size_t size)
{
	uint8_t *at = bytes;

	if (!b->want && b->phase == BLOCKS_HEAD)
		b->want = BLOCK_HEAD;
	while (!b->is_over && !b->fault) {
		size_t count;

		if (b->phase == BLOCKS_PASS) {
			count = b->left < size ? (size_t)b->left : size;
			b->left -= count;
			if (!b->left)
				pass(b);
			else if (!size)
				return;
		} else {
			count = b->want - b->have < size ? b->want - b->have : size;
			memcpy(b->body + b->have, at, count);
			if (b->phase == BLOCKS_INSIDE && b->kind == BLOCK_INTERFACE)
				show(b, at, b->have, count);
			b->have += count;
			if (b->have == b->want)
				look(b);
			else if (!size)
				return;
		}
		at += count;
		size -= count;
	}
}

bool blocks_take(struct blocks *b, struct blocks_packet *ret_packet)
{
	if (b->come == b->taken)
		return false;
	*ret_packet = b->waiting[b->taken++ % BLOCKS_WAITING];
	return true;
}

void blocks_done(struct blocks *b)
{
	free(b->interfaces);
}
