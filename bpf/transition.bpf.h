/* SPDX-License-Identifier: GPL-2.0-only */
/* What a transition is about, and what the records about it tell of its socket. */
#ifndef BPF_TRANSITION_BPF_H
#define BPF_TRANSITION_BPF_H

#include "bpf/chain.bpf.h"
#include "bpf/filter.bpf.h"

/* What a transition is about, before there is a record to put it in. */
struct fact {
	struct address remote;
	__u64 now;
	__u64 zero; /* hidden: see forgotten() */
	int from, to;
	int family;
	int flags; /* enum event_flag */
	__u32 netns;
	__u16 lport, rport;
	__u8 witness;	   /* the second one speaks */
	__u8 substate;	   /* of the timewait socket */
	__u32 mptcp;	   /* enum mptcp_sign, where it is measured */
	__u32 subflow;	   /* 1: it has asked for MPTCP */
	bool in_order;	   /* it is known to have been closed in order */
	__u32 retransmits; /* in the whole life, where it is measured: fill() */
	__u64 timewait;	   /* that takes over; 0: none, or not known */
};

/* For the second witness to know what the first one has told of. */
static __always_inline __u32 told_states_of(int from, int to)
{
	return (__u32)from | (__u32)to << 8;
}

/* And it is counted. */
static __always_inline void note_told(struct config_counters *cpu, const struct sock *sk, int from,
				      int to, bool witness)
{
	cpu->told_sock = witness ? 0 : (__u64)sk;
	cpu->told_states = told_states_of(from, to);
	count(&cpu->seen);
}

/*
 * What the socket measured is worth its cache lines twice in a life: when it is established, and
 * when it is over.
 */
static __always_inline bool is_measured(const struct fact *fact)
{
	return fact->to == TCP_ESTABLISHED || fact->to == TCP_CLOSE;
}

/*
 * Its SYN made it: data came with that, or it waits for the ACK still. Since 6.18 it says so.
 */
static __always_inline bool is_fastopen_child(enum access how, const struct tcp_sock *tp)
{
	if (bpf_core_field_exists(tp->syn_fastopen_child) &&
	    READ_BITFIELD(how, tp, syn_fastopen_child))
		return true;
	return READ(how, tp, fastopen_rsk) || READ_BITFIELD(how, tp, syn_data_acked);
}

/*
 * The child is a copy of its listener here, so the listener's options can be read. Since 6.15 it
 * has its own addresses already, and its accept queue was cleared.
 */
static __always_inline void learn_listener(enum access how, struct fact *fact,
					   const struct sock *sk, const struct tcp_sock *tp)
{
	fact->family = AF_INET;
	fact->rport = 0;
	map_ipv4(&fact->remote, 0);
	if (remote_port(how, sk))
		fact->flags |= EVENT_FLAG_ACK_DROPPED;
	else if (READ(how, tp, inet_conn.icsk_accept_queue.rskq_defer_accept))
		fact->flags |= EVENT_FLAG_DEFERRED;
}

static __always_inline void learn_ends(enum access how, struct fact *fact, const struct sock *sk)
{
	fact->rport = remote_port(how, sk);
	fact->family = remote_address(how, sk, &fact->remote);
	fact->flags |= EVENT_FLAG_ENDPOINTS;
	if (fact->family == AF_INET6)
		fact->flags |= EVENT_FLAG_IPV6;
}

/* By its end it is known whether a client's peer has agreed to it. Returns the flag, or 0. */
static __always_inline int learn_mptcp(enum access how, struct fact *fact,
				       const struct tcp_sock *tp)
{
	__u32 signs = mptcp_signs(ulp_data_of(how, tp));

	fact->mptcp = signs;
	return fact->to == TCP_CLOSE && (signs & (MPTCP_KNOWN | MPTCP_AGREED)) == MPTCP_KNOWN ?
		       0 :
		       EVENT_FLAG_MPTCP;
}

/* A sign of the connection, or the socket's own, which is 0 or 1. */
static __always_inline __u32 sign_of(const struct fact *fact, __u32 sign, __u32 own)
{
	__u32 mask = -(fact->mptcp / MPTCP_KNOWN & 1);

	return ((fact->mptcp / sign & mask) | (own & ~mask)) & 1;
}

