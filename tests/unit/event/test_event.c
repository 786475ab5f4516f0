// SPDX-License-Identifier: GPL-2.0-only
/* The decoder of kernel records: every kind, every length, every field that can be wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/atom.h"
#include "user/event/event.h"
#include "user/event/identity.h"

#define HEAD                                                                          \
	{                                                                             \
		.mono_ns = 123456789, .sock = 0xffff888012345678, .netns = 4026531840 \
	}
#define BODY                                                                                   \
	{                                                                                      \
		.lport = 43210, .rport = 443, .srtt_us = 1234567, .error = 104, .shutdown = 3, \
		.retransmits = 255                                                             \
	}
#define IPV4_ENDPOINTS .laddr = { 192, 0, 2, 1 }, .raddr = { 198, 51, 100, 255 }
#define IPV6_ENDPOINTS                                                          \
	.laddr = { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, \
	.raddr = { 0x20, 1, 0xd, 0xb8, 0xff, [15] = 0x7f }

static const struct event_transition transition = { HEAD, BODY, IPV4_ENDPOINTS };
static const struct event_transition6 transition6 = { HEAD, BODY, IPV6_ENDPOINTS };
static const struct event_open open_ = { HEAD,		 BODY,
					 IPV4_ENDPOINTS, .cgroup = 1234,
					 .comm = "curl", .pid = 4711,
					 .uid = 1000,	 .process = "java" };
static const struct event_close close_ = { HEAD,
					   BODY,
					   IPV6_ENDPOINTS,
					   .bytes_sent = 5000000000,
					   .bytes_received = 7,
					   .timewait = 0xffff888087654321,
					   .retransmits = 300,
					   .substate = STATE_FIN_WAIT2,
					   .signs = EVENT_SIGN_HELD | EVENT_SIGN_UNREAD,
					   .tries = 15,
					   .probes = 9,
					   .segments_sent = 4000000000,
					   .segments_received = 3000000000,
					   .min_rtt_us = 47,
					   .later_signs = EVENT_SIGN_SHUT_DOWN >> 8,
					   .congestion = "bbr" };
static const struct event_destroy destroy = { HEAD };
static const struct event_passive passive = { HEAD, .synack_ns = 123450000, .retransmits = 2 };
static const struct event_request request = { HEAD,
					      IPV6_ENDPOINTS,
					      .synack_ns = 123450000,
					      .lport = 443,
					      .rport = 43210,
					      .end = EVENT_REQUEST_OVERFLOW,
					      .retransmits = 5,
					      .ifindex = 12,
					      .ifname = "eth0" };
static const struct event_accept accept_ = { HEAD,	  .cgroup = 4321, .comm = "nginx",
					     .pid = 4712, .uid = 33,	  .process = "php" };
static const struct event_timewait timewait = { HEAD, IPV4_ENDPOINTS, .lport = 43210, .rport = 443,
						.act = EVENT_TIMEWAIT_REUSED };
static const struct event_reset reset = { HEAD, .reason = 77, .act = EVENT_RESET_ANSWERED,
					  .memory = 1, .sort = EVENT_RESET_SORT_UNREAD };
static const struct event_retransmit retransmit = { HEAD, .cause = EVENT_RETRANSMIT_FAST,
						    .segments = 11 };
static const struct event_error error_ = { HEAD, .error = 113 };
static const struct event_listener listener = { HEAD,		.laddr = { 0x20, 1, [15] = 9 },
						.cgroup = 5321, .comm = "sshd",
						.pid = 4713,	.uid = 34,
						.lport = 22,	.process = "init" };

static const struct event_connect connect_ = { HEAD,	      .cgroup = 6321, IPV6_ENDPOINTS,
					       .comm = "ssh", .pid = 4714,    .uid = 35,
					       .rport = 443,  .error = 101,   .process = "git" };

static const struct event_subflow subflow = { HEAD, .token = 0x5976020,
					      .marks = EVENT_SUBFLOW_FIRST };

static const struct event_opener opener = { HEAD, .stack = 0x5ac5ac5ac5ac5ac5 };
static const struct event_kin kin = { HEAD, .pid = 4716, .parent = 4715 };
static const struct event_scope scope = { HEAD, .ifindex = 70000, .ifname = "enp0s31f6.4094" };

/* A record of each kind with what the kernel would say of it. */
static const struct sample {
	const void *bytes;
	uint16_t size;
	uint8_t kind, from, to;
	uint16_t flags;
} samples[] = {
	{ &transition, sizeof(transition), EVENT_TRANSITION, STATE_SYN_SENT, STATE_ESTABLISHED,
	  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_MPTCP },
	{ &transition6, sizeof(transition6), EVENT_TRANSITION6, STATE_ESTABLISHED, STATE_FIN_WAIT1,
	  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 },
	{ &open_, sizeof(open_), EVENT_OPEN, STATE_CLOSED, STATE_SYN_SENT, EVENT_FLAG_ENDPOINTS },
	{ &close_, sizeof(close_), EVENT_CLOSE, STATE_LAST_ACK, STATE_CLOSED,
	  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 | EVENT_FLAG_FIN_RECEIVED },
	{ &destroy, sizeof(destroy), EVENT_DESTROY, STATE_CLOSED, STATE_CLOSED, 0 },
	{ &passive, sizeof(passive), EVENT_PASSIVE, STATE_LISTEN, STATE_SYN_RECV,
	  EVENT_FLAG_SYNCOOKIE },
	{ &request, sizeof(request), EVENT_REQUEST, STATE_SYN_RECV, STATE_CLOSED,
	  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 },
	{ &accept_, sizeof(accept_), EVENT_ACCEPT, STATE_ESTABLISHED, STATE_ESTABLISHED, 0 },
	{ &timewait, sizeof(timewait), EVENT_TIMEWAIT, STATE_TIME_WAIT, STATE_CLOSED,
	  EVENT_FLAG_ENDPOINTS },
	{ &reset, sizeof(reset), EVENT_RESET, STATE_FIN_WAIT2, STATE_FIN_WAIT2, 0 },
	{ &retransmit, sizeof(retransmit), EVENT_RETRANSMIT, STATE_SYN_SENT, STATE_SYN_SENT, 0 },
	{ &error_, sizeof(error_), EVENT_ERROR, STATE_ESTABLISHED, STATE_ESTABLISHED, 0 },
	{ &listener, sizeof(listener), EVENT_LISTENER, STATE_CLOSED, STATE_LISTEN,
	  EVENT_FLAG_IPV6 },
	{ &connect_, sizeof(connect_), EVENT_CONNECT, STATE_CLOSED, STATE_CLOSED,
	  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 },
	{ &subflow, sizeof(subflow), EVENT_SUBFLOW, STATE_SYN_RECV, STATE_ESTABLISHED, 0 },
	{ &opener, sizeof(opener), EVENT_OPENER, STATE_CLOSED, STATE_SYN_SENT, 0 },
	{ &kin, sizeof(kin), EVENT_KIN, STATE_CLOSED, STATE_CLOSED, 0 },
	{ &scope, sizeof(scope), EVENT_SCOPE, STATE_SYN_RECV, STATE_ESTABLISHED, 0 },
};

