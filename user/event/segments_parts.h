/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of segments: what is kept of a connection, and of each of its ends. */
#ifndef USER_EVENT_SEGMENTS_PARTS_H
#define USER_EVENT_SEGMENTS_PARTS_H

#include <string.h>

#include "bpf/event.h"
#include "user/base/hash.h"
#include "user/event/segments.h"
#include "user/event/state.h"

#define WIRE_HOLES 4  /* of an end that are kept; what is behind more counts as sent again */
#define WIRE_COPIES 8 /* segments of an end that the next may be a copy of */
#define WIRE_NOBODY 0 /* connections are numbered from 1 */

/* Part of a stream that was not captured when what lies behind it was. */
struct wire_hole {
	uint64_t from, to; /* equal: none */
	uint64_t since_ns;
};

struct wire_copy {
	uint64_t time_ns;
	uint32_t digest;
};

enum wire_end_mark {
	WIRE_HAS_NEXT = 1 << 0,	 /* `next` is known */
	WIRE_HAS_FIRST = 1 << 1, /* its SYN was seen, or what proves its number */
	WIRE_HAS_SYN = 1 << 2,	 /* its SYN without ACK was seen: its first step has a time */
	WIRE_REQUEST = 1 << 3,	 /* its SYN-ACK was seen, and no ACK of it */
	WIRE_BORN = 1 << 4,	 /* records have told of it */
	WIRE_SEEDED = 1 << 5,	 /* it is older than the capture, or its beginning was not seen */
	WIRE_FASTOPEN = 1 << 6,
	WIRE_SENT = 1 << 7, /* a segment of it was seen */
};

/*
 * One end. Sequence numbers are 64 bits wide, of which those of segments are the lower half: they
 * do not wrap, and only differences mean anything.
 */
struct wire_end {
	uint64_t sock;		      /* what records call it */
	uint64_t first;		      /* number of its SYN */
	uint64_t next;		      /* behind the last that it was seen to send */
	uint64_t acked;		      /* what it acknowledged, in the peer's numbers; 0: nothing */
	uint64_t fin;		      /* number of its FIN; 0: none was seen */
	uint64_t fin_ns;	      /* when that was sent, or sent again */
	uint64_t entered_ns;	      /* its state */
	uint64_t syn_ns, syn_last_ns; /* its SYNs, the first and the last; 0: none */
	uint64_t synack_ns;	      /* its first SYN-ACK */
	uint64_t sent_ns;	      /* the last segment that had a number */
	struct wire_hole holes[WIRE_HOLES];
	struct wire_copy copies[WIRE_COPIES];
	uint32_t retransmits, syn_retransmits;
	uint8_t state; /* enum tcp_state */
	uint8_t marks; /* enum wire_end_mark */
	uint8_t next_copy;
	uint8_t again; /* acknowledgements in a row that acknowledged nothing new */
	uint8_t hops;  /* of its last segment */
	bool is_closed;
	bool is_shut;	     /* its window was closed when it last sent */
	bool replies_by_fin; /* its FIN was the first that acknowledged the peer's */
};

/* Which list a connection is in: what may take its place first, and what ends it. */
enum wire_list { WIRE_OPENING, WIRE_OPEN, WIRE_OVER, WIRE_LIST_COUNT };

struct wire_key {
	struct address address[2];
	uint16_t port[2];
	uint32_t is_ipv6;
};

/*
 * Whether it is a socket that is connected to itself, as a connect to a port of one's own may end.
 * Each segment is from either end then; the second one is followed, and not told of.
 */
static inline bool wire_is_mirrored(const struct wire_key *key)
{
	return key->port[0] == key->port[1] &&
	       !memcmp(&key->address[0], &key->address[1], sizeof(key->address[0]));
}

struct wire {
	struct wire_key key;
	struct wire_end end[2];
	uint64_t heard_ns; /* its last segment, or when it entered TIME_WAIT */
	uint32_t older, newer;
	uint32_t late_syn;    /* a SYN that an open connection has no use for */
	uint64_t late_syn_ns; /* 0: there is none */
	uint32_t losses;      /* those of the capture that `gaps` knows of */
	uint8_t list;
	uint8_t late_syn_end;
	uint8_t point;	 /* enum event_point */
	bool is_crossed; /* both ends have sent a SYN of their own */
	uint8_t gaps; /* bit of a side: something was lost, and no record of it has said so yet */
};

struct wire_order {
	uint32_t oldest, newest, count;
};

#define WIRE_CHUNK 256

