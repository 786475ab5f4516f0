// SPDX-License-Identifier: GPL-2.0-only
/* A kernel record, checked and brought into one shape. */
#include <errno.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/event/event.h"

static const uint16_t sizes[EVENT_KIND_COUNT] = {
#define X(NAME, name, payload) [EVENT_##NAME] = sizeof(payload),
	EVENT_KINDS(X)
#undef X
};

/* Records stand anywhere among bytes: no field is copied before it is looked at. */
#define ANYWHERE(type, name) \
	struct name##_at {   \
		type at;     \
	} __attribute__((packed, may_alias))
ANYWHERE(struct event_head, head);
ANYWHERE(struct event_body, body);
ANYWHERE(struct event_sequences, sequences);
#define X(NAME, name, payload) ANYWHERE(payload, name);
EVENT_KINDS(X)
#undef X
#define AS(name, bytes) ((const struct name##_at *)(const void *)(bytes))

_Static_assert(EVENT_RECORD_MAX <= UINT16_MAX, "a size fits 16 bits, as in a file");

#define TO(NAME) (1U << STATE_##NAME)
#define X(NAME, number) TO(NAME) |
enum { TO_ANY = TCP_STATES(X) 0 };
#undef X

/*
 * The states that a record of each kind may tell of: from each, as a set, those it leads to. Births
 * and deaths have kinds of their own, and a listener's own life is not a connection's.
 */
static const uint16_t sound[EVENT_KIND_COUNT][EVENT_FROM(~0U) + 1] = {
#define X(NAME, number)                           \
	[number] = STATE_##NAME == STATE_LISTEN ? \
			   TO(SYN_RECV) :         \
			   TO_ANY & ~(TO(NAME) | TO(SYN_SENT) | TO(CLOSED) | TO(LISTEN)),
	[EVENT_TRANSITION] = { TCP_STATES(X) },
	[EVENT_TRANSITION6] = { TCP_STATES(X) },
#undef X
#define X(NAME, number) \
	[number] = STATE_##NAME == STATE_CLOSED || STATE_##NAME == STATE_LISTEN ? 0 : TO(CLOSED),
	[EVENT_CLOSE] = { TCP_STATES(X) },
#undef X
#define X(NAME, number) [number] = TO_ANY,
	[EVENT_DESTROY] = { TCP_STATES(X) },
#undef X
#define X(NAME, number) [number] = TO(NAME),
	[EVENT_ACCEPT] = { TCP_STATES(X) },
	[EVENT_RESET] = { TCP_STATES(X) },
	[EVENT_RETRANSMIT] = { TCP_STATES(X) },
	[EVENT_ERROR] = { TCP_STATES(X) },
#undef X
	[EVENT_OPEN] = { [STATE_CLOSED] = TO(SYN_SENT) },
	[EVENT_PASSIVE] = { [STATE_LISTEN] = TO(SYN_RECV) },
	[EVENT_REQUEST] = { [STATE_SYN_RECV] = TO(CLOSED) },
	[EVENT_LISTENER] = {
		[STATE_CLOSED] = TO(LISTEN),
		[STATE_LISTEN] = TO(LISTEN) | TO(CLOSED),
	},
	[EVENT_CONNECT] = { [STATE_CLOSED] = TO(CLOSED) },
	[EVENT_SUBFLOW] = { [STATE_CLOSED] = TO(SYN_SENT), [STATE_SYN_RECV] = TO(ESTABLISHED) },
	[EVENT_OPENER] = { [STATE_CLOSED] = TO(SYN_SENT) | TO(CLOSED),
			   [STATE_ESTABLISHED] = TO(ESTABLISHED) },
	[EVENT_KIN] = { [STATE_CLOSED] = TO(CLOSED) },
	[EVENT_SCOPE] = { [STATE_CLOSED] = TO(SYN_SENT) | TO(CLOSED),
			  [STATE_SYN_RECV] = TO_ANY & ~TO(SYN_RECV) },
	[EVENT_TIMEWAIT] = { [STATE_FIN_WAIT2] = TO(FIN_WAIT2) | TO(CLOSED),
			     [STATE_TIME_WAIT] = TO(TIME_WAIT) | TO(CLOSED) },
};

bool event_may_tell(uint8_t kind, uint8_t states)
{
	return sound[kind][EVENT_FROM(states)] >> EVENT_TO(states) & 1;
}

/*
 * A time in the upper half is 292 years of uptime; without it, differences of times have a sign.
 */