#define SAMPLES (sizeof(samples) / sizeof(*samples))

struct record {
	union {
		struct event_head head;
		uint8_t byte[EVENT_RECORD_MAX];
	};
	size_t size;
};

static struct record record_of(uint8_t kind)
{
	struct record r = { .size = 0 };
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		if (samples[i].kind != kind)
			continue;
		r.size = samples[i].size;
		memcpy(r.byte, samples[i].bytes, r.size);
		r.head.kind = kind;
		r.head.states = (uint8_t)EVENT_STATES(samples[i].from, samples[i].to);
		r.head.flags = samples[i].flags;
	}
	assert_int_not_equal(r.size, 0);
	return r;
}

/*
 * Decodes from a block of exactly that size at every alignment, so that a sanitizer sees reading
 * beyond it; on failure the event must be as it was.
 */
static int decode(const struct record *r, struct event *event)
{
	struct event before;
	int first = 0;
	size_t shift;

	memset(&before, 0xa5, sizeof(before));
	for (shift = 0; shift < 8; shift++) {
		uint8_t *block = malloc(shift + r->size + 1);
		int err;

		assert_non_null(block);
		block = realloc(block, shift + r->size ? shift + r->size : 1);
		assert_non_null(block);
		memcpy(block + shift, r->byte,
		       r->size < EVENT_RECORD_MAX ? r->size : EVENT_RECORD_MAX);
		memcpy(event, &before, sizeof(before));
		err = event_decode(block + shift, r->size, event);
		free(block);
		if (err)
			assert_memory_equal(event, &before, sizeof(before));
		if (!shift)
			first = err;
		assert_int_equal(err, first);
	}
	return first;
}

static void assert_refused(const struct record *r, int err)
{
	struct event event;

	assert_int_equal(decode(r, &event), err);
}

static void assert_ipv4(const struct event *e)
{
	static const uint8_t laddr[4] = { 192, 0, 2, 1 }, raddr[4] = { 198, 51, 100, 255 };
	struct address l = address_from_ipv4(laddr), r = address_from_ipv4(raddr);

	assert_memory_equal(&e->laddr, &l, sizeof(l));
	assert_memory_equal(&e->raddr, &r, sizeof(r));
}

static void assert_ipv6(const struct event *e)
{
	assert_memory_equal(&e->laddr, transition6.laddr, sizeof(e->laddr));
	assert_memory_equal(&e->raddr, transition6.raddr, sizeof(e->raddr));
}

static void assert_zero(const void *bytes, size_t size)
{
	static const uint8_t zero[64];

	assert_true(size <= sizeof(zero));
	assert_memory_equal(bytes, zero, size);
}

static void assert_head(const struct event *e, uint8_t kind)
{
	struct record r = record_of(kind);

	assert_int_equal(e->mono_ns, 123456789);
	assert_int_equal(e->sock, 0xffff888012345678);
	assert_int_equal(e->netns, 4026531840);
	assert_int_equal(e->kind, kind);
	assert_int_equal(e->from, EVENT_FROM(r.head.states));
	assert_int_equal(e->to, EVENT_TO(r.head.states));
	assert_int_equal(e->flags, r.head.flags);
}

