/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which transitions are not worth a record, judged by what is known of the socket at that moment.
 */
#ifndef BPF_FILTER_BPF_H
#define BPF_FILTER_BPF_H

#include "bpf/endpoint.bpf.h"
#include "bpf/kin.bpf.h"
#include "bpf/mptcp.bpf.h"
#include "bpf/sample.bpf.h"
#include "bpf/scope.bpf.h"
#include "bpf/task.bpf.h"

/*
 * User space judges every connection again, so the only mistake to avoid here is to drop a record
 * of a wanted one, or to drop the record that would tell user space to forget an unwanted one.
 * A fact that was unknown at the first event is therefore not judged before the third.
 */

/* Of a connection: a listener's own transitions are none. */
static __always_inline bool is_birth(int from, int to)
{
	return to == TCP_SYN_SENT || from == TCP_LISTEN;
}

static __always_inline bool has_port(const volatile __u64 *ports, __u16 port)
{
	return ports[port >> 6] >> (port & 63) & 1;
}

/*
 * To be asked only where the list is not empty: to learn of a namespace may take several reads. The
 * verifier walks through a function of its own once, and not once for each way that leads to it.
 */
__weak __noinline bool is_netns_wanted(__u32 netns)
{
	__u32 i;

	for (i = 0; i < CONFIG_NETNS; i++) {
		if (i >= filter.netns_count)
			break;
		if (filter.netns[i] == netns)
			return true;
	}
	return false;
}

static __always_inline bool is_in_cidrs(const struct address *a)
{
	__u32 i;

	for (i = 0; i < CONFIG_CIDRS; i++) {
		const volatile struct config_cidr *c = &filter.cidrs[i];

		if (i >= filter.cidr_count)
			break;
		if ((a->word[0] & c->mask[0]) == c->net[0] &&
		    (a->word[1] & c->mask[1]) == c->net[1] &&
		    (a->word[2] & c->mask[2]) == c->net[2] &&
		    (a->word[3] & c->mask[3]) == c->net[3])
			return true;
	}
	return false;
}

static __always_inline bool is_in_cgroup(enum access how, const struct sock *sk)
{
	struct cgroup *cgroup = READ(how, sk, sk_cgrp_data.cgroup);
	struct cgroup_subsys_state *parent;
	struct kernfs_node *node;
	int depth;

	for (depth = 0; depth < CONFIG_CGROUP_DEPTH && cgroup; depth++) {
		node = READ(how, cgroup, kn);
		if (node && READ(how, node, id) == filter.cgroup)
			return true;
		parent = READ(how, cgroup, self.parent);
		if (!parent)
			break;
		cgroup = READ(how, parent, cgroup);
	}
	return false;
}

static __always_inline bool is_name_wanted(const __u64 *name)
{
	const __u8 *bytes = (const __u8 *)name;
	__u32 i;

	for (i = 0; i < CONFIG_COMM_SIZE; i++) {
		if (bytes[i] != filter.comm[i])
			return false;
		if (!bytes[i])
			break;
	}
	return true;
}

static __always_inline bool is_owner_wanted(void)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct task_names names;
	__u32 i;

	if (filter.has_comm) {
		read_current(&names);
		if (!is_name_wanted(names.comm) && !is_name_wanted(names.process))
			return false;
	}
	if (!filter.pid_count)
		return true;
	for (i = 0; i < CONFIG_PIDS; i++) {
		if (i >= filter.pid_count)
			break;
		if (filter.pids[i] == pid)
			return true;
	}
	return filter.follows && bpf_map_lookup_elem(&followed, &pid);
}

static __always_inline bool is_sampled(enum access how, struct config_counters *cpu,
				       const struct tcp_sock *tp, const struct sock *sk, int from,
				       int to)
{
	__u64 key = slot_address(cpu, sk);

	if (is_birth(from, to))
		return sample_choose(key, netns_of(how, sock_of(tp)), owner_of(how, sock_of(tp)));
	if (to == TCP_CLOSE)
		return sample_release(key);
	return bpf_map_lookup_elem(&sampled, &key);
}

/*
 * Whether it is not followed, for the budget's sake. Chance has been asked when the first witness
 * told of the birth; where only the second one does, it is followed.
 */
static __always_inline bool is_saved(enum access how, struct config_counters *cpu,
				     const struct tcp_sock *tp, const struct sock *sk, int from,
				     int to, bool witness)
{
	__u64 key;

	if (!ASKED(knobs.budget) || !shared.passes)
		return false;
	key = slot_address(cpu, sk);
	if (to == TCP_CLOSE)
		return pass_release(key);
	if (is_birth(from, to) && !witness)
		return pass_choose(key, netns_of(how, sock_of(tp)), owner_of(how, sock_of(tp)));
	return bpf_map_lookup_elem(&passed, &key);
}

/* By the chance of something that is no connection. */
static __always_inline bool is_left_to_chance(void)
{
	if (knobs.budget && shared.one_of > 1)
		return bpf_get_prandom_u32() & (shared.one_of - 1);
	return filter.sample > 1 && bpf_get_prandom_u32() % filter.sample;
}

