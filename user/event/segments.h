/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments of both directions, as somebody captured them: the states of both ends, by RFC 9293. */
#ifndef USER_EVENT_SEGMENTS_H
#define USER_EVENT_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
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
	uint16_t window;   /* as it stands there, unscaled; the most where it was not captured */
	uint16_t id;	   /* of the IPv4 datagram; 0 of IPv6 */
	uint16_t checksum; /* of the segment, right or wrong: a copy has the same one */
	uint8_t flags;	   /* enum segment_flag */
	uint8_t hops;	   /* TTL or hop limit */
	bool is_ipv6;
	bool has_sack; /* it tells of data behind a hole */
};

/* X(name, grave, "words"): as of CAPTURED_COUNTS. */
#define SEGMENTS_COUNTS(X)                                            \
	X(segments, 0, "segments of TCP")                             \
	X(duplicates, 0, "captured twice")                            \
	X(retransmits, 0, "sent again")                               \
	X(reordered, 0, "overtaken by what was sent behind them")     \
	X(keepalives, 0, "keepalives and probes of a window")         \
	X(unseen, 1, "acknowledge what was not captured")             \
	X(backwards, 1, "whose time is earlier than one before")      \
	X(resets_outside, 0, "resets that no end takes")              \
	X(strays, 0, "of no connection that is known")                \
	X(outside, 0, "with numbers that no window holds")            \
	X(evicted, 1, "of others that made room, and were forgotten") \
	X(waits_cut, 1, "ends of TIME_WAIT not waited for, for lack of room")

#define SEGMENTS_POINTS (EVENT_POINT_BETWEEN + 1)

struct segments_counts {
#define X(name, grave, words) uint64_t name;
	SEGMENTS_COUNTS(X)
#undef X
	uint64_t points[SEGMENTS_POINTS]; /* handshakes, by where they seem to be captured */
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

#endif
