// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of one connection: RFC 9293's life, told from the kernel's transitions. */
#include <string.h>

#include "user/base/atom.h"
#include "user/base/units.h"
#include "user/conn/flow.h"
#include "user/conn/life.h"
#include "user/conn/life_parts.h"
#include "user/conn/listeners.h"
#include "user/conn/snapshot.h"
#include "user/event/bundle.h"

/*
 * A round trip taken from a timestamp echo is in whole milliseconds and, behind a SYN cookie, off
 * by up to 63 of them; one that the kernel measured itself is a whole millisecond once in a
 * thousand.
 */
#define TIMESTAMP_TICK_US 1000

/*
 * Below this, the time between two events of one softirq may exceed the round trip by mere noise.
 */
#define FASTOPEN_TELLING_NS NS_PER_MS

bool life_is_birth(const struct event *e)
{
	return e->kind != EVENT_DESTROY &&
	       (e->to == STATE_SYN_SENT || (e->from == STATE_LISTEN && e->to == STATE_SYN_RECV));
}

/* No legal life is this long: keep the beginning and the end, and say so. */
static uint64_t drop_step(struct conn *c, enum tcp_state state, uint64_t mono_ns)
{
	c->flags |= CONN_INCOMPLETE;
	c->step_count--;
	if (c->step_told > c->step_count)
		c->step_told = c->step_count;
	/* What stood between these two is gone: no time from one to the other is a dwell. */
	c->step_ns[c->step_count - 1] = TIME_UNKNOWN;
	return state == STATE_CLOSED ? mono_ns : TIME_UNKNOWN;
}

static inline void add_step(struct conn *c, enum tcp_state state, uint64_t mono_ns, bool inferred)
{
	unsigned int i;

	if (c->step_count == CONN_STEPS)
		mono_ns = drop_step(c, state, mono_ns);
	i = c->step_count++;
	c->step_state[i] = state;
	c->step_ns[i] = mono_ns;
	c->step_inferred = (uint8_t)((c->step_inferred & ~(1u << i)) | (unsigned int)inferred << i);
}

void life_add_step(struct conn *c, enum tcp_state state, uint64_t mono_ns, bool inferred)
{
	add_step(c, state, mono_ns, inferred);
}

static void note_gap(struct conn *c)
{
	c->flags |= CONN_INCOMPLETE;
	if (c->gaps < CONN_GAPS_MAX)
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
		c->step_ns[0] = e->mono_ns;
		return;
	}
	if (e->flags & EVENT_FLAG_REPAIRED && e->to == STATE_SYN_SENT) {
		c->handshake_flags |= CONN_HANDSHAKE_RESTORED;
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
	life_add_step(c, e->from, TIME_UNKNOWN, true);
	c->step_told = 1;
}

void life_learn_ends(struct conn *c, const struct seed *seed)
{
	c->lport = seed->lport;
	c->rport = seed->rport;
	c->laddr = seed->laddr;
	c->raddr = seed->raddr;
	c->ifindex = seed->ifindex;
	c->ifname = seed->ifname;
	c->flow = seed->flow;
	c->flags |= CONN_HAS_ENDPOINTS;
}

void life_adopt(struct conn *c, const struct seed *seed, enum conn_role role)
{
	life_learn_ends(c, seed);
	c->role = (uint8_t)role;
	c->cgroup = seed->cgroup;
	if (c->step_count == 1) {
		c->step_ns[1] = seed_since(seed);
		c->step_ns[2] = seed->marks & EVENT_SOCKET_UNACCEPTED;
	}
	if (seed->pid != PID_UNKNOWN) {
		const char *comm = atom_text(seed->comm);

		c->pid = seed->pid;
		c->uid = seed->uid;
		memcpy(c->comm, comm, strnlen(comm, sizeof(c->comm)));
		c->process = PROCESS_IS_COMM;
		c->flags |= CONN_HAS_OWNER;
	}
	if (seed->flags & EVENT_FLAG_MPTCP)
		c->flags |= CONN_MPTCP;
	if (seed->flags & EVENT_FLAG_WIRE)
		c->flags |= CONN_WIRE;
}

bool life_is_repeated(const struct conn *c, const struct event *e)
{
	if (life_is_put_off(c))
		return e->witness && e->to == STATE_CLOSED;
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
		life_add_step(c, between, TIME_UNKNOWN, true);
	life_add_step(c, from, TIME_UNKNOWN, true);
}

