/* SPDX-License-Identifier: GPL-2.0-only */
/* Records from the kernel to user space: the bytes that the ring buffer carries. */
#ifndef BPF_EVENT_H
#define BPF_EVENT_H

/*
 * Data only: fixed width, largest first, padding named and zero, addresses as bytes in network
 * order, ports in host order. Every record begins with struct event_head; its kind gives the size,
 * but for struct event_sequences, which may stand behind it.
 */
#include <linux/types.h>

#define EVENT_VERSION 2
#define EVENT_COMM_SIZE 16
#define EVENT_ADDR_SIZE 16
#define EVENT_CONGESTION_SIZE 16
#define EVENT_IFNAME_SIZE 16
#define EVENT_ERROR_MAX 4095 /* the kernel's MAX_ERRNO */

/*
 * One list of the kinds: X(NAME, name, payload).
 *
 * TRANSITION   a full socket changed its state, IPv4 endpoints
 * TRANSITION6  the same, IPv6 endpoints
 * OPEN         CLOSED -> SYN_SENT, with the owner: the task that called connect
 * CLOSE        a transition to CLOSED, with the counters of the whole connection
 * DESTROY      the kernel freed the socket; sent only after a record was lost
 * PASSIVE      what a server's child owes to its request, where the round trip does not tell it
 * REQUEST      a request that never became a connection is gone
 * ACCEPT       a task accepted a connection and owns it now
 * TIMEWAIT     something happened to a timewait socket
 * RESET        a reset was received or sent, or a socket is made to end without a FIN
 * RETRANSMIT   a segment was sent again
 * ERROR        a socket has an error to report
 * SOCKET       a socket as a snapshot found it: an iterator writes it, it is never in the ring; a
 *              recording begins with those that were there
 * LISTENER     a socket listens, or does no longer, where no hook sees who accepts
 * CONNECT      a connect failed, perhaps before the socket left CLOSED
 * SUBFLOW      a socket is a subflow of an MPTCP connection; what is told of it next is its birth
 * OPENER       which code connects or accepts; what is told of it next is that
 * KIN          a process is a child of one whose children are asked for, or such a child ends
 * SCOPE        it is bound to an interface, as what is told of it next is
 *
 * Each of them is one event; struct event_part and struct event_life are several.
 */
#define EVENT_KINDS(X)                                        \
	X(TRANSITION, transition, struct event_transition)    \
	X(TRANSITION6, transition6, struct event_transition6) \
	X(OPEN, open, struct event_open)                      \
	X(CLOSE, close, struct event_close)                   \
	X(DESTROY, destroy, struct event_destroy)             \
	X(PASSIVE, passive, struct event_passive)             \
	X(REQUEST, request, struct event_request)             \
	X(ACCEPT, accept, struct event_accept)                \
	X(TIMEWAIT, timewait, struct event_timewait)          \
	X(RESET, reset, struct event_reset)                   \
	X(RETRANSMIT, retransmit, struct event_retransmit)    \
	X(ERROR, error, struct event_error)                   \
	X(SOCKET, socket, struct event_socket)                \
	X(LISTENER, listener, struct event_listener)          \
	X(CONNECT, connect, struct event_connect)             \
	X(SUBFLOW, subflow, struct event_subflow)             \
	X(OPENER, opener, struct event_opener)                \
	X(SCOPE, scope, struct event_scope)                   \
	X(KIN, kin, struct event_kin)

enum event_kind {
	EVENT_NONE,
#define X(NAME, name, payload) EVENT_##NAME,
	EVENT_KINDS(X)
#undef X
		EVENT_KIND_COUNT
};

/* Several events of one socket in a record: in the ring alone, in no file. */
enum event_bundle_kind {
	EVENT_PART = 0x80, /* struct event_part: its life goes on, or nobody knows of its end */
	EVENT_LIFE,	   /* struct event_life: what was collected of it, and its CLOSE */
};

/* In the ring alone as well: struct event_stack, of which user space makes an OPENER. */
#define EVENT_STACK 0x90

/* Behind a record where there are several rings: __u64, CLOCK_MONOTONIC, ns; user space cuts it. */
#define EVENT_STAMP_SIZE 8

