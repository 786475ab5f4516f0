/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of made-up sockets, as the kernel's side would tell of them. */
#ifndef TESTS_UNIT_EVENTS_H
#define TESTS_UNIT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "user/event/event.h"

#define US UINT64_C(1000) /* in nanoseconds */

#define CLIENT_LPORT 40001
#define SERVER_LPORT 8080
#define PEER_PORT 443
#define OWNER_PID 4711
#define OWNER_UID 1000
#define OWNER_COMM "curl"
#define TEST_NETNS 4026531840u

/* A socket of the kernel: what its next event starts from. */
struct sock {
	uint64_t address;
	enum tcp_state state;
	uint16_t lport, rport;
	uint32_t netns;
	bool is_ipv6;
};

/* A socket that is about to connect; kernels choose the local port after the first event. */
static inline struct sock sock_client(uint64_t address)
{
	return (struct sock){ .address = address,
			      .state = STATE_CLOSED,
			      .lport = CLIENT_LPORT,
			      .rport = PEER_PORT,
			      .netns = TEST_NETNS };
}

/* A child that is about to be cloned from its listener. */
static inline struct sock sock_server(uint64_t address)
{
	return (struct sock){ .address = address,
			      .state = STATE_LISTEN,
			      .lport = SERVER_LPORT,
			      .rport = PEER_PORT,
			      .netns = TEST_NETNS };
}

/* 192.0.2.`last`, or 2001:db8::`last`. */
static inline struct address test_address(bool is_ipv6, uint8_t last)
{
	static const struct address ipv6 = { .byte = { 0x20, 0x01, 0x0d, 0xb8 } };
	const uint8_t ipv4[4] = { 192, 0, 2, last };
	struct address a = is_ipv6 ? ipv6 : address_from_ipv4(ipv4);

	a.byte[ADDRESS_SIZE - 1] = last;
	return a;
}

static inline enum event_kind kind_of(const struct sock *s, enum tcp_state to)
{
	if (to == STATE_SYN_SENT)
		return EVENT_OPEN;
	if (to == STATE_CLOSED)
		return EVENT_CLOSE;
	return s->is_ipv6 ? EVENT_TRANSITION6 : EVENT_TRANSITION;
}

/* The event of the transition to `to` at `us` microseconds; the socket is in `to` afterwards. */
static inline struct event sock_step(struct sock *s, uint64_t us, enum tcp_state to)
{
	struct event e = {
		.mono_ns = us * US,
		.sock = s->address,
		.netns = s->netns,
		.kind = kind_of(s, to),
		.from = s->state,
		.to = to,
		.lport = to == STATE_SYN_SENT ? 0 : s->lport,
		.shutdown = to == STATE_CLOSED ? EVENT_SHUTDOWN_ORPHAN : 0,
	};

	if (s->state != STATE_LISTEN) {
		e.flags = EVENT_FLAG_ENDPOINTS | (s->is_ipv6 ? EVENT_FLAG_IPV6 : 0);
		e.rport = s->rport;
		e.laddr = test_address(s->is_ipv6, 1);
		e.raddr = test_address(s->is_ipv6, 2);
	}
	if (e.kind == EVENT_OPEN) {
		e.pid = OWNER_PID;
		e.uid = OWNER_UID;
		memcpy(e.comm, OWNER_COMM, sizeof(OWNER_COMM));
	}
	s->state = to;
	return e;
}

/* The last transition, of a socket that is held still, with its error. */
static inline struct event sock_fail(struct sock *s, uint64_t us, uint16_t error)
{
	struct event e = sock_step(s, us, STATE_CLOSED);

	e.error = error;
	e.shutdown = 0;
	return e;
}

/* The last transition of a side that has received the peer's FIN. */
static inline struct event sock_close(struct sock *s, uint64_t us)
{
	struct event e = sock_step(s, us, STATE_CLOSED);

	e.flags |= EVENT_FLAG_FIN_RECEIVED;
	return e;
}

/* `from` and `to` are LISTEN or CLOSED. */
static inline struct event listener_event(uint64_t address, enum tcp_state from, enum tcp_state to)
{
	struct event e = { .sock = address,
			   .netns = TEST_NETNS,
			   .kind = EVENT_LISTENER,
			   .from = from,
			   .to = to,
			   .lport = SERVER_LPORT,
			   .pid = OWNER_PID,
			   .uid = OWNER_UID,
			   .min_rtt_us = UINT32_MAX,
			   .laddr = address_from_ipv4((const uint8_t[4]){ 0 }) };

	memcpy(e.comm, OWNER_COMM, sizeof(OWNER_COMM));
	return e;
}

/* The ACK of a server's handshake, with what the kernel measured as its first round trip. */
static inline struct event sock_accept(struct sock *s, uint64_t us, uint32_t srtt_us)
{
	struct event e = sock_step(s, us, STATE_ESTABLISHED);

	e.srtt_us = srtt_us;
	return e;
}

/* A reset; the socket has reached the state it is in. */
static inline struct event sock_reset(const struct sock *s, uint64_t us, uint8_t act,
				      uint32_t reason)
{
	return (struct event){ .mono_ns = us * US,
			       .sock = s->address,
			       .netns = s->netns,
			       .kind = EVENT_RESET,
			       .from = s->state,
			       .to = s->state,
			       .detail = act,
			       .reason = reason };
}

/* The kernel frees the socket. */
static inline struct event sock_destroy(const struct sock *s, uint64_t us)
{
	return (struct event){ .mono_ns = us * US,
			       .sock = s->address,
			       .netns = s->netns,
			       .kind = EVENT_DESTROY,
			       .from = STATE_CLOSED,
			       .to = STATE_CLOSED };
}

#endif