static void assert_head_and_body(const struct event *e, uint8_t kind)
{
	assert_head(e, kind);
	assert_int_equal(e->lport, 43210);
	assert_int_equal(e->rport, 443);
	assert_int_equal(e->srtt_us, 1234567);
	assert_int_equal(e->error, 104);
	assert_int_equal(e->shutdown, 3);
}

static void assert_no_owner(const struct event *e)
{
	assert_int_equal(e->pid, 0);
	assert_int_equal(e->uid, 0);
	assert_int_equal(e->cgroup, 0);
	assert_zero(e->comm, sizeof(e->comm));
	assert_zero(e->process, sizeof(e->process));
}

static void assert_no_counters(const struct event *e)
{
	assert_int_equal(e->bytes_sent, 0);
	assert_int_equal(e->bytes_received, 0);
	assert_int_equal(e->timewait, 0);
	assert_int_equal(e->substate, 0);
	assert_int_equal(e->signs, 0);
	assert_int_equal(e->tries, 0);
	assert_int_equal(e->probes, 0);
	assert_int_equal(e->segments_sent, 0);
	assert_int_equal(e->segments_received, 0);
	assert_int_equal(e->min_rtt_us, UINT32_MAX);
	assert_string_equal(e->congestion, "");
}

static void assert_no_handshake_and_detail(const struct event *e)
{
	assert_int_equal(e->synack_ns, 0);
	assert_int_equal(e->detail, 0);
}

static void assert_no_measures(const struct event *e)
{
	assert_int_equal(e->srtt_us, 0);
	assert_int_equal(e->error, 0);
	assert_int_equal(e->shutdown, 0);
}

static void assert_no_endpoints(const struct event *e)
{
	assert_int_equal(e->lport, 0);
	assert_int_equal(e->rport, 0);
	assert_zero(&e->laddr, sizeof(e->laddr));
	assert_zero(&e->raddr, sizeof(e->raddr));
}

/* One sample for each kind of event: a kind without one fails here. SOCKET is none. */
static void samples_cover_the_kinds(void **state)
{
	unsigned int kind;

	(void)state;
	assert_int_equal(SAMPLES, EVENT_KIND_COUNT - 2);
	for (kind = 1; kind < EVENT_KIND_COUNT; kind++)
		if (kind != EVENT_SOCKET)
			record_of((uint8_t)kind);
}

