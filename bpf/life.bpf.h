/* SPDX-License-Identifier: GPL-2.0-only */
/* Transitions where they are collected: a step in a slot each, and the whole life at its end. */
#ifndef BPF_LIFE_BPF_H
#define BPF_LIFE_BPF_H

#include "bpf/transition.bpf.h"

static __always_inline void fill_open(enum access how, struct event_steps *steps,
				      const struct sock *sk, const struct tcp_sock *tp)
{
	steps->open_lport = local_port(how, sk, tp, TCP_SYN_SENT);
	steps->left_lport = bpf_ntohs(READ(how, tp, inet_conn.icsk_inet.inet_sport));
	steps->cgroup = knobs.cgroup ? cgroup_id_of(how, sock_of(tp)) : 0;
	fill_opener(how, tp, steps->comm, steps->process, &steps->pid, &steps->uid);
}

/* Into the place n. It is counted behind the rest, for who comes in between. */
static __always_inline void put_step_at(struct event_steps *steps, __u32 n, __u64 now, int states,
					int flags, bool witness, __u32 srtt_us, __u32 retransmits)
{
	struct event_step *step = &steps->step[n];

	step->mono_ns = now;
	step->flags = flags;
	step->states = states;
	step->retransmits = retransmits < 255 ? retransmits : 255;
	step->srtt_us = srtt_us;
	if (witness)
		steps->witnessed |= 1 << n;
	SLOT_READ(steps->count) = n + 1;
}

/*
 * Into the next place, which is looked for at last: verifiers before 6.2 forget how far a number
 * that lies on the stack may go.
 */
static __always_inline void put_step(struct event_steps *steps, __u64 now, int states, int flags,
				     bool witness, __u32 srtt_us, __u32 retransmits)
{
	__u32 n = SLOT_READ(steps->count);

	if (n < EVENT_STEPS)
		put_step_at(steps, n, now, states, flags, witness, srtt_us, retransmits);
}

/* What names the connection at both ends, unless it was opened without a handshake. */
static __always_inline int fill_firsts(enum access how, struct event_steps *steps,
				       const struct tcp_sock *tp)
{
	if (!knobs.firsts || READ_BITFIELD(how, tp, repair))
		return 0;
	fill_first_sequences(how, &steps->first, TCP_ESTABLISHED, tp);
	return EVENT_FLAG_FIRSTS;
}

/* `known`: the flags of the endpoints, if those are there already. */
static __always_inline void add_step(enum access how, struct event_steps *steps, struct fact *fact,
				     int known, const struct sock *sk, const struct tcp_sock *tp)
{
	__u32 srtt_us = 0, retransmits = 0;

	fact->flags = known;
	if (fact->from == TCP_LISTEN) {
		learn_listener(how, fact, sk, tp);
		steps->lport = local_port(how, sk, tp, fact->to);
	} else if (known && fact->from == TCP_SYN_SENT) {
		/* Whom it calls is known from the start; its port is chosen later. */
		steps->lport = local_port(how, sk, tp, fact->to);
	} else if (!known || fact->from == TCP_SYN_RECV) {
		fact->flags = 0;
		learn_ends(how, fact, sk);
		steps->lport = local_port(how, sk, tp, fact->to);
		steps->rport = fact->rport;
		fill_addresses(how, fact, sk, (__u32 *)steps->laddr, (__u32 *)steps->raddr);
	}
	learn_marks(how, fact, tp);
	learn_cookie(fact, sk);
	if (fact->to == TCP_ESTABLISHED) {
		retransmits = READ(how, tp, total_retrans);
		srtt_us = READ(how, tp, srtt_us) >> 3;
		fact->flags |= fill_firsts(how, steps, tp);
	}
	if (fact->to == TCP_SYN_SENT)
		fill_open(how, steps, sk, tp);
	put_step(steps, fact->now, EVENT_STATES(fact->from, fact->to), fact->flags, fact->witness,
		 srtt_us, retransmits);
}

