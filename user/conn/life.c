// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of one connection: RFC 9293's life, told from the kernel's transitions. */
#include <errno.h>
#include <string.h>

#include "user/conn/life.h"

#define NS_PER_US 1000ull

/*
 * A round trip taken from a timestamp echo is in whole milliseconds and, behind a SYN cookie, off
 * by up to 63 of them; one that the kernel measured itself is a whole millisecond once in a
 * thousand.
 */
#define TIMESTAMP_TICK_US 1000

/*
 * Below this, the time between two events of one softirq may exceed the round trip by mere noise.
 */
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
		/*
		 * What stood between these two is gone: no time from one to the other is a dwell.
		 */
		c->step_ns[c->step_count - 1] = TIME_UNKNOWN;
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
	if (e->kind == EVENT_PASSIVE) {
		c->role = CONN_ROLE_SERVER;
		return;
	}
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
	if (!c->step_count || conn_state(c) != e->to)
		return false;
	if (life_is_birth(e))
		return e->witness && c->step_count == 1;
	return c->step_count >= 2 && c->step_state[c->step_count - 2] == e->from;
}

void life_heal(struct conn *c, enum tcp_state from)
{
	enum tcp_state state = conn_state(c);
	enum tcp_state between;

	if (state == from)
		return;
	note_gap(c);
	/* The child is born of the ACK: without the ACK's event, when it began is unknown. */
	if (life_is_embryo(c))
		c->step_ns[0] = TIME_UNKNOWN;
	between = state_is_legal(state, from) ? 0 : state_between(state, from);
	if (between)
		add_step(c, between, TIME_UNKNOWN, true);
	add_step(c, from, TIME_UNKNOWN, true);
}

static void learn_endpoints(struct conn *c, const struct event *e)
{
	/* A PASSIVE that came before the birth does not name the namespace. */
	c->netns = e->netns;
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
	c->cgroup = e->cgroup;
	memcpy(c->comm, e->comm, sizeof(c->comm));
	c->flags |= CONN_HAS_OWNER;
}

/* From the first SYN to ESTABLISHED. */
static void finish_client_handshake(struct conn *c, const struct event *e)
{
	c->handshake_retransmits = e->retransmits;
	if (c->step_state[0] != STATE_SYN_SENT || c->step_ns[0] == TIME_UNKNOWN ||
	    e->mono_ns < c->step_ns[0] || c->gaps)
		return;
	if (e->flags & EVENT_FLAG_FASTOPEN)
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	c->handshake_ns = e->mono_ns - c->step_ns[0];
	c->handshake_quality = CONN_QUALITY_EXACT;
}

/*
 * Whether the kernel's first round trip is the time from the first SYN-ACK to the ACK. Whole
 * milliseconds are doubted, but where requests are told of: then one with a cookie is known.
 */
static bool is_srtt_exact(const struct event *e, bool requests)
{
	return e->srtt_us && !e->retransmits && e->srtt_us * NS_PER_US < e->mono_ns &&
	       (requests || e->srtt_us % TIMESTAMP_TICK_US);
}

/*
 * From the first SYN-ACK to the ACK: by the request's own stamp where a hook told of it, else by
 * the kernel's first round trip, which is just this when nothing was sent twice. The time of the
 * child's birth says nothing: it is born of the ACK, but for fast open.
 */
