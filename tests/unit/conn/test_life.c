// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of one connection: every shape of a life, whole and with events missing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/life.h"
#include "user/conn/table.h"

#define SOCK 0xffff888012345680
#define TEXT_SIZE 512
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A table for one connection, and the connection as it was left by the last event. */
struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	struct conn c;
};

static void keep(void *context, const struct conn *c)
{
	struct subject *s = context;

	s->c = *c;
}

static void keep_told(struct consumer *self, const struct conn *c)
{
	keep(self, c);
}

static void end(struct subject *s)
{
	conn_table_free(s->table);
	s->table = NULL;
}

/* Forgets what there was. */
static void begin(struct subject *s)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .closed = keep_told, .gone = keep_told };

	end(s);
	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table = conn_table_new(1, &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
}

static void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
	conn_table_each(s->table, keep, s);
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct subject));
	if (!*state)
		return -1;
	begin(*state);
	return 0;
}

static int tear_down(void **state)
{
	end(*state);
	free(*state);
	return 0;
}

static size_t add_time(char *text, size_t size, const char *mark, uint64_t ns)
{
	if (ns == TIME_UNKNOWN)
		return (size_t)snprintf(text, size, "%s?", mark);
	return (size_t)snprintf(text, size, "%s%llu", mark, (unsigned long long)(ns / US));
}

/* "SYN_SENT@100+50 ~FIN_WAIT1@?+? CLOSED@200": entered at, dwelt for, in us; ~ is inferred. */
static const char *life_of(const struct conn *c, char text[TEXT_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < c->step_count; i++) {
		struct transition t, next;

		life_transition(c, i, &t);
		assert_int_equal(t.to, c->step_state[i]);
		assert_int_equal(t.from, i ? c->step_state[i - 1] : STATE_CLOSED);
		used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%s%s", i ? " " : "",
					 t.inferred ? "~" : "", state_name(t.to));
		used += add_time(text + used, TEXT_SIZE - used, "@", t.mono_ns);
		if (i + 1 == c->step_count)
			break;
		life_transition(c, i + 1, &next);
		used += add_time(text + used, TEXT_SIZE - used, "+", next.dwell_ns);
	}
	return text;
}

static void assert_life(const struct subject *s, const char *want)
{
	char text[TEXT_SIZE];

	assert_string_equal(life_of(&s->c, text), want);
}

static void assert_end(const struct subject *s, enum conn_outcome outcome,
		       enum conn_initiator initiator)
{
	assert_true(s->c.flags & CONN_FINISHED);
	if (s->c.outcome != outcome || s->c.initiator != initiator)
		fail_msg("from %s with errno %d: %s by %s", state_name(s->c.step_state[0]),
			 s->c.error, conn_outcome_name(s->c.outcome),
			 conn_initiator_name(s->c.initiator));
}

/* Seen from its birth to its end, without a gap. */
static void assert_whole(const struct subject *s)
{
	assert_int_equal(s->c.gaps, 0);
	assert_int_equal(s->c.flags & (CONN_SEEDED | CONN_INCOMPLETE), 0);
	assert_int_equal(s->c.step_inferred, 0);
}

static void assert_handshake(const struct subject *s, uint64_t latency_us,
			     enum conn_quality quality, unsigned int flags)
{
	assert_int_equal(s->c.handshake_ns, latency_us * US);
	assert_int_equal(s->c.handshake_quality, quality);
	assert_int_equal(s->c.handshake_flags, flags);
}

static void assert_no_handshake(const struct subject *s)
{
	assert_int_equal(s->c.handshake_ns, TIME_UNKNOWN);
	assert_int_equal(s->c.handshake_quality, CONN_QUALITY_UNKNOWN);
}

/* ---- whole lives ---------------------------------------------------------------------------- */

/* A client with a handshake of 50 us, in ESTABLISHED since 1050. */
static struct sock begin_client(struct subject *s)
{
	struct sock k = sock_client(SOCK);

	begin(s);
	apply(s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(s, sock_step(&k, 1050, STATE_ESTABLISHED));
	return k;
}

/* A server's child, whose first SYN-ACK left at 1000, in ESTABLISHED since 1523. */
static struct sock begin_server(struct subject *s)
{
	struct sock k = sock_server(SOCK);

	begin(s);
	apply(s, sock_step(&k, 1511, STATE_SYN_RECV));
	apply(s, sock_accept(&k, 1523, 523));
	return k;
}

static void client_that_closes_first(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	assert_int_equal(s->c.outcome, CONN_OUTCOME_OPEN);
	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	assert_false(s->c.flags & CONN_FINISHED);
	apply(s, sock_close(&k, 2100));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+950 FIN_WAIT1@2000+10 "
		       "FIN_WAIT2@2010+90 TIME_WAIT@2100");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_LOCAL);
	assert_true(s->c.flags & CONN_TIME_WAIT_SEEN);
	assert_whole(s);
	assert_handshake(s, 50, CONN_QUALITY_EXACT, 0);
	assert_int_equal(s->c.role, CONN_ROLE_CLIENT);
	assert_int_equal(conn_start(&s->c), 1000 * US);
}

static void client_that_closes_second(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(s, sock_step(&k, 2500, STATE_LAST_ACK));
	apply(s, sock_close(&k, 2540));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+950 CLOSE_WAIT@2000+500 "
		       "LAST_ACK@2500+40 CLOSED@2540");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_REMOTE);
	assert_false(s->c.flags & CONN_TIME_WAIT_SEEN);
	assert_whole(s);
	assert_int_equal(conn_end(&s->c), 2540 * US);
}

