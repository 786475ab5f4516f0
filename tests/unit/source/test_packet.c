// SPDX-License-Identifier: GPL-2.0-only
/* Packets of every link layer and tunnel: the segment in them, and no byte beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/source/packet.h"

#define ROOM 512

/* A packet that is made from its inside outwards: the first byte is at `at`. */
struct made {
	uint8_t bytes[ROOM];
	size_t at;
};

static struct packet_fragments fragments;

static void put(struct made *m, const void *bytes, size_t size)
{
	assert_true(m->at >= size);
	m->at -= size;
	memcpy(m->bytes + m->at, bytes, size);
}

#define PUT(m, ...)                                       \
	do {                                              \
		const uint8_t bytes_[] = { __VA_ARGS__ }; \
		put(m, bytes_, sizeof(bytes_));           \
	} while (0)

static size_t size_of(const struct made *m)
{
	return ROOM - m->at;
}

/* Ten bytes from 40001 to 80, seq 0x01020304, ack 0x05060708, with SACK behind two paddings. */
static void make_tcp(struct made *m)
{
	m->at = ROOM;
	PUT(m, 'h', 'e', 'l', 'l', 'o', 'h', 'e', 'l', 'l', 'o');
	PUT(m, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2);
	PUT(m, 0x9c, 0x41, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x18, 0x12, 0x34, 0xab, 0xcd, 0, 0);
}

static void put_ipv4(struct made *m, uint8_t protocol, uint16_t place)
{
	size_t size = size_of(m) + 20;

	PUT(m, 0x45, 0, (uint8_t)(size >> 8), (uint8_t)size, 0x77, 0x88, (uint8_t)(place >> 8),
	    (uint8_t)place, 61, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2);
}

static void put_ipv6(struct made *m, uint8_t protocol)
{
	size_t size = size_of(m);

	PUT(m, 0x60, 0, 0, 0, (uint8_t)(size >> 8), (uint8_t)size, protocol, 62, 0x20, 1, 0xd, 0xb8,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    2);
}

static void put_ethernet(struct made *m, uint16_t type)
{
	PUT(m, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (uint8_t)(type >> 8), (uint8_t)type);
}

/* It is the segment, and with one byte less at its end nothing is read that is not there. */
static void expect_tcp(int link, const struct made *m)
{
	struct segment segment;
	size_t size = size_of(m);

	assert_int_equal(packet_decode(link, m->bytes + m->at, size, size, &fragments, &segment),
			 PACKET_TCP);
	assert_int_equal(segment.from_port, 40001);
	assert_int_equal(segment.to_port, 80);
	assert_int_equal(segment.seq, 0x01020304);
	assert_int_equal(segment.ack, 0x05060708);
	assert_int_equal(segment.payload, 10);
	assert_int_equal(segment.window, 0x1234);
	assert_int_equal(segment.checksum, 0xabcd);
	assert_int_equal(segment.flags, SEGMENT_PSH | SEGMENT_ACK);
	assert_true(segment.has_sack);
	assert_int_equal(segment.hops, segment.is_ipv6 ? 62 : 61);
	assert_int_equal(segment.from.byte[ADDRESS_SIZE - 1], 1);
	assert_int_equal(segment.to.byte[ADDRESS_SIZE - 1], 2);
	/* Nothing is read that was not captured: behind it is no memory. */
	for (size_t captured = 0; captured < size; captured++) {
		uint8_t *bytes = malloc(captured ? captured : 1);
		enum packet_kind kind;

		assert_non_null(bytes);
		memcpy(bytes, m->bytes + m->at, captured);
		kind = packet_decode(link, bytes, captured, size, &fragments, &segment);
		assert_true(kind == PACKET_SHORT || kind == PACKET_TCP || kind == PACKET_OTHER ||
			    kind == PACKET_FRAGMENT);
		if (kind == PACKET_TCP)
			assert_int_equal(segment.payload, 10);
		free(bytes);
	}
}

static enum packet_kind kind_of(int link, const struct made *m, struct segment *segment)
{
	return packet_decode(link, m->bytes + m->at, size_of(m), size_of(m), &fragments, segment);
}

static void links(void **state)
{
	struct made ip, m;

	(void)state;
	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		uint16_t type = is_ipv6 ? 0x86dd : 0x0800;

		make_tcp(&ip);
		if (is_ipv6)
			put_ipv6(&ip, 6);
		else
			put_ipv4(&ip, 6, 0x4000);
		expect_tcp(PACKET_RAW, &ip);
		expect_tcp(PACKET_RAW_BSD, &ip);
		expect_tcp(is_ipv6 ? PACKET_IPV6 : PACKET_IPV4, &ip);
		m = ip;
		put_ethernet(&m, type);
		expect_tcp(PACKET_ETHERNET, &m);
		m = ip;
		PUT(&m, 2, 0, 0, 0);
		expect_tcp(PACKET_NULL, &m);
		expect_tcp(PACKET_LOOP, &m);
		m = ip;
		PUT(&m, 0, 4, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, (uint8_t)(type >> 8),
		    (uint8_t)type);
		expect_tcp(PACKET_COOKED, &m);
		m = ip;
		PUT(&m, (uint8_t)(type >> 8), (uint8_t)type, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 1, 2, 3,
		    4, 5, 6, 0, 0);
		expect_tcp(PACKET_COOKED2, &m);
		m = ip;
		PUT(&m, 0x00, 0x05, (uint8_t)(type >> 8), (uint8_t)type);
		PUT(&m, 0x00, 0x07, 0x81, 0x00);
		put_ethernet(&m, 0x88a8);
		expect_tcp(PACKET_ETHERNET, &m);
		m = ip;
		PUT(&m, 0, 1, 0, 64, 0, 2, 1, 64);
		put_ethernet(&m, 0x8847);
		expect_tcp(PACKET_ETHERNET, &m);
	}
}

