/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection: everything known of one TCP connection, from its birth to its end. */
#ifndef USER_CONN_CONN_H
#define USER_CONN_CONN_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "user/base/address.h"
#include "user/base/shares.h"
#include "user/conn/cause.h"
#include "user/event/event.h"

/* Times and durations are nanoseconds of CLOCK_MONOTONIC; this value means unknown. */
#define TIME_UNKNOWN UINT64_MAX
#define PID_UNKNOWN 0

/* conn.process: the process is called as its thread is. */
#define PROCESS_IS_COMM UINT16_MAX

/* X(NAME, "name"): enums whose names are part of the output. */
#define CONN_ROLES(X)         \
	X(UNKNOWN, "unknown") \
	X(CLIENT, "client")   \
	X(SERVER, "server")

#define CONN_QUALITIES(X)         \
	X(UNKNOWN, "unknown")     \
	X(ESTIMATED, "estimated") \
	X(EXACT, "exact")

#define CONN_TIME_WAIT_ENDS(X)  \
	X(NONE, NULL)           \
	X(EXPIRED, "expired")   \
	X(REUSED, "reused")     \
	X(RESET, "reset")       \
	X(PURGED, "purged")     \
	X(OVERFLOW, "overflow") \
	X(KILLED, "killed")

#define X(NAME, name) CONN_ROLE_##NAME,
enum conn_role { CONN_ROLES(X) };
#undef X
#define X(NAME, name) CONN_QUALITY_##NAME,
enum conn_quality { CONN_QUALITIES(X) CONN_QUALITY_COUNT };
#undef X
#define X(NAME, name) CONN_TW_END_##NAME,
enum conn_time_wait_end { CONN_TIME_WAIT_ENDS(X) CONN_TW_END_COUNT };
#undef X

/* NULL where the contract prints null. */
const char *conn_role_name(enum conn_role role);
const char *conn_quality_name(enum conn_quality quality);
const char *conn_time_wait_end_name(enum conn_time_wait_end end);

/* handshake.flags */
enum conn_handshake_flag {
	CONN_HANDSHAKE_FASTOPEN = 1 << 0,
	CONN_HANDSHAKE_SYNCOOKIE = 1 << 1,
	CONN_HANDSHAKE_SIMULTANEOUS = 1 << 2,
	CONN_HANDSHAKE_DEFERRED = 1 << 3,
	CONN_HANDSHAKE_QUEUE_FULL = 1 << 4, /* an ACK before found the accept queue full */
	CONN_HANDSHAKE_DOUBTED = 1 << 5,    /* nobody knows whether it was deferred; not shown */
	CONN_HANDSHAKE_PUT_OFF = 1 << 6,    /* its SYN may have left later; not shown */
	CONN_HANDSHAKE_RESTORED = 1 << 7,   /* TCP_REPAIR made it open: nobody shook hands */
};

enum conn_flag {
	CONN_SEEDED = 1 << 0,	      /* older than the tracer */
	CONN_INCOMPLETE = 1 << 1,     /* seeded, or an event was lost */
	CONN_HAS_ENDPOINTS = 1 << 2,  /* raddr, rport, laddr are known */
	CONN_HAS_OWNER = 1 << 3,      /* uid and comm are known, and pid if it is not PID_UNKNOWN */
	CONN_HAS_COUNTERS = 1 << 4,   /* bytes and retransmits are known */
	CONN_MPTCP = 1 << 5,	      /* a subflow; a client's, until it closes: it asked for it */
	CONN_FINISHED = 1 << 6,	      /* its life is over, TIME_WAIT included */
	CONN_TIME_WAIT_SEEN = 1 << 7, /* it has been in TIME_WAIT (of unknown times, perhaps) */
	CONN_WANTED = 1 << 8,	      /* the filter wants it: it is counted, and told of */
	CONN_CLOSE_TOLD = 1 << 9,     /* the listener knows that it is closed or in TIME_WAIT */
	CONN_MINISOCK = 1 << 10,      /* `sock` is a timewait socket, which took over */
	CONN_AWAITED = 1 << 11,	      /* its socket is CLOSED, and evidence of why may follow */
	CONN_OF_LISTENER = 1 << 12,   /* its owner is its listener's: nobody saw who accepted it */
	CONN_POLLED = 1 << 13,	      /* CONN_MINISOCK, and only polls tell of that one */
	CONN_RESENT = 1 << 14,	      /* records told of segments that were sent again */
	CONN_DUE = 1 << 15,	      /* CONN_POLLED, and the poll has not seen it (yet) */
	CONN_FIN_UNCOUNTED = 1 << 16, /* the peer's FIN is none of bytes_received */
	CONN_UNSENT = 1 << 17,	      /* a connect without a SYN: it was never opened */
	CONN_SUBFLOW = 1 << 18,	      /* its MPTCP connection is known: see subflows.h */
	CONN_NO_ROOM = 1 << 19,	      /* its namespace might have no more timewait sockets */
	CONN_OPENED = 1 << 20,	      /* the code that opened it is known: see openers.h */
	CONN_WIRE = 1 << 21,	      /* it was concluded from captured segments */
	CONN_UNHEARD = 1 << 22,	      /* its end was the first that was heard of it */
};

