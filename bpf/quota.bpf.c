// SPDX-License-Identifier: GPL-2.0-only
/* Shares of a ring that fills: the verifier walks through each of these once. */
#include "bpf/quota.bpf.h"

/*
 * How much of a ring is free, if it is crowded; else 0. Of several, whoever finds his no longer
 * crowded may speak for others, who say otherwise at their next look.
 */
static __always_inline __u64 free_of(void *ring, struct config_ring *words)
{
	__u64 produced = bpf_ringbuf_query(ring, BPF_RB_PROD_POS);
	__u64 consumed = bpf_ringbuf_query(ring, BPF_RB_CONS_POS);
	__u64 room = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE), used = produced - consumed;

	if (!words->crowded) {
		if (used <= room / 2)
			return 0;
		words->counted_from = produced;
		words->crowded = 1;
	} else if (used < room / 4) {
		words->crowded = 0;
		shared.crowded = 0;
		return 0;
	} else if ((__s64)(consumed - words->counted_from) >= 0) {
		words->counted_from = produced;
	}
	shared.crowded = 1;
	return used < room ? room - used : 1;
}

/* Of several, this CPU's. */
static __always_inline struct config_ring *words_here(void)
{
	return &ring_words[knobs.rings ? ring_index() : 0];
}

static __always_inline __u64 free_bytes(void)
{
	void *ring;

	if (!knobs.rings)
		return free_of(&events, ring_words);
	ring = ring_here();
	return ring ? free_of(ring, words_here()) : 0;
}

__noinline int quota_look(void)
{
	return free_bytes() != 0;
}

/* NULL: it made room for others at once. */
static __always_inline struct quota *quota_since(const struct quota_key *key, __u64 since)
{
	struct quota fresh = { .since = since };
	struct quota *quota = bpf_map_lookup_elem(&quotas, key);

	if (!quota) {
		bpf_map_update_elem(&quotas, key, &fresh, BPF_NOEXIST);
		return bpf_map_lookup_elem(&quotas, key);
	}
	if (quota->since != since) {
		quota->since = since;
		quota->bytes = 0;
	}
	return quota;
}

static __always_inline struct quota *quota_of(struct quota_key *key)
{
	if (knobs.rings)
		key->ring = ring_index();
	return quota_since(key, words_here()->counted_from);
}

static __always_inline void lose(struct quota *quota, int events)
{
	if (events <= 0)
		return;
	__sync_fetch_and_add(&cpu_counters()->ring_full, events);
	if (quota)
		__sync_fetch_and_add(&quota->lost, events);
	shared.lossy = 1;
}

__noinline int quota_refuses(__u32 size, __u32 netns, __u32 owner, int kind, int events)
{
	struct quota_key key = { .owner = owner, .kind = kind };
	__u64 free = free_bytes(), bytes = (__u64)size + BPF_RINGBUF_HDR_SZ;
	struct quota *all, *here;

	if (!free)
		return 0;
	if (knobs.rings)
		bytes += EVENT_STAMP_SIZE;
	all = quota_of(&key);
	key.netns = netns;
	here = quota_of(&key);
	if (!all || !here)
		return 0;
	if (all->bytes > free && here->bytes > free / QUOTA_PLACES) {
		lose(here, events);
		return QUOTA_OVER;
	}
	if (bytes > free) {
		lose(here, events);
		return QUOTA_FULL;
	}
	__sync_fetch_and_add(&all->bytes, bytes);
	__sync_fetch_and_add(&here->bytes, bytes);
	return 0;
}

__noinline int quota_blame(__u32 netns, __u32 owner, int kind, int events)
{
	struct quota_key key = { .netns = netns, .owner = owner, .kind = kind };
	struct quota *quota = quota_of(&key);

	if (quota)
		__sync_fetch_and_add(&quota->lost, events);
	return 0;
}

__noinline int quota_lose(__u32 netns, __u32 owner, int kind, int events)
{
	struct quota_key key = { .netns = netns, .owner = owner, .kind = kind };

	lose(quota_of(&key), events);
	return 0;
}

/* ---- notes ----------------------------------------------------------------------------------- */

/* Of nobody, all of his are the sum. */
struct notes {
	struct quota *sum, *all, *here;
};

static __always_inline bool find_notes(__u32 netns, __u32 owner, int kind, struct notes *notes)
{
	__u64 since = (bpf_ktime_get_ns() >> QUOTA_NOTES_SHIFT) + 1;
	struct quota_key key = { .owner = QUOTA_NOBODY, .kind = kind };

	notes->sum = quota_since(&key, since);
	key.owner = owner;
	notes->all = quota_since(&key, since);
	key.netns = netns;
	notes->here = quota_since(&key, since);
	return notes->sum && notes->all && notes->here;
}

static __always_inline void add_notes(const struct notes *notes, __u32 owner, __s64 count)
{
	__sync_fetch_and_add(&notes->sum->bytes, count);
	if (owner != QUOTA_NOBODY)
		__sync_fetch_and_add(&notes->all->bytes, count);
	__sync_fetch_and_add(&notes->here->bytes, count);
}

__noinline int quota_note(__u32 netns, __u32 owner, int kind, __u32 room)
{
	struct notes notes;
	__u64 free;

	if (!find_notes(netns, owner, kind, &notes))
		return 0;
	free = notes.sum->bytes < room ? room - notes.sum->bytes : 0;
	if (notes.all->bytes < free || notes.here->bytes < free / QUOTA_PLACES) {
		add_notes(&notes, owner, 1);
		return 0;
	}
	count(&cpu_counters()->notes_full);
	__sync_fetch_and_add(&notes.here->lost, 1);
	return 1;
}

__noinline int quota_forget(__u32 netns, __u32 owner, int kind)
{
	struct notes notes;

	/* It may be of the time before. */
	if (find_notes(netns, owner, kind, &notes) && notes.sum->bytes && notes.all->bytes &&
	    notes.here->bytes)
		add_notes(&notes, owner, -1);
	return 0;
}
