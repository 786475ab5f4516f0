/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: where what a socket does is collected, to be sent as one record when its life is over.
 */
#ifndef BPF_SLOT_BPF_H
#define BPF_SLOT_BPF_H

#include "bpf/quota.bpf.h"

/*
 * A socket's slot is found by its address, and is shared with the others that this leads to. It
 * is the owner's until another one takes it over. What is in it then is sent as a PART, and so it
 * is when a record about the socket has to be sent that cannot be collected: the ring keeps the
 * order of what happened to a socket. Where there is no slot to be had, a PART is sent at once.
 *
 * Nobody waits for anybody: a softirq may find the program that it interrupted at work in a slot.
 * Whoever adds to a slot is counted in `work`; whoever takes it is counted in its upper half, and
 * goes on only where nobody else is. Each reads the word after its own addition to it; of two that
 * come at once the second sees the first. Steps of a socket are told under its lock, one after
 * the other; its ACCEPT has a place of its own. And since room in the ring is reserved before a
 * slot is taken, what is sent by a socket whose slot is being taken comes behind what was in it.
 */
struct slot {
	__u32 work;
	__u32 uid;   /* whose the socket is */
	__u64 owner; /* the socket, perhaps with SLOT_DEAD; 0: nobody's */
	__u32 netns;
	__u32 flags; /* of its endpoints: EVENT_FLAG_ENDPOINTS, EVENT_FLAG_IPV6 */
	struct event_steps steps;
} __attribute__((aligned(64)));

#define SLOT_TAKER (1u << 16)

/* Of an owner that has ended when the ring was full: what it left waits here for room. */
#define SLOT_DEAD 1

/* As many as knobs.slot_bits says. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps") __weak;

/*
 * One for each CONFIG_SLOT_BLOCK slots, to be stepped through in their place: what the kernel does
 * from one element of a map to the next costs more than a look at a slot. What is in it is nothing.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} slot_blocks SEC(".maps") __weak;

/* Of slot.bpf.c; the verifier walks through each once, and not once for each way to it. */

/* Whether those who take the slot are gone after a moment. */
int slot_wait(__u32 index);

/*
 * Sends what is in a slot, or in `sock`'s if that is not 0, so that it is nobody's and empty. With
 * `keep`, it is taken then, and given back by slot_begin(). Returns 1, or 0: it cannot be had.
 */
int slot_empty(__u32 index, __u64 sock, int keep);

/* The same, but what is in `sock`'s is not wanted. Returns how many events that was. */
int slot_forget(__u32 index, __u64 sock);

/*
 * Where the ring is crowded: what is in a slot is lost if its owner has had his share of the ring,
 * and is not the one who asks. It is taken then, as by slot_empty(). Returns 1, or 0.
 */
int slot_oust(__u32 index, __u32 netns, __u32 uid);

/* What is left of a socket that was at the same address, and for which the ring has no room. */
int slot_lose(__u32 index, __u64 sock);

/* Read again each time: others write it. */
#define SLOT_READ(place) (*(volatile typeof(place) *)&(place))

static __always_inline struct slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&slots, &index);
}

/*
 * No arithmetic is allowed with an address that the verifier trusts, but with what is read from
 * memory; a softirq may have written that in between. The compiler must not know that both are
 * the same, or it takes one for the other. That is dear, and seldom needed: see slot_owner().
 */
static __always_inline __u64 slot_address(struct config_counters *cpu, const void *sk)
{
	__u64 address, seen;

	SLOT_READ(cpu->slot_sock) = (__u64)sk;
	address = seen = SLOT_READ(cpu->slot_sock);
	barrier_var(seen);
	if (seen == (__u64)sk)
		return address;
	SLOT_READ(cpu->slot_sock) = (__u64)sk;
	return SLOT_READ(cpu->slot_sock);
}

/* The address, to compare it with what is in a slot and to be put there, and for nothing else. */
static __always_inline __u64 slot_owner(const void *sk)
{
	__u64 owner = (__u64)sk;

	barrier_var(owner);
	return owner;
}

/*
 * By half of the address: that is copied, and then is no address any more. Sockets lie at multiples
 * of 64 bytes, so the factor is the golden section of 26 bits.
 */
static __always_inline __u32 slot_index(const void *sk)
{
	__u32 half;

	asm volatile("%0 = %1" : "=w"(half) : "w"((__u32)(__u64)sk));
	return half * 41475557u >> knobs.slot_shift;
}

