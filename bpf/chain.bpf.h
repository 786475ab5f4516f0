/* SPDX-License-Identifier: GPL-2.0-only */
/* Who stands in the kernel's table of connections, requests and timewait sockets. */
#ifndef BPF_CHAIN_BPF_H
#define BPF_CHAIN_BPF_H

#include "bpf/minisock.bpf.h"

/* What names one in a chain. Its local address is in the hash. */
struct chain_name {
	__u64 hash_ports;     /* skc_hash, and below it skc_portpair */
	__u64 net;	      /* address of its namespace */
	__u64 remote_ifindex; /* the last word of its remote address; below it skc_bound_dev_if */
};

/*
 * Of chain.bpf.c; the verifier walks through it once. The address of the one in `state` that stands
 * in a chain by that name, 0: there is none.
 */
__u64 chain_find(__u64 chain, __u64 hash_ports, __u64 net, __u64 remote_ifindex, int state);

/* A namespace may have one of its own since 6.1, and names its. From 5.17 to 6.0 none does. */
static __always_inline struct inet_hashinfo *chain_table(enum access how,
							 const struct sock_common *common)
{
	struct net *net = READ(how, common, skc_net.net);
	struct proto *proto;

	if (bpf_core_field_exists(net->ipv4.tcp_death_row.hashinfo))
		return READ(how, net, ipv4.tcp_death_row.hashinfo);
	proto = READ(how, common, skc_prot);
	return READ(how, proto, h.hashinfo);
}

/* How far a chain is from the first of the table. */
static __always_inline __u64 chain_offset(enum access how, struct inet_hashinfo *table, __u32 hash)
{
	return (__u64)(hash & READ(how, table, ehash_mask)) *
	       bpf_core_type_size(struct inet_ehash_bucket);
}

static __always_inline bool chain_is_it(enum access how, const struct mini *mini,
					const struct sock_common *common,
					const struct chain_name *name, int state)
{
	return MINI(how, mini, common, skc_hash) == name->hash_ports >> 32 &&
	       MINI(how, mini, common, skc_portpair) == (__u32)name->hash_ports &&
	       MINI(how, mini, common, skc_state) == state &&
	       (__u64)MINI(how, mini, common, skc_net.net) == name->net &&
	       (__u32)MINI(how, mini, common, skc_bound_dev_if) == (__u32)name->remote_ifindex &&
	       remote_of_mini(how, mini, common) == name->remote_ifindex >> 32;
}

/*
 * The same where types are believed, if it is the first, as what is new mostly is: 0 if it is not.
 * A head is to its first what a node is to its next: it is read as if it were in a socket.
 */
static __always_inline __u64 chain_first(struct config_counters *cpu, __u64 chain,
					 const struct chain_name *name, int state)
{
	__u64 inside = bpf_core_field_offset(struct sock_common, skc_nulls_node);
	const struct sock_common *common = typed((void *)(chain - inside), CONFIG_TYPE_SOCK);
	__u64 node = slot_address(cpu, common->skc_nulls_node.next);

	/* The end of a chain is an odd number. */
	if (node & 1)
		return 0;
	common = typed((void *)(node - inside), CONFIG_TYPE_SOCK);
	return chain_is_it(TYPED, NULL, common, name, state) ? node - inside : 0;
}

#endif