/* event_head.flags */
enum event_flag {
	EVENT_FLAG_IPV6 = 1 << 0,      /* IPv6 on the wire; without it IPv4, on whatever socket */
	EVENT_FLAG_ENDPOINTS = 1 << 1, /* the remote endpoint is known (the local port may be 0) */
	/* A subflow of a Multipath TCP connection; at CLOSED: one that the peer has agreed to. */
	EVENT_FLAG_MPTCP = 1 << 2,
	EVENT_FLAG_FIN_RECEIVED = 1 << 3, /* the peer's FIN has been received (SOCK_DONE) */
	EVENT_FLAG_DEFERRED = 1 << 4,	  /* the listener has TCP_DEFER_ACCEPT */
	/* Fast open: data went with the SYN; or the server's child was made by the SYN. */
	EVENT_FLAG_FASTOPEN = 1 << 5,
	EVENT_FLAG_SYNCOOKIE = 1 << 6, /* the server kept no request: a SYN cookie came back */
	/*
	 * An ACK came before: deferred, or the queue was full. At a birth: one may have come, for
	 * the listener's options could not be read any more.
	 */
	EVENT_FLAG_ACK_DROPPED = 1 << 7,
	/* TCP_REPAIR: the socket shakes no hands when it connects, and sends nothing at its end. */
	EVENT_FLAG_REPAIRED = 1 << 8,
	EVENT_FLAG_PUT_OFF = 1 << 9, /* TCP_FASTOPEN_CONNECT: the SYN may wait for the first data */
	/* At ESTABLISHED: data left before: the first round trip may be that of the data. */
	EVENT_FLAG_SENT_EARLY = 1 << 10,
	/* At CLOSE_WAIT: data have come, and one segment, which is the SYN-ACK of a client. */
	EVENT_FLAG_ONE_SEGMENT = 1 << 11,
	/* Of a step to ESTABLISHED: the first numbers of both directions stand with the steps. */
	EVENT_FLAG_FIRSTS = 1 << 12,
	/* No kernel told of it: user space concludes it from captured segments. */
	EVENT_FLAG_WIRE = 1 << 13,
	/* Of WIRE: segments before it were lost to the capture. */
	EVENT_FLAG_WIRE_GAP = 1 << 14,
	/*
	 * Of WIRE: a segment that came later says so; that which made it so was not captured. At
	 * CLOSED: with which number an end began is not known, nor how many bytes there were.
	 */
	EVENT_FLAG_WIRE_LATE = 1 << 15,
};

/* Of WIRE, at ESTABLISHED, in left_lport: where it was captured, by what hops and times say. */
enum event_point {
	EVENT_POINT_UNKNOWN,
	EVENT_POINT_CLIENT,
	EVENT_POINT_SERVER,
	EVENT_POINT_BETWEEN,
};

/* event_body.shutdown, beside the kernel's own two bits */
#define EVENT_SHUTDOWN_ORPHAN 4 /* no process holds the socket any more (SOCK_DEAD) */

struct event_head {
	__u64 mono_ns; /* CLOCK_MONOTONIC, ns */
	__u64 sock;    /* kernel address: an identity while the socket lives, never shown or kept */
	__u32 netns;   /* inode of the network namespace */
	__u8 kind;     /* enum event_kind */
	__u8 states;   /* before and after: EVENT_STATES */
	__u16 flags;   /* enum event_flag */
};

/* Two TCP states of include/net/tcp_states.h, which has no 16th, in a byte. */
#define EVENT_STATES(from, to) ((from) | (to) << 4)
#define EVENT_FROM(states) ((states)&15)
#define EVENT_TO(states) ((states) >> 4)

/*
 * What every record about a transition carries behind its head. From srtt_us on it is 0 unless the
 * transition is to ESTABLISHED or CLOSED; so is EVENT_FLAG_MPTCP.
 */
struct event_body {
	__u16 lport;	  /* 0: not chosen yet */
	__u16 rport;	  /* 0: not known yet */
	__u32 srtt_us;	  /* smoothed round trip, microseconds, unscaled; 0: none measured */
	__u16 error;	  /* sk_err, an errno; 0: none */
	__u8 shutdown;	  /* sk_shutdown: 1 receive, 2 send; 4: EVENT_SHUTDOWN_ORPHAN */
	__u8 retransmits; /* total_retrans, 255 when more */
	__u8 witness;	  /* told by the second witness: the first may have told of it, too */
	__u8 sequences;	  /* enum event_sequence_flag */
	__u16 left_lport; /* of OPEN: the local port of the socket's former connection; 0: none */
			  /* with EVENT_FLAG_WIRE: enum event_point */
};