static void tunnels(void **state)
{
	struct made ip, m;
	struct segment segment;

	(void)state;
	make_tcp(&ip);
	put_ipv4(&ip, 6, 0);
	m = ip;
	put_ipv4(&m, 4, 0);
	expect_tcp(PACKET_RAW, &m);
	m = ip;
	put_ipv6(&m, 4);
	expect_tcp(PACKET_RAW, &m);
	/* GRE, with a key and without; and Ethernet in it. */
	m = ip;
	PUT(&m, 0, 0, 8, 0);
	put_ipv4(&m, 47, 0);
	expect_tcp(PACKET_RAW, &m);
	m = ip;
	PUT(&m, 0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2);
	put_ipv4(&m, 47, 0);
	expect_tcp(PACKET_RAW, &m);
	m = ip;
	put_ethernet(&m, 0x0800);
	PUT(&m, 0, 0, 0x65, 0x58);
	put_ipv6(&m, 47);
	expect_tcp(PACKET_RAW, &m);
	/* GRE with a checksum, and the kinds of it that nobody means. */
	m = ip;
	PUT(&m, 0x80, 0, 8, 0, 0xab, 0xcd, 0, 0);
	put_ipv4(&m, 47, 0);
	expect_tcp(PACKET_RAW, &m);
	m = ip;
	PUT(&m, 0x30, 1, 0x88, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0);
	put_ipv4(&m, 47, 0);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_OTHER);
	/* IPv6 in IPv4, as 6in4 has it, and in itself. */
	make_tcp(&m);
	put_ipv6(&m, 6);
	put_ipv4(&m, 41, 0);
	expect_tcp(PACKET_RAW, &m);
	make_tcp(&m);
	put_ipv6(&m, 6);
	put_ipv6(&m, 41);
	expect_tcp(PACKET_RAW, &m);
	/* VXLAN, at either port, with a VLAN in it. */
	m = ip;
	PUT(&m, 0, 5, 8, 0);
	put_ethernet(&m, 0x8100);
	PUT(&m, 8, 0, 0, 0, 0, 0, 42, 0);
	PUT(&m, 0xc0, 0, 0x21, 0x18, 0, 100, 0, 0);
	put_ipv6(&m, 17);
	expect_tcp(PACKET_RAW, &m);
	m = ip;
	put_ethernet(&m, 0x0800);
	PUT(&m, 8, 0, 0, 0, 0, 0, 42, 0);
	PUT(&m, 0xc0, 0, 0x12, 0xb5, 0, 100, 0, 0);
	put_ipv4(&m, 17, 0);
	expect_tcp(PACKET_RAW, &m);
	/* One level, and no more. */
	m = ip;
	put_ipv4(&m, 4, 0);
	put_ipv4(&m, 4, 0);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_OTHER);
}

static void headers_between(void **state)
{
	struct segment segment;
	struct made m;

	(void)state;
	make_tcp(&m);
	PUT(&m, 6, 0, 0, 0, 0, 0, 0, 0);  /* destination options */
	PUT(&m, 60, 0, 0, 0, 0, 0, 0, 9); /* a fragment that is all there is */
	PUT(&m, 44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	put_ipv6(&m, 0);
	expect_tcp(PACKET_RAW, &m);
	/* Each that there is, and an authentication, which counts in other units. */
	make_tcp(&m);
	PUT(&m, 6, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 1, 2, 3, 4);
	PUT(&m, 51, 1, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
	PUT(&m, 43, 0, 1, 4, 0, 0, 0, 0);
	PUT(&m, 60, 0, 5, 2, 0, 0, 1, 0);
	put_ipv6(&m, 0);
	expect_tcp(PACKET_RAW, &m);
	/* What is encrypted is none, and neither is one without an end. */
	make_tcp(&m);
	put_ipv6(&m, 50);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_OTHER);
	make_tcp(&m);
	put_ipv6(&m, 59);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_OTHER);
	make_tcp(&m);
	PUT(&m, 6, 0, 0, 0, 0, 0, 0, 0);
	for (int i = 0; i < 9; i++)
		PUT(&m, 60, 0, 0, 0, 0, 0, 0, 0);
	put_ipv6(&m, 60);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_BROKEN);
	/* Options of IPv4. */
	make_tcp(&m);
	put_ipv4(&m, 6, 0);
	memmove(m.bytes + m.at - 4, m.bytes + m.at, 20);
	m.at -= 4;
	memset(m.bytes + m.at + 20, 1, 4);
	m.bytes[m.at] = 0x46;
	m.bytes[m.at + 3] += 4;
	expect_tcp(PACKET_RAW, &m);
}

