// SPDX-License-Identifier: GPL-2.0-only
/* The state family: every transition of every full TCP socket. */
#include "bpf/life.bpf.h"
#include "bpf/opener.bpf.h"

/*
 * Nothing but what both ends of a connection's life need goes beyond the 48 bytes of a transition.
 */
static __always_inline int send_transition(enum access how, struct config_counters *cpu,
					   struct fact *fact, const struct sock *sk,
					   const struct tcp_sock *tp)
{
	struct event_transition6 *six;
	struct event_transition *four;
	struct event_close *close;
	struct event_open *open;

	if (is_over_quota(how, sock_of(tp), sizeof(*close) + SEQUENCES_SIZE))
		return 0;
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
	if (is_over_quota(how, sock_of(tp), sizeof(*listener)))
		return 0;
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
	listener->lport = local_port(how, sk, tp, fact->to);
	__builtin_memset(listener->reserved, 0, sizeof(listener->reserved));
	listener->ifindex = ifindex_of(how, &sk->__sk_common);
	laddr = (__u32 *)listener->laddr;
	if (READ(how, sk, __sk_common.skc_family) == AF_INET6) {
		listener->head.flags |= EVENT_FLAG_IPV6;
		local_address6(how, sk, laddr);
	} else {
		laddr[0] = READ(how, sk, __sk_common.skc_rcv_saddr);
		laddr[1] = laddr[2] = laddr[3] = 0;
	}
	fill_task(listener->comm, listener->process, &listener->pid, &listener->uid);
	record_submit(cpu, listener);
	return 0;
}

/* Before its birth is told, so that nobody takes it for a connection of whoever runs. */
static __always_inline void tell_subflow(enum access how, struct config_counters *cpu,
					 const struct fact *fact, const struct sock *sk,
					 const struct tcp_sock *tp)
{
	__u64 birth = mptcp_birth(ulp_data_of(how, tp));
	struct event_subflow *subflow;

	if (!birth)
		return;
	count(&cpu->seen);
	if (is_over_quota(how, sock_of(tp), sizeof(*subflow)))
		return;
	subflow = record_reserve(cpu, sizeof(*subflow));
	if (!subflow)
		return;
	subflow->head.mono_ns = fact->now;
	subflow->head.sock = (__u64)sk;
	subflow->head.netns = netns_of(how, sock_of(tp));
	subflow->head.kind = EVENT_SUBFLOW;
	subflow->head.states = EVENT_STATES(fact->from, fact->to);
	subflow->head.flags = 0;
	subflow->token = birth;
	subflow->marks = birth & MPTCP_FIRST ? EVENT_SUBFLOW_FIRST : 0;
	__builtin_memset(subflow->reserved, 0, sizeof(subflow->reserved));
	record_submit(cpu, subflow);
}

/*
 * Before its birth, or what makes a child's known. From then on nothing of it is collected: what
 * was goes before.
 */
static __always_inline void tell_scope(enum access how, struct config_counters *cpu,
				       const struct fact *fact, const struct sock *sk,
				       const struct tcp_sock *tp)
{
	__u32 ifindex = ifindex_of(how, &sk->__sk_common);

	if (!ifindex)
		return;
	slot_send_before(cpu, sk);
	if (is_over_quota(how, sock_of(tp), sizeof(struct event_scope))) {
		count(&cpu->seen);
		return;
	}
	scope_send(net_address(&tp->inet_conn.icsk_inet.sk.__sk_common),
		   (__u64)ifindex << 32 | netns_of(how, sock_of(tp)), slot_address(cpu, sk),
		   fact->now, EVENT_STATES(fact->from, fact->to));
}

/* Its request, which is known by its timer, does not wait for it any more. */
static __always_inline int leave_out(struct config_counters *cpu, const struct sock *sk, int from)
{
	if (ASKED(knobs.reqsk_timer_handler) && from == TCP_SYN_RECV)
		awaits_request(cpu, sk);
	count(&cpu->filtered);
	return 0;
}

