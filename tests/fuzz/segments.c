// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes captured packets: what is decoded of them, the states they lead to, the table behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/table.h"
#include "user/event/event.h"
#include "user/event/socket.h"
#include "user/source/packet.h"

/*
 * An input is a byte that says which link layer, and packets: for each its size, how many bytes
 * more it had than were captured, how the clock moves, and its bytes.
 */
#define PACKET_HEAD 3
#define CONNECTIONS 5 /* fewer than the addresses that are tried, so that some make room */

#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

/* Whatever was captured, what is told of it is sound. */
static void on_record(void *context, const void *bytes, size_t size)
{
	struct conn_table *table = context;
	struct socket_info info;
	struct event event;

	if (socket_is_record(bytes, size)) {
		demand(!socket_decode(bytes, size, &info));
		conn_table_see_recorded(table, CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_KNOW, &info);
		return;
	}
	demand(!event_decode(bytes, size, &event));
	demand(event.flags & EVENT_FLAG_WIRE);
	conn_table_apply(table, &event);
}

/* How a byte moves the clock: by little, by a minute or so, or back. */
static uint64_t move(uint64_t now_ns, uint8_t by)
{
	if (by < 200)
		return now_ns + by * 100 * NS_PER_US;
	if (by < 240)
		return now_ns + (by - 199u) * 10 * NS_PER_S;
	return now_ns > 100 * NS_PER_S ? now_ns - (by - 239u) * NS_PER_S : now_ns;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static const int links[] = { PACKET_RAW,     PACKET_ETHERNET, PACKET_COOKED,
				     PACKET_COOKED2, PACKET_NULL,     PACKET_IPV6 };
	static const struct conn_filter all;
	struct packet_fragments fragments;
	struct conn_table *table;
	struct segments *segments;
	uint64_t now_ns = 1000 * NS_PER_S;
	int link;

	if (!size)
		return 0;
	memset(&fragments, 0, sizeof(fragments));
	table = conn_table_new(2 * CONNECTIONS, &all, NULL);
	segments = segments_new(CONNECTIONS, on_record, table);
	demand(table && segments);
	conn_table_expect_timewaits(table);
	conn_table_expect_requests(table);
	conn_table_expect_resets(table);
	link = links[input[0] % (sizeof(links) / sizeof(*links))];
	if (input[0] & 0x80)
		segments_note_loss(segments);
	for (input++, size--; size >= PACKET_HEAD;) {
		size_t captured = input[0], more = input[1] * 16u;
		struct segment segment;
		enum packet_kind kind;
		uint8_t *bytes;

		now_ns = move(now_ns, input[2]);
		input += PACKET_HEAD;
		size -= PACKET_HEAD;
		captured = captured < size ? captured : size;
		/* Behind it is no memory. */
		bytes = malloc(captured + !captured);
		demand(bytes);
		memcpy(bytes, input, captured);
		kind = packet_decode(link, bytes, captured, captured + more, &fragments, &segment);
		demand(kind < PACKET_KIND_COUNT);
		free(bytes);
		input += captured;
		size -= captured;
		if (kind != PACKET_TCP)
			continue;
		segment.time_ns = now_ns;
		segments_add(segments, &segment);
	}
	while (segments_pass(segments, now_ns + 1000 * NS_PER_S))
		;
	conn_table_settle(table, UINT64_MAX);
	demand(segments_counts(segments)->segments >= segments_counts(segments)->duplicates);
	segments_free(segments);
	conn_table_free(table);
	return 0;
}
