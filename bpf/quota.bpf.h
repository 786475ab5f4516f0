/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose a record is, and whether he has more than his share of a ring that fills. */
#ifndef BPF_QUOTA_BPF_H
#define BPF_QUOTA_BPF_H

#include "bpf/endpoint.bpf.h"
#include "bpf/quota.h"

/*
 * As long as the ring is less than half full nobody is asked whose a record is. Then what each
 * owner puts into it is counted, in each namespace and altogether, from the place on that the ring
 * had been filled to when the reader came to the last such place. An owner may take as much as he
 * leaves for all others: who is alone fills three quarters of the ring, and there is always room
 * for one more. An owner who has taken more is refused, but where he has next to nothing: two
 * containers may have their sockets from one user, root; and more namespaces bring little more.
 *
 * Of several rings each is a ring of its own here, with accounts of its own.
 *
 * Kinds of records have accounts of their own: strangers from outside can make any number of
 * requests and of answers to nobody, and are not to use up what the connections beside them need.
 */
#define QUOTA_PLACES 8 /* so small a part of what is free is had in any case */

/* Why a record is refused. */
enum quota_refusal {
	QUOTA_FULL = 1, /* there is no room for it, whoever had it */
	QUOTA_OVER,	/* its owner has had his share */
};

/* Who has had nothing for the longest time makes room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, QUOTA_GROUPS);
	__type(key, struct quota_key);
	__type(value, struct quota);
} quotas SEC(".maps") __weak;

/* Of quota.bpf.c; to be asked only where shared.crowded says so. */

/*
 * Whether a record of `size` bytes is refused, and why (enum quota_refusal); else it is put to the
 * account. With it `events` are lost, and counted; 0: nothing is.
 */
int quota_refuses(__u32 size, __u32 netns, __u32 owner, int kind, int events);

/* There was no room for so many events, which had been collected. */
int quota_lose(__u32 netns, __u32 owner, int kind, int events);

/* Whoever it was has lost so many events, or sockets, which are counted elsewhere. */
int quota_blame(__u32 netns, __u32 owner, int kind, int events);

/*
 * Notes are kept in tables whose oldest makes room, and what waits for a segment is noted for so
 * long at most. In that time all owners together have half of such a table, so that nobody makes
 * room before it has passed; of that, an owner has as much as he leaves.
 */
#define QUOTA_NOTES_SHIFT 36 /* ns: 69 s, longer than either waits */
#define QUOTA_FIN_WAITS 16384
#define QUOTA_ACKS 4096

/* Whether there is no room for one more of `room` notes; else it is put to the account. */
int quota_note(__u32 netns, __u32 owner, int kind, __u32 room);

/* One is there no more. */
int quota_forget(__u32 netns, __u32 owner, int kind);

/* Of a full socket. */
static __always_inline __u32 owner_of(enum access how, const struct sock *sk)
{
	return READ(how, sk, sk_uid.val);
}

static __always_inline struct quota_key whose_is(enum access how, const struct sock *sk)
{
	return (struct quota_key){ netns_of(how, sk), owner_of(how, sk), QUOTA_SOCKET, 0 };
}

/* Whether a record about a full socket is refused, and lost; before it is reserved. */
static __always_inline bool is_over_quota(enum access how, const struct sock *sk, __u32 size)
{
	return shared.crowded &&
	       quota_refuses(size, netns_of(how, sk), owner_of(how, sk), QUOTA_SOCKET, 1);
}

#endif
