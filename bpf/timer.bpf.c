// SPDX-License-Identifier: GPL-2.0-only
/* The passive and time wait families on kernels that allow tracepoints only: by their timers. */
#include "bpf/chain.bpf.h"
#include "bpf/request.bpf.h"
#include "bpf/timewait.bpf.h"

/*
 * A timer is ours when its function is one of two. The tracepoints are system-wide and hot, so that
 * comparison is all that other people's timers pay. What they tell:
 *   cancel, start                a timewait socket has a new lease; one that falls into the same
 *                                bucket of the timer wheel shows nothing, so segments are watched
 *                                as well, and where these tell of each, starts are not watched
 *   cancel, expire_entry         it is over
 *   cancel, and nothing          it is gone; who is at work tells why
 * For requests: a cancel right after a child was born with its endpoints is success; any other of
 * one that segments find no more is death, and who is at work then tells why; an expiry after which
 * it is not there any more is death as well.
 */
enum whose_timer { OTHERS, TIMEWAIT, REQUEST };

/* Most have neither function, so whether there is such a knob is asked last. */
static __always_inline enum whose_timer whose_timer(const struct timer_list *timer)
{
	__u64 function = (__u64)timer->function;

	if (function == knobs.tw_timer_handler)
		return function ? TIMEWAIT : OTHERS;
	return function == knobs.reqsk_timer_handler && function ? REQUEST : OTHERS;
}

/* Whether it became a connection. */
static __always_inline bool is_passed_on(enum access how, const struct request_sock *req)
{
	struct config_counters *cpu = cpu_counters();

	if (!is_request_of(how, cpu, req))
		return false;
	send_passive(how, cpu->born_sock, req, 0);
	cpu->born_sock = 0;
	return true;
}

static __always_inline void on_request_cancel(void *ctx, struct scratch *scratch,
					      const struct request_sock *req)
{
	__u32 frames;

	if (has_types() ? is_passed_on(TYPED, typed(req, CONFIG_TYPE_REQUEST)) :
			  is_passed_on(PROBE, req))
		return;
	/* It goes on: its SYN came again, or its time has come and its timer is about to run. */
	if (is_hashed(PROBE, req))
		return;
	frames = frames_of(ctx);
	if (!(frames & FRAME(HASHDANCE)))
		send_dropped(frames, scratch, req);
}

static __always_inline bool is_due(const struct timer_list *timer)
{
	return (__s64)(bpf_jiffies64() - timer->expires) >= 0;
}

/*
 * A new lease stops the timer and starts it at once; nothing comes between the two on this CPU.
 * Between the end of one and the birth of another in the same place of memory does.
 */
static __always_inline bool is_new_lease(enum access how, const struct scratch *scratch,
					 const struct timer_list *timer,
					 const struct inet_timewait_sock *tw)
{
	return scratch->cancelled == (__u64)timer &&
	       scratch->cancelled_seen == SLOT_READ(cpu_counters()->seen) &&
	       bpf_jiffies64() - scratch->cancelled_at <= 1 &&
	       scratch->cancelled_ports == mini_ports(how, &tw->__tw_common);
}

/*
 * One whose time has come is mostly about to run. Else it has a new lease, or it goes for good: who
 * is at work tells. To look at the stack costs more than all else here: not where it is known
 * without.
 */
static __always_inline void on_timewait_cancel(void *ctx, enum access how, struct scratch *scratch,
					       const struct timer_list *timer,
					       const struct inet_timewait_sock *tw)
{
	int act = EVENT_TIMEWAIT_CANCELLED;

	if (!is_due(timer))
		act = is_taken_over(how, tw) ? EVENT_TIMEWAIT_REUSED : put_act(frames_of(ctx), tw);
	send_timewait(how, tw, act);
	if (!knobs.segments)
		return;
	scratch->cancelled = (__u64)timer;
	scratch->cancelled_at = bpf_jiffies64();
	scratch->cancelled_seen = SLOT_READ(cpu_counters()->seen);
	scratch->cancelled_ports = mini_ports(how, &tw->__tw_common);
}

/*
 * Up to 6.10 nobody says for whom a segment is dropped: a socket that waits for a FIN is found by
 * the FIN's endpoints. What is left over from sockets that got none makes room by itself.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2 * QUOTA_FIN_WAITS);
	__type(key, struct segment_key);
	__type(value, __u64); /* address of the timewait socket */
} fin_waits SEC(".maps");