enum event_sequence_flag {
	EVENT_SEQUENCE_PRESENT = 1 << 0, /* struct event_sequences stands behind the record */
	EVENT_SEQUENCE_LOCAL = 1 << 1,	 /* its `local` is known */
	EVENT_SEQUENCE_PEER = 1 << 2,	 /* its `peer` is known */
	EVENT_SEQUENCE_ACKED = 1 << 3,	 /* all that was received has been acknowledged */
};

/*
 * What stands behind a record about a transition or a timewait socket when config_knobs.sequences
 * asks for it: the next number of each direction, as of the transition. But of a transition to
 *   FIN_WAIT1, LAST_ACK     `local` is the number that our FIN will have;
 *   ESTABLISHED, SYN_RECV   `local` is that of our SYN, or of a server's child that behind its SYN;
 *                           `peer` is that of the peer's SYN;
 *   CLOSED from SYN_SENT    `local` is that of our SYN.
 */
struct event_sequences {
	__u32 local;
	__u32 peer;
};

struct event_transition {
	struct event_head head;
	struct event_body body;
	__u8 laddr[4];
	__u8 raddr[4];
};

struct event_transition6 {
	struct event_head head;
	struct event_body body;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
};

/* IPv4 addresses are in the first 4 bytes; the rest is zero. */
struct event_open {
	struct event_head head;
	struct event_body body;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u64 cgroup;		    /* id of the socket's cgroup; 0: unknown, or not wanted */
	__u8 comm[EVENT_COMM_SIZE]; /* untrusted bytes, NUL-terminated if shorter */
	__u32 pid;		    /* thread group id in the initial PID namespace; 0: unknown */
	__u32 uid;
	__u8 process[EVENT_COMM_SIZE]; /* the process's name, as comm is the thread's */
};

/* event_close.signs: what the socket shows of the reason, unless it was closed in order. */
enum event_sign {
	/* A process holds it; neither this nor EVENT_SHUTDOWN_ORPHAN: it was never accepted. */
	EVENT_SIGN_HELD = 1 << 0,
	EVENT_SIGN_LINGER_ZERO = 1 << 1,  /* SO_LINGER of 0 seconds */
	EVENT_SIGN_USER_TIMEOUT = 1 << 2, /* it has a TCP_USER_TIMEOUT; up to version 1 */
	EVENT_SIGN_UNREAD = 1 << 3,	  /* data came that nobody has read */
	EVENT_SIGN_DYING = 1 << 4,	  /* its network namespace is being taken down */
	EVENT_SIGN_SILENT = 1 << 5,	  /* it has never sent a segment */
	EVENT_SIGN_IMPATIENT = 1 << 6,	  /* TCP_LINGER2 below 0: FIN_WAIT2 is not waited in */
	EVENT_SIGN_UNACKED = 1 << 7, /* what it has sent, or has to send, is not acknowledged */
	/* The peer has been silent for as long as its TCP_USER_TIMEOUT says. */
	EVENT_SIGN_TIME_OVER = 1 << 8,
	EVENT_SIGN_SHUT_DOWN = 1 << 9,	 /* shutdown() is called while it connects */
	EVENT_SIGN_CONNECTING = 1 << 10, /* connect() has done its part: the answer is missing */
	EVENT_SIGN_SYNACK_OUT = 1 << 11, /* a fast open whose SYN-ACK is not acknowledged */
	EVENT_SIGN_NO_ROOM = 1 << 12,	 /* its namespace may have no more timewait sockets */
};

