// SPDX-License-Identifier: GPL-2.0-only
/* A kernel record, checked and brought into one shape. */
#include <errno.h>
#include <string.h>

#include "user/event/event.h"

static const uint16_t sizes[EVENT_KIND_COUNT] = {
#define X(NAME, name, payload) [EVENT_##NAME] = sizeof(payload),
	EVENT_KINDS(X)
#undef X
};

_Static_assert(EVENT_RECORD_MAX <= UINT16_MAX, "a size fits 16 bits, as in a file");

/*
 * Births and deaths have kinds of their own, and a listener's own life is not a connection's. A
 * time in the upper half is 292 years of uptime; without it, differences of times have a sign.
 */
static bool is_sound(const struct event_head *h)
{
	unsigned int from = EVENT_FROM(h->states), to = EVENT_TO(h->states);

	if (!state_is_valid(from) || !state_is_valid(to) || !h->sock || h->mono_ns > INT64_MAX)
		return false;
	switch (h->kind) {
	case EVENT_TRANSITION:
	case EVENT_TRANSITION6:
		if (!(h->flags & EVENT_FLAG_IPV6) != (h->kind == EVENT_TRANSITION))
			return false;
		return from != to && to != STATE_SYN_SENT && to != STATE_CLOSED &&
		       to != STATE_LISTEN && (from != STATE_LISTEN || to == STATE_SYN_RECV);
	case EVENT_OPEN:
		return from == STATE_CLOSED && to == STATE_SYN_SENT;
	case EVENT_CLOSE:
		return from != STATE_CLOSED && from != STATE_LISTEN && to == STATE_CLOSED;
	case EVENT_DESTROY:
		return true;
	case EVENT_PASSIVE:
		return from == STATE_LISTEN && to == STATE_SYN_RECV;
	case EVENT_REQUEST:
		return from == STATE_SYN_RECV && to == STATE_CLOSED;
	case EVENT_ACCEPT:
	case EVENT_RESET:
	case EVENT_RETRANSMIT:
	case EVENT_ERROR:
		return from == to;
	case EVENT_CONNECT:
		return from == STATE_CLOSED && to == STATE_CLOSED;
	case EVENT_LISTENER:
		return (from == STATE_LISTEN || to == STATE_LISTEN) &&
		       (from == STATE_LISTEN || from == STATE_CLOSED) &&
		       (to == STATE_LISTEN || to == STATE_CLOSED);
	case EVENT_TIMEWAIT:
		return (from == STATE_FIN_WAIT2 || from == STATE_TIME_WAIT) &&
		       (to == from || to == STATE_CLOSED);
	default:
		return false;
	}
}

static bool is_error_sound(uint8_t kind, const uint8_t *bytes)
{
	size_t at = sizeof(struct event_head) + offsetof(struct event_body, error);
	uint16_t error;

	if (kind == EVENT_ERROR)
		at = offsetof(struct event_error, error);
	else if (kind == EVENT_CONNECT)
		at = offsetof(struct event_connect, error);
	else if (kind > EVENT_CLOSE)
		return true;
	memcpy(&error, bytes + at, sizeof(error));
	return error <= EVENT_ERROR_MAX && (error || kind <= EVENT_CLOSE);
}

/* Enums of a kind's own. */
static bool is_detail_sound(uint8_t kind, const uint8_t *bytes)
{
	uint8_t substate;

	switch (kind) {
	case EVENT_CLOSE:
		substate = bytes[offsetof(struct event_close, substate)];
		return !substate || substate == STATE_FIN_WAIT2 || substate == STATE_TIME_WAIT;
	case EVENT_REQUEST:
		return bytes[offsetof(struct event_request, end)] <= EVENT_REQUEST_UNSENT;
	case EVENT_TIMEWAIT:
		return bytes[offsetof(struct event_timewait, act)] <= EVENT_TIMEWAIT_PURGED;
	case EVENT_RESET:
		return bytes[offsetof(struct event_reset, act)] <= EVENT_RESET_ABORTED &&
		       bytes[offsetof(struct event_reset, sort)] <= EVENT_RESET_SORT_UNREAD;
	case EVENT_RETRANSMIT:
		return bytes[offsetof(struct event_retransmit, cause)] <= EVENT_RETRANSMIT_PROBE;
	default:
		return true;
	}
}

