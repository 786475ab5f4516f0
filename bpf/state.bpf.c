// SPDX-License-Identifier: GPL-2.0-only
/* The state family: every transition of every full TCP socket. */
#include "bpf/filter.bpf.h"
#include "bpf/scratch.bpf.h"

/* What a transition is about, before there is a record to put it in. */
struct fact {
	struct address remote;
	__u64 now;
	int from, to;
	int family;
	int flags; /* enum event_flag */
	__u16 rport;
	__u8 witness;	/* the second one speaks */
	__u8 substate;	/* of the timewait socket */
	__u64 timewait; /* that takes over; 0: none, or not known */
};

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

static __always_inline void learn(enum access how, struct fact *fact, const struct sock *sk,
				  const struct tcp_sock *tp)
{
	fact->family = AF_INET;
	fact->flags = 0;
	fact->rport = 0;
	if (fact->from == TCP_LISTEN) {
		/*
		 * The child is a copy of its listener here, so the listener's options can be read.
		 * Since 6.15 it has its own addresses already, and its accept queue was cleared.
		 */
		map_ipv4(&fact->remote, 0);
		if (remote_port(how, sk))
			fact->flags |= EVENT_FLAG_ACK_DROPPED;
		else if (READ(how, tp, inet_conn.icsk_accept_queue.rskq_defer_accept))
			fact->flags |= EVENT_FLAG_DEFERRED;
	} else {
		fact->rport = remote_port(how, sk);
		fact->family = remote_address(how, sk, &fact->remote);
		fact->flags |= EVENT_FLAG_ENDPOINTS;
		if (fact->family == AF_INET6)
			fact->flags |= EVENT_FLAG_IPV6;
		if (READ(how, sk, __sk_common.skc_flags) & (1UL << SOCK_DONE))
			fact->flags |= EVENT_FLAG_FIN_RECEIVED;
	}
	if (fact->from == TCP_SYN_RECV && is_fastopen_child(how, tp))
		fact->flags |= READ(how, tp, bytes_sent) ?
				       EVENT_FLAG_FASTOPEN | EVENT_FLAG_SENT_EARLY :
				       EVENT_FLAG_FASTOPEN;
	if (fact->to == TCP_SYN_SENT && READ_BITFIELD(how, tp, fastopen_connect))
		fact->flags |= EVENT_FLAG_PUT_OFF;
	if (fact->to == TCP_CLOSE_WAIT && READ(how, tp, segs_in) <= 1 &&
	    READ(how, tp, bytes_received))
		fact->flags |= EVENT_FLAG_ONE_SEGMENT;
	if ((fact->to == TCP_SYN_SENT || fact->to == TCP_CLOSE) && READ_BITFIELD(how, tp, repair))
		fact->flags |= EVENT_FLAG_REPAIRED;
	/* Data went with the SYN, and the SYN-ACK acknowledged more than the SYN. */
	if (fact->from == TCP_SYN_SENT && READ_BITFIELD(how, tp, syn_data) &&
	    READ(how, tp, bytes_acked) > 1)
		fact->flags |= EVENT_FLAG_FASTOPEN;
	if (is_measured(fact) && bpf_core_field_exists(tp->is_mptcp) && READ(how, tp, is_mptcp))
		fact->flags |= EVENT_FLAG_MPTCP;
}