static void transition_is_decoded(void **state)
{
	struct record r = record_of(EVENT_TRANSITION);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head_and_body(&e, EVENT_TRANSITION);
	assert_int_equal(e.retransmits, 255);
	assert_ipv4(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void transition6_is_decoded(void **state)
{
	struct record r = record_of(EVENT_TRANSITION6);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head_and_body(&e, EVENT_TRANSITION6);
	assert_int_equal(e.retransmits, 255);
	assert_ipv6(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void open_is_decoded_in_both_families(void **state)
{
	struct record r = record_of(EVENT_OPEN);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head_and_body(&e, EVENT_OPEN);
	assert_ipv4(&e);
	assert_int_equal(e.pid, 4711);
	assert_int_equal(e.uid, 1000);
	assert_int_equal(e.cgroup, 1234);
	assert_string_equal(e.comm, "curl");
	assert_string_equal(e.process, "java");
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);

	r.head.flags |= EVENT_FLAG_IPV6;
	memcpy(r.byte + offsetof(struct event_open, laddr), transition6.laddr, 16);
	memcpy(r.byte + offsetof(struct event_open, raddr), transition6.raddr, 16);
	assert_int_equal(decode(&r, &e), 0);
	assert_ipv6(&e);
}

static void close_is_decoded_in_both_families(void **state)
{
	static const struct event_transition four = { .laddr = { 192, 0, 2, 1 },
						      .raddr = { 198, 51, 100, 255 } };
	struct record r = record_of(EVENT_CLOSE);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head_and_body(&e, EVENT_CLOSE);
	assert_ipv6(&e);
	assert_int_equal(e.bytes_sent, 5000000000);
	assert_int_equal(e.bytes_received, 7);
	assert_int_equal(e.retransmits, 300);
	assert_int_equal(e.timewait, 0xffff888087654321);
	assert_int_equal(e.substate, STATE_FIN_WAIT2);
	assert_int_equal(e.signs, EVENT_SIGN_HELD | EVENT_SIGN_UNREAD | EVENT_SIGN_SHUT_DOWN);
	assert_int_equal(e.tries, 15);
	assert_int_equal(e.probes, 9);
	assert_int_equal(e.segments_sent, 4000000000);
	assert_int_equal(e.segments_received, 3000000000);
	assert_int_equal(e.min_rtt_us, 47);
	assert_string_equal(e.congestion, "bbr");
	assert_no_owner(&e);
	assert_no_handshake_and_detail(&e);

	/* What lies behind the four bytes is not looked at. */
	r.head.flags &= (uint16_t)~EVENT_FLAG_IPV6;
	memcpy(r.byte + offsetof(struct event_close, laddr), four.laddr, 4);
	memcpy(r.byte + offsetof(struct event_close, raddr), four.raddr, 4);
	assert_int_equal(decode(&r, &e), 0);
	assert_ipv4(&e);
}

static void destroy_is_decoded(void **state)
{
	struct record r = record_of(EVENT_DESTROY);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_DESTROY);
	assert_int_equal(e.retransmits, 0);
	assert_no_measures(&e);
	assert_no_endpoints(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void passive_is_decoded(void **state)
{
	struct record r = record_of(EVENT_PASSIVE);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_PASSIVE);
	assert_int_equal(e.synack_ns, 123450000);
	assert_int_equal(e.retransmits, 2);
	assert_int_equal(e.detail, 0);
	assert_no_measures(&e);
	assert_no_endpoints(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
}

static void request_is_decoded(void **state)
{
	struct record r = record_of(EVENT_REQUEST);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_REQUEST);
	assert_int_equal(e.lport, 443);
	assert_int_equal(e.rport, 43210);
	assert_ipv6(&e);
	assert_int_equal(e.synack_ns, 123450000);
	assert_int_equal(e.retransmits, 5);
	assert_int_equal(e.detail, EVENT_REQUEST_OVERFLOW);
	assert_no_measures(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
}

static void accept_is_decoded(void **state)
{
	struct record r = record_of(EVENT_ACCEPT);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_ACCEPT);
	assert_int_equal(e.pid, 4712);
	assert_int_equal(e.uid, 33);
	assert_int_equal(e.cgroup, 4321);
	assert_string_equal(e.comm, "nginx");
	assert_string_equal(e.process, "php");
	assert_int_equal(e.retransmits, 0);
	assert_no_measures(&e);
	assert_no_endpoints(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void timewait_is_decoded(void **state)
{
	struct record r = record_of(EVENT_TIMEWAIT);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_TIMEWAIT);
	assert_int_equal(e.lport, 43210);
	assert_int_equal(e.rport, 443);
	assert_ipv4(&e);
	assert_int_equal(e.detail, EVENT_TIMEWAIT_REUSED);
	assert_int_equal(e.synack_ns, 0);
	assert_int_equal(e.retransmits, 0);
	assert_no_measures(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);
}

/* Whatever a byte of it is, by this it is what it is when it is decoded, or it is left to that. */
static void ends_of_time_waits_are_judged_in_place(void **state)
{
	size_t known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(struct event_timewait); i++) {
		for (unsigned int value = 0; value < 256; value++) {
			struct record r = record_of(EVENT_TIMEWAIT);
			struct event e;
			bool is_end;

			r.byte[i] = (uint8_t)value;
			is_end = !decode(&r, &e) && e.kind == EVENT_TIMEWAIT &&
				 e.from == STATE_TIME_WAIT && e.to == STATE_CLOSED &&
				 e.detail >= EVENT_TIMEWAIT_EXPIRED;
			assert_int_equal(event_as_timewait_end(r.byte, r.size) != NULL, is_end);
			known += is_end;
			assert_null(event_as_timewait_end(r.byte, r.size - 1));
			assert_null(event_as_timewait_end(r.byte, r.size + 1));
		}
	}
	assert_true(known > 0);
}

static void ends_are_decoded(void **state)
{
	struct record r = record_of(EVENT_RESET);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_RESET);
	assert_int_equal(e.detail, EVENT_RESET_ANSWERED);
	assert_int_equal(e.reason, 77);
	assert_true(e.is_memory);
	assert_int_equal(e.sort, EVENT_RESET_SORT_UNREAD);
	assert_no_measures(&e);
	assert_no_endpoints(&e);
	assert_no_owner(&e);
	assert_no_counters(&e);

	r = record_of(EVENT_RETRANSMIT);
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_RETRANSMIT);
	assert_int_equal(e.detail, EVENT_RETRANSMIT_FAST);
	assert_int_equal(e.retransmits, 11);
	assert_int_equal(e.reason, EVENT_REASON_NONE);
	assert_false(e.is_memory);
	assert_no_measures(&e);
	assert_no_counters(&e);

	r = record_of(EVENT_ERROR);
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_ERROR);
	assert_int_equal(e.error, 113);
	assert_no_endpoints(&e);
	assert_no_counters(&e);
	/* One that is none has nothing to tell. */
	memset(r.byte + offsetof(struct event_error, error), 0, sizeof(uint16_t));
	assert_refused(&r, -EBADMSG);
}

/* A name that fills its field ends. */
static void congestion_always_ends(void **state)
{
	struct record r = record_of(EVENT_CLOSE);
	struct event e;

	(void)state;
	memset(r.byte + offsetof(struct event_close, congestion), 'x', EVENT_CONGESTION_SIZE);
	assert_int_equal(decode(&r, &e), 0);
	assert_string_equal(e.congestion, "xxxxxxxxxxxxxxxx");
}