static void finish_server_handshake(struct conn *c, const struct event *e, bool requests)
{
	uint64_t birth_ns = c->step_ns[0];
	uint64_t latency_ns;

	if (!c->synack_ns)
		c->handshake_retransmits = e->retransmits;
	c->step_ns[0] = TIME_UNKNOWN;
	if (c->gaps || c->flags & CONN_SEEDED)
		return;
	/* The kernel measures no round trip of a cookie, or one that is off by tens of ms. */
	if (e->flags & EVENT_FLAG_SYNCOOKIE && !is_srtt_exact(e, false))
		c->handshake_flags |= CONN_HANDSHAKE_SYNCOOKIE;
	if (c->handshake_flags & CONN_HANDSHAKE_SYNCOOKIE)
		return;
	if (c->synack_ns && c->synack_ns < e->mono_ns)
		latency_ns = e->mono_ns - c->synack_ns;
	else if (is_srtt_exact(e, requests))
		latency_ns = e->srtt_us * NS_PER_US;
	else
		return;
	/*
	 * Only fast open has a child before the ACK; kernels up to 6.12 do not say so themselves.
	 */
	if (e->flags & EVENT_FLAG_FASTOPEN || (!c->synack_ns && latency_ns >= FASTOPEN_TELLING_NS &&
					       e->mono_ns - birth_ns > latency_ns))
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	c->handshake_ns = latency_ns;
	c->handshake_quality = c->handshake_flags & CONN_HANDSHAKE_DEFERRED ?
				       CONN_QUALITY_ESTIMATED :
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

/*
 * A process that closes leaves its socket to the kernel first; one that ends a socket which it
 * still holds, before the peer's FIN has come, resets the connection.
 */
static bool is_given_up(const struct event *e)
{
	return !(e->flags & EVENT_FLAG_FIN_RECEIVED) && !(e->shutdown & EVENT_SHUTDOWN_ORPHAN);
}

/* How it ended, from the state it ended in and the socket's error at that moment. */
static void decide_outcome(struct conn *c, const struct event *e)
{
	c->error = e->error;
	if (e->error) {
		c->outcome = outcome_of_error(e->error);
	} else if (e->from == STATE_LAST_ACK || e->from == STATE_CLOSING ||
		   (e->from == STATE_FIN_WAIT2 && !is_given_up(e))) {
		c->outcome = CONN_OUTCOME_CLOSED;
	} else if (e->from == STATE_SYN_SENT) {
		c->outcome = CONN_OUTCOME_ABORTED;
		/*
		 * connect() failed before a port was chosen: the kernel tells its caller, not the
		 * socket.
		 */
		if (!c->lport)
			c->error = EADDRNOTAVAIL;
	} else {
		c->outcome = CONN_OUTCOME_RESET_SENT;
	}
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

static void finish(struct conn *c, uint64_t mono_ns)
{
	add_step(c, STATE_CLOSED, mono_ns, false);
	c->flags |= CONN_FINISHED;
}

/*
 * The kernel closes the full socket when a timewait socket takes over. That one is in TIME_WAIT
 * only if the peer's FIN has come; else it waits for it in FIN_WAIT2.
 */
static void hand_over(struct conn *c, const struct event *e)
{
	c->flags |= CONN_MINISOCK;
	c->time_wait_quality = CONN_QUALITY_EXACT;
	if (e->substate == STATE_FIN_WAIT2)
		return;
	c->flags |= CONN_TIME_WAIT_SEEN;
	add_step(c, STATE_TIME_WAIT, e->mono_ns, false);
}

/* The same without a hook on timewait sockets: nobody says when a FIN_WAIT2 there ends. */
static void hand_over_unseen(struct conn *c, const struct event *e)
{
	bool entered = e->flags & EVENT_FLAG_FIN_RECEIVED;

	c->flags |= CONN_TIME_WAIT_SEEN | CONN_FINISHED;
	add_step(c, STATE_TIME_WAIT, entered ? e->mono_ns : TIME_UNKNOWN, !entered);
}

/*
 * A socket that nobody owns is handed over as soon as it is in FIN_WAIT2, or given up by its own
 * timer. That runs for at least three and a half retransmission timeouts, which are 200 ms or more.
 */
#define HAND_OVER_NS 200000000ull

/*
 * Due for a timewait socket, it got none: there was no room, or it was given up by its own timer.
 */
static void end_without_timewait(struct conn *c, const struct event *e)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];
	bool at_once = entered_ns != TIME_UNKNOWN && e->mono_ns - entered_ns < HAND_OVER_NS;

	if (e->flags & EVENT_FLAG_FIN_RECEIVED || e->from == STATE_CLOSING || at_once)
		c->time_wait_end = CONN_TW_END_OVERFLOW;
	else
		c->outcome = CONN_OUTCOME_RESET_SENT;
	finish(c, e->mono_ns);
}

static void close_socket(struct conn *c, const struct event *e, bool timewaits)
{
	c->flags |= CONN_HAS_COUNTERS;
	c->bytes_sent = e->bytes_sent;
	c->bytes_received = e->bytes_received;
	c->retransmits = e->retransmits;
	if (e->from == STATE_SYN_SENT)
		c->handshake_retransmits = e->retransmits;
	decide_outcome(c, e);
	if (c->outcome != CONN_OUTCOME_CLOSED || e->from == STATE_LAST_ACK)
		finish(c, e->mono_ns);
	else if (!timewaits)
		hand_over_unseen(c, e);
	else if (e->timewait)
		hand_over(c, e);
	else
		end_without_timewait(c, e);
	decide_initiator(c);
}

