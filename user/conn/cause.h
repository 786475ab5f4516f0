/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a connection ended: the causes, and the table that tells them from the evidence. */
#ifndef USER_CONN_CAUSE_H
#define USER_CONN_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/state.h"

/* X(NAME, "name"): enums whose names are part of the output. */
#define CONN_OUTCOMES(X)                              \
	X(OPEN, "open")                               \
	X(CLOSED, "closed")                           \
	X(REFUSED, "refused")                         \
	X(TIMED_OUT, "timed_out")                     \
	X(UNREACHABLE, "unreachable")                 \
	X(RESET_SENT, "reset_sent")                   \
	X(RESET_RECEIVED, "reset_received")           \
	X(ABORTED, "aborted")                         \
	X(HANDSHAKE_ABANDONED, "handshake_abandoned") \
	X(OVERFLOW, "overflow")                       \
	X(LISTENER_CLOSED, "listener_closed")         \
	X(KILLED, "killed")                           \
	X(UNKNOWN, NULL)

#define CONN_INITIATORS(X)  \
	X(UNKNOWN, NULL)    \
	X(LOCAL, "local")   \
	X(REMOTE, "remote") \
	X(BOTH, "both")

#define X(NAME, name) CONN_OUTCOME_##NAME,
enum conn_outcome { CONN_OUTCOMES(X) CONN_OUTCOME_COUNT };
#undef X
#define X(NAME, name) CONN_INITIATOR_##NAME,
enum conn_initiator { CONN_INITIATORS(X) };
#undef X

/* NULL where the contract prints null. */
const char *conn_outcome_name(enum conn_outcome outcome);
const char *conn_initiator_name(enum conn_initiator initiator);

/*
 * X(NAME, "name", "code", OUTCOME, INITIATOR, "a sentence"): the name in JSON; the code in 80
 * columns, at most 4 characters; who began where no FIN tells.
 */