/* A name has no NUL, one in the middle with bytes behind it, nothing at all. */
static void assert_name_ends(uint8_t kind, size_t at, struct event *e, const char *name)
{
	static const struct {
		const char bytes[EVENT_COMM_SIZE + 1], *want;
	} cases[] = {
		{ "0123456789abcdef", "0123456789abcdef" },
		{ "0123456789abcde", "0123456789abcde" },
		{ "a\0bcdefghijklmno", "a" },
		{ "\0secret", "" },
		{ "\x1b[2J\xff\n", "\x1b[2J\xff\n" },
	};
	struct record r = record_of(kind);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t size = strlen(cases[i].want);

		memcpy(r.byte + at, cases[i].bytes, EVENT_COMM_SIZE);
		assert_int_equal(decode(&r, e), 0);
		assert_string_equal(name, cases[i].want);
		assert_zero(name + size, EVENT_COMM_SIZE + 1 - size);
	}
}

static void listener_is_decoded(void **state)
{
	struct record r = record_of(EVENT_LISTENER);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_LISTENER);
	assert_int_equal(e.pid, 4713);
	assert_int_equal(e.uid, 34);
	assert_int_equal(e.cgroup, 5321);
	assert_string_equal(e.comm, "sshd");
	assert_string_equal(e.process, "init");
	assert_int_equal(e.lport, 22);
	assert_int_equal(e.rport, 0);
	assert_memory_equal(e.laddr.byte, listener.laddr, ADDRESS_SIZE);
	assert_no_measures(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void subflow_is_decoded(void **state)
{
	struct record r = record_of(EVENT_SUBFLOW);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_SUBFLOW);
	assert_int_equal(e.token, 0x5976020);
	assert_int_equal(e.detail, EVENT_SUBFLOW_FIRST);
	assert_no_measures(&e);
	assert_no_counters(&e);
	/* No connection has this one. */
	memset(r.byte + offsetof(struct event_subflow, token), 0, sizeof(subflow.token));
	assert_int_equal(decode(&r, &e), -EBADMSG);
}

static void opener_is_decoded(void **state)
{
	struct record r = record_of(EVENT_OPENER);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_OPENER);
	assert_true(e.stack == opener.stack);
	assert_no_measures(&e);
	assert_no_counters(&e);
	/* One that is not known has no record. */
	memset(r.byte + offsetof(struct event_opener, stack), 0, sizeof(opener.stack));
	assert_int_equal(decode(&r, &e), -EBADMSG);
}

static void kin_is_decoded(void **state)
{
	struct record r = record_of(EVENT_KIN);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_KIN);
	assert_int_equal(e.pid, 4716);
	assert_int_equal(e.parent, 4715);
	assert_no_measures(&e);
	assert_no_counters(&e);
	memset(r.byte + offsetof(struct event_kin, pid), 0, sizeof(kin.pid));
	assert_int_equal(decode(&r, &e), -EBADMSG);
}

static void scope_is_decoded(void **state)
{
	struct record r = record_of(EVENT_SCOPE);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_SCOPE);
	assert_int_equal(e.ifindex, 70000);
	assert_string_equal(atom_text(e.ifname), "enp0s31f6.4094");
	assert_no_measures(&e);
	assert_no_counters(&e);
	/* The kernel found no name. */
	memset(r.byte + offsetof(struct event_scope, ifname), 0, sizeof(scope.ifname));
	assert_int_equal(decode(&r, &e), 0);
	assert_int_equal(e.ifname, ATOM_NONE);
	/* No interface has this number. */
	memset(r.byte + offsetof(struct event_scope, ifindex), 0, sizeof(scope.ifindex));
	assert_int_equal(decode(&r, &e), -EBADMSG);
}

static void connect_is_decoded(void **state)
{
	struct record r = record_of(EVENT_CONNECT);
	struct event e;

	(void)state;
	assert_int_equal(decode(&r, &e), 0);
	assert_head(&e, EVENT_CONNECT);
	assert_int_equal(e.pid, 4714);
	assert_int_equal(e.uid, 35);
	assert_int_equal(e.cgroup, 6321);
	assert_string_equal(e.comm, "ssh");
	assert_string_equal(e.process, "git");
	assert_int_equal(e.error, 101);
	assert_int_equal(e.lport, 0);
	assert_int_equal(e.rport, 443);
	assert_ipv6(&e);
	assert_no_counters(&e);
	assert_no_handshake_and_detail(&e);
}

static void names_always_end(void **state)
{
	struct event e = { 0 };

	(void)state;
	assert_name_ends(EVENT_OPEN, offsetof(struct event_open, comm), &e, e.comm);
	assert_name_ends(EVENT_ACCEPT, offsetof(struct event_accept, comm), &e, e.comm);
	assert_name_ends(EVENT_LISTENER, offsetof(struct event_listener, comm), &e, e.comm);
	assert_name_ends(EVENT_OPEN, offsetof(struct event_open, process), &e, e.process);
	assert_name_ends(EVENT_ACCEPT, offsetof(struct event_accept, process), &e, e.process);
	assert_name_ends(EVENT_LISTENER, offsetof(struct event_listener, process), &e, e.process);
	assert_name_ends(EVENT_CONNECT, offsetof(struct event_connect, comm), &e, e.comm);
	assert_name_ends(EVENT_CONNECT, offsetof(struct event_connect, process), &e, e.process);
}

#define NUMBERS_SIZE sizeof(struct event_sequences)
#define NUMBERS (EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_ACKED)

static bool has_numbers(uint8_t kind)
{
	return kind <= EVENT_CLOSE || kind == EVENT_TIMEWAIT;
}

