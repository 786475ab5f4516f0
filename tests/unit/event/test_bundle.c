// SPDX-License-Identifier: GPL-2.0-only
/* Records that are several events: what they say, in which order, and what is refused of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/event/bundle.h"

#define SOCK 0xffff888012345678
#define NETNS 4026531840
#define ENDPOINTS \
	.lport = 443, .rport = 43210, .laddr = { 192, 0, 2, 1 }, .raddr = { 198, 51, 100, 255 }

/* A server's connection: born of a request, accepted after its peer had closed. */
static const struct event_life server = {
	.close = {
		.head = { .mono_ns = 900, .sock = SOCK, .netns = NETNS, .kind = EVENT_LIFE,
			  .states = EVENT_STATES(STATE_LAST_ACK, STATE_CLOSED),
			  .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_FIN_RECEIVED },
		.body = { .lport = 443, .rport = 43210, .srtt_us = 77, .retransmits = 3 },
		.laddr = { 192, 0, 2, 1 },
		.raddr = { 198, 51, 100, 255 },
		.bytes_sent = 5000000000,
		.timewait = 0xffff888087654321,
		.substate = STATE_TIME_WAIT,
		.congestion = "bbr",
	},
	.steps = {
		.step = {
			{ 100, EVENT_FLAG_DEFERRED, EVENT_STATES(STATE_LISTEN, STATE_SYN_RECV) },
			{ 200, EVENT_FLAG_ENDPOINTS | EVENT_FLAG_FIRSTS,
			  EVENT_STATES(STATE_SYN_RECV, STATE_ESTABLISHED), 2, 55 },
			{ 300, EVENT_FLAG_ENDPOINTS,
			  EVENT_STATES(STATE_ESTABLISHED, STATE_CLOSE_WAIT) },
			{ 500, EVENT_FLAG_ENDPOINTS,
			  EVENT_STATES(STATE_CLOSE_WAIT, STATE_LAST_ACK) },
		},
		.passive_ns = 101,
		.accept_ns = 400,
		.synack_ns = 42,
		.ack_ns = 99,
		.synack_retransmits = 2,
		.passive_flags = EVENT_FLAG_ACK_DROPPED,
		.count = 4,
		.witnessed = 1 << 2,
		.cgroup = 4321,
		.comm = "nginx",
		.process = "0123456789abcdef",
		.pid = 4712,
		.uid = 33,
		ENDPOINTS,
		.first = { 0xfffffff0, 4711 },
	},
};

/* A client's that is still open. */
static const struct event_part client = {
	.head = { .mono_ns = 900, .sock = SOCK, .netns = NETNS, .kind = EVENT_PART },
	.steps = {
		.step = {
			{ 100, EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
			  EVENT_STATES(STATE_CLOSED, STATE_SYN_SENT) },
			{ 200, EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6,
			  EVENT_STATES(STATE_SYN_SENT, STATE_ESTABLISHED), 1, 66 },
		},
		.count = 2,
		.cgroup = 1234,
		.comm = "curl",
		.process = "java",
		.pid = 4711,
		.uid = 1000,
		.open_lport = 0,
		.left_lport = 3,
		.lport = 43210,
		.rport = 443,
		.laddr = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		.raddr = { 0x20, 1, 0xd, 0xb8, [15] = 2 },
	},
};

/* From a block of just that size at every alignment, so that a sanitizer sees reading beyond it. */
static int open_bundle(const void *bytes, size_t size, struct event_bundle *bundle)
{
	int first = 0;

	for (size_t shift = 0; shift < 8; shift++) {
		uint8_t *block = malloc(shift + size + !(shift + size));
		int error;

		assert_non_null(block);
		memcpy(block + shift, bytes, size);
		error = event_bundle_open(block + shift, size, bundle);
		free(block);
		if (!shift)
			first = error;
		assert_int_equal(error, first);
	}
	return first;
}

static unsigned int take_all(const void *bytes, size_t size, struct event events[EVENT_BUNDLE_MAX])
{
	const struct event *next;
	struct event_bundle bundle;
	unsigned int n = 0;

	memset(events, 0, EVENT_BUNDLE_MAX * sizeof(*events));
	assert_int_equal(open_bundle(bytes, size, &bundle), 0);
	assert_int_equal(event_bundle_open(bytes, size, &bundle), 0);
	while ((next = event_bundle_next(&bundle))) {
		assert_true(n < EVENT_BUNDLE_MAX);
		events[n++] = *next;
	}
	assert_null(event_bundle_next(&bundle));
	assert_int_equal(event_count(bytes, size), n);
	return n;
}

