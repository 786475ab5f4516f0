/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sockets are in the sample, and whose they are. */
#ifndef BPF_SAMPLE_BPF_H
#define BPF_SAMPLE_BPF_H

#include "bpf/slot.bpf.h"

/*
 * Chance is asked once in a socket's life, so that connections are kept whole. There is room for
 * knobs.sampled_room sockets that live; an owner may have as many as he leaves for all others, as
 * it is with the ring (quota.bpf.h). Owners are counted by a hash: of so many buckets few are those
 * of one who has few user ids.
 */
#define SAMPLE_BUCKETS 1024 /* a power of two */

struct sample_owner {
	__u32 netns;
	__u32 uid;
};

/* The sockets that live. A miss means: not chosen when it was born, or older than the tracer. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct sample_owner);
} sampled SEC(".maps") __weak;

/* How many there are: of all, then of the owners, then of an owner's in a namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 + 2 * SAMPLE_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} sample_counts SEC(".maps") __weak;

/* Of sample.bpf.c. */

/* A socket is born: whether it is chosen. What was at its address is none any more. */
int sample_choose(__u64 sock, __u32 netns, __u32 uid);

/* It ends: whether it was chosen. */
int sample_release(__u64 sock);

#endif