/* A record of this kind with numbers behind it, and `flags` where it tells of them. */
static struct record numbered_record(uint8_t kind, uint8_t flags)
{
	static const struct event_sequences numbers = { .local = 0xfffffff0, .peer = 4711 };
	struct record r = record_of(kind);

	r.byte[kind == EVENT_TIMEWAIT ?
		       offsetof(struct event_timewait, sequences) :
		       sizeof(struct event_head) + offsetof(struct event_body, sequences)] = flags;
	memcpy(r.byte + r.size, &numbers, sizeof(numbers));
	r.size += sizeof(numbers);
	return r;
}

static void numbers_are_decoded(void **state)
{
	struct event e;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct record r = record_of(samples[i].kind);

		assert_int_equal(decode(&r, &e), 0);
		assert_int_equal(e.sequences, 0);
		assert_int_equal(e.local_seq, 0);
		assert_int_equal(e.peer_seq, 0);
		if (!has_numbers(samples[i].kind))
			continue;
		r = numbered_record(samples[i].kind, NUMBERS);
		assert_int_equal(decode(&r, &e), 0);
		assert_int_equal(e.sequences, NUMBERS);
		assert_int_equal(e.local_seq, 0xfffffff0);
		assert_int_equal(e.peer_seq, 4711);
		assert_int_equal(event_size_behind(r.byte, samples[i].size), NUMBERS_SIZE);
		assert_int_equal(event_size_behind(r.byte, sizeof(struct event_head)), 0);
		/* Numbers that are not there or not told of, and a flag that is none. */
		r.size -= NUMBERS_SIZE;
		assert_refused(&r, -EMSGSIZE);
		r = numbered_record(samples[i].kind, NUMBERS & ~EVENT_SEQUENCE_PRESENT);
		assert_refused(&r, -EMSGSIZE);
		r.size -= NUMBERS_SIZE;
		assert_refused(&r, -EBADMSG);
		r = numbered_record(samples[i].kind,
				    EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_ACKED << 1);
		assert_refused(&r, -EBADMSG);
	}
}

static void every_other_size_is_refused(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		for (size = 0; size <= EVENT_RECORD_MAX + 40; size++) {
			struct record r = record_of(samples[i].kind);
			struct event e;

			r.size = size;
			assert_int_equal(decode(&r, &e), size == samples[i].size ? 0 : -EMSGSIZE);
		}
	}
}

static void every_other_kind_is_refused(void **state)
{
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < 256; kind++) {
		struct record r = record_of(EVENT_DESTROY);

		if (kind != EVENT_NONE && kind < EVENT_KIND_COUNT && kind != EVENT_SOCKET)
			continue;
		r.head.kind = (uint8_t)kind;
		assert_refused(&r, -EBADMSG);
		r.size = EVENT_RECORD_MAX;
		assert_refused(&r, -EBADMSG);
	}
}

/* What a kind may say, written down apart from the decoder. */
static bool may(uint8_t kind, uint8_t from, uint8_t to)
{
	if (from < 1 || from > 11 || to < 1 || to > 11)
		return false;
	if (kind == EVENT_DESTROY)
		return true;
	if (kind == EVENT_OPEN)
		return from == STATE_CLOSED && to == STATE_SYN_SENT;
	if (kind == EVENT_PASSIVE)
		return from == STATE_LISTEN && to == STATE_SYN_RECV;
	if (kind == EVENT_REQUEST)
		return from == STATE_SYN_RECV && to == STATE_CLOSED;
	if (kind == EVENT_ACCEPT || kind == EVENT_RESET || kind == EVENT_RETRANSMIT ||
	    kind == EVENT_ERROR)
		return from == to;
	if (kind == EVENT_CONNECT || kind == EVENT_KIN)
		return from == STATE_CLOSED && to == STATE_CLOSED;
	if (kind == EVENT_OPENER)
		return (from == STATE_CLOSED && (to == STATE_SYN_SENT || to == STATE_CLOSED)) ||
		       (from == STATE_ESTABLISHED && to == STATE_ESTABLISHED);
	if (kind == EVENT_SUBFLOW)
		return (from == STATE_CLOSED && to == STATE_SYN_SENT) ||
		       (from == STATE_SYN_RECV && to == STATE_ESTABLISHED);
	if (kind == EVENT_SCOPE)
		return (from == STATE_CLOSED && (to == STATE_SYN_SENT || to == STATE_CLOSED)) ||
		       (from == STATE_SYN_RECV && to != STATE_SYN_RECV);
	if (kind == EVENT_LISTENER)
		return (from == STATE_CLOSED && to == STATE_LISTEN) ||
		       (from == STATE_LISTEN && (to == STATE_LISTEN || to == STATE_CLOSED));
	if (kind == EVENT_TIMEWAIT && to != STATE_CLOSED && to != from)
		return false;
	if (kind == EVENT_TIMEWAIT)
		return from == STATE_FIN_WAIT2 || from == STATE_TIME_WAIT;
	if (from == to)
		return false;
	if (kind == EVENT_CLOSE)
		return to == STATE_CLOSED && from != STATE_LISTEN;
	if (to == STATE_CLOSED || to == STATE_SYN_SENT || to == STATE_LISTEN)
		return false;
	return from != STATE_LISTEN || to == STATE_SYN_RECV;
}