static bool is_sound(uint8_t kind, const struct head_at *h)
{
	if (!event_may_tell(kind, h->at.states))
		return false;
	if (kind <= EVENT_TRANSITION6 &&
	    !(h->at.flags & EVENT_FLAG_IPV6) != (kind == EVENT_TRANSITION))
		return false;
	return h->at.sock && h->at.mono_ns <= INT64_MAX;
}

/* The body stands behind the head in every kind that has one. */
static const struct body_at *body_of(const uint8_t *bytes)
{
	return AS(body, bytes + sizeof(struct event_head));
}

/* Enums and errors of a kind's own. */
static bool is_detail_sound(uint8_t kind, const uint8_t *bytes)
{
	uint8_t substate;

	switch (kind) {
	case EVENT_TRANSITION:
	case EVENT_TRANSITION6:
	case EVENT_OPEN:
		return body_of(bytes)->at.error <= EVENT_ERROR_MAX;
	case EVENT_CLOSE:
		substate = AS(close, bytes)->at.substate;
		return body_of(bytes)->at.error <= EVENT_ERROR_MAX &&
		       (!substate || substate == STATE_FIN_WAIT2 || substate == STATE_TIME_WAIT);
	case EVENT_REQUEST:
		return AS(request, bytes)->at.end <= EVENT_REQUEST_UNSENT;
	case EVENT_TIMEWAIT:
		return AS(timewait, bytes)->at.act <= EVENT_TIMEWAIT_GONE;
	case EVENT_RESET:
		return AS(reset, bytes)->at.act <= EVENT_RESET_ABORTED &&
		       AS(reset, bytes)->at.sort <= EVENT_RESET_SORT_UNREAD;
	case EVENT_RETRANSMIT:
		return AS(retransmit, bytes)->at.cause <= EVENT_RETRANSMIT_PROBE;
	case EVENT_ERROR:
		return AS(error, bytes)->at.error - 1U < EVENT_ERROR_MAX;
	case EVENT_SUBFLOW:
		return AS(subflow, bytes)->at.token;
	case EVENT_OPENER:
		return AS(opener, bytes)->at.stack;
	case EVENT_KIN:
		return AS(kin, bytes)->at.pid;
	case EVENT_SCOPE:
		return AS(scope, bytes)->at.ifindex;
	case EVENT_CONNECT:
		return AS(connect, bytes)->at.error - 1U < EVENT_ERROR_MAX;
	default:
		return true;
	}
}

/* Where a record of this kind has its enum event_sequence_flag; 0: nowhere. */
static size_t sequences_place(uint8_t kind)
{
	if (kind <= EVENT_CLOSE)
		return sizeof(struct event_head) + offsetof(struct event_body, sequences);
	return kind == EVENT_TIMEWAIT ? offsetof(struct event_timewait, sequences) : 0;
}

/* Of a record of this kind, of which `size` bytes may be looked at. */
static uint8_t sequence_flags(uint8_t kind, const uint8_t *bytes, size_t size)
{
	size_t at = sequences_place(kind);

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

	if (size < sizes[kind])
		return -EMSGSIZE;
	flags = sequence_flags(kind, bytes, size);
	if (size !=
	    sizes[kind] + (flags & EVENT_SEQUENCE_PRESENT ? sizeof(struct event_sequences) : 0))
		return -EMSGSIZE;
	if (flags >= EVENT_SEQUENCE_ACKED << 1 || (flags && !(flags & EVENT_SEQUENCE_PRESENT)))
		return -EBADMSG;
	return 0;
}

static void set_sequences(struct event *e, const uint8_t *bytes, size_t size)
{
	const struct sequences_at *numbers = AS(sequences, bytes + sizes[e->kind]);

	if (size == sizes[e->kind])
		return;
	e->sequences = sequence_flags((uint8_t)e->kind, bytes, size);
	e->local_seq = numbers->at.local;
	e->peer_seq = numbers->at.peer;
}

static void set_body(struct event *e, const uint8_t *bytes)
{
	const struct body_at *body = body_of(bytes);

	e->lport = body->at.lport;
	e->rport = body->at.rport;
	e->srtt_us = body->at.srtt_us;
	e->error = body->at.error;
	e->shutdown = body->at.shutdown;
	e->witness = body->at.witness;
	e->left_lport = body->at.left_lport;
	e->retransmits = body->at.retransmits;
}

