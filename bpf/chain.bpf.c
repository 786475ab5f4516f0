// SPDX-License-Identifier: GPL-2.0-only
/* Looks for a socket in a chain of the kernel's table. */
#include "bpf/chain.bpf.h"

#define MOST 64 /* sockets of a chain that are looked at: few chains have three */

__noinline __u64 chain_find(__u64 chain, __u64 hash_ports, __u64 net, __u64 remote_ifindex,
			    int state)
{
	const struct chain_name name = { hash_ports, net, remote_ifindex };
	const struct inet_ehash_bucket *head = (const void *)chain;
	const struct sock_common *common;
	struct mini mini;
	__u64 node;
	int i;

	if (knobs.memory_hidden)
		return 0;
	node = (__u64)BPF_CORE_READ(head, chain.first);
#pragma clang loop unroll(disable)
	for (i = 0; i < MOST && node && !(node & 1); i++) {
		common = (const void *)(node -
					bpf_core_field_offset(struct sock_common, skc_nulls_node));
		mini_read(PROBE, &mini, common);
		if (chain_is_it(PROBE, &mini, common, &name, state))
			return (__u64)common;
		node = (__u64)BPF_CORE_READ(common, skc_nulls_node.next);
	}
	return 0;
}