/* Of all that no filter leaves out, followed or not. */
static __always_inline void count_life(struct config_counters *cpu, int from, int to)
{
	if (is_birth(from, to))
		count(&cpu->births);
	else if (to == TCP_CLOSE)
		count(&cpu->ends);
}

/*
 * SCTP, DCCP and MPTCP's own socket share the tracepoint but are not TCP sockets: not ours, so not
 * even counted. A listener is not a connection: its own transitions are counted as filtered.
 */
static __always_inline int tell(void *ctx, enum access how, const struct sock *sk, int from, int to,
				bool witness)
{
	__u64 now = bpf_ktime_get_ns();
	struct fact fact = {
		.now = now, .from = from, .to = to, .witness = witness, .zero = hidden_zero(now)
	};
	struct config_counters *cpu;
	struct tcp_sock *tp;

	if (READ(how, sk, sk_protocol) != IPPROTO_TCP || from == to)
		return 0;
	tp = witness ? tcp_sock_of(how, sk) : tcp_sock_at(how, sk);
	if (!tp)
		return 0;
	cpu = cpu_counters();
	note_told(cpu, sk, from, to, witness);
	if (to == TCP_SYN_SENT)
		cpu->acting_sock = (__u64)sk;
	if (ASKED(knobs.timewait) && to == TCP_CLOSE &&
	    (from == TCP_FIN_WAIT2 || from == TCP_CLOSING))
		claim_timewait(how, cpu, &fact, local_port(how, sk, tp, to), sk, tp);
	if (ASKED(knobs.listeners) && (to == TCP_LISTEN || (from == TCP_LISTEN && to == TCP_CLOSE)))
		return tell_listener(how, cpu, &fact, sk, tp);
	if (to == TCP_LISTEN || (from == TCP_LISTEN && to != TCP_SYN_RECV))
		return leave_out(cpu, sk, from);
	if (from == TCP_LISTEN)
		await_request(cpu, sk, now);
	if (ASKED(filter.is_on) && is_unwanted(how, sk, tp, from, to)) {
		if (knobs.slot_bits)
			count_many(&cpu->filtered, forget(cpu, sk, is_birth(from, to)));
		note_end(sk, to, true);
		return leave_out(cpu, sk, from);
	}
	count_life(cpu, from, to);
	if ((ASKED(filter.is_on) && filter.sample > 1 && !is_sampled(how, cpu, tp, sk, from, to)) ||
	    is_saved(how, cpu, tp, sk, from, to, witness)) {
		note_end(sk, to, true);
		note_failed(sk, from, to, true);
		return leave_out(cpu, sk, from);
	}
	if (ASKED(filter.is_on) || ASKED(knobs.budget)) {
		note_end(sk, to, false);
		note_failed(sk, from, to, false);
	}
	fact.subflow = is_subflow(how, tp);
	if (fact.subflow && (to == TCP_SYN_SENT || (from == TCP_SYN_RECV && to == TCP_ESTABLISHED)))
		tell_subflow(how, cpu, &fact, sk, tp);
	fact.subflow = forgotten(fact.subflow, fact.zero);
	if (to == TCP_SYN_SENT || from == TCP_SYN_RECV)
		tell_scope(how, cpu, &fact, sk, tp);
	if (ASKED(knobs.stacks) && to == TCP_SYN_SENT)
		tell_stack(ctx, how, cpu, sk, now, EVENT_STATES(from, to));
	if (knobs.slot_bits)
		return collect(how, cpu, &fact, sk, tp);
	learn(how, &fact, sk, tp);
	learn_cookie(&fact, sk);
	blur(&fact);
	blur_remote(&fact);
	return send_transition(how, cpu, &fact, sk, tp);
}

static __always_inline int on_transition(void *ctx, enum access how, const struct sock *sk,
					 int from, int to)
{
	if (tell_known(how, sk, from, to))
		return 0;
	/* Where these are constants little is left of the rest. */
	if (how != PROBE && from == TCP_CLOSE && to == TCP_SYN_SENT)
		return tell(ctx, how, sk, TCP_CLOSE, TCP_SYN_SENT, false);
	if (how != PROBE && from == TCP_LISTEN && to == TCP_SYN_RECV)
		return tell(ctx, how, sk, TCP_LISTEN, TCP_SYN_RECV, false);
	return tell(ctx, how, sk, from, to, false);
}