/* Head and body, which lie at the same place in every kind of record about a transition. */
static __always_inline void fill(enum access how, struct event_transition *record, int kind,
				 const struct fact *fact, const struct sock *sk,
				 const struct tcp_sock *tp)
{
	struct event_head *head = &record->head;
	struct event_body *body = &record->body;
	__u32 retransmits;

	head->mono_ns = fact->now;
	head->sock = (__u64)sk;
	head->netns = netns_of(how, sock_of(tp));
	head->kind = kind;
	head->states = EVENT_STATES(fact->from, fact->to);
	head->flags = fact->flags;
	body->lport = local_port(how, tp, fact->to);
	body->rport = fact->rport;
	body->witness = fact->witness;
	body->sequences = 0;
	body->left_lport = fact->to == TCP_SYN_SENT ?
				   bpf_ntohs(READ(how, tp, inet_conn.icsk_inet.inet_sport)) :
				   0;
	if (is_measured(fact)) {
		retransmits = READ(how, tp, total_retrans);
		body->srtt_us = READ(how, tp, srtt_us) >> 3;
		body->error = READ(how, sk, sk_err);
		body->shutdown = READ(how, sk, sk_shutdown);
		if (READ(how, sk, __sk_common.skc_flags) & (1UL << SOCK_DEAD))
			body->shutdown |= EVENT_SHUTDOWN_ORPHAN;
		body->retransmits = retransmits < 255 ? retransmits : 255;
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

static __always_inline void fill_owner(enum access how, struct event_open *open,
				       const struct tcp_sock *tp)
{
	open->cgroup = knobs.cgroup ? cgroup_id_of(how, sock_of(tp)) : 0;
	fill_task(how, open->comm, open->process, &open->pid, &open->uid);
}

/* A FIN is a byte to read, too. */
static __always_inline bool is_unread(enum access how, const struct fact *fact,
				      const struct tcp_sock *tp)
{
	__u32 left = READ(how, tp, rcv_nxt) - READ(how, tp, copied_seq);

	return left > !!(fact->flags & EVENT_FLAG_FIN_RECEIVED);
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
	if (fact->timewait)
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

	if (!(flags & (1UL << SOCK_DEAD)) && READ(how, sock_of(tp), sk_socket))
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
	return signs;
}

/* Byte by byte: the verifier lets no wider load go over the elements of an array. */
static __always_inline void fill_facts(enum access how, struct event_close *close,
				       const struct tcp_sock *tp)
{
	const struct tcp_congestion_ops *control;
	int i;

	__builtin_memset(close->congestion, 0, sizeof(close->congestion));
	close->segments_sent = 0;
	close->segments_received = 0;
	close->min_rtt_us = ~0u;
	if (!knobs.facts)
		return;
	close->segments_sent = READ(how, tp, segs_out);
	close->segments_received = READ(how, tp, segs_in);
	close->min_rtt_us = READ(how, tp, rtt_min.s[0].v);
	control = READ(how, tp, inet_conn.icsk_ca_ops);
	if (!control)
		return;
	if (how == PROBE) {
		bpf_core_read(close->congestion, sizeof(close->congestion), &control->name);
		return;
	}
#pragma unroll
	for (i = 0; i < EVENT_CONGESTION_SIZE; i++)
		close->congestion[i] = control->name[i];
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

	close->bytes_sent = READ(how, tp, bytes_sent) - READ(how, tp, bytes_retrans);
	/* The kernel counts the peer's FIN as a byte. */
	close->bytes_received = received - (received && fact->flags & EVENT_FLAG_FIN_RECEIVED);
	close->retransmits = READ(how, tp, total_retrans);
	close->timewait = fact->timewait;
	close->substate = fact->substate;
	close->reserved = 0;
}

/*
 * Nothing but what both ends of a connection's life need goes beyond the 48 bytes of a transition.
 */
static __always_inline int send_transition(enum access how, struct config_counters *cpu,
					   const struct fact *fact, const struct sock *sk,
					   const struct tcp_sock *tp)
{
	struct event_transition6 *six;
	struct event_transition *four;
	struct event_close *close;
	struct event_open *open;

	if (fact->to == TCP_SYN_SENT) {
		open = record_reserve(cpu, sizeof(*open) + SEQUENCES_SIZE);
		if (!open)
			return 0;
		fill(how, (void *)open, EVENT_OPEN, fact, sk, tp);
		fill_addresses(how, fact, sk, (__u32 *)open->laddr, (__u32 *)open->raddr);
		fill_owner(how, open, tp);
		add_sequences(how, (void *)open, sizeof(*open), fact, sk, tp);
		record_submit(cpu, open);
	} else if (fact->to == TCP_CLOSE) {
		close = record_reserve(cpu, sizeof(*close) + SEQUENCES_SIZE);
		if (!close)
			return 0;
		fill(how, (void *)close, EVENT_CLOSE, fact, sk, tp);
		fill_addresses(how, fact, sk, (__u32 *)close->laddr, (__u32 *)close->raddr);
		fill_counters(how, close, fact, tp);
		fill_signs(how, close, fact, sk, tp);
		fill_facts(how, close, tp);
		add_sequences(how, (void *)close, sizeof(*close), fact, sk, tp);
		record_submit(cpu, close);
	} else if (fact->family == AF_INET6) {
		six = record_reserve(cpu, sizeof(*six) + SEQUENCES_SIZE);
		if (!six)
			return 0;
		fill(how, (void *)six, EVENT_TRANSITION6, fact, sk, tp);
		fill_addresses(how, fact, sk, (__u32 *)six->laddr, (__u32 *)six->raddr);
		add_sequences(how, (void *)six, sizeof(*six), fact, sk, tp);
		record_submit(cpu, six);
	} else {
		four = record_reserve(cpu, sizeof(*four) + SEQUENCES_SIZE);
		if (!four)
			return 0;
		fill(how, four, EVENT_TRANSITION, fact, sk, tp);
		*(__u32 *)four->raddr = fact->remote.word[3];
		*(__u32 *)four->laddr =
			fact->from == TCP_LISTEN ? 0 : READ(how, sk, __sk_common.skc_rcv_saddr);
		add_sequences(how, four, sizeof(*four), fact, sk, tp);
		record_submit(cpu, four);
	}
	return 0;
}

/*
 * Where timewait sockets are known by their timers: a connect may kill one to take its port over.
 */
static __always_inline void note_connect(const struct sock *sk)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return;
	scratch->connecting = bpf_get_current_pid_tgid();
	scratch->connect_sock = (__u64)sk;
}

/* The timewait socket that was made for this one, which is closing now, on this CPU. */
static __always_inline void claim_timewait(enum access how, struct fact *fact,
					   const struct sock *sk, const struct tcp_sock *tp)
{
	struct scratch *scratch = cpu_scratch();
	__u32 ports;

	if (!scratch || !scratch->timewait)
		return;
	ports = READ(how, sk, __sk_common.skc_dport) | (__u32)local_port(how, tp, TCP_CLOSE) << 16;
	if (scratch->timewait_sock ? scratch->timewait_sock != (__u64)sk :
				     scratch->timewait_ports != ports)
		return;
	fact->timewait = scratch->timewait;
	fact->substate = scratch->timewait_state;
	scratch->timewait = 0;
}

/*
 * Where requests are known by their timers: a child waits for its request's timer to be stopped.
 * Children that no filter wants do so too, or their requests would seem to have died.
 */
static __always_inline void await_request(const struct sock *sk, __u64 now)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch)
		return;
	scratch->born = (__u64)sk;
	scratch->born_ns = now;
}