/* It never got a port: the socket shows that of its former connection. */
static bool is_left_port(const struct conn *c, const struct event *e)
{
	return e->from == STATE_SYN_SENT && e->to == STATE_CLOSED && !c->lport &&
	       e->signs & EVENT_SIGN_SILENT && e->lport == c->left_lport;
}

static void learn_endpoints(struct conn *c, const struct event *e)
{
	/* A PASSIVE that came before the birth does not name the namespace. */
	c->netns = e->netns;
	if (e->lport && !is_left_port(c, e))
		c->lport = e->lport;
	if (e->kind == EVENT_OPEN)
		c->left_lport = e->left_lport;
	if (e->srtt_us)
		c->srtt_us = e->srtt_us;
	if (e->ifindex) {
		c->ifindex = e->ifindex;
		c->ifname = e->ifname;
	}
	if (e->flags & EVENT_FLAG_MPTCP)
		c->flags |= CONN_MPTCP;
	else if (e->kind == EVENT_CLOSE && c->flags & CONN_SUBFLOW && c->role == CONN_ROLE_CLIENT)
		c->flags &= ~CONN_MPTCP; /* the peer has not agreed */
	if (!(e->flags & EVENT_FLAG_ENDPOINTS))
		return;
	c->rport = e->rport;
	c->laddr = e->laddr;
	c->raddr = e->raddr;
	c->flags |= CONN_HAS_ENDPOINTS;
}

static void learn_owner(struct conn *c, const struct event *e)
{
	if (e->cgroup)
		c->cgroup = e->cgroup;
	/* Whoever did it did it for somebody whom nothing named. */
	if (!e->pid && !*e->comm)
		return;
	c->pid = e->pid;
	c->uid = e->uid;
	memcpy(c->comm, e->comm, sizeof(c->comm));
	c->process = conn_process_of(e->comm, e->process, &(struct share){ e->uid, e->netns });
	c->flags |= CONN_HAS_OWNER;
	c->flags &= ~CONN_OF_LISTENER;
}

/* From the first SYN to ESTABLISHED. */
static void finish_client_handshake(struct conn *c, const struct event *e)
{
	c->handshake_retransmits = life_cap(e->retransmits);
	if (c->step_state[0] != STATE_SYN_SENT || c->step_ns[0] == TIME_UNKNOWN ||
	    e->mono_ns < c->step_ns[0] || c->gaps)
		return;
	if (e->flags & EVENT_FLAG_FASTOPEN)
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	/* The kernel's first round trip begins when the SYN leaves, unless another one did. */
	if (!(c->handshake_flags & CONN_HANDSHAKE_PUT_OFF))
		c->handshake_ns = e->mono_ns - c->step_ns[0];
	else if (e->srtt_us && !e->retransmits)
		c->handshake_ns = e->srtt_us * NS_PER_US;
	else
		return;
	c->handshake_quality = CONN_QUALITY_EXACT;
}

/*
 * Whether the kernel's first round trip is the time from the first SYN-ACK to the ACK. Whole
 * milliseconds are doubted, but where requests are told of: then one with a cookie is known. So
 * they are of MPTCP: the kernel drops the request of a subflow that joins before it measures, and
 * is left with the timestamps.
 */
static bool is_srtt_exact(const struct event *e, bool requests)
{
	return e->srtt_us && !e->retransmits && !(e->flags & EVENT_FLAG_SENT_EARLY) &&
	       e->srtt_us * NS_PER_US < e->mono_ns && (requests || e->srtt_us % TIMESTAMP_TICK_US);
}

bool life_is_round_trip(uint64_t birth_ns, uint64_t established_ns, uint32_t srtt_us, bool requests)
{
	uint64_t latency_ns = srtt_us * NS_PER_US;

	return srtt_us && latency_ns < established_ns &&
	       (requests || srtt_us % TIMESTAMP_TICK_US) &&
	       (latency_ns < FASTOPEN_TELLING_NS || established_ns - birth_ns <= latency_ns);
}

/* Of a connection whose accept was deferred: the ACK that was dropped, between the two. */
static bool is_ack_seen(const struct conn *c, const struct event *e)
{
	return c->handshake_flags & CONN_HANDSHAKE_DEFERRED && c->synack_ns &&
	       c->ack_ns >= c->synack_ns && c->ack_ns <= e->mono_ns;
}

/*
 * As a capture saw it: wherever that was made, from the SYN that was answered to the ACK that was
 * the answer's is once to the server and back, and once to the client and back. Without the SYN the
 * way to the server is missing.
 */
