/* SPDX-License-Identifier: GPL-2.0-only */
/* The passive family's bodies: what became of a request, and what its child owes to it. */
#ifndef BPF_REQUEST_BPF_H
#define BPF_REQUEST_BPF_H

#include "bpf/minisock.bpf.h"

static __always_inline struct request_sock *request_of_timer(const struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
}

static __always_inline bool had_ack_dropped(const struct request_sock *req)
{
	const struct inet_request_sock *ireq = (const void *)req;

	return BPF_CORE_READ_BITFIELD_PROBED(ireq, acked);
}

static __always_inline __u64 synack_ns_of(const struct request_sock *req)
{
	return BPF_CORE_READ((const struct tcp_request_sock *)req, snt_synack) * NS_PER_US;
}

static __always_inline bool is_deferred(const struct request_sock *req)
{
	const struct inet_connection_sock *listener =
		(const void *)BPF_CORE_READ(req, __req_common.skc_listener);

	return listener && BPF_CORE_READ(listener, icsk_accept_queue.rskq_defer_accept);
}

/* An ACK that was dropped came to a full queue, unless it was to be dropped. */
static __always_inline int request_end(const struct request_sock *req, bool by_timer)
{
	if (!by_timer)
		return EVENT_REQUEST_RESET;
	return had_ack_dropped(req) && !is_deferred(req) ? EVENT_REQUEST_OVERFLOW :
							   EVENT_REQUEST_ABANDONED;
}

static __always_inline void fill_request(struct event_request *record,
					 const struct request_sock *req, int end)
{
	const struct sock_common *common = &req->__req_common;
	int flags = mini_addresses(common, record->laddr, record->raddr);

	record->head.netns = mini_netns(common);
	fill_mini_head(&record->head, common, EVENT_REQUEST, TCP_SYN_RECV, TCP_CLOSE, flags);
	record->synack_ns = synack_ns_of(req);
	record->lport = mini_lport(common);
	record->rport = mini_rport(common);
	record->end = end;
	record->retransmits = BPF_CORE_READ(req, num_retrans);
	record->reserved[0] = record->reserved[1] = 0;
}

static __always_inline void send_request(const struct request_sock *req, int end)
{
	struct config_counters *cpu = cpu_counters();
	struct event_request *record;

	record = mini_reserve(cpu, &req->__req_common, sizeof(*record));
	if (!record)
		return;
	fill_request(record, req, end);
	record_submit(cpu, record);
}

/*
 * A child whose round trip the kernel measures wrongly or not at all gets the time of its first
 * SYN-ACK from its request; for all others the state family's record says everything.
 */
static __always_inline void send_passive(__u64 child, const struct request_sock *req, int flags)
{
	__u32 retransmits = BPF_CORE_READ(req, num_retrans);
	struct config_counters *cpu;
	struct event_passive *record;
	__u64 synack_ns;

	/* A request that was made up for the moment says nothing of the past. */
	if (!flags && had_ack_dropped(req))
		flags |= EVENT_FLAG_ACK_DROPPED;
	if (!retransmits && !flags)
		return;
	if (flags & EVENT_FLAG_ACK_DROPPED && is_deferred(req))
		flags |= EVENT_FLAG_DEFERRED;
	synack_ns = synack_ns_of(req);
	cpu = cpu_counters();
	record = mini_reserve(cpu, &req->__req_common, sizeof(*record));
	if (!record)
		return;
	fill_mini_head(&record->head, &req->__req_common, EVENT_PASSIVE, TCP_LISTEN, TCP_SYN_RECV,
		       flags);
	record->head.netns = 0;
	record->head.sock = child;
	record->synack_ns = synack_ns;
	record->retransmits = retransmits;
	record->reserved = 0;
	record_submit(cpu, record);
}

#endif
