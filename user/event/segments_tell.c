// SPDX-License-Identifier: GPL-2.0-only
/* What records say of the ends of captured connections: what a kernel would have told. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "user/event/event.h"
#include "user/event/segments_parts.h"

#define SHUTDOWN_BOTH 3

/* A record, and what may stand behind it. */
struct told {
	union event_record record;
	struct event_sequences sequences;
};

static struct event_head head_of(const struct wire *w, unsigned int side, enum event_kind kind,
				 enum tcp_state to, uint64_t time_ns)
{
	const struct wire_end *end = &w->end[side];
	uint16_t flags = EVENT_FLAG_WIRE | EVENT_FLAG_ENDPOINTS;

	if (w->key.is_ipv6)
		flags |= EVENT_FLAG_IPV6;
	if (end->marks & WIRE_FASTOPEN)
		flags |= EVENT_FLAG_FASTOPEN;
	return (struct event_head){ .mono_ns = time_ns,
				    .sock = end->sock,
				    .kind = (uint8_t)kind,
				    .states = (uint8_t)EVENT_STATES(end->state, to),
				    .flags = flags };
}

/* A loss is told of once by each end, with the first transition behind it. */
static uint16_t gap_of(const struct segments *s, struct wire *w, unsigned int side)
{
	if (w->losses != s->losses)
		w->gaps = 3;
	w->losses = s->losses;
	if (!(w->gaps >> side & 1))
		return 0;
	w->gaps &= (uint8_t) ~(1U << side);
	return EVENT_FLAG_WIRE_GAP;
}

static struct event_body body_of(const struct wire *w, unsigned int side)
{
	return (struct event_body){ .lport = w->key.port[side],
				    .rport = w->key.port[!side],
				    .left_lport = w->point };
}

/* `size` bytes of an address: those of IPv4 are its last. */
static void put_ends(const struct wire *w, unsigned int side, uint8_t *laddr, uint8_t *raddr)
{
	size_t from = w->key.is_ipv6 ? 0 : ADDRESS_MAPPED_SIZE;

	memcpy(laddr, w->key.address[side].byte + from, ADDRESS_SIZE - from);
	memcpy(raddr, w->key.address[!side].byte + from, ADDRESS_SIZE - from);
}

/* See struct event_sequences: what the numbers of a transition mean depends on its state. */
static uint8_t numbers_of(const struct wire *w, unsigned int side, enum tcp_state to,
			  struct event_sequences *ret)
{
	const struct wire_end *end = &w->end[side], *peer = &w->end[!side];
	bool is_opening = to == STATE_ESTABLISHED || to == STATE_SYN_RECV || to == STATE_SYN_SENT ||
			  end->state == STATE_SYN_SENT;
	bool is_server = end->state == STATE_LISTEN || end->state == STATE_SYN_RECV;
	uint8_t flags = EVENT_SEQUENCE_PRESENT;

	*ret = (struct event_sequences){ (uint32_t)end->next, (uint32_t)peer->next };
	if (is_opening) {
		if (end->marks & WIRE_HAS_FIRST)
			flags |= EVENT_SEQUENCE_LOCAL;
		if (peer->marks & WIRE_HAS_FIRST && to != STATE_SYN_SENT)
			flags |= EVENT_SEQUENCE_PEER;
		ret->local = (uint32_t)end->first + (is_server && !w->is_crossed);
		ret->peer = (uint32_t)peer->first;
		return flags;
	}
	/* That of its FIN, which may come with the ACK of the peer's. */
	if ((to == STATE_FIN_WAIT1 || to == STATE_LAST_ACK || to == STATE_CLOSE_WAIT) && end->fin)
		ret->local = (uint32_t)end->fin;
	if (end->marks & WIRE_HAS_NEXT)
		flags |= EVENT_SEQUENCE_LOCAL;
	if (end->acked) {
		ret->peer = (uint32_t)end->acked;
		flags |= EVENT_SEQUENCE_PEER;
		if (to != STATE_LAST_ACK || !end->replies_by_fin)
			flags |= EVENT_SEQUENCE_ACKED;
	}
	return flags;
}

static void hand_on(struct segments *s, const struct wire *w, unsigned int side,
		    const union event_record *record, size_t size,
		    const struct event_sequences *sequences)
{
	uint8_t bytes[EVENT_RECORD_MAX];

	if (side && wire_is_mirrored(&w->key))
		return;
	memcpy(bytes, record, size);
	if (sequences) {
		memcpy(bytes + size, sequences, sizeof(*sequences));
		size += sizeof(*sequences);
	}
	s->on_record(s->context, bytes, size);
}

static void tell_transition(struct segments *s, struct wire *w, unsigned int side,
			    enum tcp_state to, uint64_t time_ns)
{
	enum event_kind kind = w->key.is_ipv6 ? EVENT_TRANSITION6 : EVENT_TRANSITION;
	struct event_head head = head_of(w, side, kind, to, time_ns);
	struct event_body body = body_of(w, side);
	struct event_sequences sequences;
	union event_record record;