/* From segments_sent on, all is 0 or not known unless it is wanted (config_knobs.facts). */
struct event_close {
	struct event_head head;
	struct event_body body;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u64 bytes_sent;     /* payload, each byte once: without retransmissions, SYN and FIN */
	__u64 bytes_received; /* payload, without SYN and FIN */
	__u64 timewait;	      /* the timewait socket that takes over; 0: none, or not known */
	__u32 retransmits;    /* segments sent again in the whole life */
	__u8 substate;	      /* of the timewait socket: FIN_WAIT2 or TIME_WAIT; 0: none */
	__u8 signs;	      /* enum event_sign, the first eight of it */
	__u8 tries;	      /* retransmissions since the peer last answered (icsk_retransmits) */
	__u8 probes;	      /* keepalives or probes of its window since then (icsk_probes_out) */
	__u32 segments_sent;
	__u32 segments_received;
	__u32 min_rtt_us;  /* the least of the last minutes; ~0: none measured */
	__u16 later_signs; /* enum event_sign, the others, from bit 0 on */
	__u16 reserved;
	__u8 congestion[EVENT_CONGESTION_SIZE]; /* the control's name, NUL-terminated if shorter */
};

struct event_destroy {
	struct event_head head;
};

/* head.sock is the child; from LISTEN to SYN_RECV; netns is 0. */
struct event_passive {
	struct event_head head;
	__u64 synack_ns; /* CLOCK_MONOTONIC of the first SYN-ACK, to the microsecond; 0: unknown */
	__u32 retransmits; /* SYN-ACKs sent again */
	__u32 reserved;
	/*
	 * CLOCK_MONOTONIC of an ACK that was dropped to wait for data; with EVENT_FLAG_WIRE, of the
	 * SYN that the SYN-ACK answered. 0: unknown
	 */
	__u64 ack_ns;
};

enum event_request_end {
	EVENT_REQUEST_ABANDONED,   /* no ACK after all retransmissions */
	EVENT_REQUEST_DROPPED,	   /* before its time, and nobody says why */
	EVENT_REQUEST_OVERFLOW,	   /* an ACK came, and the accept queue had no room */
	EVENT_REQUEST_RESET,	   /* by the peer */
	EVENT_REQUEST_BAD_SYN,	   /* a SYN within the window: we answered it with a reset */
	EVENT_REQUEST_QUEUE_RESET, /* OVERFLOW, and we answered with a reset */
	EVENT_REQUEST_REFUSED,	   /* we answered its segment with a reset, for another reason */
	EVENT_REQUEST_LISTENER_CLOSED,
	EVENT_REQUEST_UNREACHABLE, /* an ICMP message said so */
	EVENT_REQUEST_KILLED,	   /* by an administrator */
	EVENT_REQUEST_UNSENT,	   /* its SYN-ACK could not be sent again */
};

/* head.sock is the request; from SYN_RECV to CLOSED. */
struct event_request {
	struct event_head head;
	__u64 synack_ns; /* CLOCK_MONOTONIC of the first SYN-ACK, to the microsecond; 0: unknown */
	__u16 lport;
	__u16 rport;
	__u8 end;	  /* enum event_request_end */
	__u8 retransmits; /* SYN-ACKs sent again */
	__u8 reserved[2];
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u64 cgroup;  /* id of the listener's cgroup; 0: unknown, or not wanted */
	__u32 refusal; /* one more than the kernel's reason for our reset; 0: none was given */
	__u32 ifindex; /* as of a socket of a snapshot */
	__u8 ifname[EVENT_IFNAME_SIZE];
};

/* head.sock is the accepted socket; netns is 0 unless it is filtered on, the states say nothing. */
struct event_accept {
	struct event_head head;
	__u64 cgroup;
	__u8 comm[EVENT_COMM_SIZE];
	__u32 pid;
	__u32 uid;
	__u8 process[EVENT_COMM_SIZE];
};

enum event_timewait_act {
	EVENT_TIMEWAIT_BORN,	/* of a socket that no CLOSE record named */
	EVENT_TIMEWAIT_REARMED, /* a segment came, and its time begins again */
	EVENT_TIMEWAIT_STARTED, /* its timer was started again, which does not show every time */
	/* its timer was stopped: STARTED or EXPIRED follows, or it is gone */
	EVENT_TIMEWAIT_CANCELLED,
	EVENT_TIMEWAIT_EXPIRED,
	EVENT_TIMEWAIT_REUSED,	 /* by a SYN, or by a connect of ours */
	EVENT_TIMEWAIT_RESET,	 /* by an RST */
	EVENT_TIMEWAIT_PURGED,	 /* with its network namespace */
	EVENT_TIMEWAIT_KILLED,	 /* by an administrator */
	EVENT_TIMEWAIT_ANSWERED, /* by a segment that came after the close: we sent a reset */
	EVENT_TIMEWAIT_GONE,	 /* before its time, and nobody says why */
};

