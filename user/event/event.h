/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel record, checked and brought into one shape. */
#ifndef USER_EVENT_EVENT_H
#define USER_EVENT_EVENT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bpf/event.h"
#include "user/base/address.h"
#include "user/event/state.h"

#define X(NAME, name, payload) payload name;
union event_record {
	EVENT_KINDS(X)
};
#undef X

/* Bytes of the longest record, with what may stand behind it. */
#define EVENT_RECORD_MAX (sizeof(union event_record) + sizeof(struct event_sequences))

struct event {
	uint64_t mono_ns; /* CLOCK_MONOTONIC */
	uint64_t sock;	  /* identity of the kernel's socket while it lives */
	uint32_t netns;
	enum event_kind kind;
	enum tcp_state from, to;
	uint16_t flags; /* enum event_flag */

	/*
	 * All but PASSIVE, ACCEPT, DESTROY; addresses are valid with EVENT_FLAG_ENDPOINTS. Of
	 * LISTENER lport and laddr.
	 */
	uint16_t lport, rport; /* 0: unknown */
	uint16_t left_lport;   /* of OPEN: of the socket's former connection; 0: none */
	struct address laddr, raddr;
	uint32_t srtt_us;     /* 0: not measured */
	uint16_t error;	      /* errno, 0: none */
	uint8_t shutdown;     /* 1 receive, 2 send, EVENT_SHUTDOWN_ORPHAN */
	bool witness;	      /* the second witness says so; the first may have said it before */
	uint8_t sequences;    /* enum event_sequence_flag; of TIMEWAIT, too */
	uint32_t retransmits; /* of RETRANSMIT, what left at once; 0: one segment */
	uint32_t local_seq, peer_seq; /* as in struct event_sequences, if `sequences` says so */

	/* OPEN, ACCEPT, LISTENER, CONNECT; of KIN the pid */
	uint32_t pid, uid;		/* pid of a LISTENER: 0 if there are several */
	uint64_t cgroup;		/* id of the socket's cgroup; 0: unknown, or not wanted */
	char comm[EVENT_COMM_SIZE + 1]; /* the thread's; untrusted, NUL-terminated */
	char process[EVENT_COMM_SIZE + 1]; /* the process's, alike; "": unknown */

	/* CLOSE */
	uint64_t bytes_sent, bytes_received;
	uint64_t timewait;	 /* the timewait socket that takes over; 0: none known */
	enum tcp_state substate; /* of that socket */
	uint16_t signs;		 /* enum event_sign */
	uint8_t tries, probes;	 /* segments sent in vain at the end */
	uint32_t segments_sent, segments_received;  /* 0: not told */
	uint32_t min_rtt_us;			    /* UINT32_MAX: not measured, or not told */
	char congestion[EVENT_CONGESTION_SIZE + 1]; /* untrusted; "": not told */

	/* PASSIVE, REQUEST */
	uint64_t synack_ns; /* the first SYN-ACK; 0: unknown */
	uint64_t ack_ns;    /* of PASSIVE: an ACK that was dropped to wait for data; 0: unknown */
	uint32_t refusal;   /* REQUEST: one more than the reason for our reset; 0: none given */

	/*
	 * REQUEST: enum event_request_end; TIMEWAIT: enum event_timewait_act; RESET: enum
	 * event_reset_act; RETRANSMIT: enum event_retransmit_cause; SUBFLOW: enum
	 * event_subflow_mark
	 */
	uint8_t detail;

	/*
	 * SCOPE, REQUEST, TIMEWAIT, LISTENER, and who follows a SCOPE: the interface that it is
	 * bound to, and its name, an atom. 0: it is bound to none, or that is not known.
	 */
	uint32_t ifindex;
	uint16_t ifname;

	uint32_t parent; /* KIN; 0: it ends */
	uint32_t token;	 /* SUBFLOW; never 0 */
	uint64_t stack;	 /* OPENER; never 0 */

	/* RESET */
	uint32_t reason; /* enum sk_rst_reason of its kernel, or EVENT_REASON_NONE */
	bool is_memory;	 /* the reason is a lack of memory */
	uint8_t sort;	 /* enum event_reset_sort */
};

/* An event that says nothing yet. */
void event_clear(struct event *event);

/* The bytes of a word in the order of memory, up to the first that is zero; the others are zero. */
static inline uint64_t event_up_to_nul(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t zeros;

	word = le64toh(word);
	zeros = (word - ones) & ~word & tops;
	return htole64(zeros ? word & (((zeros & -zeros) >> 7) - 1) : word);
}

/* A name up to its NUL, and nothing behind it; `name` ends with NUL already. */
static inline void event_set_name(char name[EVENT_COMM_SIZE], const uint8_t bytes[EVENT_COMM_SIZE])
{
	uint64_t words[EVENT_COMM_SIZE / sizeof(uint64_t)];

	memcpy(words, bytes, sizeof(words));
	words[0] = event_up_to_nul(words[0]);
	words[1] = ((const char *)words)[sizeof(words[0]) - 1] ? event_up_to_nul(words[1]) : 0;
	memcpy(name, words, sizeof(words));
}

/* A TIMEWAIT, wherever it stands among bytes. */
struct event_timewait_at {
	struct event_timewait at;
} __attribute__((packed, may_alias));

/*
 * The record that a TIME_WAIT is over, judged as event_decode() would; NULL: it is none, or it has
 * sequence numbers as well.
 */
static inline const struct event_timewait_at *event_as_timewait_end(const void *bytes, size_t size)
{
	const struct event_timewait_at *e = bytes;

	if (size != sizeof(*e) || e->at.head.kind != EVENT_TIMEWAIT ||
	    e->at.head.states != EVENT_STATES(STATE_TIME_WAIT, STATE_CLOSED) || e->at.sequences ||
	    e->at.act < EVENT_TIMEWAIT_EXPIRED || e->at.act > EVENT_TIMEWAIT_GONE)
		return NULL;
	return e->at.head.sock && e->at.head.mono_ns <= INT64_MAX ? e : NULL;
}

/* Whether it may be of this kind; without a look at the rest of it. */
bool event_may_be(const void *bytes, size_t size, unsigned int kind);

/* The socket of a record that need not be sound. Returns 0, or -EMSGSIZE. */
int event_peek_sock(const void *bytes, size_t size, uint64_t *ret_sock);

/*
 * Checks `size` bytes at `bytes` and writes them to `event` in one shape.
 * Trusts nothing: size, kind and states are judged, bytes need no alignment.
 * Sequence numbers may follow any record that has room for their flags.
 * Returns 0, -EMSGSIZE (too short for its kind, or trailing bytes), -EBADMSG (a kind or state that
 * does not exist, a transition that changes nothing, a birth without owner or the like).
 * A SOCKET is refused as a kind: it tells of no event, and is for socket_decode().
 * `event` is untouched on failure.
 */
int event_decode(const void *bytes, size_t size, struct event *event);

/* The same of a record that is of this kind, whatever its head says. */
int event_decode_as(uint8_t kind, const void *bytes, size_t size, struct event *event);

/* Whether an event of this kind may tell of these states: EVENT_STATES of a head. */
bool event_may_tell(uint8_t kind, uint8_t states);

/* Bytes of a record of this kind; 0: there is no such kind. */
size_t event_size_of(uint8_t kind);

/*
 * Bytes that stand behind a record's own, as the record says; `size` bytes of it may be looked at,
 * its head at least.
 */
size_t event_size_behind(const void *bytes, size_t size);

#endif