/* Without a slot: a step by itself. */
static __always_inline int send_step(enum access how, struct config_counters *cpu,
				     struct fact *fact, const struct sock *sk,
				     const struct tcp_sock *tp)
{
	struct event_part *part;

	if (is_over_quota(how, sock_of(tp), sizeof(*part)))
		return 0;
	part = record_reserve(cpu, sizeof(*part));
	if (!part)
		return 0;
	part->head.mono_ns = fact->now;
	part->head.sock = (__u64)sk;
	part->head.netns = netns_of(how, sock_of(tp));
	part->head.kind = EVENT_PART;
	part->head.states = 0;
	part->head.flags = 0;
	slot_clear(&part->steps);
	add_step(how, &part->steps, fact, 0, sk, tp);
	record_submit(cpu, part);
	return 0;
}

/* What a CLOSE says of its connection's ends is in the slot, if they are there: `known`. */
static __always_inline void fill_ends(enum access how, struct event_close *close, struct fact *fact,
				      int known, const struct sock *sk, const struct tcp_sock *tp,
				      const struct slot *slot)
{
	if (!known) {
		learn_ends(how, fact, sk);
		fill_addresses(how, fact, sk, (__u32 *)close->laddr, (__u32 *)close->raddr);
		fact->netns = netns_of(how, sock_of(tp));
		fact->lport = local_port(how, sk, tp, TCP_CLOSE);
		return;
	}
	fact->flags |= known;
	fact->netns = slot->netns;
	fact->rport = slot->steps.rport;
	/* A connect that fails may have got its port by now. */
	fact->lport = fact->from == TCP_SYN_SENT ? local_port(how, sk, tp, TCP_CLOSE) :
						   slot->steps.lport;
	__builtin_memcpy(close->laddr, slot->steps.laddr, sizeof(close->laddr));
	__builtin_memcpy(close->raddr, slot->steps.raddr, sizeof(close->raddr));
}

/* The next one at this address is another: what this one did is kept, if it has a slot. */
static __always_inline int leave_dead(struct slot *slot)
{
	if (slot) {
		SLOT_READ(slot->owner) |= SLOT_DEAD;
		slot_leave(slot);
	}
	return 0;
}

/*
 * All that was collected, and its CLOSE. An ACCEPT that is being added is left for later. `known`:
 * the flags of the endpoints, if those are in the slot.
 */
static __always_inline int send_life(enum access how, struct config_counters *cpu,
				     struct fact *fact, int known, const struct sock *sk,
				     const struct tcp_sock *tp, struct slot *slot)
{
	struct event_life *life;
	int events = 1;

	if (is_over_quota(how, sock_of(tp), sizeof(*life)))
		return leave_dead(slot);
	life = record_reserve(cpu, sizeof(*life));
	if (!life)
		return leave_dead(slot);
	fact->flags = 0;
	fill_ends(how, &life->close, fact, known, sk, tp, slot);
	learn_fin(how, fact, sk);
	learn_marks(how, fact, tp);
	learn_cookie(fact, sk);
	fill(how, (void *)&life->close, EVENT_LIFE, fact, sk, tp);
	fill_counters(how, &life->close, fact, tp);
	fill_signs(how, &life->close, fact, sk, tp);
	fill_facts(how, &life->close, tp);
	if (slot) {
		life->steps = slot->steps;
		events += slot_events(&life->steps);
		/* The next one at this address may have no slot, or its birth may not be seen. */
		slot->flags = 0;
		slot->steps.count = 0;
		slot->steps.witnessed = 0;
		slot->steps.passive_ns = 0;
		if (life->steps.accept_ns)
			slot->steps.accept_ns = 0;
		slot_leave(slot);
	} else {
		slot_clear(&life->steps);
	}
	record_submit_many(cpu, life, events);
	return 0;
}

/*
 * Of an MPTCP connection's subflows nothing is collected, for whose those are that join it is told
 * by those that were there before; nor is it of what is bound to an interface, which is told before
 * its birth: there is no such slot. Without a branch, of which the verifier would walk both ways to
 * the end.
 */
