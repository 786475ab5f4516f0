// SPDX-License-Identifier: GPL-2.0-only
/* The sequence space of one end: what is new, comes again, was overtaken or is missing. */
#include "user/base/units.h"
#include "user/event/segments_parts.h"

/* No window is larger (RFC 7323). */
#define WINDOW_MOST (UINT64_C(1) << 30)

/* What comes so shortly after it was found missing was overtaken, not sent again. */
#define OVERTAKEN_NS (3 * NS_PER_MS)

/* Between two interfaces a segment takes no longer; nothing is sent again that fast. */
#define COPY_NS (5 * NS_PER_MS)
/* The same where no number tells two datagrams apart. */
#define COPY_NAMELESS_NS NS_PER_MS

/* The least time-out of Linux is 200 ms; timers are right to a tick. */
#define TIMEOUT_NS (180 * NS_PER_MS)

uint64_t wire_unwrap(uint64_t near, uint32_t number)
{
	return near + (uint64_t)(int64_t)(int32_t)(number - (uint32_t)near);
}

static uint32_t digest_of(const struct segment *segment)
{
	const uint64_t numbers = (uint64_t)segment->seq << 32 | segment->ack;
	const uint64_t rest = (uint64_t)segment->id << 48 | (uint64_t)segment->checksum << 32 |
			      (uint64_t)segment->window << 16 | segment->flags;
	uint64_t hash = hash_fold(numbers ^ UINT64_C(0x9e3779b97f4a7c15),
				  rest ^ UINT64_C(0xbf58476d1ce4e5b9));

	return (uint32_t)(hash ^ hash >> 32 ^ segment->payload);
}

bool wire_is_copy(struct wire_end *end, const struct segment *segment)
{
	uint64_t within_ns = segment->id ? COPY_NS : COPY_NAMELESS_NS;
	uint32_t digest = digest_of(segment);

	/* Who acknowledges twice may mean it. */
	if (!segment->id && !wire_length(segment) && !(segment->flags & SEGMENT_RST))
		return false;
	for (unsigned int i = 0; i < WIRE_COPIES; i++) {
		const struct wire_copy *copy = &end->copies[i];

		if (copy->digest == digest && copy->time_ns <= segment->time_ns &&
		    segment->time_ns - copy->time_ns < within_ns)
			return true;
	}
	end->copies[end->next_copy] = (struct wire_copy){ segment->time_ns, digest };
	end->next_copy = (end->next_copy + 1) % WIRE_COPIES;
	return false;
}

static void add_hole(struct wire_end *end, uint64_t from, uint64_t to, uint64_t time_ns)
{
	struct wire_hole *oldest = &end->holes[0];

	for (unsigned int i = 0; i < WIRE_HOLES; i++) {
		struct wire_hole *hole = &end->holes[i];

		if (hole->from == hole->to) {
			oldest = hole;
			break;
		}
		if (hole->since_ns < oldest->since_ns)
			oldest = hole;
	}
	*oldest = (struct wire_hole){ from, to, time_ns };
}

/* Fills what of a hole it has; NULL: it is in none. What it parts keeps its longer half. */
static const struct wire_hole *fill_hole(struct wire_end *end, uint64_t from, uint64_t to)
{
	for (unsigned int i = 0; i < WIRE_HOLES; i++) {
		struct wire_hole *hole = &end->holes[i];

		if (hole->from == hole->to || from >= hole->to || to <= hole->from)
			continue;
		if (from <= hole->from)
			hole->from = to < hole->to ? to : hole->to;
		else if (to >= hole->to || from - hole->from >= hole->to - to)
			hole->to = from;
		else
			hole->from = to;
		return hole;
	}
	return NULL;
}

/*
 * A probe says nothing that was not said and acknowledged: at most the last byte once more; or the
 * first one that a closed window has no room for, again and again.
 */
static bool is_probe(const struct wire_end *end, const struct wire_end *peer,
		     const struct segment *segment, uint64_t start)
{
	if (segment->flags & (SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST) || start + 1 != end->next)
		return false;
	return !segment->payload ||
	       (segment->payload == 1 && (peer->acked >= end->next || peer->is_shut));
}

static enum wire_track begin(struct wire_end *end, const struct segment *segment)
{
	uint32_t length = wire_length(segment);

	end->next = (UINT64_C(1) << 32) + segment->seq + length;
	end->marks |= WIRE_HAS_NEXT;
	if (length)
		end->sent_ns = segment->time_ns;
	return length ? WIRE_TRACK_NEW : WIRE_TRACK_BARE;
}

enum wire_track wire_track(struct wire_end *end, const struct wire_end *peer,
			   const struct segment *segment)
{
	uint32_t length = wire_length(segment);
	const struct wire_hole *hole;
	uint64_t start, stop;

	if (!(end->marks & WIRE_HAS_NEXT))
		return begin(end, segment);
	start = wire_unwrap(end->next, segment->seq);
	stop = start + length;
	if (start > end->next + WINDOW_MOST || start + WINDOW_MOST < end->next)
		return WIRE_TRACK_OUTSIDE;
	if (is_probe(end, peer, segment, start))
		return WIRE_TRACK_PROBE;
	if (start > end->next && !(segment->flags & SEGMENT_RST))
		add_hole(end, end->next, start, segment->time_ns);
	if (start >= end->next) {
		end->next = segment->flags & SEGMENT_RST ? end->next : stop;
		if (length)
			end->sent_ns = segment->time_ns;
		return length ? WIRE_TRACK_NEW : WIRE_TRACK_BARE;
	}
	if (!length)
		return WIRE_TRACK_BARE;
	hole = stop <= end->next ? fill_hole(end, start, stop) : NULL;
	if (stop > end->next)
		end->next = stop;
	end->sent_ns = segment->time_ns;
	if (hole && segment->time_ns < hole->since_ns + OVERTAKEN_NS)
		return WIRE_TRACK_LATE;
	return WIRE_TRACK_AGAIN;
}

enum event_retransmit_cause wire_again_cause(const struct wire_end *peer, uint64_t silence_ns)
{
	if (peer->again >= 2)
		return EVENT_RETRANSMIT_FAST;
	return silence_ns >= TIMEOUT_NS ? EVENT_RETRANSMIT_TIMEOUT : EVENT_RETRANSMIT_PROBE;
}