/* IPv6, or IPv4 in the first four bytes. */
static void set_addresses(struct event *e, const uint8_t *laddr, const uint8_t *raddr)
{
	if (e->flags & EVENT_FLAG_IPV6) {
		memcpy(e->laddr.byte, laddr, ADDRESS_SIZE);
		memcpy(e->raddr.byte, raddr, ADDRESS_SIZE);
	} else {
		address_set_ipv4(&e->laddr, laddr);
		address_set_ipv4(&e->raddr, raddr);
	}
}

/* What OPEN and ACCEPT say of an owner. */
#define SET_OWNER(e, record)                                        \
	do {                                                        \
		(e)->cgroup = (record)->at.cgroup;                  \
		(e)->pid = (record)->at.pid;                        \
		(e)->uid = (record)->at.uid;                        \
		event_set_name((e)->comm, (record)->at.comm);       \
		event_set_name((e)->process, (record)->at.process); \
	} while (0)

static void set_open(struct event *e, const struct open_at *open)
{
	set_addresses(e, open->at.laddr, open->at.raddr);
	SET_OWNER(e, open);
}

static void set_close(struct event *e, const struct close_at *close)
{
	set_addresses(e, close->at.laddr, close->at.raddr);
	e->bytes_sent = close->at.bytes_sent;
	e->bytes_received = close->at.bytes_received;
	e->timewait = close->at.timewait;
	e->retransmits = close->at.retransmits;
	e->substate = (enum tcp_state)close->at.substate;
	e->signs = (uint16_t)(close->at.later_signs << 8 | close->at.signs);
	e->tries = close->at.tries;
	e->probes = close->at.probes;
	e->segments_sent = close->at.segments_sent;
	e->segments_received = close->at.segments_received;
	e->min_rtt_us = close->at.min_rtt_us;
	memcpy(e->congestion, close->at.congestion, EVENT_CONGESTION_SIZE);
}

static void set_reset(struct event *e, const struct reset_at *reset)
{
	e->reason = reset->at.reason;
	e->is_memory = reset->at.memory;
	e->sort = reset->at.sort;
	e->detail = reset->at.act;
}

static void set_retransmit(struct event *e, const struct retransmit_at *retransmit)
{
	e->detail = retransmit->at.cause;
	e->retransmits = retransmit->at.segments;
}

static void set_passive(struct event *e, const struct passive_at *passive)
{
	e->synack_ns = passive->at.synack_ns;
	e->ack_ns = passive->at.ack_ns;
	e->retransmits = passive->at.retransmits;
}

/* Interfaces are their namespace's, whoever binds to them. */
static void set_interface(struct event *e, uint32_t ifindex, const uint8_t *name)
{
	e->ifindex = ifindex;
	if (ifindex)
		e->ifname = atom_of((const char *)name, EVENT_IFNAME_SIZE,
				    &(struct share){ 0, e->netns });
}

static void set_request(struct event *e, const struct request_at *request)
{
	e->synack_ns = request->at.synack_ns;
	e->lport = request->at.lport;
	e->rport = request->at.rport;
	e->retransmits = request->at.retransmits;
	e->detail = request->at.end;
	e->cgroup = request->at.cgroup;
	e->refusal = request->at.refusal;
	set_addresses(e, request->at.laddr, request->at.raddr);
	set_interface(e, request->at.ifindex, request->at.ifname);
}

static void set_accept(struct event *e, const struct accept_at *accept)
{
	SET_OWNER(e, accept);
}

static void set_listener(struct event *e, const struct listener_at *listener)
{
	e->lport = listener->at.lport;
	e->ifindex = listener->at.ifindex;
	SET_OWNER(e, listener);
	set_addresses(e, listener->at.laddr, (const uint8_t *)&(struct address){ { 0 } });
}

static void set_connect(struct event *e, const struct connect_at *connect)
{
	e->lport = connect->at.lport;
	e->rport = connect->at.rport;
	e->error = connect->at.error;
	SET_OWNER(e, connect);
	set_addresses(e, connect->at.laddr, connect->at.raddr);
}

static void set_subflow(struct event *e, const struct subflow_at *subflow)
{
	e->token = subflow->at.token;
	e->detail = subflow->at.marks;
}

static void set_timewait(struct event *e, const struct timewait_at *timewait)
{
	e->lport = timewait->at.lport;
	e->rport = timewait->at.rport;
	e->detail = timewait->at.act;
	e->ifindex = timewait->at.ifindex;
	set_addresses(e, timewait->at.laddr, timewait->at.raddr);
}

/* In pieces that the compiler clears with a few wide stores, not with a loop. */
#define CLEAR(e, from, to) memset((char *)(e) + (from), 0, (to) - (from))
#define FIELD(name) offsetof(struct event, name)