/*
 * Whoever holds a subflow holds its connection's socket; the subflow's own is taken away before its
 * end, without a sign that it is dead.
 */
static __always_inline bool is_dead(enum access how, const struct fact *fact, const struct sock *sk)
{
	return sign_of(fact, MPTCP_DEAD, READ(how, sk, __sk_common.skc_flags) >> SOCK_DEAD);
}

static __always_inline bool has_socket(enum access how, const struct fact *fact,
				       const struct tcp_sock *tp)
{
	return sign_of(fact, MPTCP_HAS_SOCKET, !!READ(how, sock_of(tp), sk_socket));
}

/* What led to a fact so far has no part in what is done with it: see forgotten(). */
static __always_inline void blur(struct fact *fact)
{
	fact->from = forgotten(fact->from, fact->zero);
	fact->to = forgotten(fact->to, fact->zero);
	fact->flags = forgotten(fact->flags, fact->zero);
	fact->family = forgotten(fact->family, fact->zero);
}

/* The same of its remote address. */
static __always_inline void blur_remote(struct fact *fact)
{
	int i;

	for (i = 0; i < 4; i++)
		fact->remote.word[i] = forgotten(fact->remote.word[i], fact->zero);
}

/* What a transition tells of how the connection is made, or was: by what it comes from. */
static __always_inline int marks_of_origin(enum access how, const struct fact *fact,
					   const struct tcp_sock *tp)
{
	if (fact->from == TCP_SYN_RECV && is_fastopen_child(how, tp))
		return READ(how, tp, bytes_sent) ? EVENT_FLAG_FASTOPEN | EVENT_FLAG_SENT_EARLY :
						   EVENT_FLAG_FASTOPEN;
	/* Data went with the SYN, and the SYN-ACK acknowledged more than the SYN. */
	if (fact->from == TCP_SYN_SENT && READ_BITFIELD(how, tp, syn_data) &&
	    READ(how, tp, bytes_acked) > 1)
		return EVENT_FLAG_FASTOPEN;
	return 0;
}

/* And by what it leads to. Bits are counted, not asked: there is one way through them. */
static __always_inline int marks_of_aim(enum access how, const struct fact *fact,
					const struct tcp_sock *tp)
{
	if (fact->to == TCP_SYN_SENT)
		return READ_BITFIELD(how, tp, fastopen_connect) * EVENT_FLAG_PUT_OFF |
		       READ_BITFIELD(how, tp, repair) * EVENT_FLAG_REPAIRED;
	if (fact->to == TCP_CLOSE)
		return READ_BITFIELD(how, tp, repair) * EVENT_FLAG_REPAIRED;
	if (fact->to == TCP_CLOSE_WAIT && READ(how, tp, segs_in) <= 1 &&
	    READ(how, tp, bytes_received))
		return EVENT_FLAG_ONE_SEGMENT;
	return 0;
}

static __always_inline void learn_marks(enum access how, struct fact *fact,
					const struct tcp_sock *tp)
{
	int marks;

	blur(fact);
	marks = marks_of_origin(how, fact, tp);
	marks = forgotten(marks, fact->zero);
	fact->from = forgotten(fact->from, fact->zero);
	fact->to = forgotten(fact->to, fact->zero);
	marks |= marks_of_aim(how, fact, tp);
	if (fact->subflow && is_measured(fact))
		marks |= learn_mptcp(how, fact, tp);
	fact->mptcp = forgotten(fact->mptcp, fact->zero);
	fact->subflow = forgotten(fact->subflow, fact->zero);
	fact->flags |= marks;
	blur(fact);
}

static __always_inline void learn_fin(enum access how, struct fact *fact, const struct sock *sk)
{
	if (READ(how, sk, __sk_common.skc_flags) & (1UL << SOCK_DONE))
		fact->flags |= EVENT_FLAG_FIN_RECEIVED;
}

static __always_inline void learn(enum access how, struct fact *fact, const struct sock *sk,
				  const struct tcp_sock *tp)
{
	fact->flags = 0;
	if (fact->from == TCP_LISTEN) {
		learn_listener(how, fact, sk, tp);
	} else {
		learn_ends(how, fact, sk);
		learn_fin(how, fact, sk);
	}
	learn_marks(how, fact, tp);
	fact->netns = netns_of(how, sock_of(tp));
	fact->lport = local_port(how, sk, tp, fact->to);
}

