// SPDX-License-Identifier: GPL-2.0-only
/* The retransmit family: what was sent again, and what made the kernel do so. */
#include "bpf/filter.bpf.h"

/* As the kernel counts them in RetransSegs. Byte by byte, as the verifier wants it of an array. */
static __always_inline __u16 segments_of(const struct sk_buff *skb)
{
	const __u8 *at =
		(const __u8 *)skb->cb + bpf_core_field_offset(struct tcp_skb_cb, tcp_gso_segs);

	return at[0] | at[1] << 8;
}

/* The data of a fast open is kept apart from its SYN, and may be sent again without it. */
static __always_inline bool is_syn(const struct sock *sk, const struct sk_buff *skb)
{
	int state = sk->__sk_common.skc_state;

	return (state == TCP_SYN_SENT || state == TCP_SYN_RECV) && !skb->len;
}

static __always_inline int cause_of(const struct sock *sk, const struct tcp_sock *tp,
				    const struct sk_buff *skb)
{
	if (is_syn(sk, skb))
		return EVENT_RETRANSMIT_SYN;
	switch (BPF_CORE_READ_BITFIELD(tp, inet_conn.icsk_ca_state)) {
	case TCP_CA_Loss:
		return EVENT_RETRANSMIT_TIMEOUT;
	case TCP_CA_Recovery:
		return EVENT_RETRANSMIT_FAST;
	default:
		return EVENT_RETRANSMIT_PROBE;
	}
}

static __always_inline void fill(struct event_retransmit *record, const struct sock_common *common,
				 __u32 netns, int state, int cause, __u16 segments)
{
	record->head.mono_ns = bpf_ktime_get_ns();
	record->head.sock = (__u64)common;
	record->head.netns = netns;
	record->head.kind = EVENT_RETRANSMIT;
	record->head.states = EVENT_STATES(state, state);
	record->head.flags = 0;
	record->cause = cause;
	record->reserved = 0;
	record->segments = segments;
	__builtin_memset(record->padding, 0, sizeof(record->padding));
}

/* `common` is what it is about: the socket `tp`, or a request of that listener or child. */
static __always_inline int send_retransmit(const struct tcp_sock *tp,
					   const struct sock_common *common, int state, int cause,
					   __u16 segments)
{
	struct config_counters *cpu = cpu_counters();
	struct quota_key whose = whose_is(DIRECT, sock_of(tp));
	struct event_retransmit *record;

	if (cause == EVENT_RETRANSMIT_SYNACK)
		whose.kind = QUOTA_REQUEST;
	record = sock_reserve(cpu, common, &whose, sizeof(*record));
	if (!record)
		return 0;
	fill(record, common, whose.netns, state, cause, segments);
	if (cause == EVENT_RETRANSMIT_SYNACK && (__u64)common == (__u64)tp)
		record->head.flags = EVENT_FLAG_FASTOPEN;
	record_submit(cpu, record);
	return 0;
}

static __always_inline int on_retransmit(const struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sock_of(DIRECT, sk);

	if (!tp)
		return 0;
	return send_retransmit(tp, &sk->__sk_common, sk->__sk_common.skc_state,
			       cause_of(sk, tp, skb), segments_of(skb));
}

/* Since 6.18, what could not be sent is told of as well: it is no segment. */
SEC("?tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_tp_btf, const struct sock *sk, const struct sk_buff *skb, int error)
{
	return error ? 0 : on_retransmit(sk, skb);
}

SEC("?tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_old_tp_btf, const struct sock *sk, const struct sk_buff *skb)
{
	return on_retransmit(sk, skb);
}

SEC("?tp_btf/tcp_retransmit_synack")
int BPF_PROG(retransmit_synack_tp_btf, const struct sock *sk, const struct request_sock *req)
{
	struct tcp_sock *tp = tcp_sock_of(DIRECT, sk);

	if (!tp)
		return 0;
	return send_retransmit(
		tp, sk->__sk_common.skc_state == TCP_LISTEN ? &req->__req_common : &sk->__sk_common,
		TCP_SYN_RECV, EVENT_RETRANSMIT_SYNACK, 1);
}