/* Above these, two bits: where it was captured, an enum event_point. */
#define CONN_POINT_SHIFT 22

/*
 * The longest life in RFC 9293 is SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT CLOSED.
 */
#define CONN_STEPS 8

/* As much as there is room for. */
#define CONN_GAPS_MAX 15
#define CONN_REARMS_MAX 255

/*
 * One for each connection in the table; `make bench` holds it to its budget of bytes. What all of
 * them are searched by is in its first cache line, with the times of the first two steps.
 */
struct conn {
	/* The life: step i is a state, entered at step_ns[i]. */
	uint8_t step_state[CONN_STEPS];
	uint8_t step_inferred; /* bit i: no event told of step i, a lost one was healed */
	uint8_t step_count : 4;
	uint8_t step_told : 4; /* steps that consumers have been told of */

	uint8_t handshake_flags; /* enum conn_handshake_flag */
	uint8_t handshake_retransmits;
	uint8_t role : 2;
	uint8_t handshake_quality : 2;
	uint8_t time_wait_quality : 2;
	uint8_t initiator : 2;
	uint8_t time_wait_end : 3;
	uint8_t outcome : 4;
	uint8_t is_impatient : 1; /* TCP_LINGER2 was below 0 when it left FIN_WAIT2 */
	uint8_t cause;		  /* enum conn_cause */
	uint8_t tries;		  /* segments sent in vain at the end, 255 when more */
	uint8_t reset_reason;	  /* one more than enum sk_rst_reason; 0: none was given */
	uint8_t congestion;	  /* number of the control's name in the table; 0: unknown */
	uint16_t evidence;	  /* enum cause_evidence, what of it is kept */
	uint32_t flags : 24;	  /* enum conn_flag */
	/* Times its TIME_WAIT began again; CONN_REARMS_MAX when more. */
	uint32_t time_wait_rearms : 8;
	uint32_t process : 16;	    /* an atom: its owner's process; ATOM_NONE, PROCESS_IS_COMM */
	uint32_t error : 12;	    /* errno; 0: none */
	uint32_t gaps : 4;	    /* CONN_GAPS_MAX when more */
	uint16_t lport, rport;	    /* 0: unknown */
	char comm[EVENT_COMM_SIZE]; /* the thread's; untrusted; NUL-terminated if shorter */

	/*
	 * When each step was entered (or TIME_UNKNOWN). CONN_POLLED: behind the last one stands
	 * when the kernel's timer ends it (0: not seen so far), if there is room. CONN_SEEDED, as
	 * it was found: behind the only one stands since when it has been there at least (0: not
	 * known), and behind that whether nobody had accepted it.
	 */
	uint64_t step_ns[CONN_STEPS];

	/* The kernel's socket; of a CONN_POLLED one a hash of its ends, with bit 63 clear. */
	uint64_t sock;
	uint64_t id;   /* unique in a run, counted from 1 */
	uint64_t flow; /* the same at both ends, see flow.h; 0: unknown */
	uint32_t netns;
	uint32_t pid;
	uint32_t uid;
	uint32_t min_rtt_us; /* with CONN_HAS_COUNTERS; 0: unknown */
	struct address laddr, raddr;

	union {
		uint64_t bytes_sent; /* with CONN_HAS_COUNTERS */
		/*
		 * Until then: when an error was last reported, or a call was seen that ends it; 0:
		 * not.
		 */
		uint64_t noted_ns;
	};
	union {
		uint64_t bytes_received; /* with CONN_HAS_COUNTERS */
		/* Until it is established: an ACK dropped to wait for data; 0: not seen. */
		uint64_t ack_ns;
	};
	uint64_t handshake_ns; /* TIME_UNKNOWN, or the latency */
	uint64_t cgroup;       /* id of its socket's cgroup; 0: unknown, or not asked for */
	union {
		/*
		 * Until it is established: when the first SYN-ACK left, where its request told; 0:
		 * it did not.
		 */
		uint64_t synack_ns;
		/*
		 * A client's, until then: the port that its socket had before. A connect that finds
		 * none shows that one.
		 */
		uint16_t left_lport;
		/* With CONN_HAS_COUNTERS; 0: unknown. */
		struct {
			uint32_t segments_sent, segments_received;
		};
	};
	uint64_t accept_ns; /* when it was accepted; 0: not (yet), or not seen */
	uint32_t retransmits;
	uint32_t srtt_us;      /* 0: none measured */
	uint32_t older, newer; /* the table's: neighbours in the order of last change */
	/*
	 * The interface that it is bound to, by a link-local address, a VRF or its owner: with the
	 * ends and the namespace it names the connection. 0: none, or unknown.
	 */
	uint32_t ifindex;
	uint16_t ifname; /* what that was called at its birth, an atom; ATOM_NONE: unknown */
	/* Bit i: segments were lost while it was in step i, which may be two states, or more. */
	uint8_t step_broken;
};