/* The same event as the record says that would have been sent; its names need not end. */
static void assert_same(const struct event *e, const void *record, size_t size)
{
	struct event want;

	memset(&want, 0, sizeof(want));
	assert_int_equal(event_decode(record, size, &want), 0);
	assert_int_equal(e->mono_ns, want.mono_ns);
	assert_int_equal(e->sock, want.sock);
	assert_int_equal(e->netns, want.netns);
	assert_int_equal(e->kind, want.kind);
	assert_int_equal(e->from, want.from);
	assert_int_equal(e->to, want.to);
	assert_int_equal(e->flags, want.flags);
	assert_int_equal(e->lport, want.lport);
	assert_int_equal(e->rport, want.rport);
	assert_int_equal(e->left_lport, want.left_lport);
	if (want.flags & EVENT_FLAG_ENDPOINTS) {
		assert_memory_equal(&e->laddr, &want.laddr, sizeof(want.laddr));
		assert_memory_equal(&e->raddr, &want.raddr, sizeof(want.raddr));
	}
	assert_int_equal(e->srtt_us, want.srtt_us);
	assert_int_equal(e->error, want.error);
	assert_int_equal(e->shutdown, want.shutdown);
	assert_int_equal(e->witness, want.witness);
	assert_int_equal(e->sequences, want.sequences);
	assert_int_equal(e->retransmits, want.retransmits);
	assert_int_equal(e->local_seq, want.local_seq);
	assert_int_equal(e->peer_seq, want.peer_seq);
	assert_int_equal(e->pid, want.pid);
	assert_int_equal(e->uid, want.uid);
	assert_int_equal(e->cgroup, want.cgroup);
	assert_memory_equal(e->comm, want.comm, sizeof(want.comm));
	assert_memory_equal(e->process, want.process, sizeof(want.process));
	assert_int_equal(e->bytes_sent, want.bytes_sent);
	assert_int_equal(e->timewait, want.timewait);
	assert_int_equal(e->substate, want.substate);
	assert_int_equal(e->min_rtt_us, want.min_rtt_us);
	assert_string_equal(e->congestion, want.congestion);
	assert_int_equal(e->synack_ns, want.synack_ns);
	assert_int_equal(e->ack_ns, want.ack_ns);
	assert_int_equal(e->detail, want.detail);
	assert_int_equal(e->reason, want.reason);
}

static struct event_transition transition(uint64_t mono_ns, uint8_t from, uint8_t to,
					  uint16_t flags)
{
	struct event_transition t = {
		.head = { mono_ns, SOCK, NETNS, EVENT_TRANSITION, (uint8_t)EVENT_STATES(from, to),
			  flags },
		.body = { .lport = 443 },
	};

	if (flags & EVENT_FLAG_ENDPOINTS) {
		t.body.rport = 43210;
		memcpy(t.laddr, server.steps.laddr, sizeof(t.laddr));
		memcpy(t.raddr, server.steps.raddr, sizeof(t.raddr));
	}
	return t;
}

