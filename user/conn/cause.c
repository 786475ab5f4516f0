// SPDX-License-Identifier: GPL-2.0-only
/* The table of causes, and the walk through it. */
#include "user/conn/cause.h"

#include <errno.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define IN(NAME) (1U << STATE_##NAME)

static const struct cause causes[] = {
#define X(NAME, name, code, outcome, initiator, meaning) \
	{ name, code, CONN_OUTCOME_##outcome, CONN_INITIATOR_##initiator, meaning },
	CONN_CAUSES(X)
#undef X
};
_Static_assert(COUNT(causes) == CONN_CAUSE_COUNT, "an entry for each cause");

const struct cause *cause_of(unsigned int cause)
{
	return &causes[cause < COUNT(causes) ? cause : CONN_CAUSE_UNKNOWN];
}

const char *conn_outcome_name(enum conn_outcome outcome)
{
	static const char *const names[] = {
#define X(NAME, name) name,
		CONN_OUTCOMES(X)
#undef X
	};

	return (unsigned int)outcome < COUNT(names) ? names[outcome] : NULL;
}

const char *conn_initiator_name(enum conn_initiator initiator)
{
	static const char *const names[] = {
#define X(NAME, name) name,
		CONN_INITIATORS(X)
#undef X
	};

	return (unsigned int)initiator < COUNT(names) ? names[initiator] : NULL;
}

#define RESETS (CAUSE_RESET_SENT | CAUSE_RESET_ANSWERED)
#define HANDSHAKE (IN(SYN_SENT) | IN(SYN_RECV))

/*
 * What the kernel does, in the order in which one fact outweighs the next. From include/net/tcp.h
 * and net/ipv4/tcp*.c of 5.10 to 7.2.
 */
const struct cause_row cause_rows[] = {
	/* Who calls tcp_abort names the error; SOCK_DESTROY names this one. */
	{ .all = CAUSE_ABORT, .error = CAUSE_ERROR_SOME, .cause = CONN_CAUSE_KILLED },
	{ .all = CAUSE_ABORT, .cause = CONN_CAUSE_KILLED },
	{ .error = CAUSE_ERROR_ABORTED, .cause = CONN_CAUSE_KILLED },

	/*
	 * tcp_v4_connect fails before tcp_connect, which is where the error of a socket's former
	 * connection is forgotten. A fast open with a cookie sends its SYN with the first data.
	 */
	{ .states = IN(SYN_SENT),
	  .error = CAUSE_ERROR_ANY,
	  .only = CAUSE_SILENT,
	  .all = CAUSE_SHUT_BOTH,
	  .cause = CONN_CAUSE_CONNECT_UNSENT },
	{ .states = IN(SYN_SENT),
	  .error = CAUSE_ERROR_ANY,
	  .only = CAUSE_SILENT,
	  .all = CAUSE_SHUT_DOWN,
	  .cause = CONN_CAUSE_CONNECT_UNSENT },
	{ .states = IN(SYN_SENT),
	  .error = CAUSE_ERROR_ANY,
	  .only = CAUSE_SILENT,
	  .all = CAUSE_CONNECTING,
	  .cause = CONN_CAUSE_CONNECT_UNSENT },
	{ .states = IN(SYN_SENT),
	  .error = CAUSE_ERROR_ANY,
	  .only = CAUSE_SILENT,
	  .cause = CONN_CAUSE_CONNECT_FAILED },

	/* tcp_reset: ECONNREFUSED in SYN_SENT. ICMP sets the same error. */
	{ .states = HANDSHAKE,
	  .error = CAUSE_ERROR_REFUSED,
	  .none = CAUSE_RESET_RECEIVED,
	  .only = CAUSE_WATCHED | CAUSE_HEARD,
	  .cause = CONN_CAUSE_REFUSED_BY_ICMP },
	{ .states = HANDSHAKE, .error = CAUSE_ERROR_REFUSED, .cause = CONN_CAUSE_REFUSED },

	/*
	 * tcp_rcv_state_process: data for a socket that was closed is taken for a reset first, and
	 * answered by one. Where nobody tells of resets, who knows. In CLOSE_WAIT it is the peer
	 * who had closed, and sends more than he had announced.
	 */
	{ .states = IN(CLOSE_WAIT),
	  .error = CAUSE_ERROR_RESET,
	  .all = CAUSE_RESET_ANSWERED,
	  .cause = CONN_CAUSE_RESET_SENT },
	{ .error = CAUSE_ERROR_RESET,
	  .all = CAUSE_RESET_ANSWERED,
	  .cause = CONN_CAUSE_DATA_AFTER_CLOSE },
	{ .states = IN(FIN_WAIT1) | IN(FIN_WAIT2) | IN(CLOSING) | IN(LAST_ACK),
	  .error = CAUSE_ERROR_RESET,
	  .all = CAUSE_SHUT_RECEIVE,
	  .none = CAUSE_RESET_RECEIVED,
	  .cause = CONN_CAUSE_UNKNOWN },
	{ .error = CAUSE_ERROR_RESET,
	  .proof = CAUSE_RESET_RECEIVED,
	  .cause = CONN_CAUSE_RESET_RECEIVED },

	/*
	 * tcp_write_err, by way of tcp_write_timeout, tcp_probe_timer or tcp_keepalive_timer. What
	 * TCP_USER_TIMEOUT says is no matter to a fast open before its third segment.
	 */
	{ .error = CAUSE_ERROR_TIMEOUT,
	  .all = CAUSE_SYNACK_OUT,
	  .cause = CONN_CAUSE_SYNACK_TIMEOUT },
	{ .error = CAUSE_ERROR_TIMEOUT, .all = CAUSE_TIME_OVER, .cause = CONN_CAUSE_USER_TIMEOUT },
	{ .error = CAUSE_ERROR_TIMEOUT, .all = CAUSE_MAY_BE_OVER, .cause = CONN_CAUSE_TIMED_OUT },
	{ .states = IN(SYN_SENT), .error = CAUSE_ERROR_TIMEOUT, .cause = CONN_CAUSE_SYN_TIMEOUT },
	{
		.states = IN(SYN_RECV),
		.error = CAUSE_ERROR_TIMEOUT,
		.cause = CONN_CAUSE_SYNACK_TIMEOUT,
	},
	/* Nothing is on its way while the window or the peer is probed. */
	{
		.error = CAUSE_ERROR_TIMEOUT,
		.all = CAUSE_TRIES,
		.cause = CONN_CAUSE_RETRANSMIT_TIMEOUT,
	},
	/* Only the keepalive timer sends a reset. */
	{ .error = CAUSE_ERROR_TIMEOUT,
	  .all = CAUSE_PROBES | CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_KEEPALIVE_TIMEOUT },
	{ .error = CAUSE_ERROR_TIMEOUT,
	  .all = CAUSE_PROBES,
	  .only = CAUSE_WATCHED,
	  .cause = CONN_CAUSE_PROBE_TIMEOUT },
	{ .error = CAUSE_ERROR_TIMEOUT, .cause = CONN_CAUSE_TIMED_OUT },

	/*
	 * A write that times out reports what ICMP had said before; ICMP alone ends what is not
	 * open yet. What it says later is passed on to who wants to know, and ends nothing.
	 */
	{ .states = HANDSHAKE, .error = CAUSE_ERROR_UNREACHABLE, .cause = CONN_CAUSE_UNREACHABLE },
	{ .error = CAUSE_ERROR_UNREACHABLE,
	  .all = CAUSE_TRIES,
	  .none = RESETS,
	  .cause = CONN_CAUSE_LOST_WAY },
	{ .error = CAUSE_ERROR_REFUSED,
	  .all = CAUSE_TRIES,
	  .none = RESETS,
	  .cause = CONN_CAUSE_LOST_WAY },
	{ .error = CAUSE_ERROR_UNREACHABLE, .all = CAUSE_PROBES, .cause = CONN_CAUSE_UNREACHABLE },
	{ .error = CAUSE_ERROR_REFUSED, .all = CAUSE_PROBES, .cause = CONN_CAUSE_UNREACHABLE },

	/* Whatever error there is from here on was there before. */
	{ .states = IN(SYN_SENT),
	  .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH,
	  .cause = CONN_CAUSE_CONNECT_ABANDONED },
	{ .states = IN(SYN_SENT), .all = CAUSE_SHUT_DOWN, .cause = CONN_CAUSE_CONNECT_SHUT },
	{ .states = IN(SYN_SENT), .cause = CONN_CAUSE_CONNECT_LEFT },

	/* The ACK of its FIN makes a socket leave LAST_ACK: everything else leaves that out. */
	{ .states = IN(LAST_ACK),
	  .error = CAUSE_ERROR_ANY,
	  .none = CAUSE_RESET_SENT | CAUSE_UNACKED,
	  .cause = CONN_CAUSE_CLOSED_BY_REMOTE },
	/* __tcp_close and tcp_disconnect, which send no reset then. */
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_REPAIRED,
	  .none = RESETS,
	  .cause = CONN_CAUSE_REPAIRED },
	{ .error = CAUSE_ERROR_ANY, .all = CAUSE_MEMORY, .cause = CONN_CAUSE_NO_MEMORY },
	/*
	 * __tcp_close in FIN_WAIT2 sends a reset; tcp_rcv_state_process on the way there answers
	 * with one, and gives the reason of data after the end.
	 */
	{ .states = IN(FIN_WAIT2),
	  .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_DEAD,
	  .only = CAUSE_IMPATIENT,
	  .proof = RESETS,
	  .cause = CONN_CAUSE_LINGER_NEGATIVE },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_RESET_ANSWERED,
	  .cause = CONN_CAUSE_DATA_AFTER_CLOSE },

	/* inet_csk_listen_stop: nobody has ever held it. */
	{ .error = CAUSE_ERROR_ANY,
	  .none = CAUSE_HELD | CAUSE_DEAD,
	  .only = CAUSE_PASSIVE,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_LISTENER_CLOSED },
	/*
	 * mptcp_close: its connection may be dead by then. For reasons of its own, and while that
	 * lives on, the kernel ends a subflow by the same functions.
	 */
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_UNREAD,
	  .only = CAUSE_SUBFLOW,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_UNREAD_DATA },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_LINGER_ZERO,
	  .only = CAUSE_SUBFLOW,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_LINGER_ZERO },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_RESET_SENT,
	  .only = CAUSE_SUBFLOW,
	  .cause = CONN_CAUSE_UNKNOWN },
	/* The same of one that went on as TCP alone, by __tcp_close: it is dead before that. */
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_LINGER_ZERO,
	  .only = CAUSE_FELL_BACK,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_LINGER_ZERO },
	/*
	 * __tcp_close, which makes a socket dead only after that. Since 6.10 the kernel says which
	 * of the two it was; before, it looks for data first.
	 */
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SAID_UNREAD,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_UNREAD_DATA },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_UNREAD,
	  .none = CAUSE_DEAD | CAUSE_SAID_OTHER,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_UNREAD_DATA },
	/* tcp_disconnect sends none once the FIN has left and the peer's has come. */
	{ .states = IN(LAST_ACK) | IN(CLOSING),
	  .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_LINGER_ZERO | CAUSE_UNACKED,
	  .none = CAUSE_DEAD | CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_LINGER_DROPPED },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_SHUT_BOTH | CAUSE_LINGER_ZERO,
	  .none = CAUSE_DEAD,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_LINGER_ZERO },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_DISCONNECT,
	  .none = CAUSE_DEAD,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_DISCONNECT },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_HELD,
	  .none = CAUSE_SHUT_BOTH,
	  .proof = CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_DISCONNECT },

	/*
	 * Nobody holds it any more: the kernel gives it up. A namespace goes only when no socket
	 * of a process is left in it, so that it takes along none but the kernel's own.
	 */
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_DEAD | CAUSE_DYING,
	  .cause = CONN_CAUSE_NAMESPACE_GONE },
	{ .states = IN(FIN_WAIT2),
	  .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_DEAD | CAUSE_RESET_SENT,
	  .cause = CONN_CAUSE_FIN_TIMEOUT },
	{ .error = CAUSE_ERROR_ANY,
	  .all = CAUSE_DEAD | CAUSE_RESET_SENT,
	  .none = CAUSE_SAID_OTHER,
	  .cause = CONN_CAUSE_NO_MEMORY },
	{ .error = CAUSE_ERROR_ANY, .all = CAUSE_RESET_SENT, .cause = CONN_CAUSE_RESET_SENT },

	/* Nothing but the error, or that it happened. */
	{ .error = CAUSE_ERROR_UNREACHABLE, .cause = CONN_CAUSE_UNREACHABLE },
	{ .error = CAUSE_ERROR_RESET, .cause = CONN_CAUSE_UNKNOWN },
	{ .error = CAUSE_ERROR_SOME, .cause = CONN_CAUSE_ERROR },
	{ .only = CAUSE_WATCHED, .cause = CONN_CAUSE_ABORTED },
	{ .states = IN(LAST_ACK) | IN(CLOSING), .cause = CONN_CAUSE_ABORTED },
	/* Whoever is open is told, but for what is above. */
	{ .cause = CONN_CAUSE_RESET_SENT },
};
const size_t cause_row_count = COUNT(cause_rows);

