/* SPDX-License-Identifier: GPL-2.0-only */
/* The time wait family's bodies: new leases and end of a timewait socket. */
#ifndef BPF_TIMEWAIT_BPF_H
#define BPF_TIMEWAIT_BPF_H

#include "bpf/frames.bpf.h"
#include "bpf/minisock.bpf.h"

static __always_inline struct inet_timewait_sock *timewait_of_timer(const struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

/* Behind the record, if they are asked for. */
static __always_inline void add_timewait_sequences(struct event_timewait *record,
						   const struct sock_common *common)
{
	struct event_sequences *numbers = (void *)record + sizeof(*record);

	record->sequences = 0;
	if (!knobs.sequences)
		return;
	numbers->local = BPF_CORE_READ(common, skc_tw_snd_nxt);
	numbers->peer = BPF_CORE_READ(common, skc_tw_rcv_nxt);
	record->sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;
}

static __always_inline void send_timewait(enum access how, const struct inet_timewait_sock *tw,
					  int act)
{
	const struct sock_common *common = &tw->__tw_common;
	struct config_counters *cpu = cpu_counters();
	int state = READ(how, tw, tw_substate);
	struct event_timewait *record;

	record = mini_reserve(cpu, common, sizeof(*record) + SEQUENCES_SIZE);
	if (!record)
		return;
	/* Whose it is the CLOSE has said that named it. */
	__builtin_memset(record->laddr, 0, sizeof(record->laddr));
	__builtin_memset(record->raddr, 0, sizeof(record->raddr));
	record->head.netns = 0;
	record->lport = 0;
	record->rport = 0;
	record->ifindex = 0;
	record->reserved_end = 0;
	fill_mini_head(&record->head, common, EVENT_TIMEWAIT, state,
		       act >= EVENT_TIMEWAIT_EXPIRED ? TCP_CLOSE : state, 0);
	record->act = act;
	record->reserved[0] = record->reserved[1] = 0;
	add_timewait_sequences(record, common);
	record_submit(cpu, record);
}

/*
 * By whose hand it goes before its time; CANCELLED: by nobody's that is known. A segment that it
 * takes for an RST ends it while it looks at that. After any other, a SYN takes one in TIME_WAIT
 * over, and what comes to one in FIN_WAIT2 is answered with a reset. Inner frames are asked first:
 * a softirq may have come in the middle of what a task does.
 */
static __always_inline int put_act(__u32 frames, const struct inet_timewait_sock *tw)
{
	if (!(frames & FRAME(TW_DESCHEDULE)))
		return frames & FRAME(TW_PURGE) ? EVENT_TIMEWAIT_PURGED : EVENT_TIMEWAIT_CANCELLED;
	if (frames & FRAME(TW_PROCESS))
		return EVENT_TIMEWAIT_RESET;
	if (frames & (FRAME(V4_RCV) | FRAME(V6_RCV)))
		return BPF_CORE_READ(tw, tw_substate) == TCP_TIME_WAIT ? EVENT_TIMEWAIT_REUSED :
									 EVENT_TIMEWAIT_ANSWERED;
	if (frames & (FRAME(V4_BIND) | FRAME(V6_BIND) | FRAME(CONNECT)))
		return EVENT_TIMEWAIT_REUSED;
	if (frames & FRAME(TW_PURGE))
		return EVENT_TIMEWAIT_PURGED;
	return frames & FRAME(ABORT) ? EVENT_TIMEWAIT_KILLED : EVENT_TIMEWAIT_CANCELLED;
}

/* Whether who begins to connect there has the ends that a timewait socket has. */
static __always_inline bool stands_there(enum access how, const struct sock_common *taken,
					 const struct sock_common *taker)
{
	struct mini before, after;

	mini_read(how, &before, taken);
	mini_read(how, &after, taker);
	return MINI(how, &after, taker, skc_state) == TCP_SYN_SENT &&
	       MINI(how, &after, taker, skc_portpair) == MINI(how, &before, taken, skc_portpair) &&
	       MINI(how, &after, taker, skc_net.net) == MINI(how, &before, taken, skc_net.net) &&
	       have_same_addresses(how, &before, taken, &after, taker);
}

/*
 * A connect that takes a timewait socket over has its ends by then, and stands where it stood: no
 * two of a namespace can have the same. Its beginning was what this CPU told of last, but where a
 * softirq came in between, or the task was moved; who is at work is asked then. To hear of each
 * connect that may take one over is dearer than to look at who acts.
 */
static __always_inline bool is_taken_over(enum access how, const struct inet_timewait_sock *tw)
{
	const struct sock_common *taken = &tw->__tw_common;
	const void *taker = (const void *)cpu_counters()->acting_sock;

	if (!taker)
		return false;
	return how != PROBE && has_types() ?
		       stands_there(how, taken, typed(taker, CONFIG_TYPE_SOCK)) :
		       stands_there(PROBE, taken, taker);
}

#endif