static void a_life_is_the_records_that_it_stands_for(void **state)
{
	struct event_transition born =
		transition(100, STATE_LISTEN, STATE_SYN_RECV, EVENT_FLAG_DEFERRED);
	struct {
		struct event_transition record;
		struct event_sequences first;
	} open = {
		transition(200, STATE_SYN_RECV, STATE_ESTABLISHED, EVENT_FLAG_ENDPOINTS),
		{ 0xfffffff0, 4711 },
	};
	struct event_transition half =
		transition(300, STATE_ESTABLISHED, STATE_CLOSE_WAIT, EVENT_FLAG_ENDPOINTS);
	struct event_transition last =
		transition(500, STATE_CLOSE_WAIT, STATE_LAST_ACK, EVENT_FLAG_ENDPOINTS);
	struct event_passive passive = { .head = { 101, SOCK, 0, EVENT_PASSIVE,
						   EVENT_STATES(STATE_LISTEN, STATE_SYN_RECV),
						   EVENT_FLAG_ACK_DROPPED },
					 .synack_ns = 42,
					 .retransmits = 2,
					 .ack_ns = 99 };
	struct event_accept accept = {
		.head = { 400, SOCK, 0, EVENT_ACCEPT,
			  EVENT_STATES(STATE_ESTABLISHED, STATE_ESTABLISHED), 0 },
		.cgroup = 4321,
		.comm = "nginx",
		.process = "0123456789abcdef",
		.pid = 4712,
		.uid = 33,
	};
	struct event_close close = server.close;
	struct event events[EVENT_BUNDLE_MAX];

	(void)state;
	assert_int_equal(take_all(&server, sizeof(server), events), 7);
	assert_same(&events[0], &born, sizeof(born));
	assert_same(&events[1], &passive, sizeof(passive));
	open.record.body.srtt_us = 55;
	open.record.body.retransmits = 2;
	open.record.body.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL |
				     EVENT_SEQUENCE_PEER;
	assert_same(&events[2], &open, sizeof(open));
	half.body.witness = 1;
	assert_same(&events[3], &half, sizeof(half));
	assert_same(&events[4], &accept, sizeof(accept));
	assert_same(&events[5], &last, sizeof(last));
	close.head.kind = EVENT_CLOSE;
	assert_same(&events[6], &close, sizeof(close));
}

static void a_part_has_no_close(void **state)
{
	struct event_open open = {
		.head = { 100, SOCK, NETNS, EVENT_OPEN, EVENT_STATES(STATE_CLOSED, STATE_SYN_SENT),
			  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 },
		.body = { .rport = 443, .left_lport = 3 },
		.cgroup = 1234,
		.comm = "curl",
		.process = "java",
		.pid = 4711,
		.uid = 1000,
	};
	struct event_transition6 six = {
		.head = { 200, SOCK, NETNS, EVENT_TRANSITION6,
			  EVENT_STATES(STATE_SYN_SENT, STATE_ESTABLISHED),
			  EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6 },
		.body = { .lport = 43210, .rport = 443, .srtt_us = 66, .retransmits = 1 },
	};
	struct event events[EVENT_BUNDLE_MAX];

	(void)state;
	memcpy(open.laddr, client.steps.laddr, sizeof(open.laddr));
	memcpy(open.raddr, client.steps.raddr, sizeof(open.raddr));
	memcpy(six.laddr, client.steps.laddr, sizeof(six.laddr));
	memcpy(six.raddr, client.steps.raddr, sizeof(six.raddr));
	assert_int_equal(take_all(&client, sizeof(client), events), 2);
	assert_same(&events[0], &open, sizeof(open));
	assert_same(&events[1], &six, sizeof(six));
}

/* A child may be accepted before it is told of, and closed before its accept is. */
static void times_order_what_no_lock_does(void **state)
{
	struct event_life life = server;
	struct event events[EVENT_BUNDLE_MAX];

	(void)state;
	life.steps.accept_ns = 150;
	assert_int_equal(take_all(&life, sizeof(life), events), 7);
	assert_int_equal(events[2].kind, EVENT_ACCEPT);
	assert_int_equal(events[3].to, STATE_ESTABLISHED);
	/* At the same time: the step first. */
	life.steps.accept_ns = 200;
	take_all(&life, sizeof(life), events);
	assert_int_equal(events[2].to, STATE_ESTABLISHED);
	assert_int_equal(events[3].kind, EVENT_ACCEPT);
	life.steps.accept_ns = 901;
	take_all(&life, sizeof(life), events);
	assert_int_equal(events[5].kind, EVENT_CLOSE);
	assert_int_equal(events[6].kind, EVENT_ACCEPT);
	/* Nothing but that was left of it. */
	life.steps.count = 0;
	life.steps.witnessed = 0;
	life.steps.passive_ns = 0;
	assert_int_equal(take_all(&life, sizeof(life), events), 2);
}

static void assert_refused(const void *bytes, size_t size, int error)
{
	struct event_bundle bundle, before;

	memset(&bundle, 0xa5, sizeof(bundle));
	memcpy(&before, &bundle, sizeof(before));
	assert_int_equal(open_bundle(bytes, size, &bundle), error);
	assert_memory_equal(&bundle, &before, sizeof(before));
}

