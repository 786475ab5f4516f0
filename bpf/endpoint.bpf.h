/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a socket's endpoints are kept, and which of them can be believed at which moment. */
#ifndef BPF_ENDPOINT_BPF_H
#define BPF_ENDPOINT_BPF_H

#include "bpf/tracer.bpf.h"
#include "vmlinux/flavours.h"

struct address {
	__u32 word[4]; /* network order; IPv4 as ::ffff:a.b.c.d */
};

static __always_inline bool is_mapped(const struct address *a)
{
	return !a->word[0] && !a->word[1] && a->word[2] == bpf_htonl(0xffff);
}

static __always_inline void map_ipv4(struct address *a, __be32 ipv4)
{
	a->word[0] = 0;
	a->word[1] = 0;
	a->word[2] = bpf_htonl(0xffff);
	a->word[3] = ipv4;
}

/*
 * The remote address, and by it the family on the wire: IPv4 on a dual-stack socket is IPv4.
 * Not to be asked at LISTEN -> SYN_RECV, where kernels up to 6.12 still have the listener's.
 */
static __always_inline int remote_address(enum access how, const struct sock *sk, struct address *a)
{
	if (READ(how, sk, __sk_common.skc_family) == AF_INET6) {
		a->word[0] = READ(how, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[0]);
		a->word[1] = READ(how, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[1]);
		a->word[2] = READ(how, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[2]);
		a->word[3] = READ(how, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[3]);
		if (!is_mapped(a))
			return AF_INET6;
	} else {
		map_ipv4(a, READ(how, sk, __sk_common.skc_daddr));
	}
	return AF_INET;
}

static __always_inline void local_address6(enum access how, const struct sock *sk, __u32 *word)
{
	word[0] = READ(how, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[0]);
	word[1] = READ(how, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[1]);
	word[2] = READ(how, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[2]);
	word[3] = READ(how, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[3]);
}

/*
 * Host order, 0 while none is chosen: skc_num, for inet_sport may still be that of the socket's
 * former connection on the way to SYN_SENT; but inet_sport before -> CLOSED, where skc_num has been
 * cleared.
 */
static __always_inline __u16 local_port(enum access how, const struct sock *sk,
					const struct tcp_sock *tp, int to)
{
	if (to != TCP_CLOSE)
		return READ(how, sk, __sk_common.skc_num);
	return bpf_ntohs(READ(how, tp, inet_conn.icsk_inet.inet_sport));
}

static __always_inline __u16 remote_port(enum access how, const struct sock *sk)
{
	return bpf_ntohs(READ(how, sk, __sk_common.skc_dport));
}

/* Whether it has the inode of a namespace that was asked for, and is another one. */
__weak __noinline bool is_netns_another(__u32 inode, __u64 cookie)
{
	__u32 i;

	for (i = 0; i < CONFIG_NETNS; i++) {
		if (i >= filter.netns_count)
			break;
		if (filter.netns[i] == inode)
			return filter.netns_cookie[i] && filter.netns_cookie[i] != cookie;
	}
	return false;
}

/*
 * By its inode, which the kernel uses again once a namespace is gone; its cookie it does not. Where
 * namespaces are filtered, one that came in the place of another is none, 0.
 */
static __always_inline __u32 net_inode(enum access how, struct net *net)
{
	__u32 inode = READ(how, net, ns.inum);

	if (filter.has_cookies && bpf_core_field_exists(net->net_cookie) &&
	    is_netns_another(inode, READ(how, net, net_cookie)))
		return 0;
	return inode;
}

static __always_inline __u32 netns_of(enum access how, const struct sock *sk)
{
	return net_inode(how, READ(how, sk, __sk_common.skc_net.net));
}

/*
 * Its references are gone and its sockets are being purged; false where no kernel we know says so.
 */
static __always_inline bool is_namespace_dying(enum access how, const struct sock_common *common)
{
	struct net *net = READ(how, common, skc_net.net);
	struct net___5_10 *old = (void *)net;
	struct ns_common___6_17 *ns = (void *)&net->ns;

	if (bpf_core_field_exists(net->ns.__ns_ref))
		return !READ(how, net, ns.__ns_ref.refs.counter);
	if (bpf_core_field_exists(ns->count))
		return !READ(how, ns, count.refs.counter);
	if (bpf_core_field_exists(old->count))
		return !READ(how, old, count.refs.counter);
	return false;
}

/*
 * The namespace has as many timewait sockets as it may, so that none is made; false where no kernel
 * we know says so (5.17 to 6.0).
 */
static __always_inline bool is_timewait_room_full(enum access how, const struct sock_common *common)
{
	struct net *net = READ(how, common, skc_net.net);
	struct net___5_16 *old = (void *)net;

	if (bpf_core_field_exists(net->ipv4.tcp_death_row.tw_refcount))
		return READ(how, net, ipv4.tcp_death_row.tw_refcount.refs.counter) - 1 >=
		       READ(how, net, ipv4.tcp_death_row.sysctl_max_tw_buckets);
	if (bpf_core_field_exists(old->ipv4.tcp_death_row.tw_count))
		return READ(how, old, ipv4.tcp_death_row.tw_count.counter) >=
		       READ(how, old, ipv4.tcp_death_row.sysctl_max_tw_buckets);
	return false;
}

/*
 * The id of the cgroup (version 2) that the socket, or its listener, was made in; 0: unknown. Some
 * kernels before 5.15 have no pointer there, but a number that may be one: 8520e224f547 "bpf,
 * cgroups: Fix cgroup v2 fallback on v1/v2 mixed mode". The test goes with 5.10.
 */
static __always_inline __u64 cgroup_id_of(enum access how, const struct sock *sk)
{
	struct kernfs_node *node;
	struct cgroup *cgroup;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = READ(how, sk, sk_cgrp_data.cgroup);
	node = READ(how, cgroup, kn);
	return READ(how, node, id);
}

#endif