/* Where a record of this kind has its enum event_sequence_flag; 0: nowhere. */
static size_t sequences_at(uint8_t kind)
{
	if (kind <= EVENT_CLOSE)
		return sizeof(struct event_head) + offsetof(struct event_body, sequences);
	return kind == EVENT_TIMEWAIT ? offsetof(struct event_timewait, sequences) : 0;
}

/* Of a record of this kind, of which `size` bytes may be looked at. */
static uint8_t sequence_flags(uint8_t kind, const uint8_t *bytes, size_t size)
{
	size_t at = sequences_at(kind);

	return at && at < size ? bytes[at] : 0;
}

size_t event_size_behind(const void *bytes, size_t size)
{
	uint8_t kind = ((const uint8_t *)bytes)[offsetof(struct event_head, kind)];

	return sequence_flags(kind, bytes, size) & EVENT_SEQUENCE_PRESENT ?
		       sizeof(struct event_sequences) :
		       0;
}

/* The record's own bytes must be there, and what it says stands behind them, and no more. */
static int check_size(uint8_t kind, const uint8_t *bytes, size_t size)
{
	uint8_t flags;

	if (size < sizes[kind] || size != sizes[kind] + event_size_behind(bytes, size))
		return -EMSGSIZE;
	flags = sequence_flags(kind, bytes, size);
	if (flags >= EVENT_SEQUENCE_ACKED << 1 || (flags && !(flags & EVENT_SEQUENCE_PRESENT)))
		return -EBADMSG;
	return 0;
}

static void set_sequences(struct event *e, const uint8_t *bytes, size_t size)
{
	struct event_sequences numbers;

	e->sequences = 0;
	e->local_seq = 0;
	e->peer_seq = 0;
	if (size == sizes[e->kind])
		return;
	memcpy(&numbers, bytes + sizes[e->kind], sizeof(numbers));
	e->sequences = sequence_flags(e->kind, bytes, size);
	e->local_seq = numbers.local;
	e->peer_seq = numbers.peer;
}

/* The body stands behind the head in every kind that has one. */
static void set_body(struct event *e, const uint8_t *bytes)
{
	struct event_body body;

	memcpy(&body, bytes + sizeof(struct event_head), sizeof(body));
	e->lport = body.lport;
	e->rport = body.rport;
	e->srtt_us = body.srtt_us;
	e->error = body.error;
	e->shutdown = body.shutdown;
	e->witness = body.witness;
	e->left_lport = body.left_lport;
	e->retransmits = body.retransmits;
}

static void set_no_body(struct event *e)
{
	static const uint8_t none[sizeof(struct event_head) + sizeof(struct event_body)];

	set_body(e, none);
	e->laddr = e->raddr = (struct address){ { 0 } };
}

/* IPv6, or IPv4 in the first four bytes. */
static void set_addresses(struct event *e, const uint8_t *laddr, const uint8_t *raddr)
{
	if (e->flags & EVENT_FLAG_IPV6) {
		memcpy(e->laddr.byte, laddr, ADDRESS_SIZE);
		memcpy(e->raddr.byte, raddr, ADDRESS_SIZE);
	} else {
		e->laddr = address_from_ipv4(laddr);
		e->raddr = address_from_ipv4(raddr);
	}
}

static void set_name(char name[EVENT_COMM_SIZE + 1], const uint8_t *bytes)
{
	memcpy(name, bytes, strnlen((const char *)bytes, EVENT_COMM_SIZE));
}

static void set_open(struct event *e, const uint8_t *bytes)
{
	memcpy(&e->cgroup, bytes + offsetof(struct event_open, cgroup), sizeof(e->cgroup));
	memcpy(&e->pid, bytes + offsetof(struct event_open, pid), sizeof(e->pid));
	memcpy(&e->uid, bytes + offsetof(struct event_open, uid), sizeof(e->uid));
	set_name(e->comm, bytes + offsetof(struct event_open, comm));
	set_name(e->process, bytes + offsetof(struct event_open, process));
}

