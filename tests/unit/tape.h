/* SPDX-License-Identifier: GPL-2.0-only */
/* A capture that a test makes segment by segment, and what is told of it, as text. */
#ifndef TESTS_UNIT_TAPE_H
#define TESTS_UNIT_TAPE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/units.h"
#include "user/event/event.h"
#include "user/event/segments.h"
#include "user/event/socket.h"

#define CLIENT_PORT 40001
#define SERVER_PORT 80
#define TOLD_SIZE 16384

enum { FIN = SEGMENT_FIN, SYN = SEGMENT_SYN, RST = SEGMENT_RST, ACK = SEGMENT_ACK };

/* A capture that is being made; numbers count from those of the SYNs, `c` and `s`. */
struct tape {
	struct segments *segments;
	char told[TOLD_SIZE];
	size_t size;
	uint32_t c, s;
	uint16_t id, window, port; /* of the client */
	uint8_t client_hops, server_hops;
	uint64_t ms;
	bool is_ipv6;
	struct event last;	/* that was told of */
	struct event closes[2]; /* the last and the one before */
	uint8_t last_ack;	/* enum event_sequence of the last that entered LAST_ACK */
	uint64_t records;
};

static const char *const kinds[EVENT_KIND_COUNT] = {
	[EVENT_DESTROY] = "lost",      [EVENT_PASSIVE] = "passive", [EVENT_REQUEST] = "request",
	[EVENT_TIMEWAIT] = "timewait", [EVENT_RESET] = "reset",	    [EVENT_RETRANSMIT] = "again",
};

static inline void add(struct tape *t, const char *text)
{
	t->size += (size_t)snprintf(t->told + t->size, sizeof(t->told) - t->size, "%s%s",
				    t->size ? " " : "", text);
	assert_true(t->size < sizeof(t->told));
}

/* Each record is sound, whatever was captured. */
static inline void on_record(void *context, const void *bytes, size_t size)
{
	struct tape *t = context;
	struct socket_info info;
	struct event e;
	char text[96];
	char side;

	t->records++;
	if (socket_is_record(bytes, size)) {
		assert_int_equal(socket_decode(bytes, size, &info), 0);
		assert_true(info.flags & EVENT_FLAG_WIRE);
		snprintf(text, sizeof(text), "%c:seed%d", info.lport == SERVER_PORT ? 's' : 'c',
			 info.role);
		add(t, text);
		return;
	}
	assert_int_equal(event_decode(bytes, size, &e), 0);
	assert_true(e.flags & EVENT_FLAG_WIRE);
	t->last = e;
	if (e.kind == EVENT_CLOSE) {
		t->closes[1] = t->closes[0];
		t->closes[0] = e;
	}
	if (e.to == STATE_LAST_ACK)
		t->last_ack = e.sequences;
	side = e.sock & 1 ? 'a' : 'b';
	if (e.lport)
		side = e.lport == SERVER_PORT ? 's' : 'c';
	if (e.kind <= EVENT_CLOSE && e.error)
		snprintf(text, sizeof(text), "%c:%s>%s!%d", side, state_name(e.from),
			 state_name(e.to), e.error);
	else if (e.kind <= EVENT_CLOSE)
		snprintf(text, sizeof(text), "%c:%s>%s", side, state_name(e.from),
			 e.timewait ? "TIME_WAIT" : state_name(e.to));
	else if (e.kind == EVENT_PASSIVE || e.kind == EVENT_DESTROY)
		snprintf(text, sizeof(text), "%s", kinds[e.kind]);
	else
		snprintf(text, sizeof(text), "%s%d", kinds[e.kind], e.detail);
	add(t, text);
}

static inline void begin_with(struct tape *t, size_t max)
{
	memset(t, 0, sizeof(*t));
	t->segments = segments_new(max, on_record, t);
	assert_non_null(t->segments);
	t->c = 1000;
	t->s = 5000;
	t->window = 1000;
	t->port = CLIENT_PORT;
	t->client_hops = t->server_hops = 64;
	t->ms = 1000000;
}

static inline void begin(struct tape *t)
{
	begin_with(t, 16);
}

static inline struct address address_at(const struct tape *t, uint8_t last)
{
	struct address a = { .byte = { 0x20, 0x01, 0x0d, 0xb8 } };
	const uint8_t ipv4[4] = { 192, 0, 2, last };

	if (!t->is_ipv6)
		return address_from_ipv4(ipv4);
	a.byte[ADDRESS_SIZE - 1] = last;
	return a;
}

static inline struct segment client_segment(struct tape *t, uint8_t flags, uint32_t seq,
					    uint32_t ack, uint32_t payload)
{
	return (struct segment){ .time_ns = t->ms * NS_PER_MS,
				 .from = address_at(t, 1),
				 .to = address_at(t, 2),
				 .from_port = t->port,
				 .to_port = SERVER_PORT,
				 .seq = t->c + seq,
				 .ack = flags & ACK ? t->s + ack : 0,
				 .payload = payload,
				 .window = t->window,
				 .id = t->is_ipv6 ? 0 : ++t->id,
				 .flags = flags,
				 .hops = t->client_hops,
				 .is_ipv6 = t->is_ipv6 };
}

static inline struct segment server_segment(struct tape *t, uint8_t flags, uint32_t seq,
					    uint32_t ack, uint32_t payload)
{
	return (struct segment){ .time_ns = t->ms * NS_PER_MS,
				 .from = address_at(t, 2),
				 .to = address_at(t, 1),
				 .from_port = SERVER_PORT,
				 .to_port = t->port,
				 .seq = t->s + seq,
				 .ack = flags & ACK ? t->c + ack : 0,
				 .payload = payload,
				 .window = t->window,
				 .id = t->is_ipv6 ? 0 : ++t->id,
				 .flags = flags,
				 .hops = t->server_hops,
				 .is_ipv6 = t->is_ipv6 };
}

/* One more segment of each end, a millisecond after the last. */
static inline void client(struct tape *t, uint8_t flags, uint32_t seq, uint32_t ack,
			  uint32_t payload)
{
	struct segment segment = client_segment(t, flags, seq, ack, payload);

	segments_add(t->segments, &segment);
	t->ms++;
}

static inline void server(struct tape *t, uint8_t flags, uint32_t seq, uint32_t ack,
			  uint32_t payload)
{
	struct segment segment = server_segment(t, flags, seq, ack, payload);

	segments_add(t->segments, &segment);
	t->ms++;
}

/* What was told since the last time. */
static inline void expect(struct tape *t, const char *told)
{
	assert_string_equal(t->told, told);
	t->size = 0;
	t->told[0] = '\0';
}

static inline void end(struct tape *t)
{
	segments_free(t->segments);
}

#define OPEN                                                                  \
	"c:CLOSED>SYN_SENT c:SYN_SENT>ESTABLISHED s:LISTEN>SYN_RECV passive " \
	"s:SYN_RECV>ESTABLISHED"

static inline void shake_hands(struct tape *t)
{
	client(t, SYN, 0, 0, 0);
	server(t, SYN | ACK, 0, 1, 0);
	client(t, ACK, 1, 1, 0);
	expect(t, OPEN);
}

#endif
