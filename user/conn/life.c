// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of one connection: RFC 9293's life, told from the kernel's transitions. */
#include <errno.h>
#include <string.h>

#include "user/conn/life.h"

#define NS_PER_US 1000ull

/*
 * A round trip taken from a timestamp echo is in whole milliseconds and, behind a SYN cookie, off by
 * up to 63 of them; one that the kernel measured itself is a whole millisecond once in a thousand.
 */
#define TIMESTAMP_TICK_US 1000

/* Below this, the time between two events of one softirq may exceed the round trip by mere noise. */
#define FASTOPEN_TELLING_NS 1000000ull

bool life_is_birth(const struct event *e)
{
	return e->kind != EVENT_DESTROY &&
	       (e->to == STATE_SYN_SENT || (e->from == STATE_LISTEN && e->to == STATE_SYN_RECV));
}

static void add_step(struct conn *c, enum tcp_state state, uint64_t mono_ns, bool inferred)
{
	if (c->step_count == CONN_STEPS) {
		/* No legal life is this long: keep the beginning and the end, and say so. */
		c->flags |= CONN_INCOMPLETE;
		c->step_count--;
		if (c->step_told > c->step_count)
			c->step_told = c->step_count;
		mono_ns = state == STATE_CLOSED ? mono_ns : TIME_UNKNOWN;
	}
	c->step_state[c->step_count] = state;
	c->step_ns[c->step_count] = mono_ns;
	if (inferred)
		c->step_inferred |= 1u << c->step_count;
	else
		c->step_inferred &= ~(1u << c->step_count);
	c->step_count++;
}

static void note_gap(struct conn *c)
{
	c->flags |= CONN_INCOMPLETE;
	if (c->gaps < UINT16_MAX)
		c->gaps++;
}

void life_begin(struct conn *c, const struct event *e, bool lossy)
{
	memset(c, 0, sizeof(*c));
	c->sock = e->sock;
	c->netns = e->netns;
	c->handshake_ns = TIME_UNKNOWN;
	if (life_is_birth(e)) {
		c->role = e->to == STATE_SYN_SENT ? CONN_ROLE_CLIENT : CONN_ROLE_SERVER;
		return;
	}
	if (lossy)
		note_gap(c);
	else
		c->flags |= CONN_SEEDED | CONN_INCOMPLETE;
	if (e->from == STATE_SYN_SENT)
		c->role = CONN_ROLE_CLIENT;
	add_step(c, e->from, TIME_UNKNOWN, true);
	c->step_told = 1;
}

bool life_is_repeated(const struct conn *c, const struct event *e)
{
	return c->step_count >= 2 && c->step_state[c->step_count - 1] == e->to &&
	       c->step_state[c->step_count - 2] == e->from;
}

void life_heal(struct conn *c, enum tcp_state from)
{
	enum tcp_state state = conn_state(c);
	enum tcp_state between;

	if (state == from)
		return;
	note_gap(c);
	between = state_is_legal(state, from) ? 0 : state_between(state, from);
	if (between)
		add_step(c, between, TIME_UNKNOWN, true);
	add_step(c, from, TIME_UNKNOWN, true);
}

static void learn_endpoints(struct conn *c, const struct event *e)
{
	if (e->lport)
		c->lport = e->lport;
	if (e->srtt_us)
		c->srtt_us = e->srtt_us;
	if (e->flags & EVENT_FLAG_MPTCP)
		c->flags |= CONN_MPTCP;
	if (!(e->flags & EVENT_FLAG_ENDPOINTS))
		return;
	c->rport = e->rport;
	c->laddr = e->laddr;
	c->raddr = e->raddr;
	c->flags |= CONN_HAS_ENDPOINTS;
}

static void learn_owner(struct conn *c, const struct event *e)
{
	c->pid = e->pid;
	c->uid = e->uid;
	memcpy(c->comm, e->comm, sizeof(c->comm));
	c->flags |= CONN_HAS_OWNER;
}

