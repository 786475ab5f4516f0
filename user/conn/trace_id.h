/* SPDX-License-Identifier: GPL-2.0-only */
/* What a distributed trace of a connection is called: numbers that both its ends come to alone. */
#ifndef USER_CONN_TRACE_ID_H
#define USER_CONN_TRACE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"

/* 16 bytes; all zeros is none, and is never made. */
struct trace_id {
	uint64_t high, low;
};

/*
 * X(NAME, number, "name"): the spans of one end. The numbers are part of what is hashed: the other
 * end may be looked at by another version of this program.
 */
#define SPAN_NAMES(X)                    \
	X(CONNECTION, 1, "tcp")          \
	X(HANDSHAKE, 2, "handshake")     \
	X(ESTABLISHED, 3, "established") \
	X(CLOSE, 4, "close")             \
	X(TIME_WAIT, 5, "time_wait")

enum span_name {
#define X(NAME, number, name) SPAN_##NAME = (number),
	SPAN_NAMES(X)
#undef X
};

/* Whether both initial sequence numbers are known, so that the other end has the same trace. */
bool trace_is_paired(const struct conn *c);

/*
 * Of a paired one: SipHash-2-4 of its flow, the high half under the key (1, 0), the low one under
 * (2, 0). Of others a trace of their own: a hash of their ends and of when they began, in `real_ns`
 * since 1970.
 */
struct trace_id trace_id_of(const struct conn *c, uint64_t real_ns);

/*
 * SipHash-2-4 under the key (3, 0) of the high half; of that, exclusive-or the low half; and of
 * that, exclusive-or 256 times the side and the span's number. The side is 1 of a client and 2 of a
 * server. Where the ends do not know which of them is which (seeded, or both have connected), it is
 * a hash of the own address and port. Never 0.
 */
uint64_t span_id_of(const struct conn *c, struct trace_id trace, enum span_name name);

/* The span of the other end that it belongs to, if there is one: a server's, the client's; or 0. */
uint64_t span_parent_of(const struct conn *c, struct trace_id trace);

/*
 * Whether it is one of `of`, by chance, and at both ends alike: as OpenTelemetry has it, where the
 * lowest 56 bits are at least the threshold.
 */
bool trace_is_chosen(struct trace_id trace, uint32_t of);

#endif