static void set_close(struct event *e, const uint8_t *bytes)
{
	memcpy(&e->bytes_sent, bytes + offsetof(struct event_close, bytes_sent),
	       sizeof(e->bytes_sent));
	memcpy(&e->bytes_received, bytes + offsetof(struct event_close, bytes_received),
	       sizeof(e->bytes_received));
	memcpy(&e->timewait, bytes + offsetof(struct event_close, timewait), sizeof(e->timewait));
	memcpy(&e->retransmits, bytes + offsetof(struct event_close, retransmits),
	       sizeof(e->retransmits));
	e->substate = (enum tcp_state)bytes[offsetof(struct event_close, substate)];
	memcpy(&e->signs, bytes + offsetof(struct event_close, later_signs), sizeof(e->signs));
	e->signs = (uint16_t)(e->signs << 8 | bytes[offsetof(struct event_close, signs)]);
	e->tries = bytes[offsetof(struct event_close, tries)];
	e->probes = bytes[offsetof(struct event_close, probes)];
	memcpy(&e->segments_sent, bytes + offsetof(struct event_close, segments_sent),
	       sizeof(e->segments_sent));
	memcpy(&e->segments_received, bytes + offsetof(struct event_close, segments_received),
	       sizeof(e->segments_received));
	memcpy(&e->min_rtt_us, bytes + offsetof(struct event_close, min_rtt_us),
	       sizeof(e->min_rtt_us));
	memcpy(e->congestion, bytes + offsetof(struct event_close, congestion),
	       EVENT_CONGESTION_SIZE);
	e->congestion[EVENT_CONGESTION_SIZE] = '\0';
}

static void set_reset(struct event *e, const uint8_t *bytes)
{
	struct event_reset reset;

	memcpy(&reset, bytes, sizeof(reset));
	e->reason = reset.reason;
	e->is_memory = reset.memory;
	e->sort = reset.sort;
	e->detail = reset.act;
}

static void set_retransmit(struct event *e, const uint8_t *bytes)
{
	struct event_retransmit retransmit;

	memcpy(&retransmit, bytes, sizeof(retransmit));
	e->detail = retransmit.cause;
	e->retransmits = retransmit.segments;
}

static void set_error(struct event *e, const uint8_t *bytes)
{
	memcpy(&e->error, bytes + offsetof(struct event_error, error), sizeof(e->error));
}

static void set_passive(struct event *e, const uint8_t *bytes)
{
	memcpy(&e->synack_ns, bytes + offsetof(struct event_passive, synack_ns),
	       sizeof(e->synack_ns));
	memcpy(&e->retransmits, bytes + offsetof(struct event_passive, retransmits),
	       sizeof(e->retransmits));
	memcpy(&e->ack_ns, bytes + offsetof(struct event_passive, ack_ns), sizeof(e->ack_ns));
}

static void set_request(struct event *e, const uint8_t *bytes)
{
	struct event_request request;

	memcpy(&request, bytes, sizeof(request));
	e->synack_ns = request.synack_ns;
	e->lport = request.lport;
	e->rport = request.rport;
	e->retransmits = request.retransmits;
	e->detail = request.end;
	e->cgroup = request.cgroup;
	e->refusal = request.refusal;
	set_addresses(e, request.laddr, request.raddr);
}

static void set_accept(struct event *e, const uint8_t *bytes)
{
	memcpy(&e->cgroup, bytes + offsetof(struct event_accept, cgroup), sizeof(e->cgroup));
	memcpy(&e->pid, bytes + offsetof(struct event_accept, pid), sizeof(e->pid));
	memcpy(&e->uid, bytes + offsetof(struct event_accept, uid), sizeof(e->uid));
	set_name(e->comm, bytes + offsetof(struct event_accept, comm));
	set_name(e->process, bytes + offsetof(struct event_accept, process));
}

static void set_listener(struct event *e, const uint8_t *bytes)
{
	struct event_listener listener;

	memcpy(&listener, bytes, sizeof(listener));
	e->lport = listener.lport;
	e->cgroup = listener.cgroup;
	e->pid = listener.pid;
	e->uid = listener.uid;
	set_name(e->comm, listener.comm);
	set_name(e->process, listener.process);
	set_addresses(e, listener.laddr, (const uint8_t *)&(struct address){ { 0 } });
}

static void set_connect(struct event *e, const uint8_t *bytes)
{
	struct event_connect connect;

	memcpy(&connect, bytes, sizeof(connect));
	e->lport = connect.lport;
	e->rport = connect.rport;
	e->error = connect.error;
	e->cgroup = connect.cgroup;
	e->pid = connect.pid;
	e->uid = connect.uid;
	set_name(e->comm, connect.comm);
	set_name(e->process, connect.process);
	set_addresses(e, connect.laddr, connect.raddr);
}