void life_step(struct conn *c, const struct event *e, const struct life_hooks *hooks)
{
	learn_endpoints(c, e);
	if (e->kind == EVENT_OPEN)
		learn_owner(c, e);
	/* Without word of requests, a listener that defers may have deferred this one. */
	if (e->from == STATE_LISTEN && e->flags & EVENT_FLAG_DEFERRED && !hooks->requests)
		c->handshake_flags |= CONN_HANDSHAKE_DEFERRED;
	if (e->from == STATE_SYN_SENT && e->to == STATE_SYN_RECV)
		c->handshake_flags |= CONN_HANDSHAKE_SIMULTANEOUS;
	/* Only fast open gives out a child that the ACK has not made. */
	if (c->role == CONN_ROLE_SERVER && e->from == STATE_SYN_RECV &&
	    (e->to == STATE_FIN_WAIT1 || e->to == STATE_CLOSE_WAIT))
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	if (e->to == STATE_ESTABLISHED) {
		if (c->role == CONN_ROLE_CLIENT)
			finish_client_handshake(c, e);
		else if (c->role == CONN_ROLE_SERVER)
			finish_server_handshake(c, e, hooks->requests);
	}
	if (e->to == STATE_CLOSED)
		close_socket(c, e, hooks->timewaits);
	else
		add_step(c, e->to, e->mono_ns, false);
}

void life_passive(struct conn *c, const struct event *e)
{
	c->synack_ns = e->synack_ns;
	c->handshake_retransmits = e->retransmits > UINT16_MAX ? UINT16_MAX : e->retransmits;
	c->handshake_flags &= ~CONN_HANDSHAKE_DEFERRED;
	if (e->flags & EVENT_FLAG_SYNCOOKIE)
		c->handshake_flags |= CONN_HANDSHAKE_SYNCOOKIE;
	if (e->flags & EVENT_FLAG_FASTOPEN)
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	if (e->flags & EVENT_FLAG_ACK_DROPPED)
		c->handshake_flags |= e->flags & EVENT_FLAG_DEFERRED ? CONN_HANDSHAKE_DEFERRED :
								       CONN_HANDSHAKE_QUEUE_FULL;
}

void life_accept(struct conn *c, const struct event *e)
{
	learn_owner(c, e);
	c->accept_ns = e->mono_ns;
}

/* Two hooks may tell of one segment, this far apart. */
#define SAME_SEGMENT_NS 1000000ull

static void rearm(struct conn *c, uint64_t mono_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];

	if (entered_ns != TIME_UNKNOWN && mono_ns - entered_ns < SAME_SEGMENT_NS)
		return;
	if (c->time_wait_rearms < UINT16_MAX)
		c->time_wait_rearms++;
}

void life_timewait(struct conn *c, const struct event *e)
{
	bool over = e->detail >= EVENT_TIMEWAIT_EXPIRED;

	if (conn_state(c) == STATE_TIME_WAIT) {
		if (e->detail == EVENT_TIMEWAIT_REARMED)
			rearm(c, e->mono_ns);
	} else if (e->from == STATE_TIME_WAIT) {
		/* The peer's FIN came; when, only the record of a segment tells. */
		c->flags |= CONN_TIME_WAIT_SEEN;
		if (over)
			c->time_wait_quality = CONN_QUALITY_UNKNOWN;
		add_step(c, STATE_TIME_WAIT, over ? TIME_UNKNOWN : e->mono_ns, over);
	}
	if (over)
		life_end_timewait(c, (enum event_timewait_act)e->detail, e->mono_ns);
}

void life_end_timewait(struct conn *c, enum event_timewait_act act, uint64_t mono_ns)
{
	static const struct {
		uint8_t end,
			outcome; /* of a TIME_WAIT; of a FIN_WAIT2 that never saw the peer's FIN */
	} ends[] = {
		[EVENT_TIMEWAIT_CANCELLED] = { CONN_TW_END_RESET, CONN_OUTCOME_RESET_RECEIVED },
		[EVENT_TIMEWAIT_EXPIRED] = { CONN_TW_END_EXPIRED, CONN_OUTCOME_TIMED_OUT },
		[EVENT_TIMEWAIT_REUSED] = { CONN_TW_END_REUSED, CONN_OUTCOME_ABORTED },
		[EVENT_TIMEWAIT_RESET] = { CONN_TW_END_RESET, CONN_OUTCOME_RESET_RECEIVED },
		[EVENT_TIMEWAIT_PURGED] = { CONN_TW_END_PURGED, CONN_OUTCOME_ABORTED },
	};

	if (conn_state(c) == STATE_TIME_WAIT)
		c->time_wait_end = ends[act].end;
	else
		c->outcome = ends[act].outcome;
	finish(c, mono_ns);
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
	return c->role == CONN_ROLE_SERVER && c->step_count == 1 &&
	       c->step_state[0] == STATE_SYN_RECV;
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
