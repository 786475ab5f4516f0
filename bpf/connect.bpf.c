// SPDX-License-Identifier: GPL-2.0-only
/* The connect family: calls that fail before the socket has left CLOSED, so no transition tells. */
#include "bpf/descriptor.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/opener.bpf.h"

/* The user's struct sockaddr_in or sockaddr_in6: where they say who is to be called. */
struct target {
	__u16 family; /* 0: it could not be read */
	__be16 port;
	__be32 word[5]; /* IPv4 in the first; IPv6 in the others */
};

#define TARGET_SIZE4 8
#define TARGET_SIZE6 24

/* More than that there is none. */
static __always_inline __u32 target_size(__u64 size)
{
	return size >= TARGET_SIZE6 ? TARGET_SIZE6 : size >= TARGET_SIZE4 ? TARGET_SIZE4 : 0;
}

/*
 * What nothing but a wait for the peer's answer gives is told by the transition that ends it. One
 * that goes on without its caller has not failed, though it may have come to its end by now.
 */
static __always_inline bool is_told_elsewhere(int error)
{
	return error == EINPROGRESS || error == EALREADY || error == EINTR ||
	       error >= ERESTARTSYS || error == ECONNREFUSED || error == ETIMEDOUT ||
	       error == ECONNRESET || error == ECONNABORTED;
}

static __always_inline void fill_target(enum access how, struct event_connect *record,
					const struct sock *sk, const struct target *target)
{
	__u32 *laddr = (__u32 *)record->laddr, *raddr = (__u32 *)record->raddr;
	struct address remote;

	record->head.flags = 0;
	record->rport = bpf_ntohs(target->port);
	__builtin_memset(record->laddr, 0, sizeof(record->laddr));
	__builtin_memset(record->raddr, 0, sizeof(record->raddr));
	if (target->family == AF_INET6)
		__builtin_memcpy(&remote, &target->word[1], sizeof(remote));
	else if (target->family == AF_INET)
		map_ipv4(&remote, target->word[0]);
	else
		return;
	record->head.flags = EVENT_FLAG_ENDPOINTS;
	if (is_mapped(&remote)) {
		laddr[0] = READ(how, sk, __sk_common.skc_rcv_saddr);
		raddr[0] = remote.word[3];
		return;
	}
	record->head.flags |= EVENT_FLAG_IPV6;
	__builtin_memcpy(raddr, &remote, sizeof(remote));
	if (READ(how, sk, __sk_common.skc_family) == AF_INET6)
		local_address6(how, sk, laddr);
}

/* Whoever is not wanted is judged by user space, but for what only this side knows. */
static __always_inline bool is_call_unwanted(enum access how, const struct sock *sk)
{
	if (filter.cgroup && !is_in_cgroup(how, sk))
		return true;
	return is_failure_left(sk);
}

/* `error` is positive; the socket is TCP's, and still, or again, in CLOSED. */
static __always_inline int tell_failure(void *ctx, enum access how, const struct sock *sk,
					const struct target *target, int error)
{
	struct config_counters *cpu = cpu_counters();
	__u32 ifindex = ifindex_of(how, &sk->__sk_common);
	struct quota_key whose = whose_is(how, sk);
	struct event_connect *record;
	__u64 now = bpf_ktime_get_ns();

	if (is_call_unwanted(how, sk)) {
		count(&cpu->seen);
		count(&cpu->filtered);
		return 0;
	}
	if (knobs.stacks && (!filter.netns_count || is_netns_wanted(whose.netns)))
		tell_stack(ctx, how, cpu, sk, now, EVENT_STATES(TCP_CLOSE, TCP_CLOSE));
	if (ifindex && (!filter.netns_count || is_netns_wanted(whose.netns)))
		scope_send(net_address(&sk->__sk_common), (__u64)ifindex << 32 | whose.netns,
			   slot_address(cpu, sk), now, EVENT_STATES(TCP_CLOSE, TCP_CLOSE));
	record = sock_reserve(cpu, sk, &whose, sizeof(*record));
	if (!record)
		return 0;
	record->head.mono_ns = now;
	record->head.sock = (__u64)sk;
	record->head.netns = whose.netns;
	record->head.kind = EVENT_CONNECT;
	record->head.states = EVENT_STATES(TCP_CLOSE, TCP_CLOSE);
	fill_target(how, record, sk, target);
	record->cgroup = knobs.cgroup ? cgroup_id_of(how, sk) : 0;
	record->lport = READ(how, sk, __sk_common.skc_num);
	record->error = error;
	__builtin_memset(record->reserved, 0, sizeof(record->reserved));
	fill_task(record->comm, record->process, &record->pid, &record->uid);
	record_submit(cpu, record);
	return 0;
}

static __always_inline bool is_closed_tcp(enum access how, const struct sock *sk)
{
	return sk && READ(how, sk, sk_protocol) == IPPROTO_TCP &&
	       READ(how, sk, __sk_common.skc_state) == TCP_CLOSE;
}

/* Under lockdown=confidentiality nobody can say who was to be called, nor by which subflow. */
static __always_inline int tell_hidden_failure(void *ctx, const struct sock *sk, int error)
{
	struct target target = {};
	struct tcp_sock *tp;

	if (!is_closed_tcp(DIRECT, sk))
		return 0;
	tp = tcp_sock_of(DIRECT, sk);
	return tp ? tell_failure(ctx, DIRECT, sock_of(tp), &target, error) : 0;
}

/*
 * In some kernels (6.1 with its updates, 6.2) this function calls itself for a connection of MPTCP
 * and its first subflow: it is the outer call that tells.
 */
static __always_inline bool is_inner_call(const struct sock *sk)
{
	return sk && READ(PROBE, sk, sk_protocol) == IPPROTO_TCP &&
	       mptcp_connects(ulp_data_of(PROBE, (const struct tcp_sock *)sk));
}

/* Behind the system call, io_uring, a fast open, and the kernel's own clients. */
SEC("?fexit/__inet_stream_connect")
int BPF_PROG(connect_fexit, const struct socket *socket, const void *address, int size, int flags,
	     int is_sendmsg, int ret)
{
	struct target target = {};
	const struct sock *sk;

	if (ret >= 0 || is_told_elsewhere(-ret))
		return 0;
	if (knobs.memory_hidden)
		return tell_hidden_failure(ctx, socket->sk, -ret);
	sk = first_subflow_of(PROBE, socket->sk);
	if (!is_closed_tcp(PROBE, sk) || is_inner_call(socket->sk))
		return 0;
	bpf_probe_read_kernel(&target, target_size(size), address);
	return target.family == AF_UNSPEC ? 0 : tell_failure(ctx, PROBE, sk, &target, -ret);
}

/* The arguments are still in the registers that the call was made with. */
SEC("?tp/syscalls/sys_exit_connect")
int connect_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	struct target target = {};
	struct call_arguments call;
	const struct sock *sk;
	__s64 ret = ctx->ret;

	if (ret >= 0 || is_told_elsewhere(-ret) || !read_call(&call, CALL_CONNECT))
		return 0;
	sk = socket_of_descriptor(PROBE, call.word[0]);
	if (!is_closed_tcp(PROBE, sk))
		return 0;
	if (bpf_probe_read_user(&target, target_size(call.word[2]), (void *)call.word[1]))
		return 0;
	return target.family == AF_UNSPEC ? 0 : tell_failure(ctx, PROBE, sk, &target, -ret);
}
