// SPDX-License-Identifier: GPL-2.0-only
/* Chooses sockets, and counts those that were chosen by their owners. */
#include "bpf/sample.bpf.h"

static __always_inline __u32 bucket(__u32 word)
{
	word = (word ^ knobs.sample_seed) * 2654435761u;
	word = (word ^ word >> 15) * 2246822519u;
	return (word ^ word >> 13) & (SAMPLE_BUCKETS - 1);
}

static __always_inline __u64 *count_at(__u32 index)
{
	return bpf_map_lookup_elem(&sample_counts, &index);
}

/* Each is NULL never, but the verifier wants to see it tested. */
struct counts {
	__u64 *all, *owner, *here;
};

static __always_inline bool find_counts(const struct sample_owner *whose, struct counts *counts)
{
	counts->all = count_at(0);
	counts->owner = count_at(1 + bucket(whose->uid));
	counts->here = count_at(1 + SAMPLE_BUCKETS + bucket(whose->uid * 31 + whose->netns));
	return counts->all && counts->owner && counts->here;
}

static __always_inline void add(const struct counts *counts, __s64 sockets)
{
	__sync_fetch_and_add(counts->all, sockets);
	__sync_fetch_and_add(counts->owner, sockets);
	__sync_fetch_and_add(counts->here, sockets);
}

static __always_inline bool release(__u64 sock)
{
	struct sample_owner *found = bpf_map_lookup_elem(&sampled, &sock), whose;
	struct counts counts;

	if (!found)
		return false;
	whose = *found;
	if (bpf_map_delete_elem(&sampled, &sock))
		return false;
	if (find_counts(&whose, &counts))
		add(&counts, -1);
	return true;
}

static __always_inline bool has_room(const struct counts *counts)
{
	__u64 all = *counts->all, free;

	if (all >= knobs.sampled_room)
		return false;
	free = knobs.sampled_room - all;
	return *counts->owner <= free || *counts->here <= free / QUOTA_PLACES;
}

__noinline int sample_choose(__u64 sock, __u32 netns, __u32 uid)
{
	struct sample_owner whose = { .netns = netns, .uid = uid };
	struct counts counts;

	release(sock);
	if (bpf_get_prandom_u32() % filter.sample) {
		count(&cpu_counters()->unsampled);
		return 0;
	}
	if (!find_counts(&whose, &counts))
		return 0;
	if (has_room(&counts) && !bpf_map_update_elem(&sampled, &sock, &whose, BPF_ANY)) {
		add(&counts, 1);
		return 1;
	}
	count(&cpu_counters()->sample_full);
	quota_blame(netns, uid, QUOTA_SAMPLE, 1);
	return 0;
}

__noinline int sample_release(__u64 sock)
{
	return release(sock);
}
