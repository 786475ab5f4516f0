// SPDX-License-Identifier: GPL-2.0-only
/* The end of a socket: why it came, by whom, and whether a timewait socket takes over. */
#include <errno.h>

#include "user/base/units.h"
#include "user/conn/life.h"
#include "user/conn/life_parts.h"

/* Bits of sk_shutdown. */
#define SHUTDOWN_RECEIVE 1
#define SHUTDOWN_BOTH 3

/*
 * A process that closes leaves its socket to the kernel first; one that ends a socket which it
 * still holds, before the peer's FIN has come, resets the connection. So does the kernel where
 * TCP_LINGER2 is below 0.
 */
static bool is_given_up(const struct event *e)
{
	return !(e->flags & EVENT_FLAG_FIN_RECEIVED) &&
	       (!(e->shutdown & EVENT_SHUTDOWN_ORPHAN) || e->signs & EVENT_SIGN_IMPATIENT);
}

/*
 * Who began to close, by the first of the states that only one side's FIN leads to; as its cause
 * says, if it was in none of them.
 */
static enum conn_initiator initiator_of(const struct conn *c, enum conn_cause cause)
{
	static const uint8_t initiators[STATE_COUNT] = {
		[STATE_CLOSING] = CONN_INITIATOR_BOTH,
		[STATE_CLOSE_WAIT] = CONN_INITIATOR_REMOTE,
		[STATE_LAST_ACK] = CONN_INITIATOR_REMOTE,
		[STATE_FIN_WAIT1] = CONN_INITIATOR_LOCAL,
		[STATE_FIN_WAIT2] = CONN_INITIATOR_LOCAL,
	};
	bool local = false;

	for (unsigned int i = 0; i < c->step_count; i++) {
		uint8_t initiator = initiators[c->step_state[i]];

		if (initiator == CONN_INITIATOR_LOCAL)
			local = true;
		else if (initiator)
			return (enum conn_initiator)initiator;
	}
	return local ? CONN_INITIATOR_LOCAL : (enum conn_initiator)cause_of(cause)->initiator;
}

static void set_cause(struct conn *c, enum conn_cause cause, enum conn_initiator initiator)
{
	c->cause = cause;
	c->outcome = cause_of(cause)->outcome;
	c->initiator = initiator;
}

void life_set_cause(struct conn *c, enum conn_cause cause)
{
	set_cause(c, cause, initiator_of(c, cause));
}

static void set_closed(struct conn *c)
{
	enum conn_initiator initiator = initiator_of(c, (enum conn_cause)c->cause);
	enum conn_cause cause = cause_of_closed(initiator);

	c->error = 0;
	set_cause(c, cause, cause_of(cause)->initiator);
}

void life_note_time_wait(struct conn *c)
{
	c->flags |= CONN_TIME_WAIT_SEEN;
	set_closed(c);
}

void life_enter_time_wait(struct conn *c, uint64_t mono_ns, bool inferred)
{
	life_add_step(c, STATE_TIME_WAIT, mono_ns, inferred);
	life_note_time_wait(c);
}

/* What the socket itself shows of its end. */
static uint32_t evidence_of(const struct event *e)
{
	static const uint32_t of_sign[] = {
#define SIGN(NAME, EVIDENCE) [__builtin_ctz(EVENT_SIGN_##NAME)] = CAUSE_##EVIDENCE
		SIGN(HELD, HELD),
		SIGN(LINGER_ZERO, LINGER_ZERO),
		SIGN(USER_TIMEOUT, MAY_BE_OVER),
		SIGN(TIME_OVER, TIME_OVER),
		SIGN(UNREAD, UNREAD),
		SIGN(DYING, DYING),
		SIGN(UNACKED, UNACKED),
		SIGN(SHUT_DOWN, SHUT_DOWN),
		SIGN(CONNECTING, CONNECTING),
		SIGN(SYNACK_OUT, SYNACK_OUT),
#undef SIGN
	};
	const unsigned int known = (1U << sizeof(of_sign) / sizeof(*of_sign)) - 1;
	uint32_t evidence = e->flags & EVENT_FLAG_REPAIRED ? CAUSE_REPAIRED : 0;

	for (unsigned int signs = e->signs & known; signs; signs &= signs - 1)
		evidence |= of_sign[__builtin_ctz(signs)];
	if (e->shutdown & EVENT_SHUTDOWN_ORPHAN)
		evidence |= CAUSE_DEAD;
	if (e->tries)
		evidence |= CAUSE_TRIES;
	if (e->probes)
		evidence |= CAUSE_PROBES;
	if (e->shutdown & SHUTDOWN_RECEIVE)
		evidence |= CAUSE_SHUT_RECEIVE;
	if ((e->shutdown & SHUTDOWN_BOTH) == SHUTDOWN_BOTH)
		evidence |= CAUSE_SHUT_BOTH;
	return evidence;
}

