// SPDX-License-Identifier: GPL-2.0-only
/* The reset family: who resets a connection, and why; who makes one end without a FIN. */
#include "bpf/filter.bpf.h"
#include "bpf/frames.bpf.h"
#include "bpf/scratch.bpf.h"

static __always_inline bool is_memory(__u32 reason)
{
	return bpf_core_enum_value_exists(enum sk_rst_reason___6_10,
					  SK_RST_REASON_TCP_ABORT_ON_MEMORY) &&
	       reason == bpf_core_enum_value(enum sk_rst_reason___6_10,
					     SK_RST_REASON_TCP_ABORT_ON_MEMORY);
}

static __always_inline int sort_of(__u32 reason)
{
	if (reason == EVENT_REASON_NONE)
		return EVENT_RESET_SORT_NONE;
	if (bpf_core_enum_value_exists(enum sk_rst_reason___6_10,
				       SK_RST_REASON_TCP_ABORT_ON_CLOSE) &&
	    reason == bpf_core_enum_value(enum sk_rst_reason___6_10,
					  SK_RST_REASON_TCP_ABORT_ON_CLOSE))
		return EVENT_RESET_SORT_UNREAD;
	return EVENT_RESET_SORT_OTHER;
}

static __always_inline void fill_reset(struct event_reset *reset, __u64 sock, int state, int act,
				       __u32 reason)
{
	if (state == TCP_NEW_SYN_RECV)
		state = TCP_SYN_RECV;
	reset->head.mono_ns = bpf_ktime_get_ns();
	reset->head.sock = sock;
	reset->head.kind = EVENT_RESET;
	reset->head.states = EVENT_STATES(state, state);
	reset->head.flags = 0;
	reset->reason = reason;
	reset->act = act;
	reset->memory = reason != EVENT_REASON_NONE && is_memory(reason);
	reset->sort = sort_of(reason);
	reset->reserved = 0;
}

/* Of a socket of any size: only what all have in common is read. */
static __always_inline int send_reset(enum access how, const struct sock *sk,
				      const struct quota_key *whose, int act, __u32 reason)
{
	struct config_counters *cpu = cpu_counters();
	struct event_reset *reset;

	reset = sock_reserve(cpu, sk, whose, sizeof(*reset));
	if (!reset)
		return 0;
	reset->head.netns = whose->netns;
	fill_reset(reset, (__u64)sk, READ(how, sk, __sk_common.skc_state), act, reason);
	record_submit(cpu, reset);
	return 0;
}

/* Nobody listens there: the segment alone knows its namespace, by the device it came in at. */
static __always_inline int on_stray(enum access how, const struct sk_buff *skb, __u32 reason)
{
	struct net_device *device = READ(how, skb, dev);
	struct config_counters *cpu = cpu_counters();
	struct event_reset *reset;
	__u32 netns = 0;

	if (device)
		netns = net_inode(how, READ(how, device, nd_net.net));
	count(&cpu->seen);
	if (filter.netns_count && !is_netns_wanted(netns)) {
		count(&cpu->filtered);
		return 0;
	}
	if (shared.crowded && quota_refuses(sizeof(*reset), netns, QUOTA_NOBODY, QUOTA_STRAY, 1))
		return 0;
	reset = record_reserve(cpu, sizeof(*reset));
	if (!reset)
		return 0;
	reset->head.netns = netns;
	fill_reset(reset, (__u64)skb, TCP_CLOSE, EVENT_RESET_STRAY, reason);
	record_submit(cpu, reset);
	return 0;
}

/* A listener and a request answer for a connection that does not exist. */
static __always_inline int sent_act(int state, const struct sk_buff *skb)
{
	if (!skb)
		return EVENT_RESET_SENT;
	return state == TCP_LISTEN || state == TCP_NEW_SYN_RECV ? EVENT_RESET_STRAY :
								  EVENT_RESET_ANSWERED;
}

/*
 * A listener's reset that answers a segment of a request is that request's end: leave word of it,
 * for nothing else tells it from an end by the peer's reset. A request goes on when a segment that
 * was none of its own is answered.
 */
static __always_inline void note_refusal(void *ctx, const struct sock *listener,
					 const struct sk_buff *skb, __u32 reason)
{
	struct scratch *scratch = cpu_scratch();
	const struct tcphdr *th;

	if (!scratch || !(frames_of(ctx) & FRAME(CHECK_REQ)))
		return;
	th = (const void *)BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header);
	scratch->refused_listener = (__u64)listener;
	scratch->refused_ns = bpf_ktime_get_ns();
	scratch->refused_ports = BPF_CORE_READ(th, source) |
				 (__u32)bpf_ntohs(BPF_CORE_READ(th, dest)) << 16;
	scratch->refused_seq = BPF_CORE_READ(th, seq);
	scratch->refused_syn = BPF_CORE_READ_BITFIELD_PROBED(th, syn);
	scratch->refusal = reason == EVENT_REASON_NONE ? 0 : reason + 1;
}