/* One that is ESTABLISHED before that had none: true. */
static __always_inline bool awaits_request(const struct sock *sk)
{
	struct scratch *scratch = cpu_scratch();

	if (!scratch || scratch->born != (__u64)sk)
		return false;
	scratch->born = 0;
	return true;
}

/*
 * It begins to listen, which its owner does, or ends. Filters are for the connections it will have.
 */
static __always_inline int tell_listener(enum access how, struct config_counters *cpu,
					 const struct fact *fact, const struct sock *sk,
					 const struct tcp_sock *tp)
{
	__u32 netns = netns_of(how, sock_of(tp));
	struct event_listener *listener;
	__u32 *laddr;

	if (filter.netns_count && !is_netns_wanted(netns)) {
		count(&cpu->filtered);
		return 0;
	}
	listener = record_reserve(cpu, sizeof(*listener));
	if (!listener)
		return 0;
	listener->head.mono_ns = fact->now;
	listener->head.sock = (__u64)sk;
	listener->head.netns = netns;
	listener->head.kind = EVENT_LISTENER;
	listener->head.states = EVENT_STATES(fact->from, fact->to);
	listener->head.flags = 0;
	listener->cgroup = knobs.cgroup ? cgroup_id_of(how, sock_of(tp)) : 0;
	listener->lport = local_port(how, tp, fact->to);
	__builtin_memset(listener->reserved, 0, sizeof(listener->reserved));
	laddr = (__u32 *)listener->laddr;
	if (READ(how, sk, __sk_common.skc_family) == AF_INET6) {
		listener->head.flags |= EVENT_FLAG_IPV6;
		local_address6(how, sk, laddr);
	} else {
		laddr[0] = READ(how, sk, __sk_common.skc_rcv_saddr);
		laddr[1] = laddr[2] = laddr[3] = 0;
	}
	fill_task(how, listener->comm, listener->process, &listener->pid, &listener->uid);
	record_submit(cpu, listener);
	return 0;
}

/*
 * SCTP, DCCP and MPTCP's own socket share the tracepoint but are not TCP sockets: not ours, so not
 * even counted. A listener is not a connection: its own transitions are counted as filtered.
 */
