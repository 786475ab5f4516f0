// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passive family where functions can be probed: requests, at their birth as children and death.
 */
#include "bpf/request.bpf.h"

/*
 * A child of a request that no segment finds: that was made up for the moment, from a cookie, or by
 * a fast open, whose SYN-ACK is yet to be sent, and the child exists already.
 */
static __always_inline int made_up_flags(struct scratch *scratch, const struct request_sock *req)
{
	bool is_cookie = scratch->cookie_request == (__u64)req && is_fresh(scratch->cookie_ns);

	scratch->cookie_request = 0;
	if (is_cookie)
		return EVENT_FLAG_SYNCOOKIE;
	return synack_ns_of(req) ? 0 : EVENT_FLAG_FASTOPEN;
}

static __always_inline int on_child(enum access how, const struct request_sock *req,
				    const void *child)
{
	struct scratch *scratch;
	int flags = 0;

	if (!child)
		return 0;
	if (!is_hashed(how, req)) {
		scratch = cpu_scratch();
		if (!scratch)
			return 0;
		flags = made_up_flags(scratch, req);
	}
	send_passive(how, (__u64)child, req, flags);
	return 0;
}

static __always_inline int on_cookie(const void *req)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	scratch->cookie_request = (__u64)req;
	scratch->cookie_ns = bpf_ktime_get_ns();
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

/* Success drops the request as well, and then it was out of the table before. */
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

/*
 * Whoever tells of births has told of this one by now: it was born in inet_csk_clone_lock(), which
 * this calls.
 */
SEC("?fexit/tcp_create_openreq_child")
int BPF_PROG(passive_child_fexit, const void *sk, const struct request_sock *req, const void *skb,
	     const void *child)
{
	return on_child(DIRECT, req, child);
}

SEC("?fentry/tcp_get_cookie_sock")
int BPF_PROG(passive_cookie_fentry, const void *sk, const void *skb, const struct request_sock *req)
{
	return on_cookie(req);
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
	return unlinked & 1 ? on_drop(ctx, req, by_timer & 1) : 0;
}

SEC("?kprobe/tcp_create_openreq_child")
int BPF_KPROBE(passive_create_kprobe, const void *sk, const struct request_sock *req)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->create_request = (__u64)req;
	return 0;
}

/* The request was noted before its child was made. */
static __always_inline int on_noted_child(enum access how, const struct request_sock *req,
					  const struct sock *child, const void *address)
{
	return mini_ports(how, &child->__sk_common) == mini_ports(how, &req->__req_common) ?
		       on_child(how, req, address) :
		       0;
}

/* The return probe does not know the arguments. */
SEC("?kretprobe/tcp_create_openreq_child")
int BPF_KRETPROBE(passive_child_kretprobe, const void *child)
{
	struct scratch *scratch = cpu_scratch();
	const struct request_sock *req;

	if (!scratch || !child)
		return 0;
	req = (const void *)scratch->create_request;
	scratch->create_request = 0;
	if (!req)
		return 0;
	return has_types() ? on_noted_child(TYPED, typed(req, CONFIG_TYPE_REQUEST),
					    typed(child, CONFIG_TYPE_SOCK), child) :
			     on_noted_child(PROBE, req, child, child);
}

SEC("?kprobe/tcp_get_cookie_sock")
int BPF_KPROBE(passive_cookie_kprobe, const void *sk, const void *skb, const void *req)
{
	return on_cookie(req);
}

SEC("?kprobe/__inet_csk_reqsk_queue_drop")
int BPF_KPROBE(passive_drop_kprobe, const void *sk, const struct request_sock *req, int by_timer)
{
	bool is_found = has_types() ? is_hashed(TYPED, typed(req, CONFIG_TYPE_REQUEST)) :
				      is_hashed(PROBE, req);

	return is_found ? on_drop(ctx, req, by_timer & 1) : 0;
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