static void finish_wire_handshake(struct conn *c, const struct event *e)
{
	uint64_t syn_ns = c->ack_ns, synack_ns = c->synack_ns ? c->synack_ns : TIME_UNKNOWN;

	c->step_ns[0] = c->gaps ? TIME_UNKNOWN : synack_ns;
	if (c->gaps || c->flags & CONN_SEEDED)
		return;
	c->handshake_ns = conn_between(syn_ns ? syn_ns : synack_ns, e->mono_ns);
	c->handshake_quality = c->handshake_ns == TIME_UNKNOWN ? CONN_QUALITY_UNKNOWN :
			       syn_ns			       ? CONN_QUALITY_EXACT :
								 CONN_QUALITY_ESTIMATED;
}

/* At least two segments passed: what takes no time by the clock of a capture was not measured. */
static void doubt_wire_handshake(struct conn *c)
{
	if (c->handshake_ns)
		return;
	c->handshake_ns = TIME_UNKNOWN;
	c->handshake_quality = CONN_QUALITY_UNKNOWN;
}

/*
 * From the first SYN-ACK to the ACK: by the request's own stamp where a hook told of it, else by
 * the kernel's first round trip, which is just this when nothing was sent twice. The time of the
 * child's birth says nothing: it is born of the ACK, but for fast open.
 */
static __attribute__((noinline)) void finish_server_handshake(struct conn *c, const struct event *e,
							      bool requests)
{
	uint64_t birth_ns = c->step_ns[0], latency_ns;
	bool is_older = birth_ns <= e->mono_ns; /* TIME_UNKNOWN is not */

	if (!c->synack_ns)
		c->handshake_retransmits = life_cap(e->retransmits);
	c->step_ns[0] = TIME_UNKNOWN;
	if (c->gaps || c->flags & CONN_SEEDED)
		return;
	/* The kernel measures no round trip of a cookie, or one that is off by tens of ms. */
	if (e->flags & EVENT_FLAG_SYNCOOKIE && !is_srtt_exact(e, false))
		c->handshake_flags |= CONN_HANDSHAKE_SYNCOOKIE;
	if (c->handshake_flags & CONN_HANDSHAKE_SYNCOOKIE)
		return;
	c->handshake_quality = CONN_QUALITY_EXACT;
	if (is_ack_seen(c, e)) {
		/* The kernel waited on, for data: that is no handshake. */
		c->handshake_ns = c->ack_ns - c->synack_ns;
		c->step_ns[0] = c->synack_ns;
		return;
	}
	if (c->synack_ns && c->synack_ns < e->mono_ns) {
		latency_ns = e->mono_ns - c->synack_ns;
	} else if (is_srtt_exact(e, requests && !(e->flags & EVENT_FLAG_MPTCP))) {
		latency_ns = e->srtt_us * NS_PER_US;
	} else if (c->handshake_flags & CONN_HANDSHAKE_FASTOPEN && is_older) {
		/* Its SYN-ACK left when it was made. */
		latency_ns = e->mono_ns - birth_ns;
		c->handshake_quality = CONN_QUALITY_ESTIMATED;
	} else {
		c->handshake_quality = CONN_QUALITY_UNKNOWN;
		return;
	}
	/*
	 * Only fast open has a child before the ACK; kernels up to 6.12 do not say so themselves.
	 */
	if (!c->synack_ns && latency_ns >= FASTOPEN_TELLING_NS && is_older &&
	    e->mono_ns - birth_ns > latency_ns)
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	c->handshake_ns = latency_ns;
	if (c->handshake_flags & (CONN_HANDSHAKE_DEFERRED | CONN_HANDSHAKE_DOUBTED))
		c->handshake_quality = CONN_QUALITY_ESTIMATED;
	c->step_ns[0] = e->mono_ns - latency_ns;
}

static void note(struct conn *c, uint64_t mono_ns)
{
	if (!(c->flags & CONN_HAS_COUNTERS))
		c->noted_ns = mono_ns;
}

