// SPDX-License-Identifier: GPL-2.0-only
/* A captured packet, from its link layer to the TCP segment that it carries. */
#include "user/source/packet.h"

#include <string.h>

#define VLANS_MOST 4
#define LABELS_MOST 16
#define EXTENSIONS_MOST 8
#define TUNNELS_MOST 1

#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_BRIDGED 0x6558 /* Ethernet, in GRE */

enum protocol {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_IPV4 = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_DESTINATION = 60,
};

/* What is left of a packet: from `at`, `captured` bytes of `size`. */
struct rest {
	const uint8_t *at;
	size_t captured, size;
	struct packet_fragments *fragments;
	unsigned int tunnels;
	struct segment *segment;
};

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

/* Goes on behind `count` bytes that were looked at. */
static void skip(struct rest *r, size_t count)
{
	r->at += count;
	r->captured -= count;
	r->size -= count;
}

/* What stands behind the end of the datagram is padding of the link. */
static void cut(struct rest *r, size_t size)
{
	if (size < r->size)
		r->size = size;
	if (size < r->captured)
		r->captured = size;
}

static bool has(const struct rest *r, size_t count)
{
	return r->captured >= count;
}

/* Bytes are missing: nobody captured them, or there never were any. */
static enum packet_kind lacks(const struct rest *r, size_t count)
{
	return r->size >= count ? PACKET_SHORT : PACKET_BROKEN;
}

static enum packet_kind by_type(struct rest *r, uint16_t type);
static enum packet_kind ethernet(struct rest *r);

/* ---- TCP ------------------------------------------------------------------------------------- */

#define TCP_LEAST 14 /* up to its flags */
#define TCP_HEADER 20
#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_SACK 5

static bool has_sack(const uint8_t *options, size_t size)
{
	while (size) {
		size_t length = *options == OPTION_NOTHING ? 1 : size > 1 ? options[1] : 0;

		if (*options == OPTION_END || !length || length > size ||
		    (length < 2 && *options != OPTION_NOTHING))
			return false;
		if (*options == OPTION_SACK)
			return true;
		options += length;
		size -= length;
	}
	return false;
}

/* Of a datagram of which only the first part is there, the payload is that of the part. */
static enum packet_kind tcp(const struct rest *r, uint8_t *ret_header)
{
	struct segment *segment = r->segment;
	size_t header;

	if (!has(r, TCP_LEAST))
		return lacks(r, TCP_HEADER);
	header = (r->at[12] >> 4) * 4u;
	if (header < TCP_HEADER || header > r->size)
		return PACKET_BROKEN;
	segment->from_port = be16(r->at);
	segment->to_port = be16(r->at + 2);
	segment->seq = be32(r->at + 4);
	segment->ack = be32(r->at + 8);
	segment->flags = r->at[13] & 0x1f;
	segment->payload = (uint32_t)(r->size - header);
	segment->window = has(r, 16) ? be16(r->at + 14) : UINT16_MAX;
	segment->checksum = has(r, 18) ? be16(r->at + 16) : 0;
	if (has(r, TCP_HEADER))
		segment->has_sack =
			has_sack(r->at + TCP_HEADER,
				 (r->captured < header ? r->captured : header) - TCP_HEADER);
	*ret_header = (uint8_t)header;
	return PACKET_TCP;
}

/* ---- fragments ------------------------------------------------------------------------------- */

static struct packet_fragment *find_fragment(const struct rest *r, uint32_t id)
{
	struct packet_fragments *all = r->fragments;
	struct packet_fragment *f;

	for (unsigned int i = 0; i < PACKET_FRAGMENTS; i++) {
		f = &all->all[i];
		if (f->is_used && f->id == id &&
		    !memcmp(&f->from, &r->segment->from, sizeof(f->from)) &&
		    !memcmp(&f->to, &r->segment->to, sizeof(f->to)))
			return f;
	}
	f = &all->all[all->next];
	all->next = (all->next + 1) % PACKET_FRAGMENTS;
	memset(f, 0, sizeof(*f));
	f->from = r->segment->from;
	f->to = r->segment->to;
	f->id = id;
	f->is_used = true;
	return f;
}

/* The first part has the header, and the last one says how long the whole is. */
static enum packet_kind fragment(const struct rest *r, uint32_t id, size_t offset, bool is_last)
{
	struct packet_fragment *f = find_fragment(r, id);
	enum packet_kind kind;

	if (!offset) {
		kind = tcp(r, &f->header);
		if (kind != PACKET_TCP) {
			f->is_used = false;
			return kind;
		}
		f->segment = *r->segment;
	}
	if (is_last)
		f->size = (uint32_t)(offset + r->size);
	if (!f->header || !f->size)
		return PACKET_FRAGMENT;
	f->is_used = false;
	if (f->size < f->header)
		return PACKET_BROKEN;
	*r->segment = f->segment;
	r->segment->payload = f->size - f->header;
	return PACKET_TCP;
}

/* ---- tunnels --------------------------------------------------------------------------------- */