/*
 * Endpoints, netns and interface are 0 but for BORN. head.sock is the timewait socket; its state
 * before is the substate, and after it, too, or CLOSED when it is gone.
 */
struct event_timewait {
	struct event_head head;
	__u16 lport;
	__u16 rport;
	__u8 act;	/* enum event_timewait_act */
	__u8 sequences; /* enum event_sequence_flag */
	__u8 reserved[2];
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u32 ifindex; /* as of a socket of a snapshot */
	__u32 reserved_end;
};

#define EVENT_TIME_UNKNOWN ((__u64)-1)

/* Which kernel object holds the connection. */
enum event_socket_object {
	EVENT_SOCKET_FULL,
	EVENT_SOCKET_REQUEST,
	EVENT_SOCKET_TIMEWAIT,
};

/* What the kernel waits for; the numbers are those of idiag_timer. */
enum event_socket_timer {
	EVENT_TIMER_NONE,
	EVENT_TIMER_RETRANSMIT,
	EVENT_TIMER_KEEPALIVE, /* also: the FIN_WAIT2 of a socket that nobody holds */
	EVENT_TIMER_TIMEWAIT,
	EVENT_TIMER_PROBE, /* the peer's window is zero */
};

/* event_socket.marks */
enum event_socket_mark {
	EVENT_SOCKET_ORPHAN = 1 << 0,	   /* no process holds it any more */
	EVENT_SOCKET_UNACCEPTED = 1 << 1,  /* none holds it yet: it is in the accept queue */
	EVENT_SOCKET_SINCE_EXACT = 1 << 2, /* since_ns is no earlier and no later */
	EVENT_SOCKET_COUNTED = 1 << 3,	   /* the numbers of a full socket are there */
	/* The peer's FIN has come: nothing has come behind it, or an ACK has; or it is unknown. */
	EVENT_SOCKET_FIN_LAST = 1 << 4,
	EVENT_SOCKET_FIN_FOLLOWED = 1 << 5,
	EVENT_SOCKET_FIN_UNREAD = 1 << 6, /* nobody has read as far as that FIN */
	EVENT_SOCKET_DROPS = 1 << 7,	  /* a listener's drops are known */
};

/*
 * Both states are the one it is in, mono_ns is when it was looked at. TIME_WAIT without a timer is
 * said of a timewait socket of which nothing but its ends could be read. Where the object has no
 * such field, a number is 0 and a time is unknown. A listener has no remote endpoint; its queues
 * are those of connections to accept.
 */
struct event_socket {
	struct event_head head;
	__u64 cgroup;	      /* id of the socket's cgroup; 0: unknown */
	__u64 inode;	      /* of the socket's file; 0: it has none */
	__u64 bytes_sent;     /* payload, each byte once: without retransmissions */
	__u64 bytes_acked;    /* as the kernel counts: a client's SYN is a byte, and a FIN is */
	__u64 bytes_received; /* payload, without SYN and FIN */
	__u64 since_ns;	      /* CLOCK_MONOTONIC when the state began, at the latest; or unknown */
	/* Time since, in steps of the kernel's tick, or unknown. */
	__u64 ack_age_ns;     /* the last ACK was received */
	__u64 receive_age_ns; /* the last data was received, or else it was established */
	__u64 send_age_ns;    /* data was last sent, or else it was established */
	__u64 timer_ns;	      /* time left until the timer goes off, or unknown */
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u32 uid;	 /* who made it; a server's: who made the listener, until it is accepted */
	__u32 rx_queue;	 /* bytes received and not read; a listener's: connections to accept */
	__u32 tx_queue;	 /* bytes not acknowledged; a listener's: room for connections */
	__u32 in_flight; /* segments not acknowledged; a listener's: half-open requests */
	__u32 retransmits; /* segments sent again in the whole life; a listener's: its drops */
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 rcv_nxt;
	__u32 snd_wnd; /* bytes that the peer has room for */
	__u32 srtt_us; /* 0: none measured */
	__u16 lport;
	__u16 rport;
	__u16 error;	  /* sk_err */
	__u8 object;	  /* enum event_socket_object */
	__u8 marks;	  /* enum event_socket_mark */
	__u8 timer;	  /* enum event_socket_timer */
	__u8 attempts;	  /* of the segment that is not acknowledged; a request's: of its SYN-ACK */
	__u8 probes;	  /* of a window that is zero, or of a peer that is silent: unanswered */
	__u8 backoff;	  /* how often the timer's time was doubled */
	__u8 shutdown;	  /* sk_shutdown: 1 receive, 2 send */
	__u8 mptcp_state; /* of the connection that a subflow is of; 0: unknown */
	__u8 subflow_marks; /* enum event_subflow_mark */
	__u8 role;	    /* enum conn_role, where user space has seen it; 0: unknown */
	__u32 rto_us;	    /* the time-out that the timer's time is doubled from; 0: unknown */
	/* Who holds it, by the process's name, which user space finds out; 0: unknown. */
	__u32 owner_pid;
	__u8 owner_comm[EVENT_COMM_SIZE];
	__u32 token;   /* of that MPTCP connection; 0: unknown */
	__u32 ifindex; /* of the interface that it is bound to; 0: none, or unknown */
	__u8 ifname[EVENT_IFNAME_SIZE]; /* of that; untrusted; empty: unknown */
};