	head.flags |= gap_of(s, w, side);
	if (s->is_late)
		head.flags |= EVENT_FLAG_WIRE_LATE;
	if (to == STATE_ESTABLISHED)
		body.retransmits = (uint8_t)(w->end[side].syn_retransmits < UINT8_MAX ?
						     w->end[side].syn_retransmits :
						     UINT8_MAX);
	body.sequences = numbers_of(w, side, to, &sequences);
	memset(&record, 0, sizeof(record));
	if (w->key.is_ipv6) {
		record.transition6.head = head;
		record.transition6.body = body;
		put_ends(w, side, record.transition6.laddr, record.transition6.raddr);
		hand_on(s, w, side, &record, sizeof(record.transition6), &sequences);
	} else {
		record.transition.head = head;
		record.transition.body = body;
		put_ends(w, side, record.transition.laddr, record.transition.raddr);
		hand_on(s, w, side, &record, sizeof(record.transition), &sequences);
	}
}

static void tell_open(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	union event_record record;
	struct event_sequences sequences;

	memset(&record, 0, sizeof(record));
	record.open.head = head_of(w, side, EVENT_OPEN, STATE_SYN_SENT, time_ns);
	record.open.body = body_of(w, side);
	record.open.body.left_lport = 0;
	record.open.body.sequences = numbers_of(w, side, STATE_SYN_SENT, &sequences);
	put_ends(w, side, record.open.laddr, record.open.raddr);
	hand_on(s, w, side, &record, sizeof(record.open), &sequences);
}

void wire_tell_step(struct segments *s, struct wire *w, unsigned int side, enum tcp_state to,
		    uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];

	if (end->state == STATE_CLOSED && to == STATE_SYN_SENT)
		tell_open(s, w, side, time_ns);
	else
		tell_transition(s, w, side, to, time_ns);
	end->marks |= WIRE_BORN;
	end->state = (uint8_t)to;
	end->entered_ns = time_ns;
}

void wire_tell_open_unseen(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	w->gaps |= (uint8_t)(1U << side);
	s->is_late = true;
	wire_tell_step(s, w, side, STATE_ESTABLISHED, time_ns);
	s->is_late = false;
}

void wire_tell_birth(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	const struct wire_end *peer = &w->end[!side];
	union event_record record;

	end->state = STATE_LISTEN;
	tell_transition(s, w, side, STATE_SYN_RECV, time_ns);
	memset(&record, 0, sizeof(record));
	record.passive.head = head_of(w, side, EVENT_PASSIVE, STATE_SYN_RECV, time_ns);
	record.passive.synack_ns = end->synack_ns;
	record.passive.ack_ns = peer->syn_last_ns;
	record.passive.retransmits = end->syn_retransmits;
	hand_on(s, w, side, &record, sizeof(record.passive), NULL);
	end->state = STATE_SYN_RECV;
	end->marks = (uint8_t)((end->marks & ~WIRE_REQUEST) | WIRE_BORN);
}

void wire_tell_seed(struct segments *s, struct wire *w, unsigned int side, uint8_t role,
		    uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.socket.head = head_of(w, side, EVENT_SOCKET, (enum tcp_state)end->state, time_ns);
	record.socket.since_ns = EVENT_TIME_UNKNOWN;
	record.socket.ack_age_ns = EVENT_TIME_UNKNOWN;
	record.socket.receive_age_ns = EVENT_TIME_UNKNOWN;
	record.socket.send_age_ns = EVENT_TIME_UNKNOWN;
	record.socket.timer_ns = EVENT_TIME_UNKNOWN;
	record.socket.lport = w->key.port[side];
	record.socket.rport = w->key.port[!side];
	record.socket.role = role;
	put_ends(w, side, record.socket.laddr, record.socket.raddr);
	hand_on(s, w, side, &record, sizeof(record.socket), NULL);
	end->marks |= WIRE_BORN | WIRE_SEEDED;
}

/* Payload, each byte once. */
static uint64_t bytes_up_to(const struct wire_end *end, uint64_t number)
{
	uint64_t bytes;

	if (!(end->marks & WIRE_HAS_FIRST) || number <= end->first)
		return 0;
	bytes = number - end->first - 1;
	return bytes && end->fin && number > end->fin ? bytes - 1 : bytes;
}

