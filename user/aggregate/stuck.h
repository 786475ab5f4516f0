/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that stay where they should not: how old, how kept, in which order. */
#ifndef USER_AGGREGATE_STUCK_H
#define USER_AGGREGATE_STUCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/conn/subflows.h"
#include "user/event/holder.h"

#define STUCK_BYTES_UNKNOWN UINT64_MAX
#define STUCK_RESENT_UNKNOWN UINT32_MAX

/* What a look saw, and what it could not see. */
struct stuck_counts {
	uint64_t sockets; /* of the states and filters that were asked for */
	uint64_t stuck;	  /* of them; with --watch, at the end */
	uint64_t begun;	  /* told of by --watch */
	uint64_t released;
	uint64_t age_unknown;	 /* left out, because they may be younger than was asked for */
	uint64_t young;		 /* left out, because they are */
	uint64_t moving;	 /* left out, because one side still sends */
	uint64_t accept_unknown; /* left out, because they may have been accepted unseen */
	uint64_t vanished;	 /* while they were looked at */
	uint64_t holders_unknown;
	uint64_t unreadable_processes;
	uint64_t unreadable_namespaces;
	uint64_t crowded_namespaces;  /* of users who have more than there is time for */
	uint64_t unreadable_subflows; /* whose MPTCP connections may be stuck */
	uint64_t hidden_processes;    /* that do not show which namespace they are in */
	uint64_t dropped;	      /* for lack of memory or room */
	uint64_t parts_missing; /* of a recording; the first has who is older than all of it */
	uint64_t events_lost;	/* of a recording: whom they were about is not known */
	uint64_t unsampled;    /* of a recording: connections that began, and were left to chance */
	bool older_unknown;    /* of a recording: it does not have who is older */
	uint64_t in_flight;    /* descriptors on their way over UNIX sockets */
	uint64_t exec_failed;  /* commands that could not be started, or ended with a failure */
	uint64_t exec_dropped; /* lines for which none was run */
	bool is_watch;	       /* more than one look */
	bool is_past;	       /* a moment of a recording */
};

/* Whether a socket may be stuck where nobody could look. */
bool stuck_counts_are_partial(const struct stuck_counts *counts);

/* X(NAME, "name"): what keeps a socket. */
#define STUCK_GRIPS(X)                                                           \
	X(UNKNOWN, NULL) /* not all descriptors could be read */                 \
	X(PROCESS, "process")                                                    \
	X(ACCEPT_QUEUE, "accept_queue") /* nobody has accepted it yet */         \
	X(NOBODY, "nobody")		/* closed by all: the kernel's timers */ \
	X(KERNEL, "kernel")		/* made by the kernel for itself */      \
	X(TRANSIT, "transit")		/* on its way from process to process */

enum stuck_grip {
#define X(NAME, name) STUCK_GRIP_##NAME,
	STUCK_GRIPS(X)
#undef X
		STUCK_GRIP_COUNT
};

const char *stuck_grip_name(enum stuck_grip grip);

/* X(NAME, "name"): why it is told of. */
#define STUCK_CHANGES(X)  \
	X(NONE, NULL)     \
	X(STUCK, "stuck") \
	X(RELEASED, "released")

enum stuck_change {
#define X(NAME, name) STUCK_CHANGE_##NAME,
	STUCK_CHANGES(X)
#undef X
		STUCK_CHANGE_COUNT
};

const char *stuck_change_name(enum stuck_change change);

/* One socket. */
struct stuck {
	/*
	 * Endpoints, namespace, role. The owner is the first holder or, where nobody knows who
	 * holds it, who opened or accepted it.
	 */
	struct conn c;
	uint64_t mono_ns; /* when it was looked at, or let go */
	enum stuck_change change;
	enum tcp_state state;
	enum stuck_grip grip;

	/* Nanoseconds in the state; TIME_UNKNOWN. */
	uint64_t age_ns;	 /* exactly, or at least */
	uint64_t age_at_most_ns; /* where it is not exact */
	bool age_is_exact;
	bool age_is_blurred; /* something that came later hides when it was entered */

	bool is_moving;	    /* half closed, and what may still be sent is */
	bool is_unnoticed;  /* by stuck_is_unnoticed */
	bool is_fin_unread; /* nobody has read as far as the peer's FIN */
	uint64_t window_ns; /* the peer's window has been closed for so long at least; or 0 */

	bool is_minisock;	 /* a request, or what follows a socket that nobody holds */
	bool serves;		 /* its local port is what the sockets like it have in common */
	bool window_is_zero;	 /* the peer's */
	bool is_ack_dropped;	 /* of a request: an ACK came, and was not taken */
	uint64_t rx_queue_bytes; /* not read; of a listener, connections; STUCK_BYTES_UNKNOWN */
	uint64_t tx_queue_bytes; /* not acknowledged, the FIN as one; STUCK_BYTES_UNKNOWN */
	uint64_t left_ns;	 /* until the kernel ends it; TIME_UNKNOWN */
	uint32_t resent; /* times that the SYN, SYN-ACK, FIN or first segment was repeated, or
			    STUCK_RESENT_UNKNOWN */
	uint32_t probes; /* of the peer's closed window, without an answer */
	uint64_t inode;	 /* 0: it has none */
	struct subflow subflow;
	bool is_connection; /* an MPTCP connection, whose subflows are in other states */
	bool is_again;	    /* it is told of already */

	uint64_t stack; /* of who opened it, by its number; 0: unknown */

	/* Of another machine, as its rows tell; untrusted. "": unknown. NULL: of this one. */
	const char *host;
	bool is_past; /* it is not in that state any more, or its tracer has ended since */

	const struct holder *holders; /* sorted */
	size_t holder_count;
	bool holders_known;	       /* there is no other */
	const struct holder *listener; /* one who listens on its port, or NULL */
};

/* Stamps of a socket as nanoseconds that have passed since; TIME_UNKNOWN: there is none. */
struct stuck_stamps {
	uint64_t entered_ns;	   /* it is known when it entered the state */
	uint64_t ack_received_ns;  /* the last ACK */
	uint64_t data_received_ns; /* the last data; without any, when it was established */
	uint64_t data_sent_ns;
	uint64_t at_least_ns; /* it was in the state by then */
	uint64_t birth_ns;    /* the connection is no older */
	bool fin_is_last;     /* the peer's FIN was the last ACK, so that one tells when it came */
};

/* Sets the three fields of the age by what the state lets conclude. */
void stuck_set_age(struct stuck *s, const struct stuck_stamps *stamps);

/*
 * Whether its side sends that little, and has not read the end for so long perhaps, that it will
 * not have noticed: it is stuck although it is moving.
 */
bool stuck_is_unnoticed(const struct stuck *s, uint64_t bytes_sent);

/* Whether a connection that works stays in the state for a short time only. */
bool stuck_is_short(enum tcp_state state);

/* One that nobody has accepted is worth a look from this age on, while it is ESTABLISHED. */
#define STUCK_UNACCEPTED_NS UINT64_C(500000000)

/* From what age on a socket in this state is worth a look when all short states are asked for. */
uint64_t stuck_sensible_age(enum tcp_state state);

/*
 * Whether it is stuck by what it did, when its age is unknown and all short states are asked for: a
 * FIN that was sent again so often has taken longer than a FIN may.
 */
bool stuck_is_overdue(const struct stuck *s);

/* Oldest first, those of unknown age last; then by endpoints. */
void stuck_sort(struct stuck *all, size_t count);

#endif