static __always_inline bool is_remote_unwanted(enum access how, const struct sock *sk)
{
	struct address remote;
	__u32 family;

	if (filter.has_rport && !has_port(filter_rports, remote_port(how, sk)))
		return true;
	if (!filter.family && !filter.cidr_count)
		return false;
	family = remote_address(how, sk, &remote);
	if (filter.family && filter.family != family)
		return true;
	return filter.cidr_count && !is_in_cidrs(&remote);
}

/* The kernel makes those that join an MPTCP connection, in whatever task that interrupts. */
static __always_inline bool is_joining(enum access how, const struct tcp_sock *tp)
{
	__u64 birth = is_subflow(how, tp) ? mptcp_birth(ulp_data_of(how, tp)) : 0;

	return birth && !(birth & MPTCP_FIRST);
}

/*
 * To be asked of a beginning only: a socket that was wanted then may be bound otherwise by its end.
 * What the interface is called, user space judges.
 */
static __always_inline bool is_unbound(enum access how, const struct sock_common *common)
{
	return filter.has_interface && !ifindex_of(how, common);
}

/* As far as it shows by now; but for chance. */
static __always_inline bool is_unwanted(enum access how, const struct sock *sk,
					const struct tcp_sock *tp, int from, int to)
{
	__u16 lport;

	if (filter.netns_count && !is_netns_wanted(netns_of(how, sock_of(tp))))
		return true;
	if (filter.cgroup && !is_in_cgroup(how, sock_of(tp)))
		return true;
	if ((filter.pid_count || filter.has_comm) && to == TCP_SYN_SENT && !is_owner_wanted() &&
	    !is_joining(how, tp))
		return true;
	if (filter.has_lport && from != TCP_SYN_SENT) {
		lport = local_port(how, sk, tp, to);
		if (lport && !has_port(filter_lports, lport))
			return true;
	}
	/* A client's remote end is known from the start, a server's from its second event. */
	if (from == TCP_LISTEN || from == TCP_SYN_RECV)
		return false;
	/* And so is a client's interface; of a server's child user space knows it first. */
	if (to == TCP_SYN_SENT && is_unbound(how, &sk->__sk_common))
		return true;
	return is_remote_unwanted(how, sk);
}

/* A server's child whose birth no filter let through: what else is known of it is nobody's. */
static __always_inline bool is_child_unwanted(enum access how, const struct sock *child)
{
	__u64 key = (__u64)child;

	if (filter.cgroup && !is_in_cgroup(how, child))
		return true;
	if (knobs.budget && shared.passes && bpf_map_lookup_elem(&passed, &key))
		return true;
	return filter.sample > 1 && !bpf_map_lookup_elem(&sampled, &key);
}

/*
 * The reset that a socket sends behind its end is known by the socket alone, and one that is
 * followed may have been at that address just before. So of those that are left out it is kept
 * which were closed last, each in a place that its address leads to. Not by CPU: the task may have
 * another one by then.
 */
static __always_inline __u32 left_index(const struct sock *sk)
{
	__u32 half;

	asm volatile("%0 = %1" : "=w"(half) : "w"((__u32)(__u64)sk));
	half = half * 41475557u >> (32 - CONFIG_LEFT_BITS);
	return half & ((1 << CONFIG_LEFT_BITS) - 1);
}

static __always_inline __u64 *left_place(const struct sock *sk)
{
	return &left_socks[left_index(sk)];
}

static __always_inline void note_end(const struct sock *sk, int to, bool is_left_out)
{
	__u64 *left;

	if (to != TCP_CLOSE)
		return;
	left = left_place(sk);
	if (is_left_out)
		*left = slot_owner(sk);
	else if (*left == slot_owner(sk))
		*left = 0;
}

/*
 * A connect that fails may be told twice: by its transitions, and by the call. Chance is asked
 * once, and what it has said is kept for the call.
 */
static __always_inline bool leaves_to_chance(void)
{
	return filter.sample > 1 || ASKED(knobs.budget);
}

static __always_inline void note_failed(const struct sock *sk, int from, int to, bool is_left_out)
{
	struct config_failed *failed;

	if (!leaves_to_chance() || from != TCP_SYN_SENT || to != TCP_CLOSE)
		return;
	failed = &failed_socks[left_index(sk)];
	failed->sock = slot_owner(sk);
	failed->is_left_out = is_left_out;
}

/* Of a call that failed. */
static __always_inline bool is_failure_left(const struct sock *sk)
{
	struct config_failed *failed;

	if (!leaves_to_chance())
		return false;
	failed = &failed_socks[left_index(sk)];
	if (failed->sock != slot_owner(sk))
		return is_left_to_chance(); /* no transition has told of it */
	failed->sock = 0;
	return failed->is_left_out;
}

static __always_inline bool is_end_left(const struct sock *sk)
{
	return *left_place(sk) == slot_owner(sk);
}

/*
 * Room for a record that is about a socket but not about a transition, by its namespace alone; NULL
 * when it is not wanted, or there is no room for it. All is counted.
 */
static __always_inline void *sock_reserve(struct config_counters *cpu, const void *sk,
					  const struct quota_key *whose, __u64 size)
{
	count(&cpu->seen);
	if (filter.netns_count && !is_netns_wanted(whose->netns)) {
		count(&cpu->filtered);
		return NULL;
	}
	slot_send_before(cpu, sk);
	if (shared.crowded && quota_refuses(size, whose->netns, whose->owner, whose->kind, 1))
		return NULL;
	return record_reserve(cpu, size);
}

#endif