enum cause_error cause_error_of(uint16_t error)
{
	static const struct {
		uint16_t error;
		uint8_t is;
	} errors[] = {
		{ 0, CAUSE_ERROR_NONE },
		{ ECONNREFUSED, CAUSE_ERROR_REFUSED },
		{ ECONNRESET, CAUSE_ERROR_RESET },
		{ EPIPE, CAUSE_ERROR_RESET },
		{ ETIMEDOUT, CAUSE_ERROR_TIMEOUT },
		{ ECONNABORTED, CAUSE_ERROR_ABORTED },
		{ EHOSTUNREACH, CAUSE_ERROR_UNREACHABLE },
		{ ENETUNREACH, CAUSE_ERROR_UNREACHABLE },
		{ EHOSTDOWN, CAUSE_ERROR_UNREACHABLE },
		{ ENONET, CAUSE_ERROR_UNREACHABLE },
		{ ENOPROTOOPT, CAUSE_ERROR_UNREACHABLE },
		{ EPROTO, CAUSE_ERROR_UNREACHABLE },
		{ EOPNOTSUPP, CAUSE_ERROR_UNREACHABLE },
		{ EACCES, CAUSE_ERROR_UNREACHABLE },
		{ EMSGSIZE, CAUSE_ERROR_UNREACHABLE },
	};

	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].error == error)
			return (enum cause_error)errors[i].is;
	return CAUSE_ERROR_OTHER;
}