enum event_reset_act {
	EVENT_RESET_RECEIVED,
	EVENT_RESET_SENT,	  /* by this side's own decision */
	EVENT_RESET_ANSWERED,	  /* sent in answer to a segment */
	EVENT_RESET_STRAY,	  /* the same, where there is no connection */
	EVENT_RESET_DISCONNECTED, /* tcp_disconnect is called: it may send one */
	EVENT_RESET_ABORTED,	  /* tcp_abort is called: it may send one */
};

enum event_reset_sort {
	EVENT_RESET_SORT_NONE,	 /* the kernel gives no reason */
	EVENT_RESET_SORT_OTHER,	 /* one that is none of these */
	EVENT_RESET_SORT_UNREAD, /* data was left unread */
};

/* event_reset.reason where the kernel gives none. */
#define EVENT_REASON_NONE 0xffffffff

/*
 * Both states are the one it is in. head.sock is the socket; of a STRAY one it is whatever took the
 * segment, or the segment.
 */
struct event_reset {
	struct event_head head;
	__u32 reason; /* enum sk_rst_reason of this kernel, or EVENT_REASON_NONE */
	__u8 act;     /* enum event_reset_act */
	__u8 memory;  /* the reason is a lack of memory, or too many orphans */
	__u8 sort;    /* enum event_reset_sort: the kernels number their reasons as they like */
	__u8 reserved;
};

enum event_retransmit_cause {
	EVENT_RETRANSMIT_SYN,
	EVENT_RETRANSMIT_SYNACK,
	EVENT_RETRANSMIT_TIMEOUT, /* a timer ran out, or has before and this is its consequence */
	EVENT_RETRANSMIT_FAST,	  /* acknowledgements told of the loss */
	EVENT_RETRANSMIT_PROBE,	  /* a tail loss probe, or nothing known to be lost */
};

/*
 * As of RESET; of a SYN-ACK, head.sock is the request, with EVENT_FLAG_FASTOPEN the child that is
 * there already.
 */
struct event_retransmit {
	struct event_head head;
	__u8 cause; /* enum event_retransmit_cause */
	__u8 reserved;
	__u16 segments; /* that left at once, for a device to part; 0: one */
	__u8 padding[4];
};

/* As of RESET. */
struct event_error {
	struct event_head head;
	__u16 error; /* sk_err, an errno */
	__u8 reserved[6];
};

/*
 * From CLOSED to LISTEN: the owner is the task that called listen. From LISTEN to LISTEN: it was
 * found, and the owner is who holds it; user space writes that. From LISTEN to CLOSED: it is gone,
 * and nothing but its port is told. IPv4 addresses are in the first 4 bytes.
 */