/* Head and body, which lie at the same place in every kind of record about a transition. */
static __always_inline void fill(enum access how, struct event_transition *record, int kind,
				 struct fact *fact, const struct sock *sk,
				 const struct tcp_sock *tp)
{
	struct event_head *head = &record->head;
	struct event_body *body = &record->body;

	head->mono_ns = fact->now;
	head->sock = (__u64)sk;
	head->netns = fact->netns;
	head->kind = kind;
	head->states = EVENT_STATES(fact->from, fact->to);
	head->flags = fact->flags;
	body->lport = fact->lport;
	body->rport = fact->rport;
	body->witness = fact->witness;
	body->sequences = 0;
	body->left_lport = fact->to == TCP_SYN_SENT ?
				   bpf_ntohs(READ(how, tp, inet_conn.icsk_inet.inet_sport)) :
				   0;
	if (is_measured(fact)) {
		fact->retransmits = READ(how, tp, total_retrans);
		body->srtt_us = READ(how, tp, srtt_us) >> 3;
		body->error = READ(how, sk, sk_err);
		body->shutdown = READ(how, sk, sk_shutdown) | (fact->mptcp & MPTCP_SHUTDOWN);
		if (is_dead(how, fact, sk))
			body->shutdown |= EVENT_SHUTDOWN_ORPHAN;
		body->retransmits = fact->retransmits < 255 ? fact->retransmits : 255;
	} else {
		body->srtt_us = 0;
		body->error = 0;
		body->shutdown = 0;
		body->retransmits = 0;
	}
}

/* The first of our numbers that was counted in bytes_acked. */
static __always_inline __u32 first_acked(enum access how, const struct tcp_sock *tp)
{
	return READ(how, tp, snd_una) - (__u32)READ(how, tp, bytes_acked);
}

/* At ESTABLISHED or, where SYNs crossed, at SYN_RECV, which comes before the peer's is noted. */
static __always_inline int fill_first_sequences(enum access how, struct event_sequences *numbers,
						int to, const struct tcp_sock *tp)
{
	numbers->local = first_acked(how, tp);
	if (to == TCP_SYN_RECV)
		return EVENT_SEQUENCE_LOCAL;
	numbers->peer = READ(how, tp, rcv_nxt) - (__u32)READ(how, tp, bytes_received) - 1;
	return EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;
}

/* A socket that is repaired did not shake hands: its counters say nothing of its first numbers. */
static __always_inline int fill_sequences(enum access how, struct event_sequences *numbers,
					  const struct fact *fact, const struct sock *sk,
					  const struct tcp_sock *tp)
{
	int flags = EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;

	numbers->local = 0;
	numbers->peer = 0;
	if (fact->to == TCP_SYN_SENT || fact->from == TCP_LISTEN || READ_BITFIELD(how, tp, repair))
		return 0;
	if (fact->to == TCP_ESTABLISHED || fact->to == TCP_SYN_RECV)
		return fill_first_sequences(how, numbers, fact->to, tp);
	if (fact->from == TCP_SYN_SENT) {
		/* A connect that fails before its SYN leaves no error in the socket. */
		if (!READ(how, sk, sk_err))
			return 0;
		numbers->local = first_acked(how, tp);
		return EVENT_SEQUENCE_LOCAL;
	}
	numbers->local = fact->to == TCP_FIN_WAIT1 || fact->to == TCP_LAST_ACK ?
				 READ(how, tp, write_seq) :
				 READ(how, tp, snd_nxt);
	numbers->peer = READ(how, tp, rcv_nxt);
	if (READ(how, tp, rcv_wup) == numbers->peer)
		flags |= EVENT_SEQUENCE_ACKED;
	return flags;
}

/* Behind a record of `size` bytes, if they are asked for. */
static __always_inline void add_sequences(enum access how, struct event_transition *record,
					  __u64 size, const struct fact *fact,
					  const struct sock *sk, const struct tcp_sock *tp)
{
	if (knobs.sequences)
		record->body.sequences = EVENT_SEQUENCE_PRESENT |
					 fill_sequences(how, (void *)record + size, fact, sk, tp);
}