static void set_timewait(struct event *e, const uint8_t *bytes)
{
	struct event_timewait timewait;

	memcpy(&timewait, bytes, sizeof(timewait));
	e->lport = timewait.lport;
	e->rport = timewait.rport;
	e->detail = timewait.act;
	set_addresses(e, timewait.laddr, timewait.raddr);
}

int event_peek_sock(const void *bytes, size_t size, uint64_t *ret_sock)
{
	if (size < sizeof(struct event_head))
		return -EMSGSIZE;
	memcpy(ret_sock, (const char *)bytes + offsetof(struct event_head, sock),
	       sizeof(*ret_sock));
	return 0;
}

#define LADDR(bytes, type) ((bytes) + offsetof(struct type, laddr))
#define RADDR(bytes, type) ((bytes) + offsetof(struct type, raddr))

/* On the path of every event: fields are read where they lie, and nothing is written twice. */
int event_decode(const void *bytes, size_t size, struct event *event)
{
	struct event_head head;
	int error;

	if (size < sizeof(head))
		return -EMSGSIZE;
	memcpy(&head, bytes, sizeof(head));
	if (head.kind == EVENT_NONE || head.kind >= EVENT_KIND_COUNT || head.kind == EVENT_SOCKET)
		return -EBADMSG;
	error = check_size(head.kind, bytes, size);
	if (error)
		return error;
	if (!is_sound(&head) || !is_error_sound(head.kind, bytes) ||
	    !is_detail_sound(head.kind, bytes))
		return -EBADMSG;
	event->mono_ns = head.mono_ns;
	event->sock = head.sock;
	event->netns = head.netns;
	event->kind = (enum event_kind)head.kind;
	event->from = (enum tcp_state)EVENT_FROM(head.states);
	event->to = (enum tcp_state)EVENT_TO(head.states);
	event->flags = head.flags;
	event->pid = 0;
	event->uid = 0;
	event->cgroup = 0;
	memset(event->comm, 0, sizeof(event->comm));
	memset(event->process, 0, sizeof(event->process));
	event->bytes_sent = 0;
	event->bytes_received = 0;
	event->timewait = 0;
	event->substate = (enum tcp_state)0;
	event->signs = 0;
	event->tries = 0;
	event->probes = 0;
	event->segments_sent = 0;
	event->segments_received = 0;
	event->min_rtt_us = UINT32_MAX;
	event->congestion[0] = '\0';
	event->reason = EVENT_REASON_NONE;
	event->is_memory = false;
	event->sort = EVENT_RESET_SORT_NONE;
	event->synack_ns = 0;
	event->ack_ns = 0;
	event->refusal = 0;
	event->detail = 0;
	set_sequences(event, bytes, size);
	if (head.kind <= EVENT_CLOSE)
		set_body(event, bytes);
	else
		set_no_body(event);
	switch (head.kind) {
	case EVENT_TRANSITION:
		set_addresses(event, LADDR((const uint8_t *)bytes, event_transition),
			      RADDR((const uint8_t *)bytes, event_transition));
		break;
	case EVENT_TRANSITION6:
		set_addresses(event, LADDR((const uint8_t *)bytes, event_transition6),
			      RADDR((const uint8_t *)bytes, event_transition6));
		break;
	case EVENT_OPEN:
		set_addresses(event, LADDR((const uint8_t *)bytes, event_open),
			      RADDR((const uint8_t *)bytes, event_open));
		set_open(event, bytes);
		break;
	case EVENT_CLOSE:
		set_addresses(event, LADDR((const uint8_t *)bytes, event_close),
			      RADDR((const uint8_t *)bytes, event_close));
		set_close(event, bytes);
		break;
	case EVENT_PASSIVE:
		set_passive(event, bytes);
		break;
	case EVENT_REQUEST:
		set_request(event, bytes);
		break;
	case EVENT_ACCEPT:
		set_accept(event, bytes);
		break;
	case EVENT_LISTENER:
		set_listener(event, bytes);
		break;
	case EVENT_CONNECT:
		set_connect(event, bytes);
		break;
	case EVENT_TIMEWAIT:
		set_timewait(event, bytes);
		break;
	case EVENT_RESET:
		set_reset(event, bytes);
		break;
	case EVENT_RETRANSMIT:
		set_retransmit(event, bytes);
		break;
	case EVENT_ERROR:
		set_error(event, bytes);
		break;
	default:
		break;
	}
	return 0;
}

size_t event_size_of(uint8_t kind)
{
	return kind < EVENT_KIND_COUNT ? sizes[kind] : 0;
}