static __always_inline int tell(enum access how, const struct sock *sk, int from, int to,
				bool witness)
{
	__u64 now = bpf_ktime_get_ns();
	struct fact fact = { .now = now, .from = from, .to = to, .witness = witness };
	struct config_counters *cpu;
	struct tcp_sock *tp;

	if (READ(how, sk, sk_protocol) != IPPROTO_TCP || from == to)
		return 0;
	tp = tcp_sock_of(how, sk);
	if (!tp)
		return 0;
	cpu = cpu_counters();
	cpu->told_sock = witness ? 0 : (__u64)sk;
	cpu->told_states = from | to << 8;
	count(&cpu->seen);
	if (knobs.timewait && to == TCP_CLOSE && (from == TCP_FIN_WAIT2 || from == TCP_CLOSING))
		claim_timewait(how, &fact, sk, tp);
	if (knobs.listeners && (to == TCP_LISTEN || (from == TCP_LISTEN && to == TCP_CLOSE)))
		return tell_listener(how, cpu, &fact, sk, tp);
	if (knobs.reqsk_timer_handler && from == TCP_LISTEN && to == TCP_SYN_RECV)
		await_request(sk, now);
	if (to == TCP_LISTEN || (from == TCP_LISTEN && to != TCP_SYN_RECV) ||
	    is_unwanted(how, cpu, sk, tp, from, to)) {
		if (knobs.reqsk_timer_handler && from == TCP_SYN_RECV)
			awaits_request(sk);
		count(&cpu->filtered);
		return 0;
	}
	learn(how, &fact, sk, tp);
	/* No request: its SYN-ACK carried a cookie. */
	if (knobs.reqsk_timer_handler && from == TCP_SYN_RECV && awaits_request(sk) &&
	    !(fact.flags & EVENT_FLAG_FASTOPEN))
		fact.flags |= EVENT_FLAG_SYNCOOKIE;
	if (knobs.tw_timer_handler && to == TCP_SYN_SENT)
		note_connect(sk);
	return send_transition(how, cpu, &fact, sk, tp);
}

static __always_inline int on_transition(enum access how, const struct sock *sk, int from, int to)
{
	return tell(how, sk, from, to, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp_btf, const struct sock *sk, int from, int to)
{
	return on_transition(DIRECT, sk, from, to);
}

/*
 * The kernel does not run a program that is already running on the CPU: a softirq in the middle of
 * a connect, or a task that took the CPU from another one there, has its transition skipped. It
 * cannot skip two programs at once, so this one, which is called right after the first, speaks when
 * the first was silent. What was told in between on this CPU makes it say again what the first has
 * said; user space drops that. What was told is for one call of the witness only: sockets are made
 * where others were, and the same transition may be the next one that this CPU sees.
 */
static __always_inline int witness_transition(const struct sock *sk, int from, int to)
{
	struct config_counters *cpu = cpu_counters();

	if (cpu->told_sock == (__u64)sk && cpu->told_states == (__u64)(from | to << 8)) {
		cpu->told_sock = 0;
		return 0;
	}
	return tell(DIRECT, sk, from, to, true);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_witness_tp_btf, const struct sock *sk, int from, int to)
{
	return witness_transition(sk, from, to);
}

SEC("?tp/sock/inet_sock_set_state")
int state_tracepoint(struct trace_event_raw_inet_sock_set_state *ctx)
{
	return on_transition(PROBE, ctx->skaddr, ctx->oldstate, ctx->newstate);
}

/*
 * What is attached to a function last is called first, so the witness stands before the one that it
 * listens to; programs are attached in the order of this file.
 */
SEC("?fentry/tcp_set_state")
int BPF_PROG(state_witness_fentry, const struct sock *sk, int to)
{
	return witness_transition(sk, sk->__sk_common.skc_state, to);
}

SEC("?fentry/tcp_set_state")
int BPF_PROG(state_fentry, const struct sock *sk, int to)
{
	return on_transition(DIRECT, sk, sk->__sk_common.skc_state, to);
}

/*
 * tcp_set_state is not called for a child: it is born in SYN_RECV here. That is in a softirq, which
 * no other takes the CPU from, so it needs no witness.
 */
SEC("?fexit/inet_csk_clone_lock")
int BPF_PROG(state_clone_fexit, const struct sock *sk, const void *req, unsigned int priority,
	     const struct sock *child)
{
	return child ? on_transition(DIRECT, child, TCP_LISTEN, TCP_SYN_RECV) : 0;
}

SEC("?kprobe/tcp_set_state")
int BPF_KPROBE(state_kprobe, const struct sock *sk, int to)
{
	return on_transition(PROBE, sk, BPF_CORE_READ(sk, __sk_common.skc_state), to);
}

SEC("?kretprobe/inet_csk_clone_lock")
int BPF_KRETPROBE(state_clone_kretprobe, const struct sock *child)
{
	return child ? on_transition(PROBE, child, TCP_LISTEN, TCP_SYN_RECV) : 0;
}