/* A part of a datagram over IPv6, with or without others behind it. */
static void put_fragment(struct made *m, uint16_t place, uint8_t id)
{
	PUT(m, 6, 0, (uint8_t)(place >> 8), (uint8_t)place, 0, 0, 7, id);
	put_ipv6(m, 44);
}

/* Both orders: the payload is that of the whole. */
static void fragmented(void **state)
{
	struct made first, last;
	struct segment segment;

	(void)state;
	for (int turn = 0; turn < 4; turn++) {
		bool is_ipv6 = turn & 2;

		make_tcp(&first);
		last.at = ROOM;
		PUT(&last, 'w', 'o', 'r', 'l', 'd');
		if (is_ipv6) {
			put_fragment(&first, 1, 5);
			put_fragment(&last, 48, 5);
		} else {
			put_ipv4(&first, 6, 0x2000);
			put_ipv4(&last, 6, 48 / 8);
		}
		memset(&fragments, 0, sizeof(fragments));
		assert_int_equal(kind_of(PACKET_RAW, turn & 1 ? &last : &first, &segment),
				 PACKET_FRAGMENT);
		assert_int_equal(kind_of(PACKET_RAW, turn & 1 ? &first : &last, &segment),
				 PACKET_TCP);
		assert_int_equal(segment.is_ipv6, is_ipv6);
		assert_int_equal(segment.payload, 48 + 5 - 32);
		assert_int_equal(segment.seq, 0x01020304);
	}
}

/* Parts of two datagrams are of neither, nor do parts of others come between. */
static void fragments_of_several(void **state)
{
	struct made part;
	struct segment segment;

	(void)state;
	memset(&fragments, 0, sizeof(fragments));
	for (uint8_t id = 0; id < 5; id++) {
		make_tcp(&part);
		put_fragment(&part, 1, id);
		assert_int_equal(kind_of(PACKET_RAW, &part, &segment), PACKET_FRAGMENT);
	}
	part.at = ROOM;
	PUT(&part, 'w', 'o', 'r', 'l', 'd');
	put_fragment(&part, 48, 7);
	assert_int_equal(kind_of(PACKET_RAW, &part, &segment), PACKET_FRAGMENT);
	/* One in the middle tells nothing. */
	part.at = ROOM;
	PUT(&part, 'w', 'o', 'r', 'l', 'd', 's', 0, 0);
	put_fragment(&part, 48 | 1, 2);
	assert_int_equal(kind_of(PACKET_RAW, &part, &segment), PACKET_FRAGMENT);
	part.at = ROOM;
	PUT(&part, '!');
	put_fragment(&part, 56, 2);
	assert_int_equal(kind_of(PACKET_RAW, &part, &segment), PACKET_TCP);
	assert_int_equal(segment.payload, 57 - 32);
}

/* Behind the datagram is padding; a length of 0 is that of what was to be parted. */
static void lengths(void **state)
{
	struct made m;
	struct segment segment;

	(void)state;
	make_tcp(&m);
	put_ipv4(&m, 6, 0);
	put_ethernet(&m, 0x0800);
	m.bytes[m.at + 14 + 3] -= 4;
	assert_int_equal(kind_of(PACKET_ETHERNET, &m, &segment), PACKET_TCP);
	assert_int_equal(segment.payload, 6);
	m.bytes[m.at + 14 + 3] = 0;
	assert_int_equal(packet_decode(PACKET_ETHERNET, m.bytes + m.at, size_of(&m), 100000,
				       &fragments, &segment),
			 PACKET_TCP);
	assert_int_equal(segment.payload, 100000 - 14 - 20 - 32);
}

static void broken(void **state)
{
	struct made m;
	struct segment segment;

	(void)state;
	make_tcp(&m);
	m.bytes[m.at + 12] = 0x40;
	put_ipv4(&m, 6, 0);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_BROKEN);
	make_tcp(&m);
	m.bytes[m.at + 12] = 0xf0;
	put_ipv4(&m, 6, 0);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_BROKEN);
	make_tcp(&m);
	put_ipv4(&m, 17, 0);
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_OTHER);
	make_tcp(&m);
	put_ipv4(&m, 6, 0);
	m.bytes[m.at] = 0x44;
	assert_int_equal(kind_of(PACKET_RAW, &m, &segment), PACKET_BROKEN);
	/* Labels without a bottom. */
	m.at = ROOM;
	for (int i = 0; i < 20; i++)
		PUT(&m, 0, 1, 0, 64);
	put_ethernet(&m, 0x8847);
	assert_int_equal(kind_of(PACKET_ETHERNET, &m, &segment), PACKET_BROKEN);
	assert_false(packet_knows_link(105));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(headers_between),
		cmocka_unit_test(fragmented),
		cmocka_unit_test(fragments_of_several),
		cmocka_unit_test(lengths),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