/* Also if it is of one that was at this address, and has ended. */
static __always_inline bool slot_is_of(const struct slot *slot, __u64 sock)
{
	return (SLOT_READ(slot->owner) & ~(__u64)SLOT_DEAD) == sock;
}

static __always_inline bool slot_is_empty(const struct slot *slot)
{
	const struct event_steps *steps = &slot->steps;

	return !SLOT_READ(steps->count) && !SLOT_READ(steps->passive_ns) &&
	       !SLOT_READ(steps->accept_ns);
}

static __always_inline int slot_events(const struct event_steps *steps)
{
	return steps->count + !!steps->passive_ns + !!steps->accept_ns;
}

static __always_inline void slot_leave(struct slot *slot)
{
	__sync_fetch_and_add(&slot->work, -1);
}

static __always_inline void slot_give_back(struct slot *slot)
{
	__sync_fetch_and_add(&slot->work, -SLOT_TAKER);
}

static __always_inline bool slot_take(struct slot *slot)
{
	__sync_fetch_and_add(&slot->work, SLOT_TAKER);
	if (SLOT_READ(slot->work) == SLOT_TAKER)
		return true;
	slot_give_back(slot);
	return false;
}

/* Begins to add to the slot, if it is `sock`'s; slot_leave() ends that. */
static __always_inline bool slot_enter(struct slot *slot, __u32 index, __u64 sock)
{
	if (SLOT_READ(slot->owner) != sock)
		return false;
	__sync_fetch_and_add(&slot->work, 1);
	if ((SLOT_READ(slot->work) < SLOT_TAKER || slot_wait(index)) &&
	    SLOT_READ(slot->owner) == sock)
		return true;
	slot_leave(slot);
	return false;
}

static __always_inline void slot_clear(struct event_steps *steps)
{
	steps->count = 0;
	steps->witnessed = 0;
	steps->passive_ns = 0;
	steps->accept_ns = 0;
}

/* One that is taken becomes `sock`'s, which adds to it. */
static __always_inline void slot_begin(struct slot *slot, __u64 sock)
{
	slot->owner = sock;
	slot->flags = 0;
	slot_clear(&slot->steps);
	__sync_fetch_and_add(&slot->work, 1 - SLOT_TAKER);
}

/* An empty slot becomes `sock`'s, unless somebody was faster. */
static __always_inline bool slot_claim(struct slot *slot, __u64 sock)
{
	if (!slot_take(slot))
		return false;
	if (!slot_is_empty(slot)) {
		slot_give_back(slot);
		return false;
	}
	slot_begin(slot, sock);
	return true;
}

/*
 * The slot of a socket whose next step is told, for it to add to; NULL: none is to be had. For a
 * birth another one's is emptied, too: most sockets that live are older, and idle.
 */
static __always_inline struct slot *slot_hold(enum access how, struct config_counters *cpu,
					      const struct sock *sk, const struct tcp_sock *tp,
					      __u32 index, struct slot *slot, bool is_birth)
{
	__u64 sock = slot_owner(sk);
	bool is_own;

	if (!slot)
		return NULL;
	is_own = SLOT_READ(slot->owner) == sock;
	if (is_own && !is_birth && SLOT_READ(slot->steps.count) < EVENT_STEPS)
		return slot_enter(slot, index, sock) ? slot : NULL;
	if (slot_is_empty(slot))
		return slot_claim(slot, sock) ? slot : NULL;
	if (!is_birth && !is_own)
		return NULL;
	if (slot_empty(index, 0, 1) ||
	    (is_birth && shared.crowded &&
	     slot_oust(index, netns_of(how, sock_of(tp)), owner_of(how, sock_of(tp))))) {
		slot_begin(slot, sock);
		return slot;
	}
	if (is_birth && is_own)
		slot_lose(index, slot_address(cpu, sk));
	return NULL;
}

/* A record about the socket is going to be sent: what was collected goes before it. */
static __always_inline void slot_send_before(struct config_counters *cpu, const void *sk)
{
	struct slot *slot;
	__u32 index;

	if (!knobs.slot_bits)
		return;
	index = slot_index(sk);
	slot = slot_at(index);
	if (slot && slot_is_of(slot, slot_owner(sk)) && !slot_is_empty(slot))
		slot_empty(index, slot_address(cpu, sk), 0);
}

#endif
