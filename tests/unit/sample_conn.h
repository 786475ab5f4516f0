/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections that are made up for the tests of what counts and prints them. */
#ifndef TESTS_UNIT_SAMPLE_CONN_H
#define TESTS_UNIT_SAMPLE_CONN_H

#include <errno.h>
#include <string.h>

#include "user/conn/conn.h"

#define MS 1000000ULL

static inline void sample_step(struct conn *c, enum tcp_state state, uint64_t mono_ns)
{
	c->step_state[c->step_count] = (uint8_t)state;
	c->step_ns[c->step_count] = mono_ns;
	c->step_inferred |= (uint8_t)((mono_ns == TIME_UNKNOWN) << c->step_count);
	c->step_count++;
}

static inline void sample_comm(struct conn *c, const char *comm)
{
	/* Without its NUL when it fills the field, as the kernel may have it. */
	memset(c->comm, 0, sizeof(c->comm));
	memcpy(c->comm, comm, strnlen(comm, sizeof(c->comm)));
	c->process = PROCESS_IS_COMM;
	c->flags |= CONN_HAS_OWNER;
}

static inline void sample_ipv4(struct conn *c, uint8_t last_local, uint8_t last_remote)
{
	c->laddr = address_from_ipv4((const uint8_t[4]){ 192, 0, 2, last_local });
	c->raddr = address_from_ipv4((const uint8_t[4]){ 198, 51, 100, last_remote });
	c->flags |= CONN_HAS_ENDPOINTS;
}

/* A client that closed first and is in TIME_WAIT: everything about it is known. */
static inline struct conn sample_client(void)
{
	struct conn c = {
		.sock = 0xffff888000000040,
		.id = 17,
		.flow = 0x0f3a09c1d2e4b678,
		.role = CONN_ROLE_CLIENT,
		.handshake_quality = CONN_QUALITY_EXACT,
		.handshake_ns = 80123456,
		.handshake_retransmits = 1,
		.outcome = CONN_OUTCOME_CLOSED,
		.initiator = CONN_INITIATOR_LOCAL,
		.cause = CONN_CAUSE_CLOSED_BY_LOCAL,
		.segments_sent = 21,
		.segments_received = 17,
		.min_rtt_us = 79900,
		.congestion = 1,
		.flags = CONN_HAS_COUNTERS | CONN_FINISHED | CONN_TIME_WAIT_SEEN,
		.lport = 40000,
		.rport = 443,
		.netns = 4026531840,
		.pid = 4321,
		.uid = 1000,
		.bytes_sent = 1234,
		.bytes_received = 56789,
		.retransmits = 2,
		.srtt_us = 80100,
	};

	sample_comm(&c, "curl");
	sample_ipv4(&c, 1, 7);
	sample_step(&c, STATE_SYN_SENT, 1000000000);
	sample_step(&c, STATE_ESTABLISHED, 1080123456);
	sample_step(&c, STATE_FIN_WAIT1, 2000000000);
	sample_step(&c, STATE_FIN_WAIT2, 2080000000);
	sample_step(&c, STATE_TIME_WAIT, 2090000000);
	return c;
}

/* An IPv6 server whose peer closed first; owner unknown, seen from its first SYN-ACK on. */
static inline struct conn sample_server(void)
{
	static const uint8_t local[ADDRESS_SIZE] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const uint8_t remote[ADDRESS_SIZE] = {
		0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0xbe, 0xef, 0xca, 0xfe
	};
	struct conn c = {
		.sock = 0xffff888000000080,
		.id = 18,
		.role = CONN_ROLE_SERVER,
		.handshake_quality = CONN_QUALITY_ESTIMATED,
		.handshake_flags = CONN_HANDSHAKE_FASTOPEN | CONN_HANDSHAKE_DEFERRED,
		.handshake_ns = 250000,
		.outcome = CONN_OUTCOME_CLOSED,
		.initiator = CONN_INITIATOR_REMOTE,
		.flags = CONN_HAS_COUNTERS | CONN_FINISHED | CONN_HAS_ENDPOINTS | CONN_MPTCP,
		.lport = 8080,
		.rport = 51234,
		.netns = 4026532000,
	};

	memcpy(c.laddr.byte, local, sizeof(local));
	memcpy(c.raddr.byte, remote, sizeof(remote));
	sample_step(&c, STATE_SYN_RECV, 999750000);
	sample_step(&c, STATE_ESTABLISHED, 1000000000);
	sample_step(&c, STATE_CLOSE_WAIT, 1000500000);
	sample_step(&c, STATE_LAST_ACK, 1001000000);
	sample_step(&c, STATE_CLOSED, 1001100000);
	return c;
}