static void server_that_closes_second(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_server(s);

	apply(s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(s, sock_step(&k, 2001, STATE_LAST_ACK));
	apply(s, sock_close(&k, 2002));
	assert_life(s, "SYN_RECV@1000+523 ESTABLISHED@1523+477 CLOSE_WAIT@2000+1 LAST_ACK@2001+1 "
		       "CLOSED@2002");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_REMOTE);
	assert_whole(s);
	assert_handshake(s, 523, CONN_QUALITY_EXACT, 0);
	assert_int_equal(s->c.role, CONN_ROLE_SERVER);
	assert_false(s->c.flags & CONN_HAS_OWNER);
}

static void server_that_closes_first(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_server(s);

	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	apply(s, sock_close(&k, 2100));
	assert_life(s, "SYN_RECV@1000+523 ESTABLISHED@1523+477 FIN_WAIT1@2000+10 "
		       "FIN_WAIT2@2010+90 TIME_WAIT@2100");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_LOCAL);
	assert_whole(s);
}

static void half_closed_by_this_side(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	apply(s, sock_close(&k, 7002010));
	assert_int_equal(conn_dwell(&s->c, 3), 7000000 * US);
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_LOCAL);
	assert_whole(s);
}

static void half_closed_by_the_peer(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_server(s);

	apply(s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(s, sock_step(&k, 86400002000, STATE_LAST_ACK));
	apply(s, sock_close(&k, 86400002040));
	assert_int_equal(conn_dwell(&s->c, 2), 86400000000 * US);
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_REMOTE);
	assert_whole(s);
}

/* A timewait socket waits for the FIN; where nobody tells of it, it may never come. */
static void orphan_that_waits_for_the_fin(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	apply(s, sock_step(&k, 2011, STATE_CLOSED));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+950 FIN_WAIT1@2000+10 "
		       "FIN_WAIT2@2010+? ~CLOSED@?");
	assert_end(s, CONN_OUTCOME_UNKNOWN, CONN_INITIATOR_LOCAL);
	assert_int_equal(s->c.cause, CONN_CAUSE_UNKNOWN);
	assert_false(s->c.flags & CONN_TIME_WAIT_SEEN);
	assert_int_equal(s->c.gaps, 0);
	assert_false(s->c.flags & CONN_INCOMPLETE);
}

static void simultaneous_close(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_CLOSING));
	apply(s, sock_close(&k, 2030));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+950 FIN_WAIT1@2000+10 CLOSING@2010+20 "
		       "TIME_WAIT@2030");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_BOTH);
	assert_whole(s);
}

/* With a simultaneous close at its end it is the longest life there is. */
static void simultaneous_open(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);

	apply(s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(s, sock_step(&k, 1020, STATE_SYN_RECV));
	apply(s, sock_step(&k, 1070, STATE_ESTABLISHED));
	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, 2010, STATE_CLOSING));
	apply(s, sock_close(&k, 2030));
	assert_life(s, "SYN_SENT@1000+20 SYN_RECV@1020+50 ESTABLISHED@1070+930 FIN_WAIT1@2000+10 "
		       "CLOSING@2010+20 TIME_WAIT@2030");
	assert_handshake(s, 70, CONN_QUALITY_EXACT, CONN_HANDSHAKE_SIMULTANEOUS);
	assert_int_equal(s->c.role, CONN_ROLE_CLIENT);
	assert_whole(s);
}

/* ---- what is learned on the way -------------------------------------------------------------- */

static void owner_and_endpoints_are_learned(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);
	struct address laddr, raddr;

	for (int is_ipv6 = 0; is_ipv6 <= 1; is_ipv6++) {
		k = sock_client(SOCK);
		k.is_ipv6 = is_ipv6;
		begin(s);
		apply(s, sock_step(&k, 1000, STATE_SYN_SENT));
		assert_true(s->c.flags & CONN_HAS_OWNER && s->c.flags & CONN_HAS_ENDPOINTS);
		assert_int_equal(s->c.pid, OWNER_PID);
		assert_int_equal(s->c.uid, OWNER_UID);
		assert_string_equal(s->c.comm, OWNER_COMM);
		assert_int_equal(s->c.lport, 0);
		apply(s, sock_step(&k, 1050, STATE_ESTABLISHED));
		assert_int_equal(s->c.lport, CLIENT_LPORT);
		assert_int_equal(s->c.rport, PEER_PORT);
		laddr = test_address(is_ipv6, 1);
		raddr = test_address(is_ipv6, 2);
		assert_memory_equal(&s->c.laddr, &laddr, sizeof(laddr));
		assert_memory_equal(&s->c.raddr, &raddr, sizeof(raddr));
		assert_int_equal(s->c.netns, TEST_NETNS);
		assert_int_equal(s->c.sock, SOCK);
	}
}

/* A comm that fills its field has no end. */
static void long_comm_is_kept(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);
	struct event e = sock_step(&k, 1000, STATE_SYN_SENT);

	memcpy(e.comm, "0123456789abcdef", EVENT_COMM_SIZE + 1);
	apply(s, e);
	assert_memory_equal(s->c.comm, "0123456789abcdef", EVENT_COMM_SIZE);
}

static void what_is_known_is_not_forgotten(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);
	struct event e;

	k.lport = 0; /* as after the kernel has given the port back */
	e = sock_step(&k, 2000, STATE_CLOSE_WAIT);
	e.flags &= (uint8_t)~EVENT_FLAG_ENDPOINTS;
	e.rport = 0;
	e.srtt_us = 77;
	apply(s, e);
	apply(s, sock_step(&k, 2100, STATE_LAST_ACK));
	assert_int_equal(s->c.lport, CLIENT_LPORT);
	assert_int_equal(s->c.rport, PEER_PORT);
	assert_int_equal(s->c.srtt_us, 77);
	assert_true(s->c.flags & CONN_HAS_ENDPOINTS);
}

static void counters_come_with_the_end(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);
	struct event e;

	assert_false(s->c.flags & CONN_HAS_COUNTERS);
	e = sock_fail(&k, 2000, ECONNRESET);
	e.bytes_sent = 5000000000;
	e.bytes_received = 7;
	e.retransmits = 300;
	apply(s, e);
	assert_true(s->c.flags & CONN_HAS_COUNTERS);
	assert_int_equal(s->c.bytes_sent, 5000000000);
	assert_int_equal(s->c.bytes_received, 7);
	assert_int_equal(s->c.retransmits, 300);
	assert_int_equal(s->c.error, ECONNRESET);
}

