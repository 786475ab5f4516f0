/* SPDX-License-Identifier: GPL-2.0-only */
/* Records from the kernel to user space: the bytes that the ring buffer carries. */
#ifndef BPF_EVENT_H
#define BPF_EVENT_H

/*
 * Data only: fixed width, largest first, padding named and zero, addresses as bytes in network
 * order, ports in host order. Every record begins with struct event_head; its kind gives the size.
 */
#include <linux/types.h>

#define EVENT_VERSION 1
#define EVENT_COMM_SIZE 16
#define EVENT_ADDR_SIZE 16

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
	X(TIMEWAIT, timewait, struct event_timewait)

enum event_kind {
	EVENT_NONE,
#define X(NAME, name, payload) EVENT_##NAME,
	EVENT_KINDS(X)
#undef X
		EVENT_KIND_COUNT
};

/* event_head.flags */
enum event_flag {
	EVENT_FLAG_IPV6 = 1 << 0,      /* IPv6 on the wire; without it IPv4, on whatever socket */
	EVENT_FLAG_ENDPOINTS = 1 << 1, /* the remote endpoint is known (the local port may be 0) */
	EVENT_FLAG_MPTCP = 1 << 2,     /* a subflow of a Multipath TCP connection */
	EVENT_FLAG_FIN_RECEIVED = 1 << 3, /* the peer's FIN has been received (SOCK_DONE) */
	EVENT_FLAG_DEFERRED = 1 << 4,	  /* the listener has TCP_DEFER_ACCEPT */
	EVENT_FLAG_FASTOPEN = 1 << 5,	  /* fast open: data went with the SYN */
	EVENT_FLAG_SYNCOOKIE = 1 << 6,	  /* the server kept no request: a SYN cookie came back */
	EVENT_FLAG_ACK_DROPPED = 1 << 7,  /* an ACK came before: deferred, or the queue was full */
};

/* event_body.shutdown, beside the kernel's own two bits */
#define EVENT_SHUTDOWN_ORPHAN 4 /* no process holds the socket any more (SOCK_DEAD) */

struct event_head {
	__u64 mono_ns; /* CLOCK_MONOTONIC, ns */
	__u64 sock;    /* kernel address: an identity while the socket lives, never shown */
	__u32 netns;   /* inode of the network namespace */
	__u8 kind;     /* enum event_kind */
	__u8 from;     /* TCP state before, as in include/net/tcp_states.h */
	__u8 to;       /* TCP state after */
	__u8 flags;    /* enum event_flag */
};

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
	__u8 reserved[3];
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
	__u32 pid;		    /* thread group id in the initial PID namespace */
	__u32 uid;
};

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
	__u8 reserved[3];
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
};

enum event_request_end {
	EVENT_REQUEST_ABANDONED, /* no ACK after all retransmissions */
	EVENT_REQUEST_RESET,	 /* the peer refused, or something else dropped it at once */
	EVENT_REQUEST_OVERFLOW,	 /* an ACK came, and the accept queue had no room */
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
};

/* head.sock is the accepted socket; netns is 0 or what is filtered on, from and to say nothing. */
struct event_accept {
	struct event_head head;
	__u64 cgroup;
	__u8 comm[EVENT_COMM_SIZE];
	__u32 pid;
	__u32 uid;
};

enum event_timewait_act {
	EVENT_TIMEWAIT_BORN,	/* of a socket that no CLOSE record named */
	EVENT_TIMEWAIT_REARMED, /* a segment came, and its time begins again */
	EVENT_TIMEWAIT_STARTED, /* its timer was started again, which does not show every time */
	/* its timer was stopped: STARTED or EXPIRED follows, or it was killed */
	EVENT_TIMEWAIT_CANCELLED,
	EVENT_TIMEWAIT_EXPIRED,
	EVENT_TIMEWAIT_REUSED, /* by a SYN, or by a connect of ours */
	EVENT_TIMEWAIT_RESET,  /* by an RST, or by a segment that no closed connection may send */
	EVENT_TIMEWAIT_PURGED, /* with its network namespace, or by an administrator */
};

/*
 * Endpoints and netns are 0 but for BORN. head.sock is the timewait socket; head.from its substate,
 * head.to too, or CLOSED when it is gone.
 */
struct event_timewait {
	struct event_head head;
	__u16 lport;
	__u16 rport;
	__u8 act; /* enum event_timewait_act */
	__u8 reserved[3];
	__u8 laddr[EVENT_ADDR_SIZE];
	__u8 raddr[EVENT_ADDR_SIZE];
};

#define EVENT_ASSERT_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), #type " is " #size " bytes")

EVENT_ASSERT_SIZE(struct event_head, 24);
EVENT_ASSERT_SIZE(struct event_body, 16);
EVENT_ASSERT_SIZE(struct event_transition, 48);
EVENT_ASSERT_SIZE(struct event_transition6, 72);
EVENT_ASSERT_SIZE(struct event_open, 104);
EVENT_ASSERT_SIZE(struct event_close, 104);
EVENT_ASSERT_SIZE(struct event_destroy, 24);
EVENT_ASSERT_SIZE(struct event_passive, 40);
EVENT_ASSERT_SIZE(struct event_request, 72);
EVENT_ASSERT_SIZE(struct event_accept, 56);
EVENT_ASSERT_SIZE(struct event_timewait, 64);

#endif