static __always_inline int on_sent(void *ctx, enum access how, const struct sock *sk,
				   const struct sk_buff *skb, __u32 reason)
{
	struct quota_key whose;
	int state, act;

	if (!sk)
		return skb ? on_stray(how, skb, reason) : 0;
	state = READ(how, sk, __sk_common.skc_state);
	if (knobs.resets && skb && state == TCP_LISTEN)
		note_refusal(ctx, sk, skb, reason);
	if (state == TCP_CLOSE && is_end_left(sk)) {
		count(&cpu_counters()->seen);
		count(&cpu_counters()->filtered);
		return 0;
	}
	act = sent_act(state, skb);
	/* Of no certain size, so a trusted pointer is read: once, before the ways part. */
	whose.netns = netns_of(how, sk);
	whose.owner = state == TCP_NEW_SYN_RECV || state == TCP_TIME_WAIT ? QUOTA_NOBODY :
									    owner_of(how, sk);
	whose.kind = act == EVENT_RESET_STRAY ? QUOTA_STRAY : QUOTA_SOCKET;
	return send_reset(how, sk, &whose, act, reason);
}

static __always_inline int on_received(enum access how, const struct sock *sk)
{
	struct tcp_sock *tp = tcp_sock_of(how, sk);
	struct quota_key whose;

	if (!tp)
		return 0;
	whose = whose_is(how, sock_of(tp));
	return send_reset(how, sk, &whose, EVENT_RESET_RECEIVED, EVENT_REASON_NONE);
}

/* Also called for sockets that are nobody's connection. */
static __always_inline int on_call(enum access how, const struct sock *sk, int act)
{
	int state = READ(how, sk, __sk_common.skc_state);
	struct quota_key whose;

	/* A request or a timewait socket has no more than what all have in common. */
	if (state == TCP_CLOSE || state == TCP_LISTEN || state == TCP_NEW_SYN_RECV ||
	    state == TCP_TIME_WAIT || READ(how, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	whose = whose_is(how, sk);
	return send_reset(how, sk, &whose, act, EVENT_REASON_NONE);
}

/* Since 6.10. Who has no socket, or decides by itself, passes NULL. */
SEC("?tp_btf/tcp_send_reset")
int BPF_PROG(reset_sent_tp_btf, const struct sock *sk, const struct sk_buff *skb, int reason)
{
	return on_sent(ctx, DIRECT, sk ? doubted(sk) : NULL, skb, reason);
}

/* Up to 6.9: of full sockets only, and without a reason. */
SEC("?tp_btf/tcp_send_reset")
int BPF_PROG(reset_sent_old_tp_btf, const struct sock *sk, const struct sk_buff *skb)
{
	return on_sent(ctx, DIRECT, sk ? doubted(sk) : NULL, skb, EVENT_REASON_NONE);
}

SEC("?tp_btf/tcp_receive_reset")
int BPF_PROG(reset_received_tp_btf, const struct sock *sk)
{
	return on_received(DIRECT, sk);
}

SEC("?tp/tcp/tcp_send_reset")
int reset_sent_tracepoint(struct trace_event_raw_tcp_send_reset___6_10 *ctx)
{
	return on_sent(ctx, PROBE, ctx->skaddr, ctx->skbaddr, ctx->reason);
}

SEC("?tp/tcp/tcp_send_reset")
int reset_sent_old_tracepoint(struct trace_event_raw_tcp_event_sk_skb___6_9 *ctx)
{
	return on_sent(ctx, PROBE, ctx->skaddr, ctx->skbaddr, EVENT_REASON_NONE);
}

SEC("?tp/tcp/tcp_receive_reset")
int reset_received_tracepoint(struct trace_event_raw_tcp_event_sk *ctx)
{
	return on_received(PROBE, ctx->skaddr);
}

SEC("?fentry/tcp_disconnect")
int BPF_PROG(abort_disconnect_fentry, const struct sock *sk)
{
	return on_call(DIRECT, sk, EVENT_RESET_DISCONNECTED);
}

SEC("?fentry/tcp_abort")
int BPF_PROG(abort_fentry, const struct sock *sk)
{
	return on_call(DIRECT, sk, EVENT_RESET_ABORTED);
}

SEC("?kprobe/tcp_disconnect")
int BPF_KPROBE(abort_disconnect_kprobe, const struct sock *sk)
{
	return on_call(PROBE, sk, EVENT_RESET_DISCONNECTED);
}

SEC("?kprobe/tcp_abort")
int BPF_KPROBE(abort_kprobe, const struct sock *sk)
{
	return on_call(PROBE, sk, EVENT_RESET_ABORTED);
}
