// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time wait family where functions can be probed: why a timewait socket ends is known exactly.
 */
#include "bpf/timewait.bpf.h"

/* A segment ends the timewait socket that has looked at it at once; what comes later does not. */
#define SAME_SEGMENT_NS 1000000

/* What a segment changes: a FIN begins TIME_WAIT, and all but an RST begin its time anew. */
static __always_inline __u64 lease_of(enum access how, const struct inet_timewait_sock *tw)
{
	return READ(how, tw, tw_timer.expires) ^ (__u64)READ(how, tw, tw_substate) << 56;
}

static __always_inline int on_fire(const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->fired = (__u64)timewait_of_timer(timer);
	return 0;
}

static __always_inline int on_segment(enum access how, const struct inet_timewait_sock *tw,
				      const struct tcphdr *th)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	scratch->processing = (__u64)tw;
	scratch->processed = (__u64)tw;
	scratch->processed_ns = bpf_ktime_get_ns();
	scratch->lease = lease_of(how, tw);
	scratch->processed_syn = BPF_CORE_READ_BITFIELD_PROBED(th, syn) &&
				 !BPF_CORE_READ_BITFIELD_PROBED(th, rst) &&
				 !BPF_CORE_READ_BITFIELD_PROBED(th, ack);
	return 0;
}

/*
 * Where its timer is set it could be told as well, but that is where each begins its first lease,
 * too, and few ever see a segment.
 */
static __always_inline int on_segment_done(enum access how, struct scratch *scratch,
					   const struct inet_timewait_sock *tw)
{
	bool is_alive = scratch->processing == (__u64)tw;

	scratch->processing = 0;
	if (is_alive && scratch->lease != lease_of(how, tw))
		send_timewait(how, tw, EVENT_TIMEWAIT_REARMED);
	return 0;
}

/* By what was noted, where the kernel hides who is at work. */
static __always_inline int noted_act(const struct scratch *scratch,
				     const struct inet_timewait_sock *sock)
{
	__u64 tw = (__u64)sock;

	if (is_namespace_dying(PROBE, &sock->__tw_common))
		return EVENT_TIMEWAIT_PURGED;
	if (scratch->processed != tw ||
	    bpf_ktime_get_ns() - scratch->processed_ns >= SAME_SEGMENT_NS)
		return EVENT_TIMEWAIT_GONE;
	if (scratch->processing == tw)
		return EVENT_TIMEWAIT_RESET;
	if (BPF_CORE_READ(sock, tw_substate) != TCP_TIME_WAIT)
		return EVENT_TIMEWAIT_ANSWERED;
	return scratch->processed_syn ? EVENT_TIMEWAIT_REUSED : EVENT_TIMEWAIT_GONE;
}

/* To look at the stack costs more than all else here: not where it is known without. */
static __always_inline int kill(void *ctx, enum access how, struct scratch *scratch,
				const struct inet_timewait_sock *tw, bool is_fired)
{
	int act;

	if (is_fired) {
		act = EVENT_TIMEWAIT_EXPIRED;
	} else if (is_taken_over(how, tw)) {
		act = EVENT_TIMEWAIT_REUSED;
	} else {
		act = put_act(frames_of(ctx), tw);
		if (act == EVENT_TIMEWAIT_CANCELLED)
			act = noted_act(scratch, tw);
	}
	send_timewait(how, tw, act);
	scratch->processed = 0;
	scratch->processing = 0;
	return 0;
}

/* Whoever ends one before its time takes its timer's function away, for none to start it again. */
static __always_inline int on_kill(void *ctx, enum access how, const struct inet_timewait_sock *tw)
{
	struct scratch *scratch = cpu_scratch();

	return scratch ? kill(ctx, how, scratch, tw, READ(how, tw, tw_timer.function)) : 0;
}

/* Up to 6.10 the timer is stopped and nothing more: its handler has to be heard of. */
static __always_inline int on_kill_old(void *ctx, enum access how,
				       const struct inet_timewait_sock *tw)
{
	struct scratch *scratch = cpu_scratch();
	bool is_fired;

	if (!scratch)
		return 0;
	is_fired = scratch->fired == (__u64)tw;
	scratch->fired = 0;
	return kill(ctx, how, scratch, tw, is_fired);
}

SEC("?fentry/tw_timer_handler")
int BPF_PROG(timewait_fire_fentry, const struct timer_list *timer)
{
	return on_fire(timer);
}

SEC("?fentry/tcp_timewait_state_process")
int BPF_PROG(timewait_segment_fentry, const struct inet_timewait_sock *tw, const void *skb,
	     const struct tcphdr *th)
{
	return on_segment(DIRECT, tw, th);
}

SEC("?fexit/tcp_timewait_state_process")
int BPF_PROG(timewait_segment_fexit, const struct inet_timewait_sock *tw)
{
	struct scratch *scratch = cpu_scratch();

	return scratch ? on_segment_done(DIRECT, scratch, tw) : 0;
}

SEC("?fentry/inet_twsk_kill")
int BPF_PROG(timewait_kill_fentry, const struct inet_timewait_sock *tw)
{
	return on_kill(ctx, DIRECT, tw);
}

SEC("?fentry/inet_twsk_kill")
int BPF_PROG(timewait_kill_old_fentry, const struct inet_timewait_sock *tw)
{
	return on_kill_old(ctx, DIRECT, tw);
}

SEC("?kprobe/tw_timer_handler")
int BPF_KPROBE(timewait_fire_kprobe, const struct timer_list *timer)
{
	return on_fire(timer);
}

SEC("?kprobe/tcp_timewait_state_process")
int BPF_KPROBE(timewait_segment_kprobe, const struct inet_timewait_sock *tw, const void *skb,
	       const struct tcphdr *th)
{
	return has_types() ? on_segment(TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT), th) :
			     on_segment(PROBE, tw, th);
}

SEC("?kretprobe/tcp_timewait_state_process")
int BPF_KRETPROBE(timewait_segment_kretprobe)
{
	struct scratch *scratch = cpu_scratch();
	const struct inet_timewait_sock *tw;

	if (!scratch || !scratch->processing)
		return 0;
	tw = (const void *)scratch->processing;
	return has_types() ? on_segment_done(TYPED, scratch, typed(tw, CONFIG_TYPE_TIMEWAIT)) :
			     on_segment_done(PROBE, scratch, tw);
}

SEC("?kprobe/inet_twsk_kill")
int BPF_KPROBE(timewait_kill_kprobe, const struct inet_timewait_sock *tw)
{
	return has_types() ? on_kill(ctx, TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT)) :
			     on_kill(ctx, PROBE, tw);
}

SEC("?kprobe/inet_twsk_kill")
int BPF_KPROBE(timewait_kill_old_kprobe, const struct inet_timewait_sock *tw)
{
	return has_types() ? on_kill_old(ctx, TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT)) :
			     on_kill_old(ctx, PROBE, tw);
}
