/* SPDX-License-Identifier: GPL-2.0-only */
/* A captured packet, from its link layer to the TCP segment that it carries. */
#ifndef USER_SOURCE_PACKET_H
#define USER_SOURCE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/segments.h"

/* Link layers, under the numbers of files and of libpcap (pcap-linktype(7)). */
enum packet_link {
	PACKET_NULL = 0,
	PACKET_ETHERNET = 1,
	PACKET_RAW_BSD = 12, /* what libpcap makes of RAW on Linux */
	PACKET_RAW_OPENBSD = 14,
	PACKET_RAW = 101,
	PACKET_LOOP = 108,
	PACKET_COOKED = 113,
	PACKET_IPV4 = 228,
	PACKET_IPV6 = 229,
	PACKET_COOKED2 = 276,
};

/* What a packet is, as far as it was captured. */
enum packet_kind {
	PACKET_TCP,
	PACKET_OTHER,	 /* it carries no TCP */
	PACKET_SHORT,	 /* it may, but too little of it was captured */
	PACKET_BROKEN,	 /* its headers contradict each other */
	PACKET_FOREIGN,	 /* its link layer is not understood */
	PACKET_FRAGMENT, /* of a datagram whose other parts are to come, or are missing */
	PACKET_KIND_COUNT
};

#define PACKET_FRAGMENTS 64 /* datagrams whose parts are waited for */

/* The beginning of a datagram, or the number of its bytes: whichever came first. */
struct packet_fragment {
	struct address from, to;
	uint32_t id;
	uint32_t size; /* of all that the datagram carries; 0: not known yet */
	struct segment segment;
	uint8_t header; /* bytes of the TCP header in it; 0: not known yet */
	bool is_used;
};

struct packet_fragments {
	struct packet_fragment all[PACKET_FRAGMENTS];
	unsigned int next; /* the oldest, which makes room */
};

bool packet_knows_link(int link);

/*
 * Decodes `captured` bytes of a packet that had `size` of them. Of PACKET_TCP all of `ret_segment`
 * but its time is set. Trusts nothing: no byte is read that was not captured.
 */
enum packet_kind packet_decode(int link, const uint8_t *bytes, size_t captured, size_t size,
			       struct packet_fragments *fragments, struct segment *ret_segment);

#endif