#define GRE_CHECKSUM 0x80
#define GRE_ROUTING 0x40
#define GRE_KEY 0x20
#define GRE_SEQUENCE 0x10
#define GRE_VERSION 0x07

static enum packet_kind gre(struct rest *r)
{
	size_t size = 4;
	uint16_t type;

	if (!has(r, size))
		return lacks(r, size);
	if (r->at[0] & GRE_ROUTING || r->at[1] & GRE_VERSION)
		return PACKET_OTHER;
	size += (r->at[0] & GRE_CHECKSUM ? 4 : 0) + (r->at[0] & GRE_KEY ? 4 : 0) +
		(r->at[0] & GRE_SEQUENCE ? 4 : 0);
	type = be16(r->at + 2);
	if (!has(r, size))
		return lacks(r, size);
	skip(r, size);
	return type == TYPE_BRIDGED ? ethernet(r) : by_type(r, type);
}

#define UDP_HEADER 8
#define VXLAN_HEADER 8
#define VXLAN_PORT 4789
#define VXLAN_PORT_LINUX 8472
#define VXLAN_HAS_ID 0x08

static enum packet_kind udp(struct rest *r)
{
	uint16_t port;

	if (!has(r, UDP_HEADER))
		return PACKET_OTHER;
	port = be16(r->at + 2);
	if (port != VXLAN_PORT && port != VXLAN_PORT_LINUX)
		return PACKET_OTHER;
	if (!has(r, UDP_HEADER + VXLAN_HEADER) || !(r->at[UDP_HEADER] & VXLAN_HAS_ID))
		return PACKET_OTHER;
	skip(r, UDP_HEADER + VXLAN_HEADER);
	return ethernet(r);
}

static enum packet_kind tunnel(struct rest *r, uint8_t protocol)
{
	if (protocol != PROTOCOL_IPV4 && protocol != PROTOCOL_IPV6 && protocol != PROTOCOL_GRE &&
	    protocol != PROTOCOL_UDP)
		return PACKET_OTHER;
	if (r->tunnels++ == TUNNELS_MOST)
		return PACKET_OTHER;
	switch (protocol) {
	case PROTOCOL_IPV4:
		return by_type(r, TYPE_IPV4);
	case PROTOCOL_IPV6:
		return by_type(r, TYPE_IPV6);
	case PROTOCOL_GRE:
		return gre(r);
	default:
		return udp(r);
	}
}

/* ---- IP -------------------------------------------------------------------------------------- */

#define IPV4_HEADER 20
#define IPV4_MORE 0x2000
#define IPV4_OFFSET 0x1fff

static enum packet_kind ipv4(struct rest *r)
{
	struct segment *segment = r->segment;
	uint16_t total, place;
	uint8_t protocol, header;
	size_t size;

	if (!has(r, IPV4_HEADER))
		return lacks(r, IPV4_HEADER);
	size = (r->at[0] & 15) * 4u;
	if (r->at[0] >> 4 != 4 || size < IPV4_HEADER)
		return PACKET_BROKEN;
	total = be16(r->at + 2);
	/* 0: the card was to part it, and it is longer than the field has room for. */
	if (total)
		cut(r, total);
	if (!has(r, size))
		return lacks(r, size);
	segment->is_ipv6 = false;
	segment->id = be16(r->at + 4);
	segment->hops = r->at[8];
	protocol = r->at[9];
	place = be16(r->at + 6);
	address_set_ipv4(&segment->from, r->at + 12);
	address_set_ipv4(&segment->to, r->at + 16);
	skip(r, size);
	if (place & (IPV4_MORE | IPV4_OFFSET)) {
		if (protocol != PROTOCOL_TCP)
			return PACKET_OTHER;
		return fragment(r, segment->id, (place & IPV4_OFFSET) * 8u, !(place & IPV4_MORE));
	}
	return protocol == PROTOCOL_TCP ? tcp(r, &header) : tunnel(r, protocol);
}

#define IPV6_HEADER 40
#define IPV6_EXTENSION 8
#define IPV6_MORE 1

/* Behind the headers that stand between; `protocol` is what the first header says comes next. */
static enum packet_kind extensions(struct rest *r, uint8_t protocol)
{
	uint8_t header;

	for (unsigned int i = 0; i < EXTENSIONS_MOST; i++) {
		size_t size;
		uint8_t next;

		switch (protocol) {
		case PROTOCOL_TCP:
			return tcp(r, &header);
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION:
		case PROTOCOL_AUTHENTICATION:
		case PROTOCOL_FRAGMENT:
			break;
		default:
			return tunnel(r, protocol);
		}
		if (!has(r, IPV6_EXTENSION))
			return lacks(r, IPV6_EXTENSION);
		next = r->at[0];
		size = protocol == PROTOCOL_FRAGMENT	   ? IPV6_EXTENSION :
		       protocol == PROTOCOL_AUTHENTICATION ? (r->at[1] + 2u) * 4 :
							     (r->at[1] + 1u) * 8;
		if (!has(r, size))
			return lacks(r, size);
		if (protocol == PROTOCOL_FRAGMENT && be16(r->at + 2) & 0xfff9) {
			uint16_t place = be16(r->at + 2);
			uint32_t id = be32(r->at + 4);

			if (next != PROTOCOL_TCP)
				return PACKET_OTHER;
			skip(r, size);
			return fragment(r, id, place & 0xfff8, !(place & IPV6_MORE));
		}
		skip(r, size);
		protocol = next;
	}
	return PACKET_BROKEN;
}