/* From the first SYN to ESTABLISHED. */
static void finish_client_handshake(struct conn *c, const struct event *e)
{
	c->handshake_retransmits = e->retransmits;
	if (c->step_state[0] != STATE_SYN_SENT || c->step_ns[0] == TIME_UNKNOWN || c->gaps)
		return;
	c->handshake_ns = e->mono_ns - c->step_ns[0];
	c->handshake_quality = CONN_QUALITY_EXACT;
}

/*
 * From the first SYN-ACK to the ACK. When nothing was sent twice the kernel measured just this as
 * its first round trip; the time of the child's birth says nothing, it is born of the ACK.
 */
static void finish_server_handshake(struct conn *c, const struct event *e)
{
	uint64_t birth_ns = c->step_ns[0];
	uint64_t latency_ns = e->srtt_us * NS_PER_US;

	c->handshake_retransmits = e->retransmits;
	c->step_ns[0] = TIME_UNKNOWN;
	if (c->gaps || c->flags & CONN_SEEDED || !e->srtt_us || e->retransmits || e->srtt_us % TIMESTAMP_TICK_US == 0 ||
	    latency_ns > e->mono_ns)
		return;
	/* Only fast open has a child before the ACK; kernels up to 6.12 do not say so themselves. */
	if (e->flags & EVENT_FLAG_FASTOPEN ||
	    (latency_ns >= FASTOPEN_TELLING_NS && e->mono_ns - birth_ns > latency_ns))
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	c->handshake_ns = latency_ns;
	c->handshake_quality = c->handshake_flags & CONN_HANDSHAKE_DEFERRED ? CONN_QUALITY_ESTIMATED :
									      CONN_QUALITY_EXACT;
	c->step_ns[0] = e->mono_ns - latency_ns;
}

