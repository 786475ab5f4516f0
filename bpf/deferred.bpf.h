/* SPDX-License-Identifier: GPL-2.0-only */
/* When the ACK of a SYN-ACK came that a listener with TCP_DEFER_ACCEPT drops, to wait for data. */
#ifndef BPF_DEFERRED_BPF_H
#define BPF_DEFERRED_BPF_H

#include "bpf/minisock.bpf.h"

/* Who does not know when the SYN-ACK left takes what is older for another connection's. */
#define ACK_AGES_NS 64000000000ull

/* Nobody says for which request or timewait socket a segment is that is dropped. */
struct segment_key {
	__u64 net;	    /* address of the namespace */
	__u32 raddr, laddr; /* their last words */
	__u16 lport;
	__be16 rport;
	__u32 reserved;
};

/* What is left over from requests that died makes room by itself. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2 * QUOTA_ACKS);
	__type(key, struct segment_key);
	__type(value, __u64); /* CLOCK_MONOTONIC, ns */
} deferred_acks SEC(".maps") __weak;

static __always_inline void segment_key_of(const struct sock_common *common,
					   struct segment_key *key)
{
	key->net = (__u64)BPF_CORE_READ(common, skc_net.net);
	key->raddr = remote_word(common);
	key->laddr = local_word(common);
	key->lport = mini_lport(common);
	key->rport = BPF_CORE_READ(common, skc_dport);
}

/* The first one counts; `since_ns`: what is older is of another connection. */
static __always_inline void note_ack(const struct sock *listener, const struct segment_key *key,
				     __u64 since_ns)
{
	__u64 now = bpf_ktime_get_ns(), *noted;

	noted = bpf_map_lookup_elem(&deferred_acks, key);
	if (noted && *noted >= since_ns)
		return;
	if (noted || !quota_note(netns_of(PROBE, listener), owner_of(PROBE, listener), QUOTA_ACK,
				 QUOTA_ACKS))
		bpf_map_update_elem(&deferred_acks, key, &now, BPF_ANY);
}

/* Takes it out; 0: nobody saw it, or it was not one for this SYN-ACK. */
static __always_inline __u64 take_ack(const struct sock_common *common, __u64 synack_ns)
{
	struct segment_key key = {};
	__u64 *noted, ack_ns;

	segment_key_of(common, &key);
	noted = bpf_map_lookup_elem(&deferred_acks, &key);
	if (!noted)
		return 0;
	ack_ns = *noted;
	bpf_map_delete_elem(&deferred_acks, &key);
	quota_forget(mini_netns(common), owner_of(PROBE, BPF_CORE_READ(common, skc_listener)),
		     QUOTA_ACK);
	return ack_ns < synack_ns ? 0 : ack_ns;
}

/* All of it but the namespace; false where it is no segment of TCP. */
static __always_inline bool read_sender(const struct sk_buff *skb, struct segment_key *key)
{
	const void *network = skb->head + skb->network_header;
	const struct tcphdr *th = (const void *)skb->head + skb->transport_header;
	struct in6_addr a;
	__u8 version = 0;

	bpf_probe_read_kernel(&version, sizeof(version), network);
	if (version >> 4 == 4) {
		if (BPF_CORE_READ((const struct iphdr *)network, protocol) != IPPROTO_TCP)
			return false;
		key->raddr = BPF_CORE_READ((const struct iphdr *)network, saddr);
		key->laddr = BPF_CORE_READ((const struct iphdr *)network, daddr);
	} else if (version >> 4 == 6) {
		if (BPF_CORE_READ((const struct ipv6hdr *)network, nexthdr) != IPPROTO_TCP)
			return false;
		bpf_core_read(&a, sizeof(a), &((const struct ipv6hdr *)network)->saddr);
		key->raddr = a.in6_u.u6_addr32[3];
		bpf_core_read(&a, sizeof(a), &((const struct ipv6hdr *)network)->daddr);
		key->laddr = a.in6_u.u6_addr32[3];
	} else {
		return false;
	}
	key->lport = bpf_ntohs(BPF_CORE_READ(th, dest));
	key->rport = BPF_CORE_READ(th, source);
	return true;
}

/* No data, and no other flag that means something here. */
static __always_inline bool is_bare_ack(const struct sk_buff *skb)
{
	const struct tcphdr *th =
		(const void *)BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header);

	return BPF_CORE_READ_BITFIELD_PROBED(th, ack) && !BPF_CORE_READ_BITFIELD_PROBED(th, syn) &&
	       !BPF_CORE_READ_BITFIELD_PROBED(th, fin) && !BPF_CORE_READ_BITFIELD_PROBED(th, rst) &&
	       BPF_CORE_READ(skb, len) == BPF_CORE_READ_BITFIELD_PROBED(th, doff) * 4;
}

#endif
