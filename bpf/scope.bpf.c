// SPDX-License-Identifier: GPL-2.0-only
/* What an interface is called, and the record that tells which one a socket is bound to. */
#include "bpf/scope.bpf.h"

#define BUCKETS 256  /* of a namespace's interfaces by their indexes: NETDEV_HASHENTRIES */
#define IN_BUCKET 64 /* more are not looked through: then the name is unknown */

static __always_inline __u64 half_of(const struct net_device *device, int second)
{
	__u64 half = 0;

	bpf_probe_read_kernel(&half, sizeof(half),
			      (const void *)device +
				      bpf_core_field_offset(struct net_device, name) +
				      (second ? sizeof(half) : 0));
	return half;
}

__noinline __u64 scope_name(__u64 net, __u32 ifindex, int second)
{
	const struct hlist_head *heads;
	const struct net_device *device;
	const struct hlist_node *node;
	int i;

	if (knobs.memory_hidden || !net)
		return 0;
	heads = BPF_CORE_READ((const struct net *)net, dev_index_head);
	node = BPF_CORE_READ(&heads[ifindex % BUCKETS], first);
	for (i = 0; i < IN_BUCKET && node; i++) {
		device = (const void *)node - bpf_core_field_offset(struct net_device, index_hlist);
		if ((__u32)BPF_CORE_READ(device, ifindex) == ifindex)
			return half_of(device, second);
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

__noinline int scope_send(__u64 net, __u64 place, __u64 sock, __u64 now, int states)
{
	struct config_counters *cpu = cpu_counters();
	__u32 ifindex = place >> 32;
	struct event_scope *scope;
	__u64 name[2];

	name[0] = scope_name(net, ifindex, 0);
	name[1] = scope_name(net, ifindex, 1);
	count(&cpu->seen);
	scope = record_reserve(cpu, sizeof(*scope));
	if (!scope)
		return 0;
	scope->head.mono_ns = now;
	scope->head.sock = sock;
	scope->head.netns = place;
	scope->head.kind = EVENT_SCOPE;
	scope->head.states = states;
	scope->head.flags = 0;
	scope->ifindex = ifindex;
	__builtin_memset(scope->reserved, 0, sizeof(scope->reserved));
	__builtin_memcpy(scope->ifname, name, sizeof(scope->ifname));
	record_submit(cpu, scope);
	return 0;
}