static void subflow_is_marked(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);
	struct event e = sock_step(&k, 1000, STATE_SYN_SENT);

	apply(s, e);
	assert_false(s->c.flags & CONN_MPTCP);
	e = sock_step(&k, 1050, STATE_ESTABLISHED);
	e.flags |= EVENT_FLAG_MPTCP;
	apply(s, e);
	assert_true(s->c.flags & CONN_MPTCP);
}

/* ---- handshakes ------------------------------------------------------------------------------ */

static void retransmitted_syn_counts_in_full(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);
	struct event e;

	apply(s, sock_step(&k, 1000, STATE_SYN_SENT));
	e = sock_step(&k, 3001000, STATE_ESTABLISHED);
	e.retransmits = 2;
	apply(s, e);
	assert_handshake(s, 3000000, CONN_QUALITY_EXACT, 0);
	assert_int_equal(s->c.handshake_retransmits, 2);
}

/*
 * What a server's handshake took is known only from the first round trip: nothing sent twice, and
 * not taken from a timestamp, which counts whole milliseconds.
 */
static void server_handshake_is_exact_or_unknown(void **state)
{
	static const struct {
		uint32_t srtt_us, retransmits;
		bool is_exact;
	} cases[] = {
		{ 1, 0, true },	 { 999, 0, true },	{ 1001, 0, true },    { 63999, 0, true },
		{ 0, 0, false }, { 1000, 0, false },	{ 64000, 0, false },  { 523, 1, false },
		{ 0, 2, false }, { 51669, 255, false }, { 900001, 0, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = sock_server(SOCK);
		struct event e;

		begin(s);
		apply(s, sock_step(&k, 900000 - 5, STATE_SYN_RECV));
		e = sock_accept(&k, 900000, cases[i].srtt_us);
		e.retransmits = cases[i].retransmits;
		apply(s, e);
		assert_int_equal(s->c.handshake_retransmits, cases[i].retransmits);
		if (cases[i].is_exact) {
			assert_handshake(s, cases[i].srtt_us, CONN_QUALITY_EXACT, 0);
			assert_int_equal(conn_dwell(&s->c, 0), cases[i].srtt_us * US);
			assert_int_equal(conn_start(&s->c), (900000 - cases[i].srtt_us) * US);
		} else {
			assert_no_handshake(s);
			assert_life(s, "SYN_RECV@?+? ESTABLISHED@900000");
			assert_int_equal(conn_start(&s->c), TIME_UNKNOWN);
		}
		assert_whole(s);
	}
}

/* Nobody told of the request: the listener defers, or its options could not be read. */
static void a_handshake_that_may_be_deferred_is_an_estimate(void **state)
{
	static const struct {
		uint8_t flag;
		unsigned int want;
	} cases[] = {
		{ EVENT_FLAG_DEFERRED, CONN_HANDSHAKE_DEFERRED },
		{ EVENT_FLAG_ACK_DROPPED, CONN_HANDSHAKE_DOUBTED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = sock_server(SOCK);
		struct event e = sock_step(&k, 250000, STATE_SYN_RECV);

		begin(s);
		e.flags |= cases[i].flag;
		apply(s, e);
		apply(s, sock_accept(&k, 250010, 200123));
		assert_handshake(s, 200123, CONN_QUALITY_ESTIMATED, cases[i].want);
	}
}

/* The ACK that was dropped to wait for data ends the handshake, if it is this one's. */
static void a_deferred_handshake_ends_with_its_dropped_ack(void **state)
{
	static const struct {
		uint64_t ack_us;
		uint16_t flag;
		uint64_t want_us;
		enum conn_quality quality;
		unsigned int flags;
	} cases[] = {
		{ 70000, EVENT_FLAG_ACK_DROPPED | EVENT_FLAG_DEFERRED, 20000, CONN_QUALITY_EXACT,
		  CONN_HANDSHAKE_DEFERRED },
		{ 0, EVENT_FLAG_ACK_DROPPED | EVENT_FLAG_DEFERRED, 200010, CONN_QUALITY_ESTIMATED,
		  CONN_HANDSHAKE_DEFERRED },
		{ 49000, EVENT_FLAG_ACK_DROPPED | EVENT_FLAG_DEFERRED, 200010,
		  CONN_QUALITY_ESTIMATED, CONN_HANDSHAKE_DEFERRED },
		{ 260000, EVENT_FLAG_ACK_DROPPED | EVENT_FLAG_DEFERRED, 200010,
		  CONN_QUALITY_ESTIMATED, CONN_HANDSHAKE_DEFERRED },
		/* It met a full queue: the ACK that counted came later. */
		{ 70000, EVENT_FLAG_ACK_DROPPED, 200010, CONN_QUALITY_EXACT,
		  CONN_HANDSHAKE_QUEUE_FULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = sock_server(SOCK);

		begin(s);
		apply(s, sock_step(&k, 250000, STATE_SYN_RECV));
		apply(s, (struct event){ .mono_ns = 250005 * US,
					 .sock = SOCK,
					 .kind = EVENT_PASSIVE,
					 .from = STATE_LISTEN,
					 .to = STATE_SYN_RECV,
					 .flags = cases[i].flag,
					 .synack_ns = 50000 * US,
					 .ack_ns = cases[i].ack_us * US });
		apply(s, sock_accept(&k, 250010, 0));
		assert_handshake(s, cases[i].want_us, cases[i].quality, cases[i].flags);
		/* The state lasted as long as it did. */
		assert_int_equal(conn_dwell(&s->c, 0), 200010 * US);
	}
}

/* The flag of newer kernels, or a child that is older than its handshake is long. */
static void fast_open_is_told_by_the_flag_or_the_times(void **state)
{
	static const struct {
		uint64_t birth_us;
		uint32_t srtt_us;
		uint8_t flag;
		unsigned int want;
	} cases[] = {
		{ 99990, 40123, EVENT_FLAG_FASTOPEN, CONN_HANDSHAKE_FASTOPEN },
		{ 59870, 40123, 0, CONN_HANDSHAKE_FASTOPEN },
		{ 99990, 40123, 0, 0 },
		{ 99970, 23, 0, 0 }, /* too short to tell */
		{ 99970, 23, EVENT_FLAG_FASTOPEN, CONN_HANDSHAKE_FASTOPEN },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = sock_server(SOCK);
		struct event e;

		begin(s);
		apply(s, sock_step(&k, cases[i].birth_us, STATE_SYN_RECV));
		e = sock_accept(&k, 100000, cases[i].srtt_us);
		e.flags |= cases[i].flag;
		apply(s, e);
		assert_handshake(s, cases[i].srtt_us, CONN_QUALITY_EXACT, cases[i].want);
	}
}

/* Records of two CPUs may say so: then nothing is concluded from how old the child is. */
static void child_that_is_younger_than_its_ack_tells_nothing(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_server(SOCK);
	struct event e = sock_step(&k, 100007, STATE_SYN_RECV);

	apply(s, e);
	apply(s, sock_accept(&k, 100000, 40123));
	assert_handshake(s, 40123, CONN_QUALITY_EXACT, 0);

	k = sock_server(SOCK);
	begin(s);
	e = sock_step(&k, 100007, STATE_SYN_RECV);
	e.flags |= EVENT_FLAG_FASTOPEN;
	apply(s, e);
	apply(s, sock_step(&k, 100000, STATE_ESTABLISHED));
	assert_no_handshake(s);
}

/* A child of fast open may be closed, or hear its peer's FIN or RST, before the ACK came. */
static void fast_open_may_end_before_the_ack(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_server(SOCK);

	apply(s, sock_step(&k, 1000, STATE_SYN_RECV));
	apply(s, sock_step(&k, 1100, STATE_FIN_WAIT1));
	assert_life(s, "SYN_RECV@1000+100 FIN_WAIT1@1100");
	apply(s, sock_step(&k, 1200, STATE_FIN_WAIT2));
	apply(s, sock_close(&k, 1300));
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_LOCAL);
	assert_no_handshake(s);
	assert_whole(s);

	k = sock_server(SOCK);
	begin(s);
	apply(s, sock_step(&k, 1000, STATE_SYN_RECV));
	apply(s, sock_step(&k, 1100, STATE_CLOSE_WAIT));
	apply(s, sock_step(&k, 1200, STATE_LAST_ACK));
	apply(s, sock_close(&k, 1300));
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_REMOTE);
	assert_whole(s);

	k = sock_server(SOCK);
	begin(s);
	apply(s, sock_step(&k, 1000, STATE_SYN_RECV));
	apply(s, sock_fail(&k, 1100, ECONNRESET));
	assert_end(s, CONN_OUTCOME_RESET_RECEIVED, CONN_INITIATOR_REMOTE);
}

/* As long as nobody can know whether it will be one, nobody is told. */
static void child_is_no_connection_yet(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_server(SOCK);

	apply(s, sock_step(&k, 1000, STATE_SYN_RECV));
	assert_int_equal(s->c.id, 0);
	apply(s, sock_step(&k, 1001, STATE_CLOSED));
	assert_int_equal(s->c.id, 0);
	assert_int_equal(conn_table_counts(s->table)->children_lost, 1);

	k = sock_server(SOCK);
	apply(s, sock_step(&k, 2000, STATE_SYN_RECV));
	apply(s, sock_accept(&k, 2010, 100));
	assert_int_not_equal(s->c.id, 0);
	assert_int_equal(conn_table_counts(s->table)->children_lost, 1);
}

/* ---- rude ends ------------------------------------------------------------------------------- */

/* Walks a client from its birth to `to`, the shortest way. */
static struct sock client_in(struct subject *s, enum tcp_state to)
{
	static const uint8_t parent[STATE_COUNT] = {
		[STATE_ESTABLISHED] = STATE_SYN_SENT,  [STATE_SYN_RECV] = STATE_SYN_SENT,
		[STATE_FIN_WAIT1] = STATE_ESTABLISHED, [STATE_FIN_WAIT2] = STATE_FIN_WAIT1,
		[STATE_CLOSING] = STATE_FIN_WAIT1,     [STATE_CLOSE_WAIT] = STATE_ESTABLISHED,
		[STATE_LAST_ACK] = STATE_CLOSE_WAIT,
	};
	struct sock k = sock_client(SOCK);
	enum tcp_state way[STATE_COUNT];
	size_t length = 0;

	begin(s);
	for (enum tcp_state at = to; at; at = (enum tcp_state)parent[at])
		way[length++] = at;
	for (uint64_t us = 1000; length; us += 100)
		apply(s, sock_step(&k, us, way[--length]));
	return k;
}

static void every_state_can_end_rudely(void **state)
{
	static const struct {
		enum tcp_state from;
		uint16_t error;
		enum conn_outcome outcome;
		enum conn_initiator initiator;
	} cases[] = {
#define CASE(from, error, outcome, initiator) \
	{ STATE_##from, error, CONN_OUTCOME_##outcome, CONN_INITIATOR_##initiator }
		CASE(SYN_SENT, ECONNREFUSED, REFUSED, REMOTE),
		CASE(SYN_SENT, ETIMEDOUT, TIMED_OUT, UNKNOWN),
		CASE(SYN_SENT, EHOSTUNREACH, UNREACHABLE, UNKNOWN),
		CASE(SYN_SENT, ENETUNREACH, UNREACHABLE, UNKNOWN),
		CASE(SYN_SENT, ENOPROTOOPT, UNREACHABLE, UNKNOWN),
		CASE(SYN_SENT, ECONNABORTED, ABORTED, LOCAL),
		CASE(SYN_SENT, 0, ABORTED, LOCAL),
		CASE(SYN_RECV, ECONNRESET, RESET_RECEIVED, REMOTE),
		CASE(ESTABLISHED, ECONNRESET, RESET_RECEIVED, REMOTE),
		CASE(ESTABLISHED, 0, RESET_SENT, LOCAL),
		CASE(ESTABLISHED, ETIMEDOUT, TIMED_OUT, UNKNOWN),
		CASE(ESTABLISHED, ECONNABORTED, ABORTED, LOCAL),
		CASE(FIN_WAIT1, ECONNRESET, RESET_RECEIVED, LOCAL),
		CASE(FIN_WAIT1, ETIMEDOUT, TIMED_OUT, LOCAL),
		CASE(FIN_WAIT1, 0, RESET_SENT, LOCAL),
		CASE(FIN_WAIT2, ECONNRESET, RESET_RECEIVED, LOCAL),
		CASE(FIN_WAIT2, 0, RESET_SENT, LOCAL),
		CASE(CLOSING, ECONNRESET, RESET_RECEIVED, BOTH),
		CASE(CLOSE_WAIT, EPIPE, RESET_RECEIVED, REMOTE),
		CASE(CLOSE_WAIT, 0, RESET_SENT, REMOTE),
		CASE(LAST_ACK, ECONNRESET, RESET_RECEIVED, REMOTE),
		CASE(LAST_ACK, ETIMEDOUT, TIMED_OUT, REMOTE),
#undef CASE
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = client_in(s, cases[i].from);

		apply(s, sock_fail(&k, 9000, cases[i].error));
		assert_end(s, cases[i].outcome, cases[i].initiator);
		assert_int_equal(s->c.error, cases[i].error);
		assert_int_equal(conn_state(&s->c), STATE_CLOSED);
		assert_int_equal(conn_end(&s->c), 9000 * US);
		assert_false(s->c.flags & CONN_TIME_WAIT_SEEN);
		assert_whole(s);
		if (cases[i].from == STATE_SYN_SENT)
			assert_no_handshake(s);
	}
}

/*
 * Where timewait sockets are told of, a close that names none is judged by what else is known: it
 * got none where its namespace had no room; else nobody told of the one that it may have got.
 */
static void due_for_a_timewait_it_got_none(void **state)
{
	static const struct {
		uint64_t us; /* in FIN_WAIT2 */
		uint8_t flags, shutdown, outcome, end;
		bool is_full, ends_unseen;
	} cases[] = {
		{ 1, 0, EVENT_SHUTDOWN_ORPHAN, CONN_OUTCOME_ABORTED, CONN_TW_END_OVERFLOW, true,
		  false },
		{ 90000, 0, EVENT_SHUTDOWN_ORPHAN, CONN_OUTCOME_ABORTED, CONN_TW_END_OVERFLOW, true,
		  false },
		{ 90000, 0, EVENT_SHUTDOWN_ORPHAN, CONN_OUTCOME_UNKNOWN, 0, false, false },
		{ 700000, 0, EVENT_SHUTDOWN_ORPHAN, CONN_OUTCOME_RESET_SENT, 0, true, false },
		{ 1, 0, 0, CONN_OUTCOME_RESET_SENT, 0, true, false },
		{ 700000, EVENT_FLAG_FIN_RECEIVED, 0, CONN_OUTCOME_CLOSED, CONN_TW_END_OVERFLOW,
		  true, false },
		{ 700000, EVENT_FLAG_FIN_RECEIVED, 0, CONN_OUTCOME_CLOSED, 0, false, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k;
		struct event e;

		k = begin_client(s);
		conn_table_expect_timewaits(s->table);
		apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
		apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
		e = sock_step(&k, 2010 + cases[i].us, STATE_CLOSED);
		e.flags |= cases[i].flags;
		e.shutdown = cases[i].shutdown;
		e.signs = cases[i].is_full ? EVENT_SIGN_NO_ROOM : 0;
		apply(s, e);
		assert_end(s, cases[i].outcome, CONN_INITIATOR_LOCAL);
		assert_int_equal(s->c.time_wait_end, cases[i].end);
		assert_int_equal(s->c.time_wait_quality, CONN_QUALITY_UNKNOWN);
		assert_int_equal(conn_state(&s->c),
				 cases[i].ends_unseen ? STATE_TIME_WAIT : STATE_CLOSED);
	}
}

/* The same where it is not known since when it was in FIN_WAIT2: at most since FIN_WAIT1. */
static void due_for_a_timewait_for_an_unknown_time(void **state)
{
	static const struct {
		uint64_t us; /* since FIN_WAIT1 */
		uint16_t signs;
		uint8_t outcome, end;
	} cases[] = {
		{ 100, EVENT_SIGN_NO_ROOM, CONN_OUTCOME_ABORTED, CONN_TW_END_OVERFLOW },
		{ 100, 0, CONN_OUTCOME_UNKNOWN, 0 },
		{ 700000, EVENT_SIGN_NO_ROOM, CONN_OUTCOME_UNKNOWN, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = begin_client(s);
		struct event e;

		conn_table_expect_timewaits(s->table);
		apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
		k.state = STATE_FIN_WAIT2;
		e = sock_step(&k, 2000 + cases[i].us, STATE_CLOSED);
		e.shutdown = EVENT_SHUTDOWN_ORPHAN;
		e.signs = cases[i].signs;
		apply(s, e);
		assert_end(s, cases[i].outcome, CONN_INITIATOR_LOCAL);
		assert_int_equal(s->c.time_wait_end, cases[i].end);
		assert_int_equal(s->c.gaps, 1);
	}
}

/* Where nothing tells of timewait sockets, who does not wait for the FIN has none, and resets. */
static void the_impatient_get_no_timewait(void **state)
{
	static const struct {
		uint8_t flags, signs, outcome, state;
	} cases[] = {
		{ 0, 0, CONN_OUTCOME_UNKNOWN, STATE_CLOSED },
		{ 0, EVENT_SIGN_IMPATIENT, CONN_OUTCOME_RESET_SENT, STATE_CLOSED },
		{ EVENT_FLAG_FIN_RECEIVED, EVENT_SIGN_IMPATIENT, CONN_OUTCOME_CLOSED,
		  STATE_TIME_WAIT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct subject *s = *state;
		struct sock k = begin_client(s);
		struct event e;

		apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
		apply(s, sock_step(&k, 2010, STATE_FIN_WAIT2));
		e = sock_step(&k, 2020, STATE_CLOSED);
		e.flags |= cases[i].flags;
		e.signs = cases[i].signs;
		e.shutdown = EVENT_SHUTDOWN_ORPHAN;
		apply(s, e);
		assert_end(s, cases[i].outcome, CONN_INITIATOR_LOCAL);
		assert_int_equal(conn_state(&s->c), cases[i].state);
	}
}

/* ---- older than the tracer ------------------------------------------------------------------- */

static void seeded_in_every_state(void **state)
{
	unsigned int from, to;

	for (from = 1; from < STATE_COUNT; from++) {
		for (to = 1; to < STATE_COUNT; to++) {
			struct sock k = sock_client(SOCK);
			struct subject *s = *state;
			char want[TEXT_SIZE];

			if (!state_is_legal((enum tcp_state)from, (enum tcp_state)to) ||
			    from == STATE_CLOSED || from == STATE_LISTEN ||
			    from == STATE_TIME_WAIT || to == STATE_LISTEN ||
			    to == STATE_TIME_WAIT || to == STATE_CLOSED)
				continue;
			begin(s);
			k.state = (enum tcp_state)from;
			apply(s, sock_step(&k, 5000, (enum tcp_state)to));
			snprintf(want, sizeof(want), "~%s@?+? %s@5000",
				 state_name((enum tcp_state)from), state_name((enum tcp_state)to));
			assert_life(s, want);
			assert_true(s->c.flags & CONN_SEEDED && s->c.flags & CONN_INCOMPLETE);
			assert_int_equal(s->c.gaps, 0);
			assert_int_equal(conn_start(&s->c), TIME_UNKNOWN);
			assert_no_handshake(s);
			assert_int_equal(s->c.role, from == STATE_SYN_SENT ? CONN_ROLE_CLIENT :
									     CONN_ROLE_UNKNOWN);
		}
	}
}

static void seeded_may_end_at_once(void **state)
{
	struct sock k = sock_client(SOCK);
	struct subject *s = *state;

	k.state = STATE_LAST_ACK;
	apply(s, sock_close(&k, 5000));
	assert_life(s, "~LAST_ACK@?+? CLOSED@5000");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_REMOTE);

	k.state = STATE_FIN_WAIT2;
	begin(s);
	apply(s, sock_close(&k, 5000));
	assert_life(s, "~FIN_WAIT2@?+? TIME_WAIT@5000");
	assert_end(s, CONN_OUTCOME_CLOSED, CONN_INITIATOR_LOCAL);
}

/* Once records were lost, a stranger may be a connection whose birth was among them. */
static void lost_birth_is_a_gap(void **state)
{
	struct sock k = sock_client(SOCK);
	struct subject *s = *state;

	conn_table_note_loss(s->table);
	k.state = STATE_ESTABLISHED;
	apply(s, sock_step(&k, 5000, STATE_CLOSE_WAIT));
	assert_life(s, "~ESTABLISHED@?+? CLOSE_WAIT@5000");
	assert_int_equal(s->c.gaps, 1);
	assert_int_equal(s->c.flags & (CONN_SEEDED | CONN_INCOMPLETE), CONN_INCOMPLETE);
	assert_int_equal(conn_start(&s->c), TIME_UNKNOWN);

	/* A birth is a birth. */
	k = sock_client(SOCK + 64);
	apply(s, sock_step(&k, 6000, STATE_SYN_SENT));
	assert_life(s, "SYN_SENT@6000");
	assert_int_equal(s->c.gaps, 0);
	assert_int_equal(s->c.flags & CONN_INCOMPLETE, 0);
}

/* ---- gaps ------------------------------------------------------------------------------------ */

#define LIFE_MAX 8

/* The states of a life in order, CLOSED at its end; a child's begins with SYN_RECV. */
struct path {
	enum tcp_state states[LIFE_MAX];
	size_t length;
};

static uint64_t time_at(size_t i)
{
	return 100000 + i * i * 1000;
}

/* Plays a path without the events `lost` (bits). */
static void play(const struct path *p, unsigned int lost, struct subject *s)
{
	struct sock k = p->states[0] == STATE_SYN_RECV ? sock_server(SOCK) : sock_client(SOCK);

	begin(s);
	for (size_t i = 0; i < p->length; i++) {
		struct event e = p->states[i] == STATE_CLOSED ?
					 sock_close(&k, time_at(i)) :
					 sock_step(&k, time_at(i), p->states[i]);

		if (!(lost >> i & 1))
			apply(s, e);
	}
}

/* What a full socket calls CLOSED is TIME_WAIT when this side closed first, and in order. */
static enum tcp_state shown_state(const struct path *p, size_t i)
{
	enum tcp_state before = i ? p->states[i - 1] : STATE_CLOSED;

	if (p->states[i] == STATE_CLOSED && (before == STATE_FIN_WAIT2 || before == STATE_CLOSING))
		return STATE_TIME_WAIT;
	return p->states[i];
}

/* Calls `check` for each legal life of a full socket that goes on from `p`. */
static size_t each_path(struct path *p, void (*check)(const struct path *p))
{
	enum tcp_state last = p->states[p->length - 1];
	size_t count = 0;

	if (last == STATE_CLOSED) {
		/* A child that dies at once never was a connection. */
		if (p->states[0] == STATE_SYN_RECV && p->length == 2)
			return 0;
		check(p);
		return 1;
	}
	if (p->length == LIFE_MAX)
		return 0;
	for (unsigned int to = 1; to < STATE_COUNT; to++) {
		if (!state_is_legal(last, (enum tcp_state)to) || to == STATE_LISTEN ||
		    to == STATE_TIME_WAIT)
			continue;
		p->states[p->length++] = (enum tcp_state)to;
		count += each_path(p, check);
		p->length--;
	}
	return count;
}

static void walk_all_lives(void (*check)(const struct path *p))
{
	struct path client = { .states = { STATE_SYN_SENT }, .length = 1 };
	struct path server = { .states = { STATE_SYN_RECV }, .length = 1 };

	assert_true(each_path(&client, check) > 10);
	assert_true(each_path(&server, check) > 10);
}

/* A step is as it was, or inferred and without a time; no duration spans what was lost. */
static void assert_honest(const struct path *p, unsigned int lost, const struct conn *c)
{
	assert_int_equal(c->step_count, p->length);
	for (unsigned int i = 0; i < p->length; i++) {
		bool is_lost = lost >> i & 1;
		/* A server's first time is that of its SYN-ACK, as the ACK tells it. */
		bool is_timed = !is_lost && !(i == 0 && p->states[0] == STATE_SYN_RECV);
		struct transition t;

		life_transition(c, i, &t);
		if (t.to != shown_state(p, i))
			fail_msg("step %u is %s, not %s", i, state_name(t.to),
				 state_name(shown_state(p, i)));
		assert_int_equal(t.inferred, is_lost);
		if (is_timed)
			assert_int_equal(t.mono_ns, time_at(i) * US);
		if (is_lost || (i && lost >> (i - 1) & 1))
			assert_int_equal(t.dwell_ns, TIME_UNKNOWN);
		if (is_lost)
			assert_int_equal(t.mono_ns, TIME_UNKNOWN);
		if (t.dwell_ns != TIME_UNKNOWN && is_timed && i > 1)
			assert_int_equal(t.dwell_ns, (time_at(i) - time_at(i - 1)) * US);
	}
}

static void assert_same_end(const struct subject *a, const struct subject *b)
{
	assert_int_equal(a->c.outcome, b->c.outcome);
	assert_int_equal(a->c.initiator, b->c.initiator);
}

static void check_one_lost(const struct path *p)
{
	struct subject whole = { .table = NULL }, healed = { .table = NULL };

	play(p, 0, &whole);
	assert_honest(p, 0, &whole.c);
	assert_whole(&whole);
	for (unsigned int lost = 1; lost + 1 < p->length; lost++) {
		play(p, 1u << lost, &healed);
		assert_honest(p, 1u << lost, &healed.c);
		assert_int_equal(healed.c.gaps, 1);
		assert_true(healed.c.flags & CONN_INCOMPLETE);
		assert_same_end(&healed, &whole);
		/* The time of the ACK is what a handshake is measured to. */
		if (p->states[lost] == STATE_ESTABLISHED)
			assert_no_handshake(&healed);
	}
	end(&whole);
	end(&healed);
}

static void one_lost_event_is_put_in(void **state)
{
	(void)state;
	walk_all_lives(check_one_lost);
}

/* Two neighbours lost: the first of them can be told only where there is one way. */
static void check_two_lost(const struct path *p)
{
	struct subject s = { .table = NULL };

	for (unsigned int lost = 1; lost + 2 < p->length; lost++) {
		bool is_told = state_between(p->states[lost - 1], p->states[lost + 1]);
		bool is_needed = !state_is_legal(p->states[lost - 1], p->states[lost + 1]);

		play(p, 3u << lost, &s);
		assert_int_equal(s.c.gaps, 1);
		if (is_told)
			assert_honest(p, 3u << lost, &s.c);
		else
			assert_int_equal(s.c.step_count, p->length - 1);
		assert_true(is_needed || !is_told);
		assert_int_equal(conn_state(&s.c), shown_state(p, p->length - 1));
	}
	end(&s);
}

static void two_lost_events_are_one_gap(void **state)
{
	(void)state;
	walk_all_lives(check_two_lost);
}

static void every_gap_is_counted(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_client(SOCK);

	apply(s, sock_step(&k, 1000, STATE_SYN_SENT));
	sock_step(&k, 1050, STATE_ESTABLISHED);
	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	sock_step(&k, 2010, STATE_FIN_WAIT2);
	apply(s, sock_close(&k, 2100));
	assert_life(s, "SYN_SENT@1000+? ~ESTABLISHED@?+? FIN_WAIT1@2000+? ~FIN_WAIT2@?+? "
		       "TIME_WAIT@2100");
	assert_int_equal(s->c.gaps, 2);
	assert_no_handshake(s);
}

/* The child was cloned by the ACK: without the event of the ACK nobody knows when it began. */
static void server_without_its_ack_has_no_start(void **state)
{
	struct subject *s = *state;
	struct sock k = sock_server(SOCK);

	apply(s, sock_step(&k, 1511, STATE_SYN_RECV));
	sock_accept(&k, 1523, 523);
	apply(s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	assert_life(s, "SYN_RECV@?+? ~ESTABLISHED@?+? CLOSE_WAIT@2000");
	assert_int_equal(conn_start(&s->c), TIME_UNKNOWN);
}

static void end_may_be_unseen(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_destroy(&k, 2000));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+? ~CLOSED@?");
	assert_end(s, CONN_OUTCOME_UNKNOWN, CONN_INITIATOR_UNKNOWN);
	assert_null(conn_outcome_name(s->c.outcome));
	assert_int_equal(s->c.gaps, 1);
	assert_int_equal(conn_end(&s->c), TIME_UNKNOWN);
	assert_false(s->c.flags & CONN_HAS_COUNTERS);

	k = begin_client(s);
	apply(s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(s, sock_destroy(&k, 2100));
	assert_end(s, CONN_OUTCOME_UNKNOWN, CONN_INITIATOR_LOCAL);
}

static void time_that_goes_back_is_no_duration(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);

	apply(s, sock_step(&k, 1049, STATE_CLOSE_WAIT));
	assert_life(s, "SYN_SENT@1000+50 ESTABLISHED@1050+? CLOSE_WAIT@1049");
}

/* ---- twice told, too long -------------------------------------------------------------------- */

static void check_repeated(const struct path *p)
{
	struct sock k = p->states[0] == STATE_SYN_RECV ? sock_server(SOCK) : sock_client(SOCK);
	struct subject s = { .table = NULL };

	begin(&s);
	for (size_t i = 0; i + 1 < p->length; i++) {
		struct event e = sock_step(&k, time_at(i), p->states[i]);
		char before[TEXT_SIZE], after[TEXT_SIZE];

		apply(&s, e);
		if (!i)
			continue;
		assert_true(life_is_repeated(&s.c, &e));
		life_of(&s.c, before);
		e.mono_ns += 700;
		apply(&s, e);
		assert_string_equal(life_of(&s.c, after), before);
		assert_int_equal(s.c.step_count, i + 1);
		assert_int_equal(s.c.gaps, 0);
	}
	end(&s);
}

static void second_telling_is_known(void **state)
{
	(void)state;
	walk_all_lives(check_repeated);
}

/* No legal life has more steps than there is room for; an illegal one keeps both of its ends. */
static void overlong_life_keeps_its_ends(void **state)
{
	struct subject *s = *state;
	struct sock k = begin_client(s);
	struct transition t;
	uint64_t us = 2000;

	for (int i = 0; i < 2 * CONN_STEPS; i++, us += 100) {
		apply(s, sock_step(&k, us, i % 2 ? STATE_CLOSE_WAIT : STATE_FIN_WAIT1));
		assert_true(s->c.step_count <= CONN_STEPS);
		assert_int_equal(conn_state(&s->c), i % 2 ? STATE_CLOSE_WAIT : STATE_FIN_WAIT1);
	}
	apply(s, sock_fail(&k, 90000, ECONNRESET));
	assert_int_equal(s->c.step_count, CONN_STEPS);
	assert_int_equal(s->c.step_state[0], STATE_SYN_SENT);
	assert_int_equal(conn_state(&s->c), STATE_CLOSED);
	assert_int_equal(conn_end(&s->c), 90000 * US);
	assert_true(s->c.flags & CONN_INCOMPLETE);
	/* The last step but one was not left when the last one came. */
	life_transition(&s->c, CONN_STEPS - 1, &t);
	assert_int_equal(t.dwell_ns, TIME_UNKNOWN);
}

static void birth_is_known(void **state)
{
	struct sock client = sock_client(SOCK), server = sock_server(SOCK);
	struct event e = sock_step(&client, 1000, STATE_SYN_SENT);

	(void)state;
	assert_true(life_is_birth(&e));
	e = sock_step(&client, 1001, STATE_SYN_RECV);
	assert_false(life_is_birth(&e));
	e = sock_step(&server, 1000, STATE_SYN_RECV);
	assert_true(life_is_birth(&e));
	e = sock_accept(&server, 1001, 1);
	assert_false(life_is_birth(&e));
	e = sock_destroy(&server, 1002);
	assert_false(life_is_birth(&e));
}

#define LIFE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE_TEST(client_that_closes_first),
		LIFE_TEST(client_that_closes_second),
		LIFE_TEST(server_that_closes_second),
		LIFE_TEST(server_that_closes_first),
		LIFE_TEST(half_closed_by_this_side),
		LIFE_TEST(half_closed_by_the_peer),
		LIFE_TEST(orphan_that_waits_for_the_fin),
		LIFE_TEST(simultaneous_close),
		LIFE_TEST(simultaneous_open),
		LIFE_TEST(owner_and_endpoints_are_learned),
		LIFE_TEST(long_comm_is_kept),
		LIFE_TEST(what_is_known_is_not_forgotten),
		LIFE_TEST(counters_come_with_the_end),
		LIFE_TEST(subflow_is_marked),
		LIFE_TEST(retransmitted_syn_counts_in_full),
		LIFE_TEST(server_handshake_is_exact_or_unknown),
		LIFE_TEST(a_handshake_that_may_be_deferred_is_an_estimate),
		LIFE_TEST(a_deferred_handshake_ends_with_its_dropped_ack),
		LIFE_TEST(fast_open_is_told_by_the_flag_or_the_times),
		LIFE_TEST(child_that_is_younger_than_its_ack_tells_nothing),
		LIFE_TEST(fast_open_may_end_before_the_ack),
		LIFE_TEST(child_is_no_connection_yet),
		LIFE_TEST(every_state_can_end_rudely),
		LIFE_TEST(due_for_a_timewait_it_got_none),
		LIFE_TEST(due_for_a_timewait_for_an_unknown_time),
		LIFE_TEST(seeded_in_every_state),
		LIFE_TEST(seeded_may_end_at_once),
		LIFE_TEST(lost_birth_is_a_gap),
		LIFE_TEST(one_lost_event_is_put_in),
		LIFE_TEST(two_lost_events_are_one_gap),
		LIFE_TEST(every_gap_is_counted),
		LIFE_TEST(server_without_its_ack_has_no_start),
		LIFE_TEST(the_impatient_get_no_timewait),
		LIFE_TEST(end_may_be_unseen),
		LIFE_TEST(time_that_goes_back_is_no_duration),
		LIFE_TEST(second_telling_is_known),
		LIFE_TEST(overlong_life_keeps_its_ends),
		LIFE_TEST(birth_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