static __always_inline __u32 slot_index_of(enum access how, const struct fact *fact,
					   const struct sock *sk)
{
	__u32 ifindex = ifindex_of(how, &sk->__sk_common);

	return slot_index(sk) | (__u32)((__s32)-ifindex >> 31) | -(__u32)fact->subflow;
}

/*
 * A transition where they are collected. What is in the socket's slot goes before one that is told
 * by itself: of its time before it was bound or given to MPTCP, or of one that died at its address.
 */
static __always_inline int collect(enum access how, struct config_counters *cpu, struct fact *fact,
				   const struct sock *sk, const struct tcp_sock *tp)
{
	__u32 index = slot_index_of(how, fact, sk);
	struct slot *slot = slot_at(index);

	if (fact->to == TCP_CLOSE) {
		if (!slot || !slot_enter(slot, index, slot_owner(sk))) {
			slot_send_before(cpu, sk);
			slot = NULL;
		}
		return send_life(how, cpu, fact, slot ? slot->flags : 0, sk, tp, slot);
	}
	slot = slot_hold(how, cpu, sk, tp, index, slot, is_birth(fact->from, fact->to));
	if (!slot) {
		slot_send_before(cpu, sk);
		return send_step(how, cpu, fact, sk, tp);
	}
	if (!slot->steps.count) {
		slot->netns = netns_of(how, sock_of(tp));
		slot->uid = owner_of(how, sk);
	}
	add_step(how, &slot->steps, fact, slot->flags, sk, tp);
	if (fact->from != TCP_LISTEN)
		slot->flags = fact->flags & (EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6);
	slot_leave(slot);
	return 0;
}

/*
 * What was collected of a socket that is not wanted as it shows now. Returns how many events. If it
 * is just born, they are of one that was at its address before, and whose end was not seen.
 */
static __always_inline int forget(struct config_counters *cpu, const struct sock *sk, bool is_birth)
{
	__u32 index = slot_index(sk);
	struct slot *slot = slot_at(index);
	__u64 address;

	if (!slot || SLOT_READ(slot->owner) != slot_owner(sk))
		return 0;
	address = slot_address(cpu, sk);
	if (!is_birth)
		return slot_forget(index, address);
	if (!slot_empty(index, address, 0))
		slot_lose(index, address);
	return 0;
}

#define STATE_BIT(state) (1 << (state))
#define MIDDLE_FROM                                                                         \
	(STATE_BIT(TCP_ESTABLISHED) | STATE_BIT(TCP_FIN_WAIT1) | STATE_BIT(TCP_FIN_WAIT2) | \
	 STATE_BIT(TCP_CLOSE_WAIT))

/*
 * Whether nothing but its time is worth keeping of a step. Of CLOSE_WAIT that is so where a
 * server's child was collected from its birth on: see EVENT_FLAG_ONE_SEGMENT.
 */
static __always_inline bool is_plain(const struct event_steps *steps, int to)
{
	return to != TCP_CLOSE_WAIT ||
	       steps->step[0].states == EVENT_STATES(TCP_LISTEN, TCP_SYN_RECV);
}

/* The slot of a socket that has one and something in it, for it to add to; NULL: there is none. */
static __always_inline struct slot *slot_of_known(const struct sock *sk)
{
	__u32 index = slot_index(sk);
	struct slot *slot = slot_at(index);

	return slot && slot_enter(slot, index, slot_owner(sk)) ? slot : NULL;
}

/*
 * The steps between a connection's opening and its end: most of them, and nothing has to be read
 * of a socket that has its slot. Returns false if there is more to it.
 */
static __always_inline bool tell_middle(const struct sock *sk, int from, int to)
{
	struct slot *slot = slot_of_known(sk);
	__u64 now;
	__u32 n;

	if (!slot)
		return false;
	now = bpf_ktime_get_ns();
	n = SLOT_READ(slot->steps.count);
	if (!slot->flags || !n || !is_plain(&slot->steps, to)) {
		slot_leave(slot);
		return false;
	}
	barrier_var(n);
	if (n >= EVENT_STEPS) {
		slot_leave(slot);
		return false;
	}
	put_step_at(&slot->steps, n, now, EVENT_STATES(from, to), slot->flags, false, 0, 0);
	slot_leave(slot);
	note_told(cpu_counters(), sk, from, to, false);
	return true;
}