/* Both addresses into 16-byte fields; IPv4 into their first 4 bytes. */
static __always_inline void fill_addresses(enum access how, const struct fact *fact,
					   const struct sock *sk, __u32 *laddr, __u32 *raddr)
{
	if (fact->family == AF_INET6) {
		local_address6(how, sk, laddr);
		raddr[0] = fact->remote.word[0];
		raddr[1] = fact->remote.word[1];
		raddr[2] = fact->remote.word[2];
		raddr[3] = fact->remote.word[3];
		return;
	}
	laddr[0] = READ(how, sk, __sk_common.skc_rcv_saddr);
	raddr[0] = fact->remote.word[3];
	laddr[1] = laddr[2] = laddr[3] = 0;
	raddr[1] = raddr[2] = raddr[3] = 0;
}

/* Who opens it: whoever runs, unless that is known to be nobody. */
static __always_inline void fill_opener(enum access how, const struct tcp_sock *tp, __u8 *comm,
					__u8 *process, __u32 *pid, __u32 *uid)
{
	if (is_joined_unseen(how, tp))
		clear_task(comm, process, pid, uid);
	else
		fill_task(comm, process, pid, uid);
}

static __always_inline void fill_owner(enum access how, struct event_open *open,
				       const struct tcp_sock *tp)
{
	open->cgroup = knobs.cgroup ? cgroup_id_of(how, sock_of(tp)) : 0;
	fill_opener(how, tp, open->comm, open->process, &open->pid, &open->uid);
}

/* A FIN is a byte to read, too. */
static __always_inline bool is_unread(enum access how, const struct fact *fact,
				      const struct tcp_sock *tp)
{
	__u32 left = READ(how, tp, rcv_nxt) - READ(how, tp, copied_seq);

	return left > !!(fact->flags & EVENT_FLAG_FIN_RECEIVED) || fact->mptcp & MPTCP_UNREAD;
}

/* Among it the FIN, of a socket that has one to send. */
static __always_inline bool is_unacked(enum access how, const struct tcp_sock *tp)
{
	return READ(how, tp, snd_una) != READ(how, tp, write_seq);
}

/* What was closed in order needs no reason. */
static __always_inline bool is_orderly(enum access how, const struct fact *fact,
				       const struct event_body *body, const struct tcp_sock *tp)
{
	if (fact->timewait || fact->in_order)
		return true;
	if (body->error)
		return false;
	if (fact->from == TCP_LAST_ACK)
		return !is_unacked(how, tp);
	if (knobs.timewait)
		return false;
	return (fact->from == TCP_CLOSING && !is_unacked(how, tp)) ||
	       (fact->from == TCP_FIN_WAIT2 &&
		(fact->flags & EVENT_FLAG_FIN_RECEIVED || body->shutdown & EVENT_SHUTDOWN_ORPHAN));
}

/* Up to 32 bits of it tell the time since then. */
static __always_inline bool is_past(__u32 stamp, __u64 unit_ns, __u64 now, __u64 limit_ns)
{
	return (__u32)(now / unit_ns - stamp) * unit_ns >= limit_ns;
}

/*
 * TCP_USER_TIMEOUT is over: since the first of what was sent again in vain, since the window is
 * probed, or since anything was last received, as the kernel reckons it. An option that is set and
 * whose time has not come is no reason: SYNs and orphans are given up before.
 */
static __always_inline bool is_time_over(enum access how, const struct fact *fact,
					 const struct tcp_sock *tp)
{
	__u64 limit_ns = READ(how, tp, inet_conn.icsk_user_timeout) * (__u64)NS_PER_MS;
	__u32 stamp = READ(how, tp, retrans_stamp), jiffies = bpf_jiffies64(), heard;
	__u64 unit_ns = NS_PER_MS;

	if (!limit_ns)
		return false;
	if (!READ(how, tp, inet_conn.icsk_retransmits) &&
	    READ(how, tp, inet_conn.icsk_probes_out)) {
		stamp = READ(how, tp, inet_conn.icsk_probes_tstamp);
		if (!stamp) {
			stamp = READ(how, tp, rcv_tstamp);
			heard = READ(how, tp, inet_conn.icsk_ack.lrcvtime);
			if ((__s32)(heard - stamp) > 0)
				stamp = heard;
		}
		return is_past(stamp, 1, jiffies, limit_ns / knobs.tick_ns);
	}
	if (bpf_core_field_exists(tp->tcp_usec_ts) && READ_BITFIELD(how, tp, tcp_usec_ts))
		unit_ns = NS_PER_US;
	/* The timer may be early by a tick. */
	return stamp && is_past(stamp, unit_ns, fact->now + knobs.tick_ns, limit_ns);
}