static __always_inline void await_fin(const struct inet_timewait_sock *tw)
{
	const struct sock_common *common = &tw->__tw_common;
	struct segment_key key = {};
	__u64 sock = (__u64)tw;

	if (!knobs.segments || BPF_CORE_READ(tw, tw_substate) != TCP_FIN_WAIT2)
		return;
	segment_key_of(common, &key);
	if (quota_note(mini_netns(common), QUOTA_NOBODY, QUOTA_FIN_WAIT, QUOTA_FIN_WAITS))
		bpf_map_delete_elem(&fin_waits, &key);
	else
		bpf_map_update_elem(&fin_waits, &key, &sock, BPF_ANY);
}

static __always_inline void on_timewait_start(enum access how, struct scratch *scratch,
					      const struct timer_list *timer,
					      const struct inet_timewait_sock *tw)
{
	if (is_new_lease(how, scratch, timer, tw))
		send_timewait(how, tw, EVENT_TIMEWAIT_STARTED);
	else
		await_fin(tw);
	scratch->cancelled = 0;
}

SEC("?tp_btf/timer_start")
int BPF_PROG(timer_start, const struct timer_list *timer)
{
	const struct inet_timewait_sock *tw;
	struct scratch *scratch;

	if (whose_timer(timer) != TIMEWAIT)
		return 0;
	scratch = cpu_scratch();
	if (!scratch)
		return 0;
	tw = timewait_of_timer(timer);
	if (has_types())
		on_timewait_start(TYPED, scratch, timer, typed(tw, CONFIG_TYPE_TIMEWAIT));
	else
		on_timewait_start(PROBE, scratch, timer, tw);
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_cancel, const struct timer_list *timer)
{
	enum whose_timer whose = whose_timer(timer);
	const struct inet_timewait_sock *tw;
	struct scratch *scratch;

	if (whose == OTHERS)
		return 0;
	scratch = cpu_scratch();
	if (!scratch)
		return 0;
	if (whose == TIMEWAIT) {
		tw = timewait_of_timer(timer);
		if (has_types())
			on_timewait_cancel(ctx, TYPED, scratch, timer,
					   typed(tw, CONFIG_TYPE_TIMEWAIT));
		else
			on_timewait_cancel(ctx, PROBE, scratch, timer, tw);
	} else {
		on_request_cancel(ctx, scratch, request_of_timer(timer));
	}
	return 0;
}

static __always_inline void note_place(struct scratch *scratch, const struct sock_common *common)
{
	struct net *net = BPF_CORE_READ(common, skc_net.net);
	struct inet_hashinfo *table = chain_table(PROBE, common);
	__u32 hash = BPF_CORE_READ(common, skc_hash);

	scratch->expiring_chain =
		(__u64)BPF_CORE_READ(table, ehash) + chain_offset(PROBE, table, hash);
	scratch->expiring_hash_ports = (__u64)hash << 32 | mini_ports(PROBE, common);
	scratch->expiring_net = (__u64)net;
	scratch->expiring_remote_ifindex = (__u64)remote_word(common) << 32 |
					   ifindex_of(PROBE, common);
}

SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expire_entry, const struct timer_list *timer)
{
	enum whose_timer whose = whose_timer(timer);
	struct request_sock *req;
	struct scratch *scratch;

	if (whose == TIMEWAIT) {
		send_timewait(PROBE, timewait_of_timer(timer), EVENT_TIMEWAIT_EXPIRED);
	} else if (whose == REQUEST) {
		/* It may be freed by the time its end is known: keep what is to be said. */
		scratch = cpu_scratch();
		if (!scratch)
			return 0;
		req = request_of_timer(timer);
		fill_request(&scratch->request, req, timer_end(req), 0);
		scratch->expiring_unwanted = is_request_unwanted(req);
		scratch->expiring_owner = owner_of(PROBE, listener_of(req));
		note_place(scratch, &req->__req_common);
		scratch->expiring = (__u64)timer;
	}
	return 0;
}

static __always_inline bool is_same(const struct scratch *scratch, const struct request_sock *req)
{
	return synack_ns_of(req) == scratch->request.synack_ns &&
	       mini_ports(PROBE, &req->__req_common) == (__u32)scratch->expiring_hash_ports;
}

/*
 * Its SYN-ACK was sent again, or is not to be yet; or it moved to another listener, as a copy. It
 * may be freed, and another in its place: the time of the first SYN-ACK tells them apart.
 */
static __always_inline bool goes_on(const struct scratch *scratch, const struct timer_list *timer)
{
	const struct request_sock *req = request_of_timer(timer);
	__u64 moved;

	if (is_hashed(PROBE, req) && is_same(scratch, req))
		return true;
	moved = chain_find(scratch->expiring_chain, scratch->expiring_hash_ports,
			   scratch->expiring_net, scratch->expiring_remote_ifindex,
			   TCP_NEW_SYN_RECV);
	return moved && is_same(scratch, (const void *)moved);
}

