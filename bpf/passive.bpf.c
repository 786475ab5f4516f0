// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passive family where functions can be probed: how requests end, in children or in death.
 */
#include "bpf/request.bpf.h"

/*
 * A child of a request that no segment finds goes into the queue by itself: that of a SYN cookie,
 * whose request was made up for the moment, and of a fast open, which has sent its SYN-ACK by now.
 */
static __always_inline int on_queued(const struct request_sock *req, const void *child)
{
	const struct tcp_request_sock *treq = (const void *)req;
	int flags;

	if (BPF_CORE_READ(treq, tfo_listener))
		flags = EVENT_FLAG_FASTOPEN;
	else if (!synack_ns_of(req))
		flags = EVENT_FLAG_SYNCOOKIE;
	else
		return 0;
	send_passive(PROBE, (__u64)child, req, flags);
	return 0;
}

/*
 * It has a child, and is taken away. Whoever tells of births has told of that one: it was born just
 * before, on this CPU. Few owe anything to their request.
 */
static __always_inline int on_success(enum access how, const struct request_sock *req)
{
	const struct config_counters *cpu;
	bool is_its;

	if (!READ(how, req, num_retrans) && !had_ack_dropped(how, req))
		return 0;
	cpu = cpu_counters();
	is_its = how != PROBE && has_types() ? is_request_of(TYPED, cpu, req) :
					       is_request_of(PROBE, cpu, req);
	if (is_its)
		send_passive(how, cpu->born_sock, req, 0);
	return 0;
}

/* A segment for a request that waits for data: the first bare ACK is dropped, and marks it. */
static __always_inline int on_segment(const struct sk_buff *skb, const struct request_sock *req)
{
	struct segment_key key = {};

	if (had_ack_dropped(PROBE, req) || !is_bare_ack(skb))
		return 0;
	segment_key_of(&req->__req_common, &key);
	note_ack(listener_of(req), &key, bpf_ktime_get_ns());
	return 0;
}

static __always_inline int on_drop(void *ctx, const struct request_sock *req, bool by_timer)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	if (by_timer)
		send_request(req, timer_end(req), 0);
	else
		send_dropped(frames_of(ctx), scratch, req);
	return 0;
}

SEC("?fentry/inet_csk_reqsk_queue_add")
int BPF_PROG(passive_queued_fentry, const void *sk, const struct request_sock *req,
	     const void *child)
{
	return on_queued(req, child);
}

SEC("?fentry/tcp_check_req")
int BPF_PROG(passive_ack_fentry, const struct sock *sk, const struct sk_buff *skb,
	     const struct request_sock *req)
{
	const struct tcp_sock *tp = tcp_sock_at(DIRECT, sk);

	/* What a fast open's child is asked for waits for nothing. */
	return tp && tp->inet_conn.icsk_accept_queue.rskq_defer_accept ? on_segment(skb, req) : 0;
}

/* Of a bool only the low byte is defined. */
SEC("?fexit/__inet_csk_reqsk_queue_drop")
int BPF_PROG(passive_drop_fexit, const void *sk, const struct request_sock *req, int by_timer,
	     int unlinked)
{
	return unlinked & 1 ? on_drop(ctx, req, by_timer & 1) : on_success(DIRECT, req);
}

SEC("?kprobe/inet_csk_reqsk_queue_add")
int BPF_KPROBE(passive_queued_kprobe, const void *sk, const struct request_sock *req,
	       const void *child)
{
	return on_queued(req, child);
}

/* What has a child is out of the table before. */
static __always_inline int on_drop_of(void *ctx, enum access how, const struct request_sock *req,
				      const struct request_sock *address, bool by_timer)
{
	return is_hashed(how, req) ? on_drop(ctx, address, by_timer) : on_success(how, req);
}

SEC("?kprobe/__inet_csk_reqsk_queue_drop")
int BPF_KPROBE(passive_drop_kprobe, const void *sk, const struct request_sock *req, int by_timer)
{
	return has_types() ?
		       on_drop_of(ctx, TYPED, typed(req, CONFIG_TYPE_REQUEST), req, by_timer & 1) :
		       on_drop_of(ctx, PROBE, req, req, by_timer & 1);
}

SEC("?kprobe/tcp_check_req")
int BPF_KPROBE(passive_ack_kprobe, const void *sk, const struct sk_buff *skb,
	       const struct request_sock *req)
{
	const struct tcp_sock *tp;
	bool waits;

	if (has_types()) {
		tp = typed(sk, CONFIG_TYPE_TCP_SOCK);
		waits = tp->inet_conn.icsk_accept_queue.rskq_defer_accept;
	} else {
		waits = is_deferred(req);
	}
	return waits ? on_segment(skb, req) : 0;
}