bool life_reset(struct conn *c, const struct event *e)
{
	static const uint16_t evidence[] = {
		[EVENT_RESET_RECEIVED] = CAUSE_RESET_RECEIVED,
		[EVENT_RESET_SENT] = CAUSE_RESET_SENT,
		[EVENT_RESET_ANSWERED] = CAUSE_RESET_ANSWERED,
		[EVENT_RESET_DISCONNECTED] = CAUSE_DISCONNECT,
		[EVENT_RESET_ABORTED] = CAUSE_ABORT,
		[EVENT_RESET_STRAY] = 0,
	};
	bool sent = e->detail == EVENT_RESET_SENT || e->detail == EVENT_RESET_ANSWERED;

	/* A connection goes on after an answer to a segment that was none of its own. */
	if (e->detail == EVENT_RESET_ANSWERED && !(c->flags & (CONN_AWAITED | CONN_MINISOCK)))
		return false;
	c->evidence |= evidence[e->detail];
	if (e->is_memory)
		c->evidence |= CAUSE_MEMORY;
	else if (e->sort == EVENT_RESET_SORT_UNREAD && !(c->flags & CONN_MPTCP))
		c->evidence |= CAUSE_SAID_UNREAD; /* of subflows it says so whatever the reason */
	else if (e->sort == EVENT_RESET_SORT_OTHER)
		c->evidence |= CAUSE_SAID_OTHER;
	if (e->detail == EVENT_RESET_DISCONNECTED || e->detail == EVENT_RESET_ABORTED)
		note(c, e->mono_ns);
	if (sent && e->reason != EVENT_REASON_NONE)
		c->reset_reason = e->reason < UINT8_MAX ? e->reason + 1 : UINT8_MAX;
	return sent && c->flags & CONN_AWAITED;
}

void life_send_synack_again(struct conn *c)
{
	if (c->handshake_retransmits < UINT8_MAX)
		c->handshake_retransmits++;
}

void life_error(struct conn *c, const struct event *e)
{
	if (c->flags & (CONN_FINISHED | CONN_MINISOCK))
		return;
	c->error = e->error;
	note(c, e->mono_ns);
}

/* What only the first steps of a life tell of. */
static void learn_opening(struct conn *c, const struct event *e, const struct life_sight *sight)
{
	if (e->kind == EVENT_OPEN)
		learn_owner(c, e);
	/* Without word of requests, a listener that defers may have deferred this one. */
	if (e->from == STATE_LISTEN && !sight->requests) {
		if (e->flags & EVENT_FLAG_DEFERRED)
			c->handshake_flags |= CONN_HANDSHAKE_DEFERRED;
		else if (e->flags & EVENT_FLAG_ACK_DROPPED)
			c->handshake_flags |= CONN_HANDSHAKE_DOUBTED;
	}
	if (e->from == STATE_SYN_SENT && e->to == STATE_SYN_RECV)
		c->handshake_flags |= CONN_HANDSHAKE_SIMULTANEOUS;
	/* Only fast open gives out a child that the ACK has not made. */
	if (c->role == CONN_ROLE_SERVER && e->from == STATE_SYN_RECV &&
	    (e->to == STATE_FIN_WAIT1 || e->to == STATE_CLOSE_WAIT ||
	     e->flags & EVENT_FLAG_FASTOPEN))
		c->handshake_flags |= CONN_HANDSHAKE_FASTOPEN;
	if (e->kind == EVENT_OPEN && e->flags & EVENT_FLAG_PUT_OFF)
		c->handshake_flags |= CONN_HANDSHAKE_PUT_OFF;
}

/* A server's child counts from behind its SYN, which its request sent. */
static void learn_flow(struct conn *c, const struct event *e)
{
	static const uint8_t both = EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;

	if ((e->sequences & both) == both && c->role != CONN_ROLE_UNKNOWN &&
	    !(c->handshake_flags & CONN_HANDSHAKE_RESTORED))
		c->flow = flow_of(e->local_seq - (c->role == CONN_ROLE_SERVER), e->peer_seq);
}

static void learn_wire(struct conn *c, const struct event *e)
{
	c->flags |= CONN_WIRE;
	if (e->to == STATE_ESTABLISHED)
		c->flags |= (e->left_lport & 3U) << CONN_POINT_SHIFT;
	if (!(e->flags & EVENT_FLAG_WIRE_GAP))
		return;
	note_gap(c);
	/* It may have been in other states since then; when it came to this one was told. */
	if (c->step_count)
		c->step_broken |= (uint8_t)(1U << (c->step_count - 1));
}