/* Where resets are told of, none that was sent goes untold. */
static bool is_proven(const struct cause_row *row, const struct cause_facts *facts)
{
	if (!row->proof || facts->evidence & row->proof)
		return true;
	return !(facts->conditions & CAUSE_WATCHED) &&
	       (row->error != CAUSE_ERROR_ANY || !facts->error);
}

static bool is_of(const struct cause_row *row, enum tcp_state from, enum cause_error error)
{
	if (row->states && !(row->states >> from & 1))
		return false;
	return row->error == CAUSE_ERROR_SOME ?
		       error != CAUSE_ERROR_NONE :
		       row->error == CAUSE_ERROR_ANY || row->error == error;
}

static bool is_met(const struct cause_row *row, const struct cause_facts *facts)
{
	if (row->only & ~facts->conditions || !is_proven(row, facts))
		return false;
	return (facts->evidence & row->all) == row->all && !(facts->evidence & row->none);
}

bool cause_row_holds(const struct cause_row *row, const struct cause_facts *facts)
{
	return is_of(row, facts->from, cause_error_of(facts->error)) && is_met(row, facts);
}

/* The rows, as bits from the first one on, that are left once a state and an error are known. */
static uint64_t rows_of(enum tcp_state from, enum cause_error error)
{
	static uint64_t found[STATE_COUNT][CAUSE_ERROR_SOME]; /* 0: not looked for yet */
	uint64_t rows = found[from][error];

	_Static_assert(COUNT(cause_rows) <= 64, "a bit for each row");
	if (rows)
		return rows;
	for (size_t i = 0; i < cause_row_count; i++)
		if (is_of(&cause_rows[i], from, error))
			rows |= UINT64_C(1) << i;
	return found[from][error] = rows;
}

