/* SPDX-License-Identifier: GPL-2.0-only */
/* Listening sockets, and whether they keep up: what waits, what was dropped, how long it took. */
#ifndef USER_AGGREGATE_LISTENING_H
#define USER_AGGREGATE_LISTENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/histogram.h"
#include "user/conn/consumer.h"
#include "user/event/holder.h"
#include "user/event/socket.h"

#define LISTENING_MAX 65536 /* sockets; places; network namespaces */
#define LISTENING_AT_ONE_PLACE 1024
#define LISTENING_NONE 0 /* numbers count from 1 */

/* What a network namespace has counted of all its listeners, since it exists. */
struct listening_counts {
	uint64_t overflows, drops;
};

/* One that listens. */
struct listening_socket {
	uint64_t key; /* the kernel's object, or its inode where that is not known */
	uint64_t inode, cgroup;
	uint32_t uid;
	uint32_t place, next; /* numbers; the next one at its place */
	bool is_seen;	      /* by a look: what follows is known */
	bool is_there;	      /* in the last look, or since it was heard of */
	bool has_half_open, has_drops;
	uint32_t queue, queue_max; /* connections; it is full when there are more than that */
	uint32_t queue_most;	   /* in any look */
	uint32_t half_open;
	/* Of its whole life, modulo 2^32; when it was seen first; between the last two looks. */
	uint32_t drops, drops_before, drops_late;
	uint8_t told; /* for whoever tells of changes */

	uint64_t accepted;	      /* by its only process, where several sockets share a place */
	uint32_t pid;		      /* of that process; 0: there are several, or none is known */
	char comm[EVENT_COMM_SIZE];   /* who called listen; untrusted; "": not heard of */
	const struct holder *holders; /* as long as who has set them keeps them */
	size_t holder_count;
	bool holders_known, holders_asked; /* these are all; somebody has looked for them */
};

/* Where some listen: several sockets do with SO_REUSEPORT. Connections know it, not the socket. */
struct listening_place {
	struct address laddr;
	uint32_t ifindex; /* of the interface that it is bound to; 0: none, or unknown */
	uint16_t ifname;  /* an atom */
	uint32_t netns;
	uint16_t lport;
	bool is_bound; /* that is the address they listen on; else one that connections came to */
	uint32_t first, count; /* of its sockets that are there */

	uint64_t accepted, never_accepted; /* in this run */
	/* Requests that died because its queue was full when their last ACK came. */
	uint64_t overflowed;
	uint64_t unassigned;   /* accepted by nobody knows which of its sockets */
	struct histogram wait; /* from ESTABLISHED to accept */
	uint64_t oldest_ns; /* when the one that has waited longest was established; or unknown */
	/*
	 * The first look since when the same ones have waited; 0: nobody waits. First come, first
	 * served: nobody has accepted any since.
	 */
	uint64_t unmoved_ns;
	uint64_t cutoff_ns, cutoff_sum; /* which those are, and the sum of their hashes */
	uint64_t sum, sum_all;		/* of this look: the same, and of all that wait for long */
	uint64_t drops;			/* in this run, of all sockets it ever had */
	uint32_t queue_most;		/* of one of them, in any look; while it `was_seen` */
	bool was_seen;
	bool was_captured; /* segments tell of its connections: not who accepts, nor what drops */
	/* Who had the last one that is gone; "": not known. Untrusted. */
	uint32_t last_pid;
	char last_comm[EVENT_COMM_SIZE];

	/* While it has no socket: numbers of those that lost theirs before and after it. */
	uint32_t gone_before, gone_after;
	uint64_t counted_then; /* what it had counted when it came between these */
};

static inline uint64_t listening_came(const struct listening_place *p)
{
	return p->accepted + p->never_accepted + p->overflowed;
}

/* Whether there is anything to be told of it, were it gone. */
static inline bool listening_has_counted(const struct listening_place *p)
{
	return listening_came(p) || p->drops || p->was_captured;
}

struct listening;

struct listening *listening_new(void);
void listening_free(struct listening *listening);

/*
 * A look: what each network namespace has counted, if it is read at all, goes before the first
 * socket in the first look and behind the last one in each, so that it is never less.
 */
void listening_look(struct listening *listening, uint64_t now_ns);
void listening_count(struct listening *listening, uint32_t netns,
		     const struct listening_counts *counts);
/* Any socket: those that listen, and those that nobody has accepted, matter. */
void listening_see(struct listening *listening, const struct socket_info *info);
/* `is_whole`: what was not seen is gone. */
void listening_looked(struct listening *listening, uint64_t now_ns, bool is_whole);

/* An event of any kind: those of LISTENER matter. */
void listening_hear(struct listening *listening, const struct event *e);

/* A socket of a recording's snapshot: one that listens was there when it began. */
void listening_hear_of(struct listening *listening, const struct socket_info *info);

/* Counts who is accepted. */
struct consumer *listening_consumer(struct listening *listening);

/* Numbers up to these; NULL where there is none (any more). */
uint32_t listening_sockets(const struct listening *listening);
uint32_t listening_places(const struct listening *listening);
struct listening_socket *listening_socket(struct listening *listening, uint32_t n);
struct listening_place *listening_place(struct listening *listening, uint32_t n);

/*
 * Sockets, places and namespaces for which there was no room, and places that made some: of those
 * that are gone and to which nobody comes, that has been gone for longest. Only what somebody would
 * be told of is counted.
 */
uint64_t listening_left_out(const struct listening *listening);
/* When the last look was over; 0: there was none. */
uint64_t listening_last(const struct listening *listening);

/* What a network namespace has counted in all, and since the first look; false: it was not read. */
bool listening_counted(const struct listening *listening, uint32_t netns,
		       struct listening_counts *ret_all, struct listening_counts *ret_since);

/*
 * How many of a socket's drops were for want of room in its queue: of all, or `since` the first
 * look. The kernel counts them by namespace alone; false: that leaves it open.
 */
bool listening_overflows(const struct listening *listening, const struct listening_socket *s,
			 bool since, uint64_t *ret_overflows);

/* Its drops since the first look; a socket that came later had none then. */
uint64_t listening_drops(const struct listening_socket *s);

/* All sockets of one port, of all network namespaces. */
struct listening_port {
	uint16_t lport;
	uint64_t queue, queue_max; /* of the last look */
	uint64_t drops;		   /* since the first look; it never falls */
};

/*
 * In rising order of ports, `max` at most. Returns how many there are. What is a listener's drops
 * is nearly always an overflow, and nothing tells of one port's what else it was.
 */
size_t listening_ports(const struct listening *listening, struct listening_port *ret, size_t max);

#endif