/* Who acts on a socket that connects: the call that is to do it, shutdown, or someone later. */
static __always_inline int connect_signs(enum access how, const struct tcp_sock *tp)
{
	const struct socket *socket = READ(how, sock_of(tp), sk_socket);
	int signs = READ(how, tp, segs_out) ? 0 : EVENT_SIGN_SILENT;

	switch (READ(how, socket, state)) {
	case SS_DISCONNECTING:
		return signs | EVENT_SIGN_SHUT_DOWN;
	case SS_CONNECTING:
		/* A fast open that is put off sends its SYN when it is written to, or fails. */
		if (!signs || !READ(how, tp, fastopen_req))
			signs |= EVENT_SIGN_CONNECTING;
		return signs;
	default:
		return signs;
	}
}

static __always_inline int signs_of(enum access how, const struct fact *fact, const struct sock *sk,
				    const struct tcp_sock *tp)
{
	__u64 flags = READ(how, sk, __sk_common.skc_flags);
	int signs = 0;

	if (!is_dead(how, fact, sk) && has_socket(how, fact, tp))
		signs |= EVENT_SIGN_HELD;
	if (flags & (1UL << SOCK_LINGER) && !READ(how, sk, sk_lingertime))
		signs |= EVENT_SIGN_LINGER_ZERO;
	if (is_time_over(how, fact, tp))
		signs |= EVENT_SIGN_TIME_OVER;
	if (fact->from == TCP_SYN_SENT)
		signs |= connect_signs(how, tp);
	else if (is_unread(how, fact, tp))
		signs |= EVENT_SIGN_UNREAD;
	if (READ(how, tp, fastopen_rsk))
		signs |= EVENT_SIGN_SYNACK_OUT;
	if (is_unacked(how, tp))
		signs |= EVENT_SIGN_UNACKED;
	if (fact->from == TCP_FIN_WAIT2 && READ(how, tp, linger2) < 0)
		signs |= EVENT_SIGN_IMPATIENT;
	if (is_namespace_dying(how, &sock_of(tp)->__sk_common))
		signs |= EVENT_SIGN_DYING;
	if (knobs.timewait && (fact->from == TCP_FIN_WAIT2 || fact->from == TCP_CLOSING) &&
	    is_timewait_room_full(how, &sock_of(tp)->__sk_common))
		signs |= EVENT_SIGN_NO_ROOM;
	return signs;
}

static __always_inline void fill_facts(enum access how, struct event_close *close,
				       const struct tcp_sock *tp)
{
	const struct tcp_congestion_ops *control;
	const __u64 *name; /* half of it */

	__builtin_memset(close->congestion, 0, sizeof(close->congestion));
	close->segments_sent = 0;
	close->segments_received = 0;
	close->min_rtt_us = ~0u;
	if (knobs.facts == CONFIG_FACTS_NONE)
		return;
	close->segments_sent = READ(how, tp, segs_out);
	close->segments_received = READ(how, tp, segs_in);
	if (knobs.facts == CONFIG_FACTS_SEGMENTS)
		return;
	close->min_rtt_us = READ(how, tp, rtt_min.s[0].v);
	control = READ(how, tp, inet_conn.icsk_ca_ops);
	if (!control)
		return;
	if (how == PROBE) {
		bpf_core_read(close->congestion, sizeof(close->congestion), &control->name);
		return;
	}
	name = (const void *)control->name;
	__builtin_memcpy(close->congestion, name, sizeof(*name));
	__builtin_memcpy(close->congestion + sizeof(*name), name + 1, sizeof(*name));
}

static __always_inline void fill_signs(enum access how, struct event_close *close,
				       const struct fact *fact, const struct sock *sk,
				       const struct tcp_sock *tp)
{
	int signs;

	close->signs = 0;
	close->later_signs = 0;
	close->tries = 0;
	close->probes = 0;
	/* Where nobody tells of timewait sockets, none is made if TCP_LINGER2 is below 0. */
	if (is_orderly(how, fact, &close->body, tp) &&
	    (knobs.timewait || fact->from != TCP_FIN_WAIT2 || READ(how, tp, linger2) >= 0))
		return;
	signs = signs_of(how, fact, sk, tp);
	close->signs = signs;
	close->later_signs = signs >> 8;
	close->tries = READ(how, tp, inet_conn.icsk_retransmits);
	close->probes = READ(how, tp, inet_conn.icsk_probes_out);
}

