// SPDX-License-Identifier: GPL-2.0-only
/* The accept family: who took a server's connection out of the queue, and when. */
#include "bpf/descriptor.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/opener.bpf.h"

/* What is there about who opened a socket is not to be written over: see socket_of_descriptor(). */
static __always_inline bool is_clients(const struct event_steps *steps)
{
	return SLOT_READ(steps->count) && EVENT_TO(steps->step[0].states) == TCP_SYN_SENT;
}

/* Into the slot of the socket, if it has one. Its time is written last: then the rest is there. */
static __always_inline bool collect(enum access how, const struct sock *sk)
{
	__u32 index = slot_index(sk);
	struct slot *slot = slot_at(index);
	struct event_steps *steps;

	if (!slot || !slot_enter(slot, index, slot_owner(sk)))
		return false;
	steps = &slot->steps;
	if (steps->accept_ns || is_clients(steps)) {
		slot_leave(slot);
		return false;
	}
	steps->cgroup = knobs.cgroup ? cgroup_id_of(how, sk) : 0;
	fill_task(steps->comm, steps->process, &steps->pid, &steps->uid);
	SLOT_READ(steps->accept_ns) = bpf_ktime_get_ns();
	slot_leave(slot);
	return true;
}

static __always_inline int on_accept(void *ctx, enum access how, const struct sock *sk)
{
	struct config_counters *cpu;
	struct event_accept *accept;
	struct quota_key whose = {};
	struct tcp_sock *tp;
	int state;
	__u64 now;

	if (!sk)
		return 0;
	cpu = cpu_counters();
	/* What has a slot is followed, and where no filter is on there is nothing more to ask. */
	if (ASKED(knobs.middles) && collect(how, sk)) {
		count(&cpu->seen);
		return 0;
	}
	if (READ(how, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (is_child_unwanted(how, sk)) {
		count(&cpu->seen);
		count(&cpu->filtered);
		return 0;
	}
	tp = tcp_sock_at(how, sk);
	if (knobs.slot_bits && tp && !is_subflow(how, tp) && !ifindex_of(how, &sk->__sk_common) &&
	    collect(how, sk)) {
		count(&cpu->seen);
		return 0;
	}
	/* User space knows it from the state family. */
	if (filter.netns_count || shared.crowded)
		whose = whose_is(how, sk);
	now = bpf_ktime_get_ns();
	if (knobs.stacks && (!filter.netns_count || is_netns_wanted(whose.netns)))
		tell_stack(ctx, how, cpu, sk, now, EVENT_STATES(TCP_ESTABLISHED, TCP_ESTABLISHED));
	/* User space must not take it for one that was closed at the same address. */
	state = READ(how, sk, __sk_common.skc_state);
	accept = sock_reserve(cpu, sk, &whose, sizeof(*accept));
	if (!accept)
		return 0;
	accept->head.mono_ns = now;
	accept->head.sock = (__u64)sk;
	accept->head.netns = filter.netns_count ? whose.netns : 0;
	accept->head.kind = EVENT_ACCEPT;
	accept->head.states = EVENT_STATES(state, state);
	accept->head.flags = 0;
	accept->cgroup = knobs.cgroup ? cgroup_id_of(how, sk) : 0;
	fill_task(accept->comm, accept->process, &accept->pid, &accept->uid);
	record_submit(cpu, accept);
	return 0;
}

/* Since 6.10 the arguments are in a struct. */
SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_fexit, const void *listener, const void *argument, const struct sock *sk)
{
	return on_accept(ctx, DIRECT, sk);
}

/* Up to 6.9: flags, error and a flag for kernel sockets. */
SEC("?fexit/inet_csk_accept")
int BPF_PROG(accept_old_fexit, const void *listener, int flags, const void *error, int kernel,
	     const struct sock *sk)
{
	return on_accept(ctx, DIRECT, sk);
}

SEC("?kretprobe/inet_csk_accept")
int BPF_KRETPROBE(accept_kretprobe, const struct sock *sk)
{
	if (!has_types())
		return on_accept(ctx, PROBE, sk);
	return sk ? on_accept(ctx, TYPED, typed(sk, CONFIG_TYPE_SOCK)) : 0;
}

/* The system call returns a descriptor; the socket behind it is found in the task's table. */
static __always_inline int on_accept_exit(struct trace_event_raw_sys_exit *ctx)
{
	__s64 fd = ctx->ret;

	if (fd < 0)
		return 0;
	return has_types() ? on_accept(ctx, TYPED, socket_of_descriptor(TYPED, fd)) :
			     on_accept(ctx, PROBE, socket_of_descriptor(PROBE, fd));
}

SEC("?tp/syscalls/sys_exit_accept")
int accept_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	return on_accept_exit(ctx);
}

SEC("?tp/syscalls/sys_exit_accept4")
int accept4_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	return on_accept_exit(ctx);
}