static void every_pair_of_states_is_judged(void **state)
{
	unsigned int from, to;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct record r = record_of(samples[i].kind);
		struct event e;

		for (from = 0; from < 16; from++) {
			for (to = 0; to < 16; to++) {
				int want = may(samples[i].kind, (uint8_t)from, (uint8_t)to);

				r.head.states = (uint8_t)EVENT_STATES(from, to);
				assert_int_equal(event_decode(r.byte, r.size, &e),
						 want ? 0 : -EBADMSG);
			}
		}
	}
}

static void family_and_kind_agree(void **state)
{
	struct record r = record_of(EVENT_TRANSITION);

	(void)state;
	r.head.flags |= EVENT_FLAG_IPV6;
	assert_refused(&r, -EBADMSG);
	r = record_of(EVENT_TRANSITION6);
	r.head.flags &= (uint16_t)~EVENT_FLAG_IPV6;
	assert_refused(&r, -EBADMSG);
}

/* The numbers of a kind's own enum, and the first that is none. */
static void every_detail_is_judged(void **state)
{
	unsigned int value;
	struct event e;

	(void)state;
	for (value = 0; value < 256; value++) {
		struct record close = record_of(EVENT_CLOSE), end = record_of(EVENT_REQUEST);
		struct record act = record_of(EVENT_TIMEWAIT), sent = record_of(EVENT_RESET);
		struct record again = record_of(EVENT_RETRANSMIT);
		bool is_substate = !value || value == STATE_FIN_WAIT2 || value == STATE_TIME_WAIT;

		close.byte[offsetof(struct event_close, substate)] = (uint8_t)value;
		assert_int_equal(decode(&close, &e), is_substate ? 0 : -EBADMSG);
		end.byte[offsetof(struct event_request, end)] = (uint8_t)value;
		assert_int_equal(decode(&end, &e), value <= EVENT_REQUEST_UNSENT ? 0 : -EBADMSG);
		act.byte[offsetof(struct event_timewait, act)] = (uint8_t)value;
		assert_int_equal(decode(&act, &e), value <= EVENT_TIMEWAIT_GONE ? 0 : -EBADMSG);
		sent.byte[offsetof(struct event_reset, act)] = (uint8_t)value;
		assert_int_equal(decode(&sent, &e), value <= EVENT_RESET_ABORTED ? 0 : -EBADMSG);
		again.byte[offsetof(struct event_retransmit, cause)] = (uint8_t)value;
		assert_int_equal(decode(&again, &e),
				 value <= EVENT_RETRANSMIT_PROBE ? 0 : -EBADMSG);
	}
}

/* No kernel has an errno of more than 12 bits; an ERROR has one, and so has a CONNECT. */
static void every_errno_is_judged(void **state)
{
	const size_t in_body = sizeof(struct event_head) + offsetof(struct event_body, error);

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		bool is_error = samples[i].kind == EVENT_ERROR || samples[i].kind == EVENT_CONNECT;
		size_t at = samples[i].kind == EVENT_CONNECT ?
				    offsetof(struct event_connect, error) :
				    offsetof(struct event_error, error);

		if (samples[i].kind <= EVENT_CLOSE)
			at = in_body;
		else if (!is_error)
			continue;
		for (unsigned int number = 0; number <= UINT16_MAX; number += 5) {
			struct record r = record_of(samples[i].kind);
			uint16_t error = (uint16_t)number;
			bool is_sound = error <= EVENT_ERROR_MAX && (error || !is_error);
			struct event e;

			memcpy(r.byte + at, &error, sizeof(error));
			assert_int_equal(event_decode(r.byte, r.size, &e), is_sound ? 0 : -EBADMSG);
		}
	}
}

static void identity_and_time_are_judged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct record r = record_of(samples[i].kind);
		struct event e;

		r.head.mono_ns = INT64_MAX;
		assert_int_equal(decode(&r, &e), 0);
		r.head.mono_ns = (uint64_t)INT64_MAX + 1;
		assert_refused(&r, -EBADMSG);
		r.head.mono_ns = UINT64_MAX;
		assert_refused(&r, -EBADMSG);
		r = record_of(samples[i].kind);
		r.head.sock = 0;
		assert_refused(&r, -EBADMSG);
	}
}