void life_step(struct conn *c, const struct event *e, const struct life_sight *sight)
{
	static const unsigned int opening = 1U << STATE_CLOSED | 1U << STATE_LISTEN |
					    1U << STATE_SYN_SENT | 1U << STATE_SYN_RECV;

	learn_endpoints(c, e);
	if (e->flags & EVENT_FLAG_WIRE)
		learn_wire(c, e);
	if (opening >> e->from & 1)
		learn_opening(c, e, sight);
	/* Of what comes with a SYN-ACK, the FIN is not counted. */
	if (e->flags & EVENT_FLAG_ONE_SEGMENT && c->role == CONN_ROLE_CLIENT)
		c->flags |= CONN_FIN_UNCOUNTED;
	if (e->to == STATE_CLOSED) {
		life_close(c, e, sight);
		return;
	}
	if (e->to == STATE_ESTABLISHED && e->sequences)
		learn_flow(c, e);
	if (e->to == STATE_ESTABLISHED && c->role == CONN_ROLE_CLIENT)
		finish_client_handshake(c, e);
	else if (e->to == STATE_ESTABLISHED && c->flags & CONN_WIRE && c->role == CONN_ROLE_SERVER)
		finish_wire_handshake(c, e);
	else if (e->to == STATE_ESTABLISHED && c->role == CONN_ROLE_SERVER)
		finish_server_handshake(c, e, sight->requests);
	if (e->to == STATE_ESTABLISHED && c->flags & CONN_WIRE)
		doubt_wire_handshake(c);
	if (e->flags & EVENT_FLAG_WIRE && e->flags & EVENT_FLAG_WIRE_LATE)
		add_step(c, e->to, TIME_UNKNOWN, true);
	else
		add_step(c, e->to, e->mono_ns, false);
}

void life_pass(struct conn *c, const struct event_steps_at *steps, unsigned int first,
	       unsigned int count)
{
	unsigned int at = c->step_count;

	/* A birth, one that made it open, and those that a record has room for. */
	_Static_assert(EVENT_STEPS < CONN_STEPS, "a life of one record has room for its CLOSE");
	for (unsigned int i = 0; i < count; i++) {
		c->step_state[at + i] = EVENT_TO(steps->at.step[first + i].states);
		c->step_ns[at + i] = steps->at.step[first + i].mono_ns;
	}
	c->step_count = (uint8_t)(at + count) & 15;
}

void life_fail(struct conn *c, const struct event *e)
{
	memset(c, 0, sizeof(*c));
	c->sock = e->sock;
	c->role = CONN_ROLE_CLIENT;
	c->handshake_ns = TIME_UNKNOWN;
	learn_endpoints(c, e);
	learn_owner(c, e);
	life_finish(c, e->mono_ns);
	c->flags |= CONN_UNSENT;
	c->error = e->error;
	life_set_cause(c, CONN_CAUSE_CONNECT_FAILED);
}

void life_passive(struct conn *c, const struct event *e)
{
	c->synack_ns = e->synack_ns;
	c->ack_ns = e->ack_ns;
	c->handshake_retransmits = life_cap(e->retransmits);
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

void life_own_by_listener(struct conn *c, const struct listener_owner *owner)
{
	c->pid = owner->pid;
	c->uid = owner->uid;
	if (owner->cgroup)
		c->cgroup = owner->cgroup;
	memcpy(c->comm, owner->comm, sizeof(c->comm));
	c->process = owner->process;
	c->flags |= CONN_HAS_OWNER | CONN_OF_LISTENER;
}

void life_end_unseen(struct conn *c)
{
	note_gap(c);
	c->flags |= CONN_FINISHED;
	life_add_step(c, STATE_CLOSED, TIME_UNKNOWN, true);
	life_set_cause(c, CONN_CAUSE_UNKNOWN);
}

bool life_is_embryo(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->step_count == 1 &&
	       c->step_state[0] == STATE_SYN_RECV;
}

bool life_is_stillborn(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->flags & CONN_FINISHED && c->step_count == 2 &&
	       c->step_state[0] == STATE_SYN_RECV && !c->error &&
	       !(c->handshake_flags & CONN_HANDSHAKE_FASTOPEN);
}

void life_transition(const struct conn *c, unsigned int step, struct transition *ret_transition)
{
	ret_transition->from = step ? c->step_state[step - 1] : STATE_CLOSED;
	ret_transition->to = c->step_state[step];
	ret_transition->mono_ns = c->step_ns[step];
	ret_transition->dwell_ns = step ? conn_dwell(c, step - 1) : TIME_UNKNOWN;
	ret_transition->inferred = c->step_inferred >> step & 1;
}