/* Older than the tracer, its end lost: hardly anything is known. */
static inline struct conn sample_unknown(void)
{
	struct conn c = {
		.id = 19,
		.handshake_ns = TIME_UNKNOWN,
		.outcome = CONN_OUTCOME_UNKNOWN,
		.flags = CONN_SEEDED | CONN_INCOMPLETE | CONN_FINISHED,
		.gaps = 1,
	};

	sample_step(&c, STATE_ESTABLISHED, TIME_UNKNOWN);
	sample_step(&c, STATE_CLOSED, TIME_UNKNOWN);
	return c;
}

/* A connect that was refused at once. */
static inline struct conn sample_refused(void)
{
	struct conn c = {
		.id = 20,
		.role = CONN_ROLE_CLIENT,
		.handshake_ns = TIME_UNKNOWN,
		.outcome = CONN_OUTCOME_REFUSED,
		.cause = CONN_CAUSE_REFUSED,
		.initiator = CONN_INITIATOR_REMOTE,
		.error = ECONNREFUSED,
		.flags = CONN_HAS_COUNTERS | CONN_FINISHED,
		.rport = 81,
		.netns = 4026531840,
		.pid = 1,
	};

	sample_comm(&c, "x");
	sample_ipv4(&c, 1, 8);
	sample_step(&c, STATE_SYN_SENT, 1000000000);
	sample_step(&c, STATE_CLOSED, 1000000850);
	return c;
}

/* The widest that each field can be, and a comm that plays tricks. */
static inline struct conn sample_widest(void)
{
	struct conn c = {
		.id = UINT64_MAX,
		.role = CONN_ROLE_UNKNOWN,
		.handshake_quality = CONN_QUALITY_EXACT,
		.handshake_ns = UINT64_MAX - 1,
		.outcome = CONN_OUTCOME_HANDSHAKE_ABANDONED,
		.flags = CONN_HAS_COUNTERS | CONN_FINISHED | CONN_HAS_ENDPOINTS,
		.error = EVENT_ERROR_MAX,
		.lport = UINT16_MAX,
		.rport = UINT16_MAX,
		.netns = UINT32_MAX,
		.pid = 4194304,
		.uid = UINT32_MAX,
		.bytes_sent = UINT64_MAX,
		.bytes_received = UINT64_MAX,
		.retransmits = UINT32_MAX,
		.srtt_us = UINT32_MAX,
	};

	sample_comm(&c, "\033[31m\"\\,\n\xff=\t\x80\x9b"
			"abc");
	memset(c.laddr.byte, 0xee, sizeof(c.laddr.byte));
	memset(c.raddr.byte, 0xdd, sizeof(c.raddr.byte));
	sample_step(&c, STATE_ESTABLISHED, 0);
	sample_step(&c, STATE_CLOSED, UINT64_MAX - 1);
	return c;
}

/* A request whose third segment never came: given up at 1.75 s, after 750 ms. */
static inline struct half_open sample_half_open(void)
{
	struct conn c = { 0 };

	sample_ipv4(&c, 1, 9);
	return (struct half_open){
		.mono_ns = 1750000000,
		.age_ns = 750000000,
		.end = HALF_OPEN_ABANDONED,
		.retransmits = 5,
		.lport = 8080,
		.rport = 50123,
		.netns = 4026531840,
		.laddr = c.laddr,
		.raddr = c.raddr,
	};
}

static inline struct transition sample_transition(void)
{
	return (struct transition){
		.from = STATE_SYN_SENT,
		.to = STATE_ESTABLISHED,
		.mono_ns = 1080123456,
		.dwell_ns = 80123456,
	};
}

static inline struct transition sample_inferred(void)
{
	return (struct transition){
		.from = STATE_ESTABLISHED,
		.to = STATE_CLOSE_WAIT,
		.mono_ns = TIME_UNKNOWN,
		.dwell_ns = TIME_UNKNOWN,
		.inferred = true,
	};
}

#endif
