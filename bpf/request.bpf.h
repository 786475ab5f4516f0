/* SPDX-License-Identifier: GPL-2.0-only */
/* The passive family's bodies: what became of a request, and what its child owes to it. */
#ifndef BPF_REQUEST_BPF_H
#define BPF_REQUEST_BPF_H

#include "bpf/deferred.bpf.h"
#include "bpf/frames.bpf.h"
#include "bpf/minisock.bpf.h"

static __always_inline struct request_sock *request_of_timer(const struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
}

/* What is no TCP's request by the looks of it has its bit read by its address. */
static __always_inline bool had_ack_dropped(enum access how, const struct request_sock *req)
{
	const struct inet_request_sock *ireq = (const void *)req;
	const struct tcp_request_sock *treq;

	if (how == DIRECT && !has_types()) {
		treq = bpf_skc_to_tcp_request_sock((void *)req);
		if (treq)
			return BPF_CORE_READ_BITFIELD(&treq->req, acked);
	}
	if (how != PROBE && has_types()) {
		treq = typed(req, CONFIG_TYPE_TCP_REQUEST);
		return BPF_CORE_READ_BITFIELD(&treq->req, acked);
	}
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

static __always_inline const struct sock *listener_of(const struct request_sock *req)
{
	return BPF_CORE_READ(req, __req_common.skc_listener);
}

static __always_inline bool is_listening(const struct sock *listener)
{
	return BPF_CORE_READ(listener, __sk_common.skc_state) == TCP_LISTEN;
}

/* More connections wait to be accepted than the listener wants: it takes none. */
static __always_inline bool is_queue_full(const struct sock *listener)
{
	return BPF_CORE_READ(listener, sk_ack_backlog) >
	       BPF_CORE_READ(listener, sk_max_ack_backlog);
}

/*
 * Whether segments find it. What dies, and what becomes a connection, is taken out of the table
 * before its timer is stopped; a SYN that is sent again stops the timer of one that goes on.
 */
static __always_inline bool is_hashed(enum access how, const struct request_sock *req)
{
	return READ(how, req, __req_common.skc_nulls_node.pprev);
}

/*
 * Whether its SYN-ACK may have been sent as often as it is to be, as reqsk_timer_handler() counts.
 * If not, and its timer gives it up all the same, it could not be sent again. Where many requests
 * wait, old ones are given up sooner, but not before the second time.
 */
static __always_inline bool is_exhausted(const struct request_sock *req,
					 const struct inet_connection_sock *listener)
{
	const struct sock_common *common = &req->__req_common;
	__u32 most = BPF_CORE_READ(listener, icsk_syn_retries), waiting, room;

	if (!most)
		most = BPF_CORE_READ(common, skc_net.net, ipv4.sysctl_tcp_synack_retries);
	waiting = BPF_CORE_READ(listener, icsk_accept_queue.qlen.counter);
	room = BPF_CORE_READ((const struct sock *)listener, sk_max_ack_backlog);
	if (waiting << 1 > (room > 8 ? room : 8) && most > 2)
		most = 2;
	return BPF_CORE_READ_BITFIELD_PROBED(req, num_timeout) >= most;
}

/* Its timer gives it up. An ACK that was dropped came to a full queue, unless it was to be. */
static __always_inline int timer_end(const struct request_sock *req)
{
	const struct sock *listener = listener_of(req);

	if (!is_listening(listener))
		return EVENT_REQUEST_LISTENER_CLOSED;
	if (had_ack_dropped(PROBE, req) && !is_deferred(req))
		return EVENT_REQUEST_OVERFLOW;
	return is_exhausted(req, (const void *)listener) ? EVENT_REQUEST_ABANDONED :
							   EVENT_REQUEST_UNSENT;
}

/* Whether a reset just answered a segment of this request; the reset family left word of it. */
static __always_inline bool is_refused(const struct scratch *scratch,
				       const struct request_sock *req)
{
	return scratch->refused_listener == (__u64)listener_of(req) &&
	       scratch->refused_ports == mini_ports(PROBE, &req->__req_common) &&
	       is_fresh(scratch->refused_ns);
}

/*
 * What tcp_check_req() drops it for: an RST, or else what it has answered with one: a SYN that is
 * not its own, or an ACK for which there is no room.
 */
static __always_inline int segment_end(const struct scratch *scratch,
				       const struct request_sock *req)
{
	const struct tcp_request_sock *treq = (const void *)req;

	if (!knobs.resets)
		return EVENT_REQUEST_DROPPED;
	if (!is_refused(scratch, req))
		return EVENT_REQUEST_RESET;
	if (scratch->refused_syn && scratch->refused_seq != bpf_htonl(BPF_CORE_READ(treq, rcv_isn)))
		return EVENT_REQUEST_BAD_SYN;
	return is_queue_full(listener_of(req)) ? EVENT_REQUEST_QUEUE_RESET : EVENT_REQUEST_REFUSED;
}

/* It goes before its time: who is at work on it tells why. */
static __always_inline int drop_end(__u32 frames, const struct scratch *scratch,
				    const struct request_sock *req)
{
	if (frames & FRAME(CHECK_REQ))
		return segment_end(scratch, req);
	if (frames & (FRAME(REQ_ERR) | FRAME(V4_ERR) | FRAME(V6_ERR)))
		return EVENT_REQUEST_UNREACHABLE;
	if (frames & FRAME(ABORT))
		return EVENT_REQUEST_KILLED;
	return is_listening(listener_of(req)) ? EVENT_REQUEST_DROPPED :
						EVENT_REQUEST_LISTENER_CLOSED;
}

/* It is sampled as a connection is, by a chance of its own. */
static __always_inline bool is_request_unwanted(const struct request_sock *req)
{
	if (is_mini_unwanted(&req->__req_common) || is_unbound(PROBE, &req->__req_common) ||
	    (filter.cgroup && !is_in_cgroup(PROBE, listener_of(req))))
		return true;
	return is_left_to_chance();
}

/* Of one that was bound by the segment that made it, or by its listener. */
static __always_inline void fill_scope(struct event_request *record,
				       const struct sock_common *common)
{
	__u32 ifindex = ifindex_of(PROBE, common);
	__u64 net, name[2] = {};

	if (ifindex) {
		net = net_address(common);
		name[0] = scope_name(net, ifindex, 0);
		name[1] = scope_name(net, ifindex, 1);
	}
	record->ifindex = ifindex;
	__builtin_memcpy(record->ifname, name, sizeof(record->ifname));
}

static __always_inline void fill_request(struct event_request *record,
					 const struct request_sock *req, int end, __u32 refusal)
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
	record->cgroup = knobs.cgroup ? cgroup_id_of(PROBE, listener_of(req)) : 0;
	record->refusal = refusal;
	fill_scope(record, common);
}