#define CONN_CAUSES(X)                                                                             \
	X(UNKNOWN, NULL, "?", UNKNOWN, UNKNOWN, "its end was not seen")                            \
	X(CLOSED_BY_LOCAL, "closed_by_local", "fin", CLOSED, LOCAL,                                \
	  "closed in order, first by this side")                                                   \
	X(CLOSED_BY_REMOTE, "closed_by_remote", "fin", CLOSED, REMOTE,                             \
	  "closed in order, first by the peer")                                                    \
	X(CLOSED_BY_BOTH, "closed_by_both", "fin", CLOSED, BOTH,                                   \
	  "closed in order, by both at once")                                                      \
	X(REFUSED, "refused", "rfsd", REFUSED, REMOTE, "the peer answered the SYN with a reset")   \
	X(REFUSED_BY_ICMP, "refused_by_icmp", "rfsi", REFUSED, REMOTE,                             \
	  "an ICMP message said that the port cannot be reached")                                  \
	X(UNREACHABLE, "unreachable", "unre", UNREACHABLE, UNKNOWN,                                \
	  "the network said that there is no way")                                                 \
	X(LOST_WAY, "lost_way", "lost", UNREACHABLE, UNKNOWN,                                      \
	  "data was sent again in vain, and the network said that there is no way")                \
	X(SYN_TIMEOUT, "syn_timeout", "tmsy", TIMED_OUT, UNKNOWN,                                  \
	  "no answer to the SYN, however often it was sent")                                       \
	X(SYNACK_TIMEOUT, "synack_timeout", "tmsa", TIMED_OUT, UNKNOWN,                            \
	  "no answer to the SYN-ACK of a fast open")                                               \
	X(RETRANSMIT_TIMEOUT, "retransmit_timeout", "tmrt", TIMED_OUT, UNKNOWN,                    \
	  "data or the FIN was sent again and again and never acknowledged")                       \
	X(PROBE_TIMEOUT, "probe_timeout", "tmwp", TIMED_OUT, UNKNOWN,                              \
	  "the peer's window stayed closed, and it answered no probe")                             \
	X(KEEPALIVE_TIMEOUT, "keepalive_timeout", "tmka", TIMED_OUT, UNKNOWN,                      \
	  "the peer answered no keepalive")                                                        \
	X(USER_TIMEOUT, "user_timeout", "tmus", TIMED_OUT, UNKNOWN,                                \
	  "the peer did not answer within TCP_USER_TIMEOUT")                                       \
	X(FIN_TIMEOUT, "fin_timeout", "tmfw", TIMED_OUT, LOCAL,                                    \
	  "closed by this side, and the peer's FIN did not come in time")                          \
	X(TIMED_OUT, "timed_out", "tmo", TIMED_OUT, UNKNOWN, "the peer did not answer any more")   \
	X(RESET_RECEIVED, "reset_received", ">rst", RESET_RECEIVED, REMOTE, "reset by the peer")   \
	X(UNREAD_DATA, "unread_data", "unrd", RESET_SENT, LOCAL,                                   \
	  "closed by this side with data that nobody had read, so the peer got a reset")           \
	X(LINGER_ZERO, "linger_zero", "lin0", RESET_SENT, LOCAL,                                   \
	  "closed by this side with SO_LINGER of 0 seconds, which resets")                         \
	X(LINGER_DROPPED, "linger_dropped", "drop", ABORTED, LOCAL,                                \
	  "closed by this side with SO_LINGER of 0 seconds behind its FIN: nothing more was sent") \
	X(LINGER_NEGATIVE, "linger_negative", "lin2", RESET_SENT, LOCAL,                           \
	  "closed by this side with TCP_LINGER2 below 0, which resets and awaits no FIN")          \
	X(DISCONNECT, "disconnect", "disc", RESET_SENT, LOCAL,                                     \
	  "left by this side with connect(AF_UNSPEC), and the socket may connect again")           \
	X(LISTENER_CLOSED, "listener_closed", "lstn", RESET_SENT, LOCAL,                           \
	  "the listener was closed before it was accepted")                                        \
	X(DATA_AFTER_CLOSE, "data_after_close", "late", RESET_SENT, LOCAL,                         \
	  "data came after this side had closed, so the peer got a reset")                         \
	X(NO_MEMORY, "no_memory", "nmem", RESET_SENT, LOCAL,                                       \
	  "closed, and the kernel had too little memory or too many such sockets to wait")         \
	X(RESET_SENT, "reset_sent", "rst>", RESET_SENT, LOCAL, "reset by this side")               \
	X(CONNECT_ABANDONED, "connect_abandoned", "left", ABORTED, LOCAL,                          \
	  "closed by this side before the peer had answered the SYN")                              \
	X(CONNECT_LEFT, "connect_disconnected", "left", ABORTED, LOCAL,                            \
	  "left with connect(AF_UNSPEC) before the peer had answered the SYN")                     \
	X(CONNECT_SHUT, "connect_shut", "left", ABORTED, LOCAL,                                    \
	  "left with shutdown before the peer had answered the SYN")                               \
	X(CONNECT_UNSENT, "connect_unsent", "nope", ABORTED, LOCAL,                                \
	  "given up by this side before a SYN was sent, as by a fast open without data")           \
	X(CONNECT_FAILED, "connect_failed", "nope", ABORTED, LOCAL,                                \
	  "connect failed before a SYN was sent")                                                  \
	X(REPAIRED, "repaired", "repr", ABORTED, LOCAL,                                            \
	  "taken away in TCP_REPAIR mode, as for a move elsewhere: the peer was told nothing")     \
	X(KILLED, "killed", "kill", ABORTED, LOCAL, "ended by an administrator, as with ss -K")    \
	X(NAMESPACE_GONE, "namespace_gone", "nsgo", ABORTED, LOCAL,                                \
	  "its network namespace was taken down")                                                  \
	X(TAKEN_OVER, "taken_over", "over", ABORTED, LOCAL,                                        \
	  "closed by this side, and a new connection took its ports before the peer's FIN")        \
	X(NO_TIME_WAIT, "no_time_wait", "notw", ABORTED, LOCAL,                                    \
	  "closed by this side, and dropped before the peer's FIN: no room for timewait sockets")  \
	X(ABORTED, "aborted", "abrt", ABORTED, LOCAL,                                              \
	  "ended by this side, neither in order nor with a reset")                                 \
	X(ERROR, "error", "err", ABORTED, LOCAL, "ended by an error of this side")                 \
	X(HANDSHAKE_ABANDONED, "handshake_abandoned", "hsab", HANDSHAKE_ABANDONED, LOCAL,          \
	  "half-open: no answer to the SYN-ACK, however often it was sent")                        \
	X(REQUEST_RESET, "request_reset", ">rst", RESET_RECEIVED, REMOTE,                          \
	  "half-open: the peer answered the SYN-ACK with a reset")                                 \
	X(QUEUE_FULL, "accept_queue_full", "full", OVERFLOW, LOCAL,                                \
	  "half-open: the accept queue had no room for it")                                        \
	X(BAD_SYN, "bad_syn", "bsyn", RESET_SENT, LOCAL,                                           \
	  "half-open: another SYN came in its stead, which this side answered with a reset")

enum conn_cause {
#define X(NAME, name, code, outcome, initiator, meaning) CONN_CAUSE_##NAME,
	CONN_CAUSES(X)
#undef X
		CONN_CAUSE_COUNT
};

struct cause {
	const char *name; /* NULL: unknown */
	const char *code;
	uint8_t outcome; /* enum conn_outcome */
	uint8_t initiator;
	const char *meaning;
};

/* The entry of a cause; that of the unknown one for a number that is none. */
const struct cause *cause_of(unsigned int cause);