/* What conn.process is for an owner of these names; `process` may be empty: unknown. */
uint16_t conn_process_of(const char comm[EVENT_COMM_SIZE], const char process[EVENT_COMM_SIZE],
			 const struct share *whose);

/* X(NAME, "name"): where a capture was made. */
#define CONN_POINTS(X)      \
	X(UNKNOWN, NULL)    \
	X(CLIENT, "client") \
	X(SERVER, "server") \
	X(BETWEEN, "between")

const char *conn_point_name(enum event_point point);

/* Where its segments were captured, by a guess; NULL: nobody can tell, or it is no CONN_WIRE. */
const char *conn_point(const struct conn *c);

/* Whose it is, for what is shared. */
struct share conn_share(const struct conn *c);

/* A name, which is not trusted and need not end with NUL. */
struct conn_name {
	const char *bytes; /* NULL: unknown */
	size_t size;
};

#define CONN_IFNAME_SIZE 17		   /* of an atom, or of "if4294967295" */
#define CONN_IFNAME_NEVER "/:% \t\n\v\f\r" /* what the kernel lets no interface be called */

/*
 * What an interface is called, or "if12" where that is not known, in `text` or where it stays; not
 * trusted. NULL: there is none, or it is not known which.
 */
const char *conn_ifname(uint32_t ifindex, uint16_t ifname, char text[CONN_IFNAME_SIZE]);

/* The interface without which the remote address says nothing: of a link-local one. 0: none. */
uint32_t conn_remote_link(const struct conn *c);

/* The owner's thread's name, and its process's. */
struct conn_name conn_comm(const struct conn *c);
struct conn_name conn_process(const struct conn *c);

/* The process's name or, of records that do not tell it, the thread's. */
struct conn_name conn_service(const struct conn *c);

/* The state it is in, or was in last. */
static inline enum tcp_state conn_state(const struct conn *c)
{
	return c->step_count ? c->step_state[c->step_count - 1] : STATE_CLOSED;
}

/* When step i was entered; a step that was inferred has no time, whatever its field holds. */
static inline uint64_t conn_step_time(const struct conn *c, unsigned int step)
{
	if (step >= c->step_count || c->step_inferred >> step & 1)
		return TIME_UNKNOWN;
	return c->step_ns[step];
}

/*
 * The first step in `state`, or step_count. The states are looked at as one word: the lowest byte
 * of it that is zero is the first that borrows.
 */
static inline unsigned int conn_find_step(const struct conn *c, enum tcp_state state)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t word, found;
	unsigned int step;

	_Static_assert(sizeof(c->step_state) == sizeof(word), "the states are one word");
	memcpy(&word, c->step_state, sizeof(word));
	word = le64toh(word) ^ (unsigned int)state * ones;
	found = (word - ones) & ~word & tops;
	step = found ? (unsigned int)__builtin_ctzll(found) / 8 : c->step_count;
	return step < c->step_count ? step : c->step_count;
}

/* From one time to another; TIME_UNKNOWN where one of them is, or they are not in order. */
static inline uint64_t conn_between(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns == TIME_UNKNOWN || to_ns == TIME_UNKNOWN || to_ns < from_ns ?
		       TIME_UNKNOWN :
		       to_ns - from_ns;
}

/*
 * Whether no time passed between the first known step and the last: of a capture, where these are
 * two segments, that is a clock which has not told it.
 */
static inline bool conn_is_untimed(const struct conn *c)
{
	unsigned int first = conn_step_time(c, 0) == TIME_UNKNOWN;

	return c->flags & CONN_WIRE && c->step_count > first + 1U &&
	       conn_step_time(c, first) == conn_step_time(c, c->step_count - 1U);
}

/*
 * Nanoseconds spent in step i; TIME_UNKNOWN while it lasts, or where an end of it is unknown, or
 * whether it was one state.
 */
static inline uint64_t conn_dwell(const struct conn *c, unsigned int step)
{
	return step < CONN_STEPS - 1 && !(c->step_broken >> step & 1) && !conn_is_untimed(c) ?
		       conn_between(conn_step_time(c, step), conn_step_time(c, step + 1)) :
		       TIME_UNKNOWN;
}