static enum packet_kind ipv6(struct rest *r)
{
	struct segment *segment = r->segment;
	uint16_t payload;
	uint8_t protocol;

	if (!has(r, IPV6_HEADER))
		return lacks(r, IPV6_HEADER);
	if (r->at[0] >> 4 != 6)
		return PACKET_BROKEN;
	payload = be16(r->at + 4);
	if (payload)
		cut(r, (size_t)IPV6_HEADER + payload);
	segment->is_ipv6 = true;
	segment->id = 0;
	protocol = r->at[6];
	segment->hops = r->at[7];
	memcpy(segment->from.byte, r->at + 8, ADDRESS_SIZE);
	memcpy(segment->to.byte, r->at + 24, ADDRESS_SIZE);
	/* Nobody's, and as records have it, it would be IPv4. */
	if (address_is_ipv4(&segment->from) || address_is_ipv4(&segment->to))
		return PACKET_BROKEN;
	skip(r, IPV6_HEADER);
	return extensions(r, protocol);
}

static enum packet_kind ip(struct rest *r)
{
	if (!has(r, 1))
		return lacks(r, 1);
	return r->at[0] >> 4 == 4 ? ipv4(r) : r->at[0] >> 4 == 6 ? ipv6(r) : PACKET_OTHER;
}

/* ---- links ----------------------------------------------------------------------------------- */

#define MPLS_BOTTOM 0x01

static enum packet_kind mpls(struct rest *r)
{
	for (unsigned int i = 0; i < LABELS_MOST; i++) {
		bool is_last;

		if (!has(r, 4))
			return lacks(r, 4);
		is_last = r->at[2] & MPLS_BOTTOM;
		skip(r, 4);
		if (is_last)
			return ip(r);
	}
	return PACKET_BROKEN;
}

static enum packet_kind by_type(struct rest *r, uint16_t type)
{
	for (unsigned int i = 0; i <= VLANS_MOST; i++) {
		switch (type) {
		case TYPE_IPV4:
			return ipv4(r);
		case TYPE_IPV6:
			return ipv6(r);
		case 0x8847:
		case 0x8848:
			return mpls(r);
		case 0x8100:
		case 0x88a8:
		case 0x9100:
			if (!has(r, 4))
				return lacks(r, 4);
			type = be16(r->at + 2);
			skip(r, 4);
			break;
		default:
			return PACKET_OTHER;
		}
	}
	return PACKET_BROKEN;
}

static enum packet_kind ethernet(struct rest *r)
{
	uint16_t type;

	if (!has(r, 14))
		return lacks(r, 14);
	type = be16(r->at + 12);
	skip(r, 14);
	return by_type(r, type);
}

/* A header of so many bytes, with the type of what follows at a place in it. */
static enum packet_kind cooked(struct rest *r, size_t size, size_t place)
{
	uint16_t type;

	if (!has(r, size))
		return lacks(r, size);
	type = be16(r->at + place);
	skip(r, size);
	return by_type(r, type);
}

/* The family is a number of the system that captured it; what follows says the same. */
static enum packet_kind loopback(struct rest *r)
{
	if (!has(r, 4))
		return lacks(r, 4);
	skip(r, 4);
	return ip(r);
}

bool packet_knows_link(int link)
{
	switch (link) {
	case PACKET_NULL:
	case PACKET_ETHERNET:
	case PACKET_RAW_BSD:
	case PACKET_RAW_OPENBSD:
	case PACKET_RAW:
	case PACKET_LOOP:
	case PACKET_COOKED:
	case PACKET_IPV4:
	case PACKET_IPV6:
	case PACKET_COOKED2:
		return true;
	default:
		return false;
	}
}

enum packet_kind packet_decode(int link, const uint8_t *bytes, size_t captured, size_t size,
			       struct packet_fragments *fragments, struct segment *ret_segment)
{
	struct rest r = { .at = bytes,
			  .captured = captured,
			  .size = size < captured ? captured : size,
			  .fragments = fragments,
			  .segment = ret_segment };

	memset(ret_segment, 0, sizeof(*ret_segment));
	switch (link) {
	case PACKET_ETHERNET:
		return ethernet(&r);
	case PACKET_COOKED:
		return cooked(&r, 16, 14);
	case PACKET_COOKED2:
		return cooked(&r, 20, 0);
	case PACKET_NULL:
	case PACKET_LOOP:
		return loopback(&r);
	case PACKET_RAW:
	case PACKET_RAW_BSD:
	case PACKET_RAW_OPENBSD:
	case PACKET_IPV4:
	case PACKET_IPV6:
		return ip(&r);
	default:
		return PACKET_FOREIGN;
	}
}
