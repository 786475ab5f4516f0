/* SPDX-License-Identifier: GPL-2.0-only */
/* The accounts that both worlds know of: who has taken how much of what is shared, and lost. */
#ifndef BPF_QUOTA_H
#define BPF_QUOTA_H

/* Data only. */
#include <linux/types.h>

#define QUOTA_GROUPS 4096  /* accounts that are kept at a time */
#define QUOTA_NOBODY (~0u) /* an owner that the kernel does not tell */

enum quota_kind {
	QUOTA_SOCKET,	/* records about a full socket */
	QUOTA_REQUEST,	/* ... about one that is half-open, and the listener's owner's */
	QUOTA_TIMEWAIT, /* ... about a timewait socket: nobody's */
	/* ... about what answers segments for which there is no connection: nobody's */
	QUOTA_STRAY,
	QUOTA_SAMPLE, /* sockets in the sample, which is no part of the ring */
	QUOTA_PASS,   /* sockets that a budget leaves out, which is none either */
	/* Notes, alike: of a timewait socket that awaits its FIN ... */
	QUOTA_FIN_WAIT,
	QUOTA_ACK, /* ... and of the ACK that a request was too early to make a connection of */
};

/* `netns` 0: all of them together. */
struct quota_key {
	__u32 netns;
	__u32 owner;
	__u16 kind; /* enum quota_kind */
	__u16 ring; /* of several, whose record it was; each has accounts of its own */
};

struct quota {
	__u64 since; /* config_ring.counted_from, or for notes the time, of which ... */
	__u64 bytes; /* ... so many have been taken */
	__u64 lost;  /* events that were refused, sockets or notes, since tracing began */
};

#endif