struct segments {
	record_on_one on_record;
	void *context;
	struct segments_counts counts;
	uint64_t now_ns, socks;
	uint32_t losses; /* of the capture, so far */
	bool is_late;	 /* what is told now happened before the segment that says so */
	struct hash_index index;
	struct wire **chunks;
	size_t chunk_count;
	uint32_t made, used, max, free;
	struct wire_order order[WIRE_LIST_COUNT];
};

static inline struct wire *wire_at(const struct segments *s, uint32_t n)
{
	return &s->chunks[(n - 1) / WIRE_CHUNK][(n - 1) % WIRE_CHUNK];
}

/* ---- which there are (segments_kept.c) ------------------------------------------------------- */

/* WIRE_NOBODY when there is none. */
uint32_t wire_find(const struct segments *s, const struct wire_key *key,
		   struct hash_search *search);

/* One that begins, for which another one may have to make room. NULL when there is no memory. */
struct wire *wire_add(struct segments *s, const struct wire_key *key, enum wire_list list);
void wire_forget(struct segments *s, uint32_t n);

/* It was heard of. */
void wire_move_to(struct segments *s, uint32_t n, enum wire_list list);

/* Nothing more will be known of what is open of it. */
void wire_end_unseen(struct segments *s, struct wire *w, uint64_t time_ns);

static inline uint32_t wire_number_of(const struct segments *s, const struct wire *w)
{
	return w->older ? wire_at(s, w->older)->newer : s->order[w->list].oldest;
}

/* ---- what records say (segments_tell.c) ------------------------------------------------------ */

/* The transition of an end, which is in `to` afterwards; not to CLOSED. */
void wire_tell_step(struct segments *s, struct wire *w, unsigned int side, enum tcp_state to,
		    uint64_t time_ns);

/*
 * Of who has sent a SYN, at a segment that can only be if it is open: what answered the SYN was not
 * captured, and may have come long before.
 */
void wire_tell_open_unseen(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns);

/* A server's child was made by the ACK of its SYN-ACK, which is at `time_ns`. */
void wire_tell_birth(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns);

/* It was there before; in which state is in the end. */
void wire_tell_seed(struct segments *s, struct wire *w, unsigned int side, uint8_t role,
		    uint64_t time_ns);

/* It is over: `error` is an errno, or 0. */
void wire_tell_close(struct segments *s, struct wire *w, unsigned int side, uint16_t error,
		     uint64_t time_ns);

/* It enters TIME_WAIT. */
void wire_tell_timewait(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns);

/* What happens to its TIME_WAIT. */
void wire_tell_waiting(struct segments *s, struct wire *w, unsigned int side,
		       enum event_timewait_act act, uint64_t time_ns);

/* Its request never became a connection. */
void wire_tell_request(struct segments *s, struct wire *w, unsigned int side,
		       enum event_request_end end, uint64_t time_ns);

void wire_tell_reset(struct segments *s, const struct wire *w, unsigned int side,
		     enum event_reset_act act, uint64_t time_ns);
void wire_tell_again(struct segments *s, const struct wire *w, unsigned int side,
		     enum event_retransmit_cause cause, uint64_t time_ns);

/* Nobody knows how it ended. */
void wire_tell_lost(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns);

/* ---- sequence space (segments_track.c) ------------------------------------------------------- */

/* What a segment is to the stream that it is part of. */
enum wire_track {
	WIRE_TRACK_OUTSIDE, /* no window can hold it */
	WIRE_TRACK_BARE,    /* it has no number of its own */
	WIRE_TRACK_NEW,
	WIRE_TRACK_AGAIN,
	WIRE_TRACK_LATE,  /* it was overtaken */
	WIRE_TRACK_PROBE, /* a keepalive, or a probe of a window */
};

/* The 64-bit number nearest to `near` whose lower half is `number`. */
uint64_t wire_unwrap(uint64_t near, uint32_t number);

/* Whether a segment of this end is a copy of one of the last; notes it if not. */
bool wire_is_copy(struct wire_end *end, const struct segment *segment);

/* Moves the end's numbers on; its peer may have acknowledged what comes again. */
enum wire_track wire_track(struct wire_end *end, const struct wire_end *peer,
			   const struct segment *segment);

/* Why it sends again after so long a silence, as far as that shows. */
enum event_retransmit_cause wire_again_cause(const struct wire_end *peer, uint64_t silence_ns);

/* Numbers that take place: payload, SYN and FIN. */
static inline uint32_t wire_length(const struct segment *segment)
{
	return segment->payload + !!(segment->flags & SEGMENT_SYN) +
	       !!(segment->flags & SEGMENT_FIN);
}

#endif
