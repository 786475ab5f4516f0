/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments of both directions, as somebody captured them: the states of both ends, by RFC 9293. */
#ifndef USER_EVENT_SEGMENTS_H
#define USER_EVENT_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/address.h"
#include "user/event/record.h"

/* As they stand in a TCP header. */
enum segment_flag {
	SEGMENT_FIN = 1 << 0,
	SEGMENT_SYN = 1 << 1,
	SEGMENT_RST = 1 << 2,
	SEGMENT_PSH = 1 << 3,
	SEGMENT_ACK = 1 << 4,
};

struct segment {
	uint64_t time_ns; /* of the capture's clock; INT64_MAX at most */
	struct address from, to;
	uint16_t from_port, to_port;
	uint32_t seq, ack;
	uint32_t payload;  /* bytes as the headers say, captured or not */
	uint16_t window;   /* as it stands there: unscaled */
	uint16_t id;	   /* of the IPv4 datagram; 0 of IPv6 */
	uint16_t checksum; /* of the segment, right or wrong: a copy has the same one */
	uint8_t flags;	   /* enum segment_flag */
	uint8_t hops;	   /* TTL or hop limit */
	bool is_ipv6;
	bool has_sack; /* it tells of data behind a hole */
};

/* What was met, and what became of it. */
struct segments_counts {
	uint64_t segments;
	uint64_t duplicates; /* the same segment captured twice: told of once */
	uint64_t retransmits;
	uint64_t reordered;	 /* came later than what was sent behind it */
	uint64_t keepalives;	 /* and probes of a window */
	uint64_t unseen;	 /* acknowledgements of what was never captured */
	uint64_t backwards;	 /* their times are earlier than one before */
	uint64_t resets_outside; /* resets that no end takes: not at its next number */
	uint64_t strays;	 /* of no connection that is known, or none that is still open */
	uint64_t outside;	 /* numbers that no window can hold */
	uint64_t evicted;	 /* connections that made room */
};

struct segments;

/*
 * Follows at most `max` connections at a time. Each segment leads to any number of records of
 * bpf/event.h, with EVENT_FLAG_WIRE, which `on_record` is given. NULL when there is no memory.
 */
struct segments *segments_new(size_t max, record_on_one on_record, void *context);
void segments_free(struct segments *s);

/* The next segment. Times may go back; what is due ends by the latest of them. */
void segments_add(struct segments *s, const struct segment *segment);

/*
 * Time passes: ends what only waits for that, some at a time. Returns whether there is more to end.
 */
bool segments_pass(struct segments *s, uint64_t time_ns);

/*
 * The capture lost segments before the next one: how many is not known, nor whose. What is open is
 * marked, and its durations across the loss are withheld.
 */
void segments_note_loss(struct segments *s);

const struct segments_counts *segments_counts(const struct segments *s);

/* Bytes of memory that it holds. */
size_t segments_bytes(const struct segments *s);

#endif
