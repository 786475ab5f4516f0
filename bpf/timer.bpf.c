// SPDX-License-Identifier: GPL-2.0-only
/* The passive and time wait families on kernels that allow tracepoints only: by their timers. */
#include "bpf/request.bpf.h"
#include "bpf/timewait.bpf.h"

/*
 * A timer is ours when its function is one of two. The tracepoints are system-wide and hot, so that
 * comparison is all that other people's timers pay. What they tell:
 *   start, alone                 a timewait socket is born
 *   cancel, start                it has a new lease; one that falls into the same bucket of the
 *                                timer wheel shows nothing, so segments are watched as well
 *   cancel, expire_entry         it is over
 *   cancel, and nothing          it was killed
 * For requests: a cancel right after a child was born with its endpoints is success, any other
 * before its time is death, and an expiry that does not start the timer again is death as well.
 */
#define TIMEWAIT(timer) \
	(hooks.tw_timer_handler && (__u64)(timer)->function == hooks.tw_timer_handler)
#define REQUEST(timer) \
	(hooks.reqsk_timer_handler && (__u64)(timer)->function == hooks.reqsk_timer_handler)

/* The ports are enough: both were seen in one softirq on this CPU, one right after the other. */
static __always_inline bool is_request_of(const struct request_sock *req, __u64 child)
{
	return child && mini_ports(&req->__req_common) == mini_ports((const void *)child);
}

static __always_inline void on_request_cancel(struct scratch *scratch,
					      const struct timer_list *timer)
{
	struct request_sock *req = request_of_timer(timer);

	if (is_request_of(req, scratch->born)) {
		send_passive(scratch->born, req, 0);
		scratch->born = 0;
		return;
	}
	/* At its time the timer is taken off its list before it is called. */
	if ((__s64)(bpf_jiffies64() - timer->expires) < 0)
		send_request(req, request_end(req, false));
}

/* A new lease stops the timer and starts it at once; nothing comes between the two on this CPU. */
static __always_inline bool is_new_lease(const struct scratch *scratch,
					 const struct timer_list *timer)
{
	return scratch->cancelled == (__u64)timer &&
	       scratch->cancelled_ports == mini_ports(&timewait_of_timer(timer)->__tw_common);
}

/* The last word of the remote address tells hosts apart well enough beside both ports. */
static __always_inline __u32 remote_word(const struct sock_common *common)
{
	struct in6_addr a;

	if (BPF_CORE_READ(common, skc_family) != AF_INET6)
		return BPF_CORE_READ(common, skc_daddr);
	bpf_core_read(&a, sizeof(a), &common->skc_v6_daddr);
	return a.in6_u.u6_addr32[3];
}

/* Why a timer was stopped, where that can be told at once. */
static __always_inline int cancel_act(const struct scratch *scratch,
				      const struct sock_common *common)
{
	if (is_namespace_dying(common))
		return EVENT_TIMEWAIT_PURGED;
	if (scratch->connecting == bpf_get_current_pid_tgid() &&
	    scratch->connect_port == BPF_CORE_READ(common, skc_dport) &&
	    scratch->connect_addr == remote_word(common))
		return EVENT_TIMEWAIT_REUSED;
	return EVENT_TIMEWAIT_CANCELLED;
}

/* A request with the ports of a timewait socket that was killed just before: its SYN did that. */
static __always_inline void on_request_start(struct scratch *scratch,
					     const struct request_sock *req)
{
	const struct sock_common *common = &req->__req_common;
	struct event_timewait *record;
	struct config_counters *cpu;

	if (!scratch->killed || scratch->killed_ports != mini_ports(common))
		return;
	cpu = cpu_counters();
	record = mini_reserve(cpu, common, sizeof(*record));
	if (!record)
		return;
	__builtin_memset(record->laddr, 0, sizeof(record->laddr));
	__builtin_memset(record->raddr, 0, sizeof(record->raddr));
	fill_mini_head(&record->head, common, EVENT_TIMEWAIT, TCP_TIME_WAIT, TCP_CLOSE, 0);
	record->head.sock = scratch->killed;
	record->head.netns = 0;
	record->lport = 0;
	record->rport = 0;
	record->act = EVENT_TIMEWAIT_REUSED;
	record->reserved[0] = record->reserved[1] = record->reserved[2] = 0;
	record_submit(cpu, record);
	scratch->killed = 0;
}

SEC("?tp_btf/timer_start")
int BPF_PROG(timer_start, const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	if (TIMEWAIT(timer)) {
		if (is_new_lease(scratch, timer))
			send_timewait(timewait_of_timer(timer), EVENT_TIMEWAIT_STARTED);
		else
			on_timewait_born(timewait_of_timer(timer), NULL);
	} else if (scratch->expiring == (__u64)timer) {
		scratch->expiring = 0;
	} else if (REQUEST(timer)) {
		on_request_start(scratch, request_of_timer(timer));
	}
	scratch->cancelled = 0;
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_cancel, const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();
	struct inet_timewait_sock *tw;

	if (!scratch)
		return 0;
	scratch->cancelled = 0;
	if (TIMEWAIT(timer)) {
		tw = timewait_of_timer(timer);
		scratch->cancelled = (__u64)timer;
		scratch->cancelled_ports = mini_ports(&tw->__tw_common);
		scratch->killed = (__u64)tw;
		scratch->killed_ports = scratch->cancelled_ports;
		send_timewait(tw, cancel_act(scratch, &tw->__tw_common));
	} else if (REQUEST(timer)) {
		on_request_cancel(scratch, timer);
	}
	return 0;
}

SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expire_entry, const struct timer_list *timer)
{
	struct request_sock *req;
	struct scratch *scratch;

	if (TIMEWAIT(timer)) {
		send_timewait(timewait_of_timer(timer), EVENT_TIMEWAIT_EXPIRED);
	} else if (REQUEST(timer)) {
		/* It may be freed by the time its end is known: keep what is to be said. */
		scratch = cpu_scratch();
		if (!scratch)
			return 0;
		req = request_of_timer(timer);
		fill_request(&scratch->request, req, request_end(req, true));
		scratch->expiring = (__u64)timer;
	}
	return 0;
}

SEC("?tp_btf/timer_expire_exit")
int BPF_PROG(timer_expire_exit, const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();
	struct config_counters *cpu;
	struct event_request *record;

	/* The timer itself may be gone: its address is all that may be asked. */
	if (!scratch || scratch->expiring != (__u64)timer)
		return 0;
	scratch->expiring = 0;
	cpu = cpu_counters();
	count(&cpu->seen);
	if ((filter.netns && filter.netns != scratch->request.head.netns) ||
	    (filter.has_lport && !has_port(filter_lports, scratch->request.lport)) ||
	    (filter.has_rport && !has_port(filter_rports, scratch->request.rport))) {
		count(&cpu->filtered);
		return 0;
	}
	record = record_reserve(cpu, sizeof(*record));
	if (!record)
		return 0;
	__builtin_memcpy(record, &scratch->request, sizeof(*record));
	record->head.mono_ns = bpf_ktime_get_ns();
	record_submit(cpu, record);
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

	if (!sk || sk->__sk_common.skc_state != TCP_TIME_WAIT)
		return 0;
	th = (const void *)skb->head + skb->transport_header;
	/* Killed by this segment: its timer says so. */
	if (BPF_CORE_READ_BITFIELD_PROBED(th, rst) || !BPF_CORE_READ(tw, tw_timer.entry.pprev))
		return 0;
	send_timewait(tw, EVENT_TIMEWAIT_REARMED);
	return 0;
}
