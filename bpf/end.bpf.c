// SPDX-License-Identifier: GPL-2.0-only
/* The end family: the last sign of a full socket, wanted once a transition may have been lost. */
#include "bpf/filter.bpf.h"

static __always_inline int on_destroy(enum access how, const struct sock *sk)
{
	struct config_counters *cpu;
	struct event_destroy *destroy;
	struct tcp_sock *tp;
	struct quota_key whose;

	if (!shared.lossy || READ(how, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	tp = tcp_sock_of(how, sk);
	if (!tp)
		return 0;
	cpu = cpu_counters();
	whose = whose_is(how, sock_of(tp));
	destroy = sock_reserve(cpu, sk, &whose, sizeof(*destroy));
	if (!destroy)
		return 0;
	destroy->head.mono_ns = bpf_ktime_get_ns();
	destroy->head.sock = (__u64)sk;
	destroy->head.netns = whose.netns;
	destroy->head.kind = EVENT_DESTROY;
	destroy->head.states = EVENT_STATES(TCP_CLOSE, TCP_CLOSE);
	destroy->head.flags = 0;
	record_submit(cpu, destroy);
	return 0;
}

SEC("?tp_btf/tcp_destroy_sock")
int BPF_PROG(end_tp_btf, const struct sock *sk)
{
	return on_destroy(DIRECT, sk);
}

SEC("?tp/tcp/tcp_destroy_sock")
int end_tracepoint(struct trace_event_raw_tcp_event_sk *ctx)
{
	return on_destroy(PROBE, ctx->skaddr);
}
