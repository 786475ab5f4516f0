// SPDX-License-Identifier: GPL-2.0-only
/* What is done with slots seldom, in functions of their own: they are emptied, and waited for. */
#include "bpf/slot.bpf.h"

#define TRIES 64 /* reads of a word that another CPU is about to change */

/* Not where it is this CPU that was interrupted at work there: then nothing changes meanwhile. */
__noinline int slot_wait(__u32 index)
{
	struct slot *slot = slot_at(index);
	int i;

	if (!slot)
		return 0;
	for (i = 0; i < TRIES; i++)
		if (SLOT_READ(slot->work) < SLOT_TAKER)
			return 1;
	return 0;
}

static __always_inline bool take(struct slot *slot)
{
	int i;

	for (i = 0; i < TRIES && SLOT_READ(slot->work); i++)
		;
	return slot_take(slot);
}

static __always_inline void fill_part(struct event_part *part, const struct slot *slot)
{
	part->head.mono_ns = bpf_ktime_get_ns();
	part->head.sock = slot->owner & ~(__u64)SLOT_DEAD;
	part->head.netns = slot->netns;
	part->head.kind = EVENT_PART;
	part->head.states = 0;
	part->head.flags = 0;
	part->steps = slot->steps;
}

static __always_inline void free_slot(struct slot *slot, int keep)
{
	slot->owner = 0;
	slot_clear(&slot->steps);
	if (!keep)
		slot_give_back(slot);
}

__noinline int slot_empty(__u32 index, __u64 sock, int keep)
{
	struct slot *slot = slot_at(index);
	struct event_part *part;

	if (!slot)
		return 0;
	if (shared.crowded && quota_refuses(sizeof(*part), slot->netns, slot->uid, QUOTA_SOCKET, 0))
		return 0;
	part = ring_reserve(sizeof(*part));
	if (!part) {
		quota_look();
		return 0;
	}
	if (!take(slot)) {
		bpf_ringbuf_discard(part, BPF_RB_NO_WAKEUP);
		return 0;
	}
	if (sock && !slot_is_of(slot, sock)) {
		bpf_ringbuf_discard(part, BPF_RB_NO_WAKEUP);
		slot_give_back(slot);
		return 0;
	}
	if (slot_is_empty(slot)) {
		bpf_ringbuf_discard(part, BPF_RB_NO_WAKEUP);
	} else {
		fill_part(part, slot);
		record_submit_many(cpu_counters(), part, slot_events(&slot->steps));
	}
	free_slot(slot, keep);
	return 1;
}

/* Sockets are made where others were: a slot that waits for room is not to be in others' way. */
__noinline int slot_oust(__u32 index, __u32 netns, __u32 uid)
{
	struct slot *slot = slot_at(index);
	__u32 their_netns, their_uid;

	if (!slot)
		return 0;
	their_netns = slot->netns;
	their_uid = slot->uid;
	if ((their_netns == netns && their_uid == uid) ||
	    quota_refuses(sizeof(struct event_part), their_netns, their_uid, QUOTA_SOCKET, 0) !=
		    QUOTA_OVER ||
	    !take(slot))
		return 0;
	quota_lose(their_netns, their_uid, QUOTA_SOCKET, slot_events(&slot->steps));
	free_slot(slot, 1);
	return 1;
}

static __always_inline int forget(struct slot *slot, __u64 sock)
{
	int events;

	if (!slot || !take(slot))
		return 0;
	if (slot->owner != sock) {
		slot_give_back(slot);
		return 0;
	}
	events = slot_events(&slot->steps);
	free_slot(slot, 0);
	return events;
}

__noinline int slot_forget(__u32 index, __u64 sock)
{
	return forget(slot_at(index), sock);
}

__noinline int slot_lose(__u32 index, __u64 sock)
{
	struct slot *slot = slot_at(index);
	__u32 netns, uid;
	int events;

	if (!slot)
		return 0;
	netns = slot->netns;
	uid = slot->uid;
	events = forget(slot, sock);
	if (events)
		quota_lose(netns, uid, QUOTA_SOCKET, events);
	return events;
}

/* Whether what it holds stays there: for want of room, or because somebody is at work in it. */
__noinline int slot_stays(__u32 index)
{
	struct slot *slot = slot_at(index);

	return slot && !slot_is_empty(slot) && !slot_empty(index, 0, 0);
}

/*
 * Whoever looks at the sockets wants to know what they did so far: sends that. What it writes are
 * the slots that could not be emptied.
 */
SEC("?iter/bpf_map_elem")
int slot_iter(struct bpf_iter__bpf_map_elem *ctx)
{
	const __u32 *key = ctx->key;
	struct seq_file *seq = ctx->meta->seq; /* once: newer kernels search all types for it */
	__u32 first, index, i;
	struct slot *slot;

	if (!key)
		return 0;
	first = *key * CONFIG_SLOT_BLOCK;
	for (i = 0; i < CONFIG_SLOT_BLOCK; i++) {
		index = first + i;
		slot = slot_at(index);
		if (slot && !slot_is_empty(slot) && slot_stays(index))
			bpf_seq_write(seq, &index, sizeof(index));
	}
	return 0;
}