static __always_inline void fill_counters(enum access how, struct event_close *close,
					  const struct fact *fact, const struct tcp_sock *tp)
{
	__u64 received = READ(how, tp, bytes_received);

	close->bytes_sent = READ(how, tp, bytes_sent);
	/* Each read beyond a socket's own part is dear, for it is guarded. */
	if (fact->retransmits)
		close->bytes_sent -= READ(how, tp, bytes_retrans);
	/* The kernel counts the peer's FIN as a byte. */
	close->bytes_received = received - (received && fact->flags & EVENT_FLAG_FIN_RECEIVED);
	close->retransmits = fact->retransmits;
	close->timewait = fact->timewait;
	close->substate = fact->substate;
	close->reserved = 0;
}

/*
 * A child waits for its request to be taken away. Children that no filter wants do so too, or,
 * where requests are known by their timers, these would seem to have died.
 */
static __always_inline void await_request(struct config_counters *cpu, const struct sock *sk,
					  __u64 now)
{
	cpu->born_sock = (__u64)sk;
	cpu->born_ns = now;
}

/* One that is ESTABLISHED before that had none: true. */
static __always_inline bool awaits_request(struct config_counters *cpu, const struct sock *sk)
{
	if (cpu->born_sock != (__u64)sk)
		return false;
	cpu->born_sock = 0;
	return true;
}

/* Address of the timewait socket that stands where this one did; 0: there is none. */
static __always_inline __u64 find_timewait(enum access how, struct config_counters *cpu,
					   bool by_type, __u16 lport, const struct sock *sk,
					   const struct tcp_sock *tp)
{
	__u32 ports = READ(how, sk, __sk_common.skc_dport) | (__u32)lport << 16;
	struct net *net = READ(how, sock_of(tp), __sk_common.skc_net.net);
	struct inet_hashinfo *table = chain_table(how, &sock_of(tp)->__sk_common);
	__u32 hash = READ(how, sk, __sk_common.skc_hash);
	struct address remote;
	struct chain_name name;
	__u64 chain, found;

	remote_address(how, sk, &remote);
	name.hash_ports = (__u64)hash << 32 | ports;
	name.net = slot_address(cpu, net);
	name.remote_ifindex = (__u64)remote.word[3] << 32 | ifindex_of(how, &sk->__sk_common);
	chain = slot_address(cpu, READ(how, table, ehash)) + chain_offset(how, table, hash);
	if (by_type) {
		found = chain_first(cpu, chain, &name, TCP_TIME_WAIT);
		if (found)
			return found;
	}
	return chain_find(chain, name.hash_ports, name.net, name.remote_ifindex, TCP_TIME_WAIT);
}

/*
 * The one that was made for this one, which is closing now: just before, so that it lives. It may
 * have seen a FIN by now: in which state it began, this one's FIN tells.
 */
static __always_inline void claim_timewait(enum access how, struct config_counters *cpu,
					   struct fact *fact, __u16 lport, const struct sock *sk,
					   const struct tcp_sock *tp)
{
	/* The witness is in a function of its own: see tcp_sock_at(). */
	bool by_type = !fact->witness && has_types();

	fact->timewait = find_timewait(how, cpu, by_type, lport, sk, tp);
	if (!fact->timewait)
		return;
	fact->substate = TCP_FIN_WAIT2;
	if (fact->from == TCP_CLOSING || READ(how, sk, __sk_common.skc_flags) & (1UL << SOCK_DONE))
		fact->substate = TCP_TIME_WAIT;
}

/* No request: its SYN-ACK carried a cookie. */
static __always_inline void learn_cookie(struct fact *fact, const struct sock *sk)
{
	if (ASKED(knobs.reqsk_timer_handler) && fact->from == TCP_SYN_RECV &&
	    awaits_request(cpu_counters(), sk) && !(fact->flags & EVENT_FLAG_FASTOPEN))
		fact->flags |= EVENT_FLAG_SYNCOOKIE;
}

#endif