enum conn_cause cause_decide(const struct cause_facts *facts, bool *ret_owes)
{
	uint64_t rows = rows_of(facts->from, cause_error_of(facts->error));

	for (; rows; rows &= rows - 1) {
		const struct cause_row *row = &cause_rows[__builtin_ctzll(rows)];

		if (is_met(row, facts)) {
			*ret_owes = row->error != CAUSE_ERROR_ANY;
			return (enum conn_cause)row->cause;
		}
	}
	*ret_owes = true;
	return CONN_CAUSE_UNKNOWN;
}

bool cause_is_passing(const struct cause_facts *facts)
{
	switch (cause_error_of(facts->error)) {
	case CAUSE_ERROR_REFUSED:
	case CAUSE_ERROR_UNREACHABLE:
	case CAUSE_ERROR_OTHER:
		return !(HANDSHAKE >> facts->from & 1) &&
		       !(facts->evidence & (CAUSE_TRIES | CAUSE_PROBES));
	default:
		return false;
	}
}

bool cause_is_open(const struct cause_facts *facts)
{
	static const unsigned int closed_here = IN(SYN_RECV) | IN(ESTABLISHED) | IN(CLOSE_WAIT) |
						IN(FIN_WAIT1) | IN(FIN_WAIT2) | IN(CLOSING) |
						IN(LAST_ACK);
	/* By either side: more data is taken for a reset, and answered by one. */
	static const unsigned int closed_before = IN(FIN_WAIT1) | IN(FIN_WAIT2) | IN(CLOSING) |
						  IN(LAST_ACK) | IN(CLOSE_WAIT);

	if (facts->evidence & (RESETS | CAUSE_REPAIRED))
		return false;
	if (facts->from == STATE_LAST_ACK && !(facts->evidence & CAUSE_UNACKED))
		return false;
	if (cause_error_of(facts->error) == CAUSE_ERROR_RESET)
		return facts->evidence & CAUSE_SHUT_RECEIVE && closed_before >> facts->from & 1;
	return (!facts->error || cause_is_passing(facts)) && closed_here >> facts->from & 1;
}

enum conn_cause cause_of_closed(enum conn_initiator initiator)
{
	switch (initiator) {
	case CONN_INITIATOR_LOCAL:
		return CONN_CAUSE_CLOSED_BY_LOCAL;
	case CONN_INITIATOR_BOTH:
		return CONN_CAUSE_CLOSED_BY_BOTH;
	default:
		return CONN_CAUSE_CLOSED_BY_REMOTE;
	}
}