/* What was seen longer before the end than this has nothing to do with it. */
#define NOTE_AGES_NS 20000000ull

/* What came too long ago to tell of the end. */
static void forget_old_notes(struct conn *c, uint64_t now_ns)
{
	if (c->flags & CONN_HAS_COUNTERS || now_ns - c->noted_ns <= NOTE_AGES_NS)
		return;
	c->error = 0;
	c->evidence &= (uint16_t) ~(CAUSE_DISCONNECT | CAUSE_ABORT);
}

/*
 * The error of a socket that timed out or was reset may be gone by now, since another CPU woke its
 * owner, who asked for it. Who closes a socket has the reason in himself.
 */
static void learn_error(struct conn *c, const struct event *e)
{
	forget_old_notes(c, e->mono_ns);
	if (e->error)
		c->error = e->error;
	else if ((e->shutdown & SHUTDOWN_BOTH) == SHUTDOWN_BOTH || e->from == STATE_LAST_ACK)
		c->error = 0;
}

void life_finish(struct conn *c, uint64_t mono_ns)
{
	life_add_step(c, STATE_CLOSED, mono_ns, false);
	c->flags |= CONN_FINISHED;
}

/*
 * The kernel closes the full socket when a timewait socket takes over. That one is in TIME_WAIT
 * only if the peer's FIN has come; else it waits for it in FIN_WAIT2, and nothing is over yet.
 */
static void hand_over(struct conn *c, const struct event *e, enum tcp_state substate,
		      enum conn_quality quality)
{
	c->flags |= CONN_MINISOCK;
	c->time_wait_quality = quality;
	c->error = 0;
	if (substate != STATE_FIN_WAIT2)
		life_enter_time_wait(c, e->mono_ns, false);
}

/* The same where looking at it will tell; the full socket knows whether the FIN has come. */
static void hand_over_polled(struct conn *c, const struct event *e)
{
	hand_over(c, e, e->flags & EVENT_FLAG_FIN_RECEIVED ? STATE_TIME_WAIT : STATE_FIN_WAIT2,
		  CONN_QUALITY_ESTIMATED);
}

void life_leave_unknown(struct conn *c)
{
	life_set_cause(c, CONN_CAUSE_UNKNOWN);
	life_add_step(c, STATE_CLOSED, TIME_UNKNOWN, true);
	c->flags |= CONN_FINISHED;
}

/*
 * The same where nobody told of the timewait socket: whether a FIN_WAIT2 there will end by the
 * peer's FIN, by a reset or by its time, nobody tells either.
 */
static void hand_over_unseen(struct conn *c, const struct event *e)
{
	c->error = 0;
	if (e->flags & EVENT_FLAG_FIN_RECEIVED || e->from == STATE_CLOSING) {
		c->flags |= CONN_FINISHED;
		life_enter_time_wait(c, e->mono_ns, false);
	} else {
		life_leave_unknown(c);
	}
}

/*
 * Where nobody tells of a timewait socket as it begins: who has closed its socket, and whose FIN is
 * acknowledged, is handed over to one, or answers data that comes with that ACK, and then there is
 * none. A reset tells that, behind the CLOSE: its time is kept until then.
 */
static bool put_off(struct conn *c, const struct event *e, const struct life_sight *sight)
{
	if (e->from != STATE_FIN_WAIT2 || e->timewait || e->flags & EVENT_FLAG_FIN_RECEIVED ||
	    !sight->resets || c->step_count >= CONN_STEPS)
		return false;
	c->step_ns[c->step_count] = e->mono_ns;
	c->flags |= CONN_AWAITED;
	return true;
}

bool life_is_put_off(const struct conn *c)
{
	return c->flags & CONN_AWAITED && c->step_count && conn_state(c) == STATE_FIN_WAIT2;
}