/* What was seen of an end, or just before. */
enum cause_evidence {
	/* Kept until the end, for it may come before, or of one that is waited for. */
	CAUSE_RESET_RECEIVED = 1 << 0,
	CAUSE_RESET_SENT = 1 << 1,     /* by this side's own decision */
	CAUSE_RESET_ANSWERED = 1 << 2, /* sent in answer to a segment */
	CAUSE_MEMORY = 1 << 3,	       /* ... for lack of memory, the kernel says */
	CAUSE_SAID_UNREAD = 1 << 4,    /* ... for data that was left unread, it says */
	CAUSE_SAID_OTHER = 1 << 5,     /* ... for a reason that is none of these two, it says */
	CAUSE_DISCONNECT = 1 << 6,     /* tcp_disconnect was called */
	CAUSE_ABORT = 1 << 7,	       /* tcp_abort was called */
	CAUSE_DEAD = 1 << 8,	       /* no process held it any more */
	CAUSE_HELD = 1 << 9,	       /* a process did */
	CAUSE_LINGER_ZERO = 1 << 10,
	CAUSE_UNREAD = 1 << 11,
	CAUSE_DYING = 1 << 12, /* the network namespace */
	CAUSE_SHUT_RECEIVE = 1 << 13,
	CAUSE_SHUT_BOTH = 1 << 14, /* closed, or shut down both ways */
	CAUSE_UNACKED = 1 << 15,   /* its FIN, or what is before it, was not acknowledged */

	/* Of ends that wait for nothing. */
	CAUSE_TRIES = 1 << 16,	     /* the last segments were sent again */
	CAUSE_PROBES = 1 << 17,	     /* keepalives or window probes were not answered */
	CAUSE_TIME_OVER = 1 << 18,   /* the time of its TCP_USER_TIMEOUT */
	CAUSE_MAY_BE_OVER = 1 << 19, /* it has a TCP_USER_TIMEOUT, of which no more is known */
	CAUSE_SHUT_DOWN = 1 << 20,   /* by shutdown, while it connected */
	CAUSE_CONNECTING = 1 << 21,  /* connect had done its part */
	CAUSE_SYNACK_OUT = 1 << 22,  /* the SYN-ACK of a fast open was not acknowledged */
	CAUSE_REPAIRED = 1 << 23,    /* it was in TCP_REPAIR mode */
};

/* Classes of errno that mean the same for the cause. */
enum cause_error {
	CAUSE_ERROR_NONE,
	CAUSE_ERROR_REFUSED,
	CAUSE_ERROR_RESET,
	CAUSE_ERROR_TIMEOUT,
	CAUSE_ERROR_UNREACHABLE,
	CAUSE_ERROR_ABORTED,
	CAUSE_ERROR_OTHER,
	CAUSE_ERROR_SOME, /* in a row: any but NONE */
	CAUSE_ERROR_ANY,  /* in a row: of before, or none; it does not matter */
};

enum cause_condition {
	CAUSE_SILENT = 1 << 0,	  /* it has never sent a segment */
	CAUSE_WATCHED = 1 << 1,	  /* resets are told of: without word of one there was none */
	CAUSE_PASSIVE = 1 << 2,	  /* a server's, and nobody is known to have accepted it */
	CAUSE_IMPATIENT = 1 << 3, /* TCP_LINGER2 is below 0 */
	CAUSE_SUBFLOW = 1 << 4,	  /* of an MPTCP connection */
	CAUSE_FELL_BACK = 1 << 5, /* an MPTCP socket's, whose peer has not agreed to that */
	CAUSE_HEARD = 1 << 6,	  /* it was known before its end: word of a reset was its own */
};

/* The end of a full socket that no timewait socket took over. */
struct cause_facts {
	enum tcp_state from; /* its state before CLOSED */
	uint16_t error;	     /* errno; 0: none */
	uint32_t evidence;   /* set of enum cause_evidence */
	uint8_t conditions;  /* set of enum cause_condition */
};

/*
 * It holds for ends in its states, with all of its evidence and none of what it rules out. Where
 * resets are told of, it needs one of `proof` as well; where they are not, an error of before is
 * nothing that can be overlooked on a guess.
 */
struct cause_row {
	uint16_t states;    /* set of 1 << state; 0: any */
	uint8_t error;	    /* enum cause_error */
	uint8_t only;	    /* set of enum cause_condition that must hold */
	uint32_t all, none; /* sets of enum cause_evidence */
	uint32_t proof;	    /* the same; 0: it needs none */
	uint8_t cause;	    /* enum conn_cause */
};

/* The first row that holds gives the cause; the last ones hold for all. */
extern const struct cause_row cause_rows[];
extern const size_t cause_row_count;

enum cause_error cause_error_of(uint16_t error);
bool cause_row_holds(const struct cause_row *row, const struct cause_facts *facts);

/* `ret_owes` is whether the error is that of the end; if not, it was there before. */
enum conn_cause cause_decide(const struct cause_facts *facts, bool *ret_owes);

/*
 * Whether an error may be one that ends no connection, such as an ICMP message that a socket with
 * IP_RECVERR was told of while all went well.
 */
bool cause_is_passing(const struct cause_facts *facts);

/* Whether word of a reset that follows at once may still change what cause_decide says. */
bool cause_is_open(const struct cause_facts *facts);

/* The cause of an end in order. */
enum conn_cause cause_of_closed(enum conn_initiator initiator);

#endif