/* Whether this end has sent its FIN, and the other end has not. */
static inline bool conn_has_closed_first(const struct conn *c)
{
	return conn_find_step(c, STATE_FIN_WAIT1) < c->step_count &&
	       conn_find_step(c, STATE_CLOSING) == c->step_count &&
	       conn_find_step(c, STATE_TIME_WAIT) == c->step_count;
}

/* When it began, or TIME_UNKNOWN: seeded, or a server's whose first SYN-ACK is unknown. */
uint64_t conn_start(const struct conn *c);

/* Of one that is still as it was found when tracing began: nobody had accepted it by then. */
bool conn_was_unaccepted(const struct conn *c);

/* Since when it has been in its state, at least; TIME_UNKNOWN: not even that is known. */
uint64_t conn_since(const struct conn *c);

/* When it was last heard of changing: its end, once it is finished; TIME_UNKNOWN if unknown. */
uint64_t conn_end(const struct conn *c);

/* Whether it is another end than there should be. */
bool conn_outcome_is_failure(unsigned int outcome);

/* Whether it ended so. */
bool conn_has_failed(const struct conn *c);

/* X(NAME, OUTCOME, CAUSE, "name"): those of a connection that ends so. */
#define HALF_OPEN_ENDS(X)                                                             \
	X(ABANDONED, HANDSHAKE_ABANDONED, HANDSHAKE_ABANDONED, "handshake_abandoned") \
	X(RESET, RESET_RECEIVED, REQUEST_RESET, "reset_received")                     \
	X(OVERFLOW, OVERFLOW, QUEUE_FULL, "overflow")                                 \
	X(LISTENER_CLOSED, LISTENER_CLOSED, LISTENER_CLOSED, "listener_closed")       \
	X(REFUSED, RESET_SENT, RESET_SENT, "reset_sent")                              \
	X(UNREACHABLE, UNREACHABLE, UNREACHABLE, "unreachable")                       \
	X(KILLED, KILLED, KILLED, "killed")                                           \
	X(UNKNOWN, UNKNOWN, UNKNOWN, "unknown")

enum half_open_end {
#define X(NAME, outcome, cause, name) HALF_OPEN_##NAME,
	HALF_OPEN_ENDS(X)
#undef X
		HALF_OPEN_END_COUNT
};

const char *half_open_end_name(enum half_open_end end);

/*
 * A request that never became a connection: a SYN came, a SYN-ACK left, and no connection followed.
 */
struct half_open {
	uint64_t mono_ns;     /* when it was given up */
	uint64_t age_ns;      /* since its first SYN-ACK; TIME_UNKNOWN */
	uint8_t end;	      /* enum half_open_end */
	uint8_t cause;	      /* enum conn_cause; 0: that of its end */
	uint8_t retransmits;  /* SYN-ACKs sent again */
	uint8_t reset_reason; /* one more than enum sk_rst_reason; 0: none was given */
	uint16_t lport, rport;
	uint32_t netns;
	uint64_t cgroup; /* of its listener; 0: unknown, or not asked for */
	struct address laddr, raddr;
	uint32_t ifindex; /* as of a connection */
	uint16_t ifname;
	bool is_wire; /* concluded from captured segments */
};

enum conn_cause half_open_cause(const struct half_open *h);

/* It as a connection that went from SYN_RECV to CLOSED, for whoever handles both alike; id is 0. */
void half_open_as_conn(const struct half_open *h, struct conn *ret_conn);

/* How long it waited in the accept queue, ESTABLISHED to accept; TIME_UNKNOWN. */
static inline uint64_t conn_accept_wait(const struct conn *c)
{
	uint64_t entered_ns = conn_step_time(c, conn_find_step(c, STATE_ESTABLISHED));

	if (!c->accept_ns || entered_ns == TIME_UNKNOWN)
		return TIME_UNKNOWN;
	if (entered_ns <= c->accept_ns)
		return c->accept_ns - entered_ns;
	/*
	 * The kernel queues a child just before it is ESTABLISHED: one that was taken by then has
	 * not waited. With fast open it may have, since its SYN.
	 */
	return c->handshake_flags & CONN_HANDSHAKE_FASTOPEN ? TIME_UNKNOWN : 0;
}

/*
 * Whether the end of a server's connection shows that somebody had accepted it. Where accepts are
 * told of, and this one was not, it was in a way that is not (by a 32-bit program, or io_uring).
 */
static inline bool conn_shows_accept(const struct conn *c)
{
	return c->outcome == CONN_OUTCOME_CLOSED || c->evidence & (CAUSE_HELD | CAUSE_DEAD);
}

/* A transition, as it is told to whoever listens. */
struct transition {
	enum tcp_state from, to;
	uint64_t mono_ns;  /* TIME_UNKNOWN: nobody saw it */
	uint64_t dwell_ns; /* in `from`; TIME_UNKNOWN: withheld */
	bool inferred;
};

#endif
