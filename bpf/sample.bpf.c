// SPDX-License-Identifier: GPL-2.0-only
/* Chooses sockets, and counts those that are remembered by their owners. */
#include "bpf/sample.bpf.h"

static __always_inline __u32 bucket(__u32 word)
{
	word = (word ^ knobs.chosen_seed) * 2654435761u;
	word = (word ^ word >> 15) * 2246822519u;
	return (word ^ word >> 13) & (CHOSEN_BUCKETS - 1);
}

static __always_inline __u64 *count_at(__u32 index)
{
	return bpf_map_lookup_elem(&chosen_counts, &index);
}

/* Each is NULL never, but the verifier wants to see it tested. */
struct counts {
	__u64 *all, *owner, *here;
};

static __always_inline bool find_counts(const struct chosen_owner *whose, struct counts *counts)
{
	counts->all = count_at(0);
	counts->owner = count_at(1 + bucket(whose->uid));
	counts->here = count_at(1 + CHOSEN_BUCKETS + bucket(whose->uid * 31 + whose->netns));
	return counts->all && counts->owner && counts->here;
}

static __always_inline void add(const struct counts *counts, __s64 sockets)
{
	__sync_fetch_and_add(counts->all, sockets);
	__sync_fetch_and_add(counts->owner, sockets);
	__sync_fetch_and_add(counts->here, sockets);
}

/* Whether it was in the map. */
static __always_inline bool release(void *map, __u64 sock)
{
	struct chosen_owner *found = bpf_map_lookup_elem(map, &sock), whose;
	struct counts counts;

	if (!found)
		return false;
	whose = *found;
	if (!bpf_map_delete_elem(map, &sock) && find_counts(&whose, &counts))
		add(&counts, -1);
	return true;
}

static __always_inline bool has_room(const struct counts *counts)
{
	__u64 all = *counts->all, free;

	if (all >= knobs.chosen_room)
		return false;
	free = knobs.chosen_room - all;
	return *counts->owner <= free || *counts->here <= free / QUOTA_PLACES;
}

/* Whether there was room for it. */
static __always_inline bool choose(void *map, __u64 sock, const struct chosen_owner *whose)
{
	struct counts counts;

	if (!find_counts(whose, &counts) || !has_room(&counts) ||
	    bpf_map_update_elem(map, &sock, whose, BPF_ANY))
		return false;
	add(&counts, 1);
	return true;
}

__noinline int sample_choose(__u64 sock, __u32 netns, __u32 uid)
{
	struct chosen_owner whose = { .netns = netns, .uid = uid };

	release(&sampled, sock);
	if (bpf_get_prandom_u32() % filter.sample) {
		count(&cpu_counters()->unsampled);
		return 0;
	}
	if (choose(&sampled, sock, &whose))
		return 1;
	count(&cpu_counters()->sample_full);
	quota_blame(netns, uid, QUOTA_SAMPLE, 1);
	return 0;
}

__noinline int sample_release(__u64 sock)
{
	return release(&sampled, sock);
}

__noinline int pass_choose(__u64 sock, __u32 netns, __u32 uid)
{
	struct chosen_owner whose = { .netns = netns, .uid = uid };

	release(&passed, sock);
	if (shared.one_of < 2 || !(bpf_get_prandom_u32() & (shared.one_of - 1)))
		return 0;
	if (choose(&passed, sock, &whose)) {
		count(&cpu_counters()->unsampled);
		return 1;
	}
	count(&cpu_counters()->passed_full);
	quota_blame(netns, uid, QUOTA_PASS, 1);
	return 0;
}

__noinline int pass_release(__u64 sock)
{
	return release(&passed, sock);
}