static __always_inline void send_request(const struct request_sock *req, int end, __u32 refusal)
{
	struct config_counters *cpu = cpu_counters();
	__u64 zero = hidden_zero(*(volatile __u64 *)&cpu->seen);
	struct event_request *record;

	/* What led to them has no part in what follows: see forgotten(). */
	end = forgotten(end, zero);
	refusal = forgotten(refusal, zero);
	count(&cpu->seen);
	if (is_request_unwanted(req)) {
		count(&cpu->filtered);
		return;
	}
	if (shared.crowded && quota_refuses(sizeof(*record), mini_netns(&req->__req_common),
					    owner_of(PROBE, listener_of(req)), QUOTA_REQUEST, 1))
		return;
	record = record_reserve(cpu, sizeof(*record));
	if (!record)
		return;
	fill_request(record, req, end, refusal);
	record_submit(cpu, record);
}

static __always_inline bool is_refusal(int end)
{
	return end == EVENT_REQUEST_BAD_SYN || end == EVENT_REQUEST_QUEUE_RESET ||
	       end == EVENT_REQUEST_REFUSED;
}

static __always_inline void send_dropped(__u32 frames, struct scratch *scratch,
					 const struct request_sock *req)
{
	int end = drop_end(frames, scratch, req);

	send_request(req, end, is_refusal(end) ? scratch->refusal : 0);
	scratch->refused_listener = 0;
}