static void every_other_size_is_refused(void **state)
{
	uint8_t bytes[sizeof(server) + 40] = { 0 };

	(void)state;
	memcpy(bytes, &server, sizeof(server));
	for (size_t size = 0; size < sizeof(bytes); size++)
		if (size != sizeof(server))
			assert_refused(bytes, size, -EMSGSIZE);
	memcpy(bytes, &client, sizeof(client));
	for (size_t size = 0; size < sizeof(bytes); size++)
		if (size != sizeof(client))
			assert_refused(bytes, size, -EMSGSIZE);
	assert_int_equal(event_count(&server, sizeof(server) - 1), 1);
	assert_int_equal(event_count(&server, 3), 1);
}

static void every_other_kind_is_refused(void **state)
{
	struct event_life life = server;
	struct event event;

	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		life.close.head.kind = (uint8_t)kind;
		assert_int_equal(event_is_bundle(&life, sizeof(life)),
				 kind == EVENT_PART || kind == EVENT_LIFE);
		if (kind == EVENT_PART || kind == EVENT_LIFE)
			continue;
		assert_refused(&life, sizeof(life), -EBADMSG);
		assert_int_equal(event_count(&life, sizeof(life)), 1);
	}
	/* And the decoder of single events takes none of these. */
	assert_int_equal(event_decode(&server, sizeof(server), &event), -EBADMSG);
	assert_int_equal(event_decode(&client, sizeof(client), &event), -EBADMSG);
}

/* As the decoder judges a TRANSITION or an OPEN of these states. */
static bool may(unsigned int from, unsigned int to)
{
	struct event_transition t = transition(1, (uint8_t)from, (uint8_t)to, 0);
	struct event_open open = { .head = t.head };
	struct event event;

	open.head.kind = EVENT_OPEN;
	return !event_decode(&t, sizeof(t), &event) || !event_decode(&open, sizeof(open), &event);
}

static void every_step_is_judged(void **state)
{
	struct event_bundle bundle;

	(void)state;
	for (unsigned int i = 0; i < server.steps.count; i++) {
		for (unsigned int states = 0; states < 256; states++) {
			struct event_life life = server;

			life.steps.step[i].states = (uint8_t)states;
			assert_int_equal(event_bundle_open(&life, sizeof(life), &bundle),
					 may(EVENT_FROM(states), EVENT_TO(states)) ? 0 : -EBADMSG);
		}
	}
}

static void what_cannot_be_is_refused(void **state)
{
	struct event_life life = server;
	struct event_part part = client;

	(void)state;
	life.steps.count = EVENT_STEPS + 1;
	assert_refused(&life, sizeof(life), -EBADMSG);
	life = server;
	life.steps.witnessed = 1 << 4;
	assert_refused(&life, sizeof(life), -EBADMSG);
	life = server;
	life.steps.step[1].mono_ns = UINT64_MAX;
	assert_refused(&life, sizeof(life), -EBADMSG);
	life = server;
	life.steps.passive_ns = UINT64_MAX;
	assert_refused(&life, sizeof(life), -EBADMSG);
	life = server;
	life.steps.accept_ns = UINT64_MAX;
	assert_refused(&life, sizeof(life), -EBADMSG);
	life = server;
	life.close.substate = STATE_ESTABLISHED;
	assert_refused(&life, sizeof(life), -EBADMSG);
	part.head.sock = 0;
	assert_refused(&part, sizeof(part), -EBADMSG);
	part = client;
	part.head.mono_ns = UINT64_MAX;
	assert_refused(&part, sizeof(part), -EBADMSG);
	part = client;
	part.steps.count = 0;
	assert_refused(&part, sizeof(part), -EBADMSG);
	/* What is behind its steps is nobody's. */
	life = server;
	life.steps.step[4].states = 0xff;
	life.steps.step[5].mono_ns = UINT64_MAX;
	assert_int_equal(open_bundle(&life, sizeof(life), &(struct event_bundle){ .next = 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life_is_the_records_that_it_stands_for),
		cmocka_unit_test(a_part_has_no_close),
		cmocka_unit_test(times_order_what_no_lock_does),
		cmocka_unit_test(every_other_size_is_refused),
		cmocka_unit_test(every_other_kind_is_refused),
		cmocka_unit_test(every_step_is_judged),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