/*
 * What follows is the same as what is told of every other transition, but for what a socket that
 * has its slot need not be asked: it is followed, no subflow and bound to nothing, or there would
 * be none. Where it comes from is a constant, so that little is left of it.
 */

/* A client's is established, or a server's. Returns false if there is more to it. */
static __always_inline bool tell_opened(enum access how, const struct sock *sk, int from)
{
	struct fact fact = { .from = from, .to = TCP_ESTABLISHED };
	struct slot *slot = slot_of_known(sk);
	struct tcp_sock *tp;

	if (!slot)
		return false;
	tp = tcp_sock_at(how, sk);
	/* A child may have been bound, and given to MPTCP, since it was born. */
	if (!tp || !SLOT_READ(slot->steps.count) || SLOT_READ(slot->steps.count) >= EVENT_STEPS ||
	    (from == TCP_SYN_SENT && !slot->flags) ||
	    (from == TCP_SYN_RECV && (ifindex_of(how, &sk->__sk_common) || is_subflow(how, tp)))) {
		slot_leave(slot);
		return false;
	}
	fact.now = bpf_ktime_get_ns();
	note_told(cpu_counters(), sk, from, TCP_ESTABLISHED, false);
	add_step(how, &slot->steps, &fact, from == TCP_SYN_SENT ? slot->flags : 0, sk, tp);
	slot->flags = fact.flags & (EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6);
	slot_leave(slot);
	return true;
}

/*
 * It was closed in order: all that it sent is acknowledged, or a timewait socket takes over.
 * Returns false if it was not, or there is more to it.
 */
static __always_inline bool tell_end(enum access how, const struct sock *sk, int from)
{
	struct fact fact = { .from = from, .to = TCP_CLOSE, .in_order = true };
	struct slot *slot = slot_of_known(sk);
	struct config_counters *cpu;
	struct tcp_sock *tp;
	int known;

	if (!slot)
		return false;
	tp = tcp_sock_at(how, sk);
	known = slot->flags;
	if (!tp || !known || !SLOT_READ(slot->steps.count) ||
	    (from == TCP_LAST_ACK && (READ(how, sk, sk_err) || is_unacked(how, tp)))) {
		slot_leave(slot);
		return false;
	}
	cpu = cpu_counters();
	if (from == TCP_FIN_WAIT2) {
		claim_timewait(how, cpu, &fact, slot->steps.lport, sk, tp);
		if (!fact.timewait) {
			slot_leave(slot);
			return false;
		}
	}
	fact.now = bpf_ktime_get_ns();
	note_told(cpu, sk, from, TCP_CLOSE, false);
	count(&cpu->ends);
	send_life(how, cpu, &fact, known, sk, tp, slot);
	return true;
}

/*
 * A transition of a socket that has its slot, where no filter is on: all but the first of nearly
 * every connection. Returns false if it is none of these.
 */
static __always_inline bool tell_known(enum access how, const struct sock *sk, int from, int to)
{
	if (!ASKED(knobs.middles))
		return false;
	if (to >= TCP_FIN_WAIT1 && to != TCP_CLOSE)
		return MIDDLE_FROM >> from & 1 && tell_middle(sk, from, to);
	if (to == TCP_CLOSE) {
		if (from == TCP_LAST_ACK)
			return tell_end(how, sk, TCP_LAST_ACK);
		return ASKED(knobs.timewait) && from == TCP_FIN_WAIT2 &&
		       tell_end(how, sk, TCP_FIN_WAIT2);
	}
	if (to != TCP_ESTABLISHED)
		return false;
	if (from == TCP_SYN_SENT)
		return tell_opened(how, sk, TCP_SYN_SENT);
	return from == TCP_SYN_RECV && tell_opened(how, sk, TCP_SYN_RECV);
}

#endif