/* The times, sockets and cgroups of every kind, and nothing else. */
static void records_are_rebased(void **state)
{
	static const struct event_origin origin = { .by_ns = -1000, .space = 7, .host = 3 };
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct record r = record_of(samples[i].kind), moved = r;
		struct event before, after;

		assert_int_equal(event_size_of(samples[i].kind), samples[i].size);
		event_rebase(moved.byte, moved.size, &origin);
		assert_int_equal(decode(&r, &before), 0);
		assert_int_equal(decode(&moved, &after), 0);
		assert_int_equal(after.mono_ns, before.mono_ns - 1000);
		assert_int_equal(event_space_of(after.sock), 7);
		assert_int_equal(after.sock << 8, before.sock << 8);
		assert_int_equal(after.timewait << 8, before.timewait << 8);
		assert_int_equal(event_space_of(after.timewait), before.timewait ? 7 : 0);
		assert_int_equal(after.synack_ns, before.synack_ns ? before.synack_ns - 1000 : 0);
		assert_int_equal(after.cgroup,
				 before.cgroup ? event_rebase_cgroup(before.cgroup, &origin) : 0);
		assert_true(!before.cgroup || after.cgroup != before.cgroup);
		after.mono_ns = before.mono_ns;
		after.sock = before.sock;
		after.timewait = before.timewait;
		after.synack_ns = before.synack_ns;
		after.cgroup = before.cgroup;
		assert_memory_equal(&after, &before, sizeof(after));
	}
	assert_int_equal(event_size_of(EVENT_NONE), 0);
	assert_int_equal(event_size_of(EVENT_KIND_COUNT), 0);
	assert_int_equal(event_size_of(UINT8_MAX), 0);
}

/* Where a socket or what takes over from it stands, and nothing else. */
static void records_are_hidden(void **state)
{
	static const struct siphash_key key = { 1, 2 }, other = { 1, 3 };
	static struct event_hider hider = { .key = { 1, 2 } };
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct record r = record_of(samples[i].kind), hidden = r, again = r, apart = r;
		struct record by = r;
		struct event before, after;

		event_hide(hidden.byte, hidden.size, &key);
		event_hide(again.byte, again.size, &key);
		event_hide(apart.byte, apart.size, &other);
		event_hide_by(by.byte, by.size, &hider);
		assert_memory_equal(hidden.byte, by.byte, r.size);
		assert_int_equal(decode(&r, &before), 0);
		assert_int_equal(decode(&hidden, &after), 0);
		assert_memory_equal(hidden.byte, again.byte, r.size);
		assert_memory_not_equal(hidden.byte, apart.byte, r.size);
		assert_int_equal(event_space_of(after.sock), EVENT_HIDDEN_SPACE);
		assert_int_not_equal(after.sock << 8, before.sock << 8);
		assert_int_equal(event_space_of(after.timewait),
				 before.timewait ? EVENT_HIDDEN_SPACE : 0);
		assert_true(!before.timewait || after.timewait << 8 != before.timewait << 8);
		after.sock = before.sock;
		after.timewait = before.timewait;
		assert_memory_equal(&after, &before, sizeof(after));
		/* One that is cut has a head at least, and no more is touched. */
		hidden = r;
		event_hide(hidden.byte, sizeof(struct event_head), &key);
		assert_memory_equal(hidden.byte + sizeof(struct event_head),
				    r.byte + sizeof(struct event_head),
				    r.size - sizeof(struct event_head));
		event_hide(r.byte, sizeof(struct event_head) - 1, &key);
		assert_int_equal(r.head.sock, before.sock);
	}
}

/* Objects of which more are met than are known at a time, again and again. */
static void many_objects_are_hidden(void **state)
{
	static const struct siphash_key key = { 1, 2 };
	static struct event_hider hider = { .key = { 1, 2 } };

	(void)state;
	for (uint64_t i = 0; i < 10ull * EVENT_HIDER_KNOWN; i++) {
		struct event_destroy record = { .head = { .sock = i * i % 4099 * 0x940,
							  .kind = EVENT_DESTROY } };
		struct event_destroy other = record;

		event_hide(&record, sizeof(record), &key);
		event_hide_by(&other, sizeof(other), &hider);
		assert_memory_equal(&record, &other, sizeof(record));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_cover_the_kinds),
		cmocka_unit_test(many_objects_are_hidden),
		cmocka_unit_test(records_are_rebased),
		cmocka_unit_test(records_are_hidden),
		cmocka_unit_test(transition_is_decoded),
		cmocka_unit_test(transition6_is_decoded),
		cmocka_unit_test(open_is_decoded_in_both_families),
		cmocka_unit_test(close_is_decoded_in_both_families),
		cmocka_unit_test(destroy_is_decoded),
		cmocka_unit_test(passive_is_decoded),
		cmocka_unit_test(request_is_decoded),
		cmocka_unit_test(accept_is_decoded),
		cmocka_unit_test(listener_is_decoded),
		cmocka_unit_test(subflow_is_decoded),
		cmocka_unit_test(opener_is_decoded),
		cmocka_unit_test(kin_is_decoded),
		cmocka_unit_test(scope_is_decoded),
		cmocka_unit_test(connect_is_decoded),
		cmocka_unit_test(timewait_is_decoded),
		cmocka_unit_test(ends_of_time_waits_are_judged_in_place),
		cmocka_unit_test(ends_are_decoded),
		cmocka_unit_test(congestion_always_ends),
		cmocka_unit_test(numbers_are_decoded),
		cmocka_unit_test(names_always_end),
		cmocka_unit_test(every_other_size_is_refused),
		cmocka_unit_test(every_other_kind_is_refused),
		cmocka_unit_test(every_pair_of_states_is_judged),
		cmocka_unit_test(family_and_kind_agree),
		cmocka_unit_test(every_detail_is_judged),
		cmocka_unit_test(every_errno_is_judged),
		cmocka_unit_test(identity_and_time_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