void event_clear(struct event *e)
{
	CLEAR(e, 0, FIELD(pid));
	CLEAR(e, FIELD(pid), FIELD(bytes_sent));
	CLEAR(e, FIELD(bytes_sent), FIELD(synack_ns));
	CLEAR(e, FIELD(synack_ns), sizeof(*e));
	e->min_rtt_us = UINT32_MAX;
	e->reason = EVENT_REASON_NONE;
}

static void set_own(struct event *e, const uint8_t *bytes)
{
	switch (e->kind) {
	case EVENT_OPEN:
		set_open(e, AS(open, bytes));
		break;
	case EVENT_CLOSE:
		set_close(e, AS(close, bytes));
		break;
	case EVENT_SUBFLOW:
		set_subflow(e, AS(subflow, bytes));
		break;
	case EVENT_OPENER:
		e->stack = AS(opener, bytes)->at.stack;
		break;
	case EVENT_KIN:
		e->pid = AS(kin, bytes)->at.pid;
		e->parent = AS(kin, bytes)->at.parent;
		break;
	case EVENT_SCOPE:
		set_interface(e, AS(scope, bytes)->at.ifindex, AS(scope, bytes)->at.ifname);
		break;
	case EVENT_PASSIVE:
		set_passive(e, AS(passive, bytes));
		break;
	case EVENT_REQUEST:
		set_request(e, AS(request, bytes));
		break;
	case EVENT_ACCEPT:
		set_accept(e, AS(accept, bytes));
		break;
	case EVENT_LISTENER:
		set_listener(e, AS(listener, bytes));
		break;
	case EVENT_CONNECT:
		set_connect(e, AS(connect, bytes));
		break;
	case EVENT_TIMEWAIT:
		set_timewait(e, AS(timewait, bytes));
		break;
	case EVENT_RESET:
		set_reset(e, AS(reset, bytes));
		break;
	case EVENT_RETRANSMIT:
		set_retransmit(e, AS(retransmit, bytes));
		break;
	case EVENT_ERROR:
		e->error = AS(error, bytes)->at.error;
		break;
	default:
		break;
	}
}

bool event_may_be(const void *bytes, size_t size, unsigned int kind)
{
	return size > offsetof(struct event_head, kind) &&
	       ((const uint8_t *)bytes)[offsetof(struct event_head, kind)] == kind;
}

int event_peek_sock(const void *bytes, size_t size, uint64_t *ret_sock)
{
	if (size < sizeof(struct event_head))
		return -EMSGSIZE;
	memcpy(ret_sock, (const char *)bytes + offsetof(struct event_head, sock),
	       sizeof(*ret_sock));
	return 0;
}

/* On the path of every event: fields are read where they lie. */
int event_decode_as(uint8_t kind, const void *bytes, size_t size, struct event *event)
{
	const struct head_at *head = AS(head, bytes);
	int error = check_size(kind, bytes, size);

	if (error)
		return error;
	if (!is_sound(kind, head) || !is_detail_sound(kind, bytes))
		return -EBADMSG;
	event_clear(event);
	event->mono_ns = head->at.mono_ns;
	event->sock = head->at.sock;
	event->netns = head->at.netns;
	event->kind = (enum event_kind)kind;
	event->from = (enum tcp_state)EVENT_FROM(head->at.states);
	event->to = (enum tcp_state)EVENT_TO(head->at.states);
	event->flags = head->at.flags;
	set_sequences(event, bytes, size);
	if (kind <= EVENT_CLOSE)
		set_body(event, bytes);
	if (kind == EVENT_TRANSITION)
		set_addresses(event, AS(transition, bytes)->at.laddr,
			      AS(transition, bytes)->at.raddr);
	else if (kind == EVENT_TRANSITION6)
		set_addresses(event, AS(transition6, bytes)->at.laddr,
			      AS(transition6, bytes)->at.raddr);
	else
		set_own(event, bytes);
	return 0;
}

int event_decode(const void *bytes, size_t size, struct event *event)
{
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return -EMSGSIZE;
	kind = AS(head, bytes)->at.kind;
	if (kind == EVENT_NONE || kind >= EVENT_KIND_COUNT || kind == EVENT_SOCKET)
		return -EBADMSG;
	return event_decode_as(kind, bytes, size, event);
}

size_t event_size_of(uint8_t kind)
{
	return kind < EVENT_KIND_COUNT ? sizes[kind] : 0;
}
