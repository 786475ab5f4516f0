/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sockets are in the sample, or left out for a budget, and whose they are. */
#ifndef BPF_SAMPLE_BPF_H
#define BPF_SAMPLE_BPF_H

#include "bpf/slot.bpf.h"

/*
 * Chance is asked once in a socket's life, so that connections are kept whole. Of a sample those
 * are remembered that are in it, for a budget those that are left out: never both. There is room
 * for knobs.chosen_room sockets that live; an owner may have as many as he leaves for all others,
 * as it is with the ring (quota.bpf.h). Owners are counted by a hash: of so many buckets few are
 * those of one who has few user ids.
 */
#define CHOSEN_BUCKETS 1024 /* a power of two */

struct chosen_owner {
	__u32 netns;
	__u32 uid;
};

/* The sockets that live. A miss means: not chosen when it was born, or older than the tracer. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct chosen_owner);
} sampled SEC(".maps") __weak;

/*
 * Those that are not followed, for the budget's sake. A miss means that it is: where nothing is
 * saved, nothing is looked for, and what is older than the tracer is followed.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct chosen_owner);
} passed SEC(".maps") __weak;

/* How many there are: of all, then of the owners, then of an owner's in a namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 + 2 * CHOSEN_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} chosen_counts SEC(".maps") __weak;

/* Of sample.bpf.c. */

/* A socket is born: whether it is chosen. What was at its address is none any more. */
int sample_choose(__u64 sock, __u32 netns, __u32 uid);

/* It ends: whether it was chosen. */
int sample_release(__u64 sock);

/* A socket is born: whether it is left out. Without room for it, it is followed. */
int pass_choose(__u64 sock, __u32 netns, __u32 uid);

/* It ends: whether it was left out. */
int pass_release(__u64 sock);

#endif