static __always_inline int on_address(void *ctx, const struct sock *sk, int from, int to)
{
	if (has_types())
		return on_transition(ctx, TYPED, typed(sk, CONFIG_TYPE_SOCK), from, to);
	return on_transition(ctx, PROBE, sk, from, to);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp_btf, const struct sock *sk, int from, int to)
{
	return on_transition(ctx, DIRECT, sk, from, to);
}

/*
 * The kernel does not run a program that is already running on the CPU: a softirq in the middle of
 * a connect, or a task that took the CPU from another one there, has its transition skipped. It
 * cannot skip two programs at once, so this one, which is called right after the first, speaks when
 * the first was silent. What was told in between on this CPU makes it say again what the first has
 * said; user space drops that. What was told is for one call of the witness only: sockets are made
 * where others were, and the same transition may be the next one that this CPU sees.
 */
static __always_inline bool is_told(struct config_counters *cpu, const struct sock *sk, int from,
				    int to)
{
	if (cpu->told_sock != (__u64)sk || cpu->told_states != told_states_of(from, to))
		return false;
	cpu->told_sock = 0;
	return true;
}

/* Seldom, and so not where each call would have to make room for it. */
static __noinline int witness_speaks(unsigned long long *ctx)
{
	return tell(ctx, DIRECT, (const struct sock *)ctx[0], (int)ctx[1], (int)ctx[2], true);
}

/* What is not asked for before the counters are there need not be kept meanwhile. */
SEC("?tp_btf/inet_sock_set_state")
int state_witness_tp_btf(unsigned long long *ctx)
{
	struct config_counters *cpu = cpu_counters();

	if (is_told(cpu, (const struct sock *)ctx[0], (int)ctx[1], (int)ctx[2]))
		return 0;
	return witness_speaks(ctx);
}

SEC("?tp/sock/inet_sock_set_state")
int state_tracepoint(struct trace_event_raw_inet_sock_set_state *ctx)
{
	return on_address(ctx, ctx->skaddr, ctx->oldstate, ctx->newstate);
}

/*
 * What is attached to a function last is called first, so the witness stands before the one that it
 * listens to; programs are attached in the order of this file.
 */
SEC("?fentry/tcp_set_state")
int BPF_PROG(state_witness_fentry, const struct sock *sk, int to)
{
	int from = sk->__sk_common.skc_state;

	return is_told(cpu_counters(), sk, from, to) ? 0 : tell(ctx, DIRECT, sk, from, to, true);
}

SEC("?fentry/tcp_set_state")
int BPF_PROG(state_fentry, const struct sock *sk, int to)
{
	return on_transition(ctx, DIRECT, sk, sk->__sk_common.skc_state, to);
}

/*
 * tcp_set_state is not called for a child: it is born in SYN_RECV here. That is in a softirq, which
 * no other takes the CPU from, so it needs no witness.
 */
SEC("?fexit/inet_csk_clone_lock")
int BPF_PROG(state_clone_fexit, const struct sock *sk, const void *req, unsigned int priority,
	     const struct sock *child)
{
	return child ? on_transition(ctx, DIRECT, child, TCP_LISTEN, TCP_SYN_RECV) : 0;
}

SEC("?kprobe/tcp_set_state")
int BPF_KPROBE(state_kprobe, const struct sock *sk, int to)
{
	const struct sock *known;

	if (!has_types())
		return on_transition(ctx, PROBE, sk, BPF_CORE_READ(sk, __sk_common.skc_state), to);
	known = typed(sk, CONFIG_TYPE_SOCK);
	return on_transition(ctx, TYPED, known, known->__sk_common.skc_state, to);
}

SEC("?kretprobe/inet_csk_clone_lock")
int BPF_KRETPROBE(state_clone_kretprobe, const struct sock *child)
{
	return child ? on_address(ctx, child, TCP_LISTEN, TCP_SYN_RECV) : 0;
}
