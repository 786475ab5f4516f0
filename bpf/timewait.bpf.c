// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time wait family where functions can be probed: why a timewait socket ends is known exactly.
 */
#include "bpf/timewait.bpf.h"

/* A segment ends the timewait socket that has looked at it at once; what comes later does not. */
#define SAME_SEGMENT_NS 1000000

static __always_inline int on_lease(enum access how, const struct inet_timewait_sock *tw, int rearm)
{
	/* Of a bool argument only the low byte is defined. */
	if (rearm & 1)
		send_timewait(how, tw, EVENT_TIMEWAIT_REARMED);
	return 0;
}

static __always_inline int on_fire(const struct timer_list *timer)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->fired = (__u64)timewait_of_timer(timer);
	return 0;
}

static __always_inline int on_segment(const void *tw, const struct tcphdr *th)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return 0;
	scratch->processing = (__u64)tw;
	scratch->processed = (__u64)tw;
	scratch->processed_ns = bpf_ktime_get_ns();
	scratch->processed_syn = BPF_CORE_READ_BITFIELD_PROBED(th, syn) &&
				 !BPF_CORE_READ_BITFIELD_PROBED(th, rst) &&
				 !BPF_CORE_READ_BITFIELD_PROBED(th, ack);
	return 0;
}

static __always_inline int on_segment_done(void)
{
	struct scratch *scratch = cpu_scratch();

	if (scratch)
		scratch->processing = 0;
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

static __always_inline int on_kill(void *ctx, enum access how, const struct inet_timewait_sock *tw)
{
	struct scratch *scratch = cpu_scratch();
	int act;

	if (!scratch)
		return 0;
	/* To look at the stack costs more than all else here: not where it is known without. */
	if (scratch->fired == (__u64)tw) {
		act = EVENT_TIMEWAIT_EXPIRED;
	} else if (is_taken_over(how, tw)) {
		act = EVENT_TIMEWAIT_REUSED;
	} else {
		act = put_act(frames_of(ctx), tw);
		if (act == EVENT_TIMEWAIT_CANCELLED)
			act = noted_act(scratch, tw);
	}
	send_timewait(how, tw, act);
	scratch->fired = 0;
	scratch->processed = 0;
	return 0;
}

/* Since 6.12. */
SEC("?fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(timewait_born_fentry, const struct inet_timewait_sock *tw, const void *sk)
{
	on_timewait_born(DIRECT, tw, sk);
	return 0;
}

/* Up to 6.11. */
SEC("?fentry/inet_twsk_hashdance")
int BPF_PROG(timewait_born_old_fentry, const struct inet_timewait_sock *tw, const void *sk)
{
	on_timewait_born(DIRECT, tw, sk);
	return 0;
}

SEC("?fentry/__inet_twsk_schedule")
int BPF_PROG(timewait_lease_fentry, const struct inet_timewait_sock *tw, int timeout, int rearm)
{
	return on_lease(DIRECT, tw, rearm);
}

SEC("?fentry/tw_timer_handler")
int BPF_PROG(timewait_fire_fentry, const struct timer_list *timer)
{
	return on_fire(timer);
}

SEC("?fentry/tcp_timewait_state_process")
int BPF_PROG(timewait_segment_fentry, const void *tw, const void *skb, const struct tcphdr *th)
{
	return on_segment(tw, th);
}

SEC("?fexit/tcp_timewait_state_process")
int BPF_PROG(timewait_segment_fexit)
{
	return on_segment_done();
}

SEC("?fentry/inet_twsk_kill")
int BPF_PROG(timewait_kill_fentry, const struct inet_timewait_sock *tw)
{
	return on_kill(ctx, DIRECT, tw);
}

static __always_inline int on_address_born(const struct inet_timewait_sock *tw, const void *sk)
{
	if (has_types())
		on_timewait_born(TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT), sk);
	else
		on_timewait_born(PROBE, tw, sk);
	return 0;
}

SEC("?kprobe/inet_twsk_hashdance_schedule")
int BPF_KPROBE(timewait_born_kprobe, const struct inet_timewait_sock *tw, const void *sk)
{
	return on_address_born(tw, sk);
}

SEC("?kprobe/inet_twsk_hashdance")
int BPF_KPROBE(timewait_born_old_kprobe, const struct inet_timewait_sock *tw, const void *sk)
{
	return on_address_born(tw, sk);
}

SEC("?kprobe/__inet_twsk_schedule")
int BPF_KPROBE(timewait_lease_kprobe, const struct inet_timewait_sock *tw, int timeout, int rearm)
{
	return has_types() ? on_lease(TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT), rearm) :
			     on_lease(PROBE, tw, rearm);
}

SEC("?kprobe/tw_timer_handler")
int BPF_KPROBE(timewait_fire_kprobe, const struct timer_list *timer)
{
	return on_fire(timer);
}

SEC("?kprobe/tcp_timewait_state_process")
int BPF_KPROBE(timewait_segment_kprobe, const void *tw, const void *skb, const struct tcphdr *th)
{
	return on_segment(tw, th);
}

SEC("?kretprobe/tcp_timewait_state_process")
int BPF_KRETPROBE(timewait_segment_kretprobe)
{
	return on_segment_done();
}

SEC("?kprobe/inet_twsk_kill")
int BPF_KPROBE(timewait_kill_kprobe, const struct inet_timewait_sock *tw)
{
	return has_types() ? on_kill(ctx, TYPED, typed(tw, CONFIG_TYPE_TIMEWAIT)) :
			     on_kill(ctx, PROBE, tw);
}