static enum conn_outcome outcome_of_error(uint16_t error)
{
	static const struct {
		uint16_t error;
		uint8_t outcome;
	} outcomes[] = {
		{ ECONNREFUSED, CONN_OUTCOME_REFUSED },
		{ ECONNRESET, CONN_OUTCOME_RESET_RECEIVED },
		{ EPIPE, CONN_OUTCOME_RESET_RECEIVED },
		{ ETIMEDOUT, CONN_OUTCOME_TIMED_OUT },
		{ EHOSTUNREACH, CONN_OUTCOME_UNREACHABLE },
		{ ENETUNREACH, CONN_OUTCOME_UNREACHABLE },
		{ EHOSTDOWN, CONN_OUTCOME_UNREACHABLE },
		{ ENONET, CONN_OUTCOME_UNREACHABLE },
		{ ENOPROTOOPT, CONN_OUTCOME_UNREACHABLE },
		{ EPROTO, CONN_OUTCOME_UNREACHABLE },
		{ EOPNOTSUPP, CONN_OUTCOME_UNREACHABLE },
		{ EACCES, CONN_OUTCOME_UNREACHABLE },
		{ EMSGSIZE, CONN_OUTCOME_UNREACHABLE },
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (outcomes[i].error == error)
			return outcomes[i].outcome;
	return CONN_OUTCOME_ABORTED;
}

/* How it ended, from the state it ended in and the socket's error at that moment. */
static void decide_outcome(struct conn *c, const struct event *e)
{
	c->error = e->error;
	if (e->error)
		c->outcome = outcome_of_error(e->error);
	else if (e->from == STATE_LAST_ACK || e->from == STATE_FIN_WAIT2 || e->from == STATE_CLOSING)
		c->outcome = CONN_OUTCOME_CLOSED;
	else if (e->from == STATE_SYN_SENT)
		c->outcome = CONN_OUTCOME_ABORTED;
	else
		c->outcome = CONN_OUTCOME_RESET_SENT;
}

/* Who began to close: the first of the states that only one side's FIN leads to. */
static void decide_initiator(struct conn *c)
{
	bool local = false;

	for (unsigned int i = 0; i < c->step_count; i++) {
		if (c->step_state[i] == STATE_CLOSING) {
			c->initiator = CONN_INITIATOR_BOTH;
			return;
		}
		if (c->step_state[i] == STATE_CLOSE_WAIT || c->step_state[i] == STATE_LAST_ACK) {
			c->initiator = CONN_INITIATOR_REMOTE;
			return;
		}
		if (c->step_state[i] == STATE_FIN_WAIT1 || c->step_state[i] == STATE_FIN_WAIT2)
			local = true;
	}
	if (local || c->outcome == CONN_OUTCOME_RESET_SENT || c->outcome == CONN_OUTCOME_ABORTED)
		c->initiator = CONN_INITIATOR_LOCAL;
	else if (c->outcome == CONN_OUTCOME_REFUSED || c->outcome == CONN_OUTCOME_RESET_RECEIVED)
		c->initiator = CONN_INITIATOR_REMOTE;
}

static void finish(struct conn *c, const struct event *e)
{
	c->flags |= CONN_FINISHED | CONN_HAS_COUNTERS;
	c->bytes_sent = e->bytes_sent;
	c->bytes_received = e->bytes_received;
	c->retransmits = e->retransmits;
	decide_outcome(c, e);
	if (c->outcome == CONN_OUTCOME_CLOSED && e->from != STATE_LAST_ACK) {
		/*
		 * The kernel closes the full socket when a timewait socket takes over, which is in
		 * TIME_WAIT only if the peer's FIN has come; else it waits there in FIN_WAIT2, and
		 * nobody says when that ends.
		 */
		bool entered = e->flags & EVENT_FLAG_FIN_RECEIVED;

		c->flags |= CONN_TIME_WAIT_SEEN;
		add_step(c, STATE_TIME_WAIT, entered ? e->mono_ns : TIME_UNKNOWN, !entered);
	} else {
		add_step(c, STATE_CLOSED, e->mono_ns, false);
	}
	decide_initiator(c);
}

void life_step(struct conn *c, const struct event *e)
{
	learn_endpoints(c, e);
	if (e->kind == EVENT_OPEN)
		learn_owner(c, e);
	if (e->from == STATE_LISTEN && e->flags & EVENT_FLAG_DEFERRED)
		c->handshake_flags |= CONN_HANDSHAKE_DEFERRED;
	if (e->from == STATE_SYN_SENT && e->to == STATE_SYN_RECV)
		c->handshake_flags |= CONN_HANDSHAKE_SIMULTANEOUS;
	if (e->to == STATE_ESTABLISHED) {
		if (c->role == CONN_ROLE_CLIENT)
			finish_client_handshake(c, e);
		else if (c->role == CONN_ROLE_SERVER)
			finish_server_handshake(c, e);
	}
	if (e->to == STATE_CLOSED)
		finish(c, e);
	else
		add_step(c, e->to, e->mono_ns, false);
}

void life_end_unseen(struct conn *c)
{
	note_gap(c);
	c->outcome = CONN_OUTCOME_UNKNOWN;
	c->flags |= CONN_FINISHED;
	add_step(c, STATE_CLOSED, TIME_UNKNOWN, true);
	decide_initiator(c);
}

bool life_is_embryo(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->step_count == 1 && c->step_state[0] == STATE_SYN_RECV;
}

bool life_is_stillborn(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->flags & CONN_FINISHED && c->step_count == 2 &&
	       c->step_state[0] == STATE_SYN_RECV && !c->error;
}

void life_transition(const struct conn *c, unsigned int step, struct transition *ret_transition)
{
	ret_transition->from = step ? c->step_state[step - 1] : STATE_CLOSED;
	ret_transition->to = c->step_state[step];
	ret_transition->mono_ns = c->step_ns[step];
	ret_transition->dwell_ns = step ? conn_dwell(c, step - 1) : TIME_UNKNOWN;
	ret_transition->inferred = c->step_inferred >> step & 1;
}
