/* SPDX-License-Identifier: GPL-2.0-only */
/* Request and timewait sockets: who they belong to, and the records that tell of them. */
#ifndef BPF_MINISOCK_BPF_H
#define BPF_MINISOCK_BPF_H

#include "bpf/filter.bpf.h"
#include "bpf/scope.bpf.h"
#include "bpf/scratch.bpf.h"

/*
 * These are mostly reached by pointer arithmetic from a timer, or as a type the verifier cannot
 * follow, and are read with bpf_probe_read_kernel then: not under lockdown=confidentiality. Where a
 * function has them for an argument, what is read of each is read by its type: that takes a tenth.
 */

static __always_inline __u32 mini_netns(const struct sock_common *common)
{
	return net_inode(PROBE, BPF_CORE_READ(common, skc_net.net));
}

static __always_inline __u16 mini_lport(const struct sock_common *common)
{
	return BPF_CORE_READ(common, skc_num);
}

static __always_inline __u16 mini_rport(const struct sock_common *common)
{
	return bpf_ntohs(BPF_CORE_READ(common, skc_dport));
}

/* Remote port (network order) and local port (host order) in one word, to compare. */
static __always_inline __u32 mini_ports(enum access how, const struct sock_common *common)
{
	return READ(how, common, skc_portpair);
}

/* The last word of the remote address tells hosts apart well enough beside both ports. */
static __always_inline __u32 remote_word(const struct sock_common *common)
{
	struct in6_addr a;

	if (BPF_CORE_READ(common, skc_family) != AF_INET6)
		return BPF_CORE_READ(common, skc_daddr);
	bpf_core_read(&a, sizeof(a), &common->skc_v6_daddr);
	return a.in6_u.u6_addr32[3];
}

static __always_inline __u32 local_word(const struct sock_common *common)
{
	struct in6_addr a;

	if (BPF_CORE_READ(common, skc_family) != AF_INET6)
		return BPF_CORE_READ(common, skc_rcv_saddr);
	bpf_core_read(&a, sizeof(a), &common->skc_v6_rcv_saddr);
	return a.in6_u.u6_addr32[3];
}

/*
 * The beginning of one, where its ends and its namespace are: to read all of it at once takes
 * little longer than one word of it.
 */
struct mini {
	__u64 word[11];
};

#define PROBED_MINI(view, common, field)                                                   \
	({                                                                                 \
		__u32 at__ = bpf_core_field_offset(struct sock_common, field);             \
		typeof(((struct sock_common *)0)->field) value__;                          \
		if (at__ + sizeof(value__) <= sizeof(struct mini))                         \
			value__ = *(const typeof(value__) *)((const void *)(view) + at__); \
		else                                                                       \
			value__ = BPF_CORE_READ(common, field);                            \
		value__;                                                                   \
	})

#define MINI(how, view, common, field) \
	((how) == PROBE ? PROBED_MINI(view, common, field) : (common)->field)

static __always_inline void mini_read(enum access how, struct mini *mini,
				      const struct sock_common *common)
{
	if (how == PROBE)
		bpf_probe_read_kernel(mini, sizeof(*mini), common);
}

/* As remote_word() and local_word(). */
static __always_inline __u32 remote_of_mini(enum access how, const struct mini *mini,
					    const struct sock_common *common)
{
	if (MINI(how, mini, common, skc_family) != AF_INET6)
		return MINI(how, mini, common, skc_daddr);
	return MINI(how, mini, common, skc_v6_daddr.in6_u.u6_addr32[3]);
}

static __always_inline __u32 local_of_mini(enum access how, const struct mini *mini,
					   const struct sock_common *common)
{
	if (MINI(how, mini, common, skc_family) != AF_INET6)
		return MINI(how, mini, common, skc_rcv_saddr);
	return MINI(how, mini, common, skc_v6_rcv_saddr.in6_u.u6_addr32[3]);
}

/*
 * Whether both addresses of one are the other's. A socket of IPv6 that speaks IPv4 has these where
 * one of IPv4 has them, too: both lie in one word, and the family is asked for once.
 */
static __always_inline bool have_same_addresses(enum access how, const struct mini *mini,
						const struct sock_common *common,
						const struct mini *other_mini,
						const struct sock_common *other)
{
	if (MINI(how, mini, common, skc_family) != AF_INET6)
		return MINI(how, mini, common, skc_addrpair) ==
		       MINI(how, other_mini, other, skc_addrpair);
	return remote_of_mini(how, mini, common) == remote_of_mini(how, other_mini, other) &&
	       local_of_mini(how, mini, common) == local_of_mini(how, other_mini, other);
}

/* Both addresses, IPv4 in the first 4 bytes. Returns the flags that say which it is. */
static __always_inline int mini_addresses(const struct sock_common *common, __u8 *laddr,
					  __u8 *raddr)
{
	struct address a;

	if (BPF_CORE_READ(common, skc_family) == AF_INET6) {
		bpf_core_read(&a, sizeof(a), &common->skc_v6_daddr);
		if (!is_mapped(&a)) {
			__builtin_memcpy(raddr, &a, sizeof(a));
			bpf_core_read(&a, sizeof(a), &common->skc_v6_rcv_saddr);
			__builtin_memcpy(laddr, &a, sizeof(a));
			return EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6;
		}
	}
	a.word[0] = BPF_CORE_READ(common, skc_daddr);
	a.word[1] = a.word[2] = a.word[3] = 0;
	__builtin_memcpy(raddr, &a, sizeof(a));
	a.word[0] = BPF_CORE_READ(common, skc_rcv_saddr);
	__builtin_memcpy(laddr, &a, sizeof(a));
	return EVENT_FLAG_ENDPOINTS;
}

/* Namespace and ports; what else is filtered on, user space knows from other records. */
static __always_inline bool is_mini_unwanted(const struct sock_common *common)
{
	return (filter.netns_count && !is_netns_wanted(mini_netns(common))) ||
	       (filter.has_lport && !has_port(filter_lports, mini_lport(common))) ||
	       (filter.has_rport && !has_port(filter_rports, mini_rport(common)));
}

/*
 * Room for a record about a timewait socket; NULL when it is not wanted, or there is no room for
 * it. All is counted.
 */
static __always_inline void *mini_reserve(struct config_counters *cpu,
					  const struct sock_common *common, __u64 size)
{
	count(&cpu->seen);
	if (is_mini_unwanted(common)) {
		count(&cpu->filtered);
		return NULL;
	}
	if (shared.crowded &&
	    quota_refuses(size, mini_netns(common), QUOTA_NOBODY, QUOTA_TIMEWAIT, 1))
		return NULL;
	return record_reserve(cpu, size);
}

/* All but the namespace, which takes two reads and is not always of use. */
static __always_inline void fill_mini_head(struct event_head *head,
					   const struct sock_common *common, int kind, int from,
					   int to, int flags)
{
	head->mono_ns = bpf_ktime_get_ns();
	head->sock = (__u64)common;
	head->kind = kind;
	head->states = EVENT_STATES(from, to);
	head->flags = flags;
}

#endif