static void tell_close(struct segments *s, struct wire *w, unsigned int side, uint16_t error,
		       uint64_t timewait, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	const struct wire_end *peer = &w->end[!side];
	struct event_sequences sequences;
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.close.head = head_of(w, side, EVENT_CLOSE, STATE_CLOSED, time_ns);
	record.close.head.flags |= gap_of(s, w, side);
	if (peer->fin && end->acked > peer->fin)
		record.close.head.flags |= EVENT_FLAG_FIN_RECEIVED;
	/* Who was never answered has sent nothing, and received nothing. */
	if (end->state != STATE_SYN_SENT && !(end->marks & peer->marks & WIRE_HAS_FIRST))
		record.close.head.flags |= EVENT_FLAG_WIRE_LATE;
	record.close.body = body_of(w, side);
	record.close.body.left_lport = 0;
	record.close.body.error = error;
	/* Who leaves before there is an answer has closed. */
	if (end->state == STATE_SYN_SENT && !error)
		record.close.body.shutdown = SHUTDOWN_BOTH;
	record.close.body.sequences = numbers_of(w, side, STATE_CLOSED, &sequences);
	put_ends(w, side, record.close.laddr, record.close.raddr);
	record.close.bytes_sent = bytes_up_to(end, end->next);
	record.close.bytes_received = bytes_up_to(peer, end->acked);
	record.close.timewait = timewait;
	record.close.substate = timewait ? STATE_TIME_WAIT : 0;
	record.close.retransmits = end->retransmits + end->syn_retransmits;
	record.close.min_rtt_us = UINT32_MAX;
	if (end->fin && peer->acked <= end->fin)
		record.close.signs = EVENT_SIGN_UNACKED;
	hand_on(s, w, side, &record, sizeof(record.close), &sequences);
}

void wire_tell_close(struct segments *s, struct wire *w, unsigned int side, uint16_t error,
		     uint64_t time_ns)
{
	tell_close(s, w, side, error, 0, time_ns);
	w->end[side].state = STATE_CLOSED;
	w->end[side].is_closed = true;
}

void wire_tell_timewait(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	uint64_t sock = ++s->socks;

	tell_close(s, w, side, 0, sock, time_ns);
	end->sock = sock;
	end->state = STATE_TIME_WAIT;
	end->entered_ns = time_ns;
}

void wire_tell_waiting(struct segments *s, struct wire *w, unsigned int side,
		       enum event_timewait_act act, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	enum tcp_state to = act < EVENT_TIMEWAIT_EXPIRED ? STATE_TIME_WAIT : STATE_CLOSED;
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.timewait.head = head_of(w, side, EVENT_TIMEWAIT, to, time_ns);
	record.timewait.head.flags &= (uint16_t)~EVENT_FLAG_FASTOPEN;
	record.timewait.act = (uint8_t)act;
	hand_on(s, w, side, &record, sizeof(record.timewait), NULL);
	end->state = (uint8_t)to;
	end->entered_ns = time_ns;
	end->is_closed = to == STATE_CLOSED;
}

void wire_tell_request(struct segments *s, struct wire *w, unsigned int side,
		       enum event_request_end end, uint64_t time_ns)
{
	struct wire_end *own = &w->end[side];
	union event_record record;

	own->state = STATE_SYN_RECV;
	memset(&record, 0, sizeof(record));
	record.request.head = head_of(w, side, EVENT_REQUEST, STATE_CLOSED, time_ns);
	record.request.synack_ns = own->synack_ns;
	record.request.lport = w->key.port[side];
	record.request.rport = w->key.port[!side];
	record.request.end = (uint8_t)end;
	record.request.retransmits =
		(uint8_t)(own->syn_retransmits < UINT8_MAX ? own->syn_retransmits : UINT8_MAX);
	put_ends(w, side, record.request.laddr, record.request.raddr);
	hand_on(s, w, side, &record, sizeof(record.request), NULL);
	own->state = STATE_CLOSED;
	own->marks &= (uint8_t)~WIRE_REQUEST;
	own->is_closed = true;
}

void wire_tell_reset(struct segments *s, const struct wire *w, unsigned int side,
		     enum event_reset_act act, uint64_t time_ns)
{
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.reset.head =
		head_of(w, side, EVENT_RESET, (enum tcp_state)w->end[side].state, time_ns);
	record.reset.reason = EVENT_REASON_NONE;
	record.reset.act = (uint8_t)act;
	hand_on(s, w, side, &record, sizeof(record.reset), NULL);
}

void wire_tell_again(struct segments *s, const struct wire *w, unsigned int side,
		     enum event_retransmit_cause cause, uint64_t time_ns)
{
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.retransmit.head =
		head_of(w, side, EVENT_RETRANSMIT, (enum tcp_state)w->end[side].state, time_ns);
	/* It says of a SYN-ACK that its connection is there already. */
	if (cause != EVENT_RETRANSMIT_SYNACK)
		record.retransmit.head.flags &= (uint16_t)~EVENT_FLAG_FASTOPEN;
	record.retransmit.cause = (uint8_t)cause;
	hand_on(s, w, side, &record, sizeof(record.retransmit), NULL);
}

void wire_tell_lost(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	union event_record record;

	memset(&record, 0, sizeof(record));
	record.destroy.head =
		head_of(w, side, EVENT_DESTROY, (enum tcp_state)w->end[side].state, time_ns);
	hand_on(s, w, side, &record, sizeof(record.destroy), NULL);
	w->end[side].state = STATE_CLOSED;
	w->end[side].is_closed = true;
}