static struct cause_facts facts_of(const struct conn *c, enum tcp_state from, unsigned int more)
{
	/* Nobody who captures sees who accepts. */
	bool passive = c->role == CONN_ROLE_SERVER && !c->accept_ns && !(c->flags & CONN_WIRE);

	return (struct cause_facts){
		.from = from,
		.error = c->error,
		.evidence = c->evidence,
		.conditions = more | (passive ? CAUSE_PASSIVE : 0) |
			      (c->flags & CONN_UNHEARD ? 0 : CAUSE_HEARD) |
			      (c->is_impatient ? CAUSE_IMPATIENT : 0) |
			      (c->flags & CONN_MPTCP   ? CAUSE_SUBFLOW :
			       c->flags & CONN_SUBFLOW ? CAUSE_FELL_BACK :
							 0),
	};
}

/*
 * A socket that nobody owns is handed over as soon as it is in FIN_WAIT2, or given up by its own
 * timer. That runs for at least three and a half retransmission timeouts, which are 200 ms or more.
 */
#define HAND_OVER_NS (200 * NS_PER_MS)

/* How long it was in the state before this one at most: when that began may not be known. */
static uint64_t last_dwell_at_most(const struct conn *c)
{
	uint64_t entered_ns = TIME_UNKNOWN;

	for (unsigned int i = c->step_count - 1U; entered_ns == TIME_UNKNOWN && i; i--)
		entered_ns = conn_step_time(c, i - 1);
	return conn_between(entered_ns, conn_step_time(c, c->step_count - 1U));
}

/*
 * Due for a timewait socket, it was handed over to none; then a reset tells, or the time, whether
 * it had to be.
 */
static bool lacks_timewait(const struct conn *c, enum tcp_state from)
{
	uint64_t dwell_ns = conn_dwell(c, c->step_count - 2U);

	return from == STATE_FIN_WAIT2 && !c->error && !c->is_impatient &&
	       c->evidence & CAUSE_DEAD &&
	       !(c->evidence & (CAUSE_RESET_SENT | CAUSE_RESET_ANSWERED)) &&
	       (dwell_ns < HAND_OVER_NS || dwell_ns == TIME_UNKNOWN);
}

/* There was no room for a timewait socket: nobody waits for a FIN that has not come. */
static void end_without_timewait(struct conn *c, bool has_fin)
{
	c->time_wait_end = CONN_TW_END_OVERFLOW;
	if (has_fin)
		set_closed(c);
	else
		life_set_cause(c, CONN_CAUSE_NO_TIME_WAIT);
}

static void decide(struct conn *c, const struct cause_facts *facts)
{
	bool owes = true;

	if (lacks_timewait(c, facts->from) && c->flags & CONN_NO_ROOM &&
	    last_dwell_at_most(c) < HAND_OVER_NS)
		end_without_timewait(c, false);
	else if (lacks_timewait(c, facts->from))
		/* It may have one that nobody told of. */
		life_set_cause(c, CONN_CAUSE_UNKNOWN);
	else
		life_set_cause(c, cause_decide(facts, &owes));
	if (!owes)
		c->error = 0;
	if (c->cause == CONN_CAUSE_CONNECT_UNSENT || c->cause == CONN_CAUSE_CONNECT_FAILED)
		c->flags |= CONN_UNSENT;
	if (facts->conditions & CAUSE_SILENT && !c->lport)
		/* The kernel tells its caller, not the socket. */
		c->error = EADDRNOTAVAIL;
}

/* Whether there was no reset where nobody told of one. */
static unsigned int watched(const struct life_sight *sight)
{
	return sight->resets && !sight->resets_lost ? CAUSE_WATCHED : 0;
}

static bool is_polled(const struct conn *c, const struct life_sight *sight)
{
	return sight->polls && c->flags & CONN_HAS_ENDPOINTS && c->lport;
}

/* No reset told that there is no timewait socket. */
static void hand_over_late(struct conn *c, const struct life_sight *sight)
{
	c->error = 0;
	if (is_polled(c, sight)) {
		c->flags |= CONN_MINISOCK;
		c->time_wait_quality = CONN_QUALITY_ESTIMATED;
	} else {
		life_leave_unknown(c);
	}
}