struct event_listener {
	struct event_head head;
	__u64 cgroup;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 comm[EVENT_COMM_SIZE]; /* untrusted bytes, NUL-terminated if shorter */
	__u32 pid;		    /* 0: several processes of that name hold it */
	__u32 uid;
	__u16 lport; /* 0: not chosen yet */
	__u8 reserved[2];
	__u32 ifindex; /* as of a socket of a snapshot */
	__u8 process[EVENT_COMM_SIZE];
};

enum event_subflow_mark {
	EVENT_SUBFLOW_FIRST = 1 << 0, /* it made the connection; the others have joined it */
};

/*
 * A client's stands before its OPEN: it has asked for MPTCP, which EVENT_FLAG_MPTCP of its CLOSE
 * tells whether it was given. A server's stands before it is ESTABLISHED. The states are those.
 */
struct event_subflow {
	struct event_head head;
	__u32 token; /* of the MPTCP connection, unique on its machine while it lives; never 0 */
	__u8 marks;  /* enum event_subflow_mark */
	__u8 reserved[3];
};

/* By its number those who read know the stack; the same stack has the same number. */
struct event_opener {
	struct event_head head;
	__u64 stack;
};

/*
 * A link-local address says nothing without its link, nor does any address without its VRF. Before
 * the OPEN of a client, before what ends the SYN_RECV of a server's child, and before a CONNECT:
 * the states and the time are those. Of a socket that nothing binds there is none.
 */
struct event_scope {
	struct event_head head;
	__u32 ifindex; /* never 0 */
	__u8 reserved[4];
	__u8 ifname[EVENT_IFNAME_SIZE]; /* by then; untrusted bytes; empty: unknown */
};

/* Both states are CLOSED; head.sock is the child's task, or any, and netns is 0. */
struct event_kin {
	struct event_head head;
	__u32 pid;    /* thread group id in the initial PID namespace; never 0 */
	__u32 parent; /* whose child it is; 0: it ends */
};

#define EVENT_STACK_WORDS 256
#define EVENT_STACK_DEPTH 64 /* frames of a chain */

/*
 * The user's stack of a task that connects or accepts, as far as that can be had in a moment: where
 * it is, what lies on top of its stack, and the chain of its frame pointers, which may be none.
 */
struct event_stack {
	struct event_head head; /* the states are those of the record that comes next */
	__u64 image;		/* where the program's first stack begins; 0: unknown */
	__u64 ip;
	__u64 sp;
	__u64 fp;
	__u64 link; /* where it returns to, of processors that keep that in a register; or 0 */
	__u32 pid;
	__u32 uid;   /* whose the socket is, and in which network namespace */
	__u32 netns; /* 0: unknown */
	__u32 words; /* that were read */
	__u32 depth; /* of the chain */
	__u32 reserved;
	__u64 chain[EVENT_STACK_DEPTH]; /* addresses, from within outwards */
	__u64 word[EVENT_STACK_WORDS];	/* at sp */
};

#define EVENT_STEPS 6 /* no connection has more before its CLOSE, unless it is told of twice */

/* A transition, with what is worth keeping of it; from srtt_us on as in struct event_body. */
struct event_step {
	__u64 mono_ns;
	__u16 flags; /* enum event_flag; FIN_RECEIVED and MPTCP may lack */
	__u8 states;
	__u8 retransmits;
	__u32 srtt_us;
};

/*
 * What the kernel side has collected of one socket: the records that it would have sent, without
 * what they say twice. Steps are in their order; PASSIVE and ACCEPT lie where their times say.
 */
struct event_steps {
	struct event_step step[EVENT_STEPS];
	__u64 passive_ns; /* mono_ns of its PASSIVE; 0: there is none */
	__u64 accept_ns;  /* mono_ns of its ACCEPT; 0: there is none */
	__u64 synack_ns;  /* of PASSIVE, as ack_ns */
	__u64 ack_ns;
	__u32 synack_retransmits;
	__u16 passive_flags;
	__u8 count;	/* steps */
	__u8 witnessed; /* bit i: the second witness told of step i */
	/* The owner: of its ACCEPT, if there is one, else of the step that is an OPEN. */
	__u64 cgroup;
	__u8 comm[EVENT_COMM_SIZE];
	__u8 process[EVENT_COMM_SIZE];
	__u32 pid;
	__u32 uid;
	__u16 open_lport; /* lport and left_lport of the step that is an OPEN */
	__u16 left_lport;
	__u16 lport; /* the endpoints of all steps, as of the last that told of them */
	__u16 rport;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	struct event_sequences first; /* with EVENT_FLAG_FIRSTS: those of ESTABLISHED */
};