/* The child that was born last is this one's: in one softirq on this CPU, right before. */
static __always_inline bool is_request_of(enum access how, const struct config_counters *cpu,
					  const struct request_sock *req)
{
	const struct sock_common *child = (const void *)cpu->born_sock;
	const struct sock_common *common = &req->__req_common;
	struct mini born, asked;

	if (!child)
		return false;
	if (how == TYPED)
		child = typed(child, CONFIG_TYPE_SOCK);
	mini_read(how, &born, child);
	mini_read(how, &asked, common);
	return MINI(how, &asked, common, skc_portpair) == MINI(how, &born, child, skc_portpair) &&
	       remote_of_mini(how, &asked, common) == remote_of_mini(how, &born, child) &&
	       is_fresh(cpu->born_ns);
}

/* Into the child's slot, if it has one. */
static __always_inline bool collect_passive(__u64 child, __u64 synack_ns, __u64 ack_ns,
					    __u32 retransmits, int flags)
{
	__u32 index = slot_index((const void *)child);
	struct slot *slot = slot_at(index);
	struct event_steps *steps;

	if (!slot || !slot_enter(slot, index, slot_owner((const void *)child)))
		return false;
	steps = &slot->steps;
	if (steps->passive_ns) {
		slot_leave(slot);
		return false;
	}
	steps->synack_ns = synack_ns;
	steps->ack_ns = ack_ns;
	steps->synack_retransmits = retransmits;
	steps->passive_flags = flags;
	steps->passive_ns = bpf_ktime_get_ns();
	slot_leave(slot);
	return true;
}

/*
 * A child whose round trip the kernel measures wrongly or not at all gets the time of its first
 * SYN-ACK from its request; for all others the state family's record says everything.
 */
static __always_inline void send_passive(enum access how, __u64 child,
					 const struct request_sock *req, int flags)
{
	__u32 retransmits = READ(how, req, num_retrans);
	struct config_counters *cpu;
	struct event_passive *record;
	__u64 synack_ns, ack_ns;

	/* A request that was made up for the moment says nothing of the past. */
	if (!flags && had_ack_dropped(how, req))
		flags |= EVENT_FLAG_ACK_DROPPED;
	if (!retransmits && !flags)
		return;
	if (flags & EVENT_FLAG_ACK_DROPPED && is_deferred(req))
		flags |= EVENT_FLAG_DEFERRED;
	/* The kernel says of a fast open how long it took; and how often it was sent, later. */
	synack_ns = flags & EVENT_FLAG_FASTOPEN ? 0 : synack_ns_of(req);
	ack_ns = flags & EVENT_FLAG_DEFERRED ? take_ack(&req->__req_common, synack_ns) : 0;
	cpu = cpu_counters();
	count(&cpu->seen);
	if (is_mini_unwanted(&req->__req_common) || is_unbound(PROBE, &req->__req_common) ||
	    is_child_unwanted(PROBE, (const struct sock *)child)) {
		count(&cpu->filtered);
		return;
	}
	if (knobs.slot_bits && collect_passive(child, synack_ns, ack_ns, retransmits, flags))
		return;
	slot_send_before(cpu, (const void *)child);
	if (is_over_quota(PROBE, (const struct sock *)child, sizeof(*record)))
		return;
	record = record_reserve(cpu, sizeof(*record));
	if (!record)
		return;
	fill_mini_head(&record->head, &req->__req_common, EVENT_PASSIVE, TCP_LISTEN, TCP_SYN_RECV,
		       flags);
	record->head.netns = 0;
	record->head.sock = child;
	record->synack_ns = synack_ns;
	record->retransmits = retransmits;
	record->reserved = 0;
	record->ack_ns = ack_ns;
	record_submit(cpu, record);
}

#endif