SEC("?tp_btf/timer_expire_exit")
int BPF_PROG(timer_expire_exit, const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();
	struct config_counters *cpu;
	struct event_request *record;

	if (!scratch || scratch->expiring != (__u64)timer)
		return 0;
	scratch->expiring = 0;
	if (goes_on(scratch, timer))
		return 0;
	cpu = cpu_counters();
	count(&cpu->seen);
	if (scratch->expiring_unwanted) {
		count(&cpu->filtered);
		return 0;
	}
	if (shared.crowded && quota_refuses(sizeof(*record), scratch->request.head.netns,
					    scratch->expiring_owner, QUOTA_REQUEST, 1))
		return 0;
	record = record_reserve(cpu, sizeof(*record));
	if (!record)
		return 0;
	__builtin_memcpy(record, &scratch->request, sizeof(*record));
	record->head.mono_ns = bpf_ktime_get_ns();
	record_submit(cpu, record);
	return 0;
}

/*
 * An ACK that a listener drops for no reason that the kernel has a word for: it waits for data.
 * What does not acknowledge the SYN-ACK, or is old, has a reason.
 */
static __always_inline int on_listener_drop(const struct sock *listener, const struct sk_buff *skb,
					    int reason)
{
	struct segment_key key = {};

	if (!knobs.reqsk_timer_handler ||
	    !bpf_core_enum_value_exists(enum skb_drop_reason___6_0,
					SKB_DROP_REASON_NOT_SPECIFIED) ||
	    (__u64)reason != bpf_core_enum_value(enum skb_drop_reason___6_0,
						 SKB_DROP_REASON_NOT_SPECIFIED) ||
	    !BPF_CORE_READ((const struct inet_connection_sock *)listener,
			   icsk_accept_queue.rskq_defer_accept) ||
	    !is_bare_ack(skb) || !read_sender(skb, &key))
		return 0;
	key.net = (__u64)BPF_CORE_READ(listener, __sk_common.skc_net.net);
	note_ack(listener, &key, bpf_ktime_get_ns() - ACK_AGES_NS);
	return 0;
}

/*
 * A segment that a timewait socket has looked at is dropped in its name (since 6.11). A FIN makes
 * it enter TIME_WAIT, and any but an RST begins that anew.
 */
SEC("?tp_btf/kfree_skb")
int BPF_PROG(timewait_segment_drop, const struct sk_buff *skb, const void *location, int reason,
	     const struct sock *sk)
{
	const struct inet_timewait_sock *tw = (const void *)sk;
	const struct tcphdr *th;

	if (sk && sk->__sk_common.skc_state == TCP_LISTEN)
		return on_listener_drop(sk, skb, reason);
	if (!sk || sk->__sk_common.skc_state != TCP_TIME_WAIT)
		return 0;
	th = (const void *)skb->head + skb->transport_header;
	/* Killed by this segment: its timer says so. */
	if (BPF_CORE_READ_BITFIELD_PROBED(th, rst) || !BPF_CORE_READ(tw, tw_timer.entry.pprev))
		return 0;
	send_timewait(PROBE, tw, EVENT_TIMEWAIT_REARMED);
	return 0;
}

/* The key under which a FIN's receiver waits for it; false when it is none. */
static __always_inline bool read_fin(const struct sk_buff *skb, struct segment_key *key)
{
	const struct tcphdr *th = (const void *)skb->head + skb->transport_header;
	struct net_device *dev = skb->dev;

	if (!read_sender(skb, key) || !BPF_CORE_READ_BITFIELD_PROBED(th, fin))
		return false;
	key->net = (__u64)BPF_CORE_READ(dev, nd_net.net);
	return true;
}

SEC("?tp_btf/kfree_skb")
int BPF_PROG(timewait_segment_free, const struct sk_buff *skb)
{
	const struct inet_timewait_sock *tw;
	struct segment_key key = {};
	__u64 *sock;

	if (!read_fin(skb, &key))
		return 0;
	sock = bpf_map_lookup_elem(&fin_waits, &key);
	if (!sock)
		return 0;
	tw = (const void *)*sock;
	if (BPF_CORE_READ(tw, tw_substate) != TCP_TIME_WAIT ||
	    BPF_CORE_READ(tw, __tw_common.skc_num) != key.lport ||
	    BPF_CORE_READ(tw, __tw_common.skc_dport) != key.rport)
		return 0;
	bpf_map_delete_elem(&fin_waits, &key);
	quota_forget(mini_netns(&tw->__tw_common), QUOTA_NOBODY, QUOTA_FIN_WAIT);
	send_timewait(PROBE, tw, EVENT_TIMEWAIT_REARMED);
	return 0;
}