/* Of the head, mono_ns is when it was sent, and the states and the flags are 0. */
struct event_part {
	struct event_head head;
	struct event_steps steps;
};

/* A CLOSE but for its kind, and what came before it. */
struct event_life {
	struct event_close close;
	struct event_steps steps;
};

/*
 * Both states are CLOSED. Without EVENT_FLAG_ENDPOINTS nobody knows who was to be called. IPv4
 * addresses are in the first 4 bytes.
 */
struct event_connect {
	struct event_head head;
	__u64 cgroup;
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u8 comm[EVENT_COMM_SIZE];
	__u32 pid;
	__u32 uid;
	__u16 lport; /* 0: none was chosen */
	__u16 rport;
	__u16 error; /* an errno: what connect has returned */
	__u8 reserved[2];
	__u8 process[EVENT_COMM_SIZE];
};

/*
 * A timewait socket, as polls ask for it: once and again, and of very many. No event either: the
 * iterator over sockets writes these in place of a struct event_socket, whose fields they are.
 */
struct event_polled {
	__u64 mono_ns;
	__u64 since_ns;
	__u64 timer_ns; /* unknown: it has no timer, as above */
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
	__u32 ifindex;
	__u16 lport;
	__u16 rport;
	__u8 state;
	__u8 is_ipv6;
	__u8 reserved[6];
};

/*
 * A descriptor of a process that is a socket of any kind. No event: the iterator over descriptors
 * writes these one after the other, without a head.
 */
struct event_holder {
	__u64 inode; /* of the socket */
	__u32 pid;   /* thread group id in the initial PID namespace */
	__u32 fd;
	__u8 comm[EVENT_COMM_SIZE]; /* of the process: untrusted, NUL-terminated if shorter */
	__u32 uid;		    /* whose the process is, and in which network namespace */
	__u32 netns;
};

#define EVENT_ASSERT_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), #type " is " #size " bytes")

EVENT_ASSERT_SIZE(struct event_head, 24);
EVENT_ASSERT_SIZE(struct event_body, 16);
EVENT_ASSERT_SIZE(struct event_sequences, 8);
EVENT_ASSERT_SIZE(struct event_transition, 48);
EVENT_ASSERT_SIZE(struct event_transition6, 72);
EVENT_ASSERT_SIZE(struct event_open, 120);
EVENT_ASSERT_SIZE(struct event_close, 136);
EVENT_ASSERT_SIZE(struct event_destroy, 24);
EVENT_ASSERT_SIZE(struct event_passive, 48);
EVENT_ASSERT_SIZE(struct event_request, 104);
EVENT_ASSERT_SIZE(struct event_accept, 72);
EVENT_ASSERT_SIZE(struct event_timewait, 72);
EVENT_ASSERT_SIZE(struct event_socket, 240);
EVENT_ASSERT_SIZE(struct event_reset, 32);
EVENT_ASSERT_SIZE(struct event_retransmit, 32);
EVENT_ASSERT_SIZE(struct event_error, 32);
EVENT_ASSERT_SIZE(struct event_subflow, 32);
EVENT_ASSERT_SIZE(struct event_opener, 32);
EVENT_ASSERT_SIZE(struct event_scope, 48);
EVENT_ASSERT_SIZE(struct event_kin, 32);
EVENT_ASSERT_SIZE(struct event_stack, 88 + 8 * (EVENT_STACK_DEPTH + EVENT_STACK_WORDS));
EVENT_ASSERT_SIZE(struct event_holder, 40);
EVENT_ASSERT_SIZE(struct event_polled, 72);
EVENT_ASSERT_SIZE(struct event_listener, 96);
EVENT_ASSERT_SIZE(struct event_step, 16);
EVENT_ASSERT_SIZE(struct event_steps, 232);
EVENT_ASSERT_SIZE(struct event_part, 256);
EVENT_ASSERT_SIZE(struct event_life, 368);
EVENT_ASSERT_SIZE(struct event_connect, 112);

#endif
