// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passive family where functions can be probed: requests, at their birth as children and death.
 */
#include "bpf/request.bpf.h"

static __always_inline int on_child(const struct request_sock *req, const void *child)
{
	struct scratch *scratch = cpu_scratch();
	int flags = 0;

	if (!scratch || !child)
		return 0;
	if (scratch->cookie_request == (__u64)req)
		flags = EVENT_FLAG_SYNCOOKIE;
	else if (!synack_ns_of(req))
		/* The SYN-ACK is yet to be made, and the child exists already. */
		flags = EVENT_FLAG_FASTOPEN;
	scratch->cookie_request = 0;
	scratch->child_request = (__u64)req;
	send_passive((__u64)child, req, flags);
	return 0;
}

static __always_inline int on_cookie(const void *req)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->cookie_request = (__u64)req;
	return 0;
}

/* Success drops the request as well, right after its child was born. */
static __always_inline int on_drop(const struct request_sock *req, bool by_timer)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	if (scratch->child_request == (__u64)req)
		scratch->child_request = 0;
	else
		send_request(req, request_end(req, by_timer));
	return 0;
}

SEC("?fexit/inet_csk_clone_lock")
int BPF_PROG(passive_child_fexit, const void *sk, const struct request_sock *req,
	     unsigned int priority, const void *child)
{
	return on_child(req, child);
}

SEC("?fentry/tcp_get_cookie_sock")
int BPF_PROG(passive_cookie_fentry, const void *sk, const void *skb, const struct request_sock *req)
{
	return on_cookie(req);
}

/* Of a bool argument only the low byte is defined. */
SEC("?fentry/__inet_csk_reqsk_queue_drop")
int BPF_PROG(passive_drop_fentry, const void *sk, const struct request_sock *req, int by_timer)
{
	return on_drop(req, by_timer & 1);
}

SEC("?kprobe/inet_csk_clone_lock")
int BPF_KPROBE(passive_clone_kprobe, const void *sk, const struct request_sock *req)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->clone_request = (__u64)req;
	return 0;
}

SEC("?kretprobe/inet_csk_clone_lock")
int BPF_KRETPROBE(passive_child_kretprobe, const void *child)
{
	struct scratch *scratch = cpu_scratch();

	return scratch ? on_child((const void *)scratch->clone_request, child) : 0;
}

SEC("?kprobe/tcp_get_cookie_sock")
int BPF_KPROBE(passive_cookie_kprobe, const void *sk, const void *skb, const void *req)
{
	return on_cookie(req);
}

SEC("?kprobe/__inet_csk_reqsk_queue_drop")
int BPF_KPROBE(passive_drop_kprobe, const void *sk, const struct request_sock *req, int by_timer)
{
	return on_drop(req, by_timer & 1);
}