void life_settle(struct conn *c, const struct life_sight *sight)
{
	bool is_answered = c->evidence & (CAUSE_RESET_SENT | CAUSE_RESET_ANSWERED);
	struct cause_facts facts;

	if (life_is_put_off(c)) {
		c->flags &= ~CONN_AWAITED;
		if (!is_answered) {
			hand_over_late(c, sight);
			return;
		}
		life_finish(c, c->step_ns[c->step_count]);
	}
	facts = facts_of(c, (enum tcp_state)c->step_state[c->step_count - 2], watched(sight));
	c->flags &= ~CONN_AWAITED;
	/* Of a connect that failed, only the error was awaited. */
	if (!(c->flags & CONN_UNSENT))
		decide(c, &facts);
}

static void learn_counters(struct conn *c, const struct event *e)
{
	/* Of one that was there before, a capture knows a part. */
	if (c->flags & CONN_WIRE && (c->flags & CONN_SEEDED || e->flags & EVENT_FLAG_WIRE_LATE))
		return;
	c->flags |= CONN_HAS_COUNTERS;
	c->bytes_sent = e->bytes_sent;
	c->bytes_received = e->bytes_received;
	c->retransmits = e->retransmits;
	c->segments_sent = e->segments_sent;
	c->segments_received = e->segments_received;
	c->min_rtt_us = e->min_rtt_us != UINT32_MAX ? e->min_rtt_us : 0;
	if (c->flags & CONN_FIN_UNCOUNTED)
		c->bytes_received++;
	/* A child that is closed in SYN_RECV was accepted early: only its SYN-ACK left again. */
	if (e->from == STATE_SYN_SENT || e->from == STATE_SYN_RECV)
		c->handshake_retransmits = life_cap(e->retransmits);
}

/* Its FIN was acknowledged, and no error or reset came in between. */
static bool is_in_order(const struct cause_facts *facts, const struct event *e,
			const struct life_sight *sight)
{
	if (e->error && !cause_is_passing(facts))
		return false;
	if (e->from == STATE_CLOSING)
		return !(e->signs & EVENT_SIGN_UNACKED);
	if (sight->timewaits)
		return e->flags & EVENT_FLAG_FIN_RECEIVED;
	return !is_given_up(e) && !(facts->evidence & CAUSE_RESET_SENT);
}

/* Whether its end is in order, and a timewait socket is due. */
static bool has_timewait(const struct cause_facts *facts, const struct event *e,
			 const struct life_sight *sight)
{
	if (e->from != STATE_FIN_WAIT2 && e->from != STATE_CLOSING)
		return false;
	if (e->flags & EVENT_FLAG_WIRE)
		return e->timewait;
	return e->timewait || is_in_order(facts, e, sight);
}

void life_close(struct conn *c, const struct event *e, const struct life_sight *sight)
{
	bool silent = e->from == STATE_SYN_SENT && (e->signs & EVENT_SIGN_SILENT || !c->lport);
	uint32_t evidence = evidence_of(e);
	struct cause_facts facts;

	learn_error(c, e);
	learn_counters(c, e);
	c->evidence |= (uint16_t)evidence;
	c->is_impatient = !!(e->signs & EVENT_SIGN_IMPATIENT);
	if (e->signs & EVENT_SIGN_NO_ROOM)
		c->flags |= CONN_NO_ROOM;
	c->tries = e->probes > e->tries ? e->probes : e->tries;
	facts = facts_of(c, e->from, (silent ? CAUSE_SILENT : 0) | watched(sight));
	facts.evidence |= evidence;
	if (has_timewait(&facts, e, sight)) {
		if (c->flags & CONN_WIRE) {
			hand_over(c, e, e->substate, CONN_QUALITY_ESTIMATED);
		} else if ((!sight->timewaits || sight->polls) && put_off(c, e, sight)) {
			return;
		} else if (is_polled(c, sight)) {
			hand_over_polled(c, e);
		} else if (sight->timewaits && e->timewait) {
			hand_over(c, e, e->substate, CONN_QUALITY_EXACT);
		} else if (sight->timewaits && c->flags & CONN_NO_ROOM) {
			life_finish(c, e->mono_ns);
			end_without_timewait(c, true);
		} else {
			/* Nobody tells of it, or the word of it was lost on the way. */
			hand_over_unseen(c, e);
		}
		return;
	}
	life_finish(c, e->mono_ns);
	if (sight->resets && cause_is_open(&facts) && !life_is_stillborn(c))
		c->flags |= CONN_AWAITED;
	else
		decide(c, &facts);
	if (sight->connects && c->cause == CONN_CAUSE_CONNECT_FAILED)
		c->flags |= CONN_AWAITED;
}
