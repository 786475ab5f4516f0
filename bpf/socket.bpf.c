// SPDX-License-Identifier: GPL-2.0-only
/* The seed family: a snapshot of the sockets of a network namespace, one record for each. */
#include "bpf/endpoint.bpf.h"
#include "bpf/mptcp.bpf.h"
#include "bpf/scope.bpf.h"
#include "vmlinux/flavours.h"

/*
 * Everything is read by direct loads, so it works under lockdown=confidentiality. Newer kernels
 * hold the lock of a full socket meanwhile; up to 5.14 they hold that of its hash bucket alone.
 */

#define NS_PER_SECOND 1000000000ull

/* One tick, or one millisecond, is what two stamps of the same moment may differ by. */
#define SAME_MOMENT_NS (2 * knobs.tick_ns + NS_PER_MS)

/* The time since a stamp of tcp_jiffies32; one that was never set is 0. */
static __always_inline __u64 age_of(__u32 stamp)
{
	__s32 age = (__u32)bpf_jiffies64() - stamp;

	if (!stamp)
		return EVENT_TIME_UNKNOWN;
	return age < 0 ? 0 : age * knobs.tick_ns;
}

/* Of a timer's time, in nanoseconds from now; negative: it is late. */
static __always_inline __s64 time_left(__u64 expires)
{
	return (__s64)(expires - bpf_jiffies64()) * (__s64)knobs.tick_ns;
}

static __always_inline void set_timer(struct event_socket *record, int timer, __u64 expires)
{
	__s64 left = time_left(expires);

	record->timer = timer;
	record->timer_ns = left < 0 ? 0 : left;
}

/* All but what depends on the object. */
static __always_inline void fill_common(struct event_socket *record, struct sock_common *common)
{
	const struct sock *sk = doubted(common); /* of which no more than this is read */
	struct address a;
	int family;

	record->head.mono_ns = bpf_ktime_get_ns();
	record->head.sock = (__u64)common;
	record->head.netns = netns_of(DIRECT, sk);
	record->head.kind = EVENT_SOCKET;
	family = remote_address(DIRECT, sk, &a);
	if (family == AF_INET6) {
		record->head.flags = EVENT_FLAG_IPV6;
		__builtin_memcpy(record->raddr, &a, sizeof(a));
		local_address6(DIRECT, sk, (__u32 *)record->laddr);
	} else {
		*(__u32 *)record->raddr = a.word[3];
		*(__u32 *)record->laddr = common->skc_rcv_saddr;
	}
	record->lport = common->skc_num;
	record->rport = bpf_ntohs(common->skc_dport);
	record->ifindex = ifindex_of(DIRECT, common);
	record->since_ns = EVENT_TIME_UNKNOWN;
	record->ack_age_ns = EVENT_TIME_UNKNOWN;
	record->receive_age_ns = EVENT_TIME_UNKNOWN;
	record->send_age_ns = EVENT_TIME_UNKNOWN;
	record->timer_ns = EVENT_TIME_UNKNOWN;
}

/* The same clock as ours, in whole microseconds or milliseconds of 32 bits. */
static __always_inline __u64 time_of_stamp(__u64 now_ns, __u32 stamp, __u32 unit_ns)
{
	__u64 now = now_ns / unit_ns;

	return (now - ((__u32)now - stamp)) * unit_ns;
}

static __always_inline void fill_syn_sent(struct event_socket *record, const struct tcp_sock *tp)
{
	__u32 unit_ns = NS_PER_MS;

	if (bpf_core_field_exists(tp->tcp_usec_ts) && BPF_CORE_READ_BITFIELD(tp, tcp_usec_ts))
		unit_ns = NS_PER_US;
	if (!tp->retrans_stamp)
		return;
	record->since_ns = time_of_stamp(record->head.mono_ns, tp->retrans_stamp, unit_ns);
	record->marks |= EVENT_SOCKET_SINCE_EXACT;
}

static __always_inline __u64 retransmit_time(const struct tcp_sock *tp)
{
	const struct inet_connection_sock___6_18 *old = (const void *)&tp->inet_conn;

	if (bpf_core_field_exists(old->icsk_retransmit_timer))
		return old->icsk_retransmit_timer.expires;
	if (bpf_core_field_exists(tp->inet_conn.icsk_inet.sk.tcp_retransmit_timer))
		return tp->inet_conn.icsk_inet.sk.tcp_retransmit_timer.expires;
	return 0;
}

static __always_inline void fill_keepalive(struct event_socket *record,
					   const struct timer_list *timer)
{
	if (timer->entry.pprev)
		set_timer(record, EVENT_TIMER_KEEPALIVE, timer->expires);
}

static __always_inline void fill_timer(struct event_socket *record, const struct tcp_sock *tp)
{
	switch (tp->inet_conn.icsk_pending) {
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_LOSS_PROBE:
	case ICSK_TIME_REO_TIMEOUT:
		set_timer(record, EVENT_TIMER_RETRANSMIT, retransmit_time(tp));
		return;
	case ICSK_TIME_PROBE0:
		set_timer(record, EVENT_TIMER_PROBE, retransmit_time(tp));
		return;
	}
	if (bpf_core_field_exists(tp->inet_conn.icsk_keepalive_timer))
		fill_keepalive(record, &tp->inet_conn.icsk_keepalive_timer);
	else
		fill_keepalive(record, &tp->inet_conn.icsk_inet.sk.sk_timer);
}

/* The inode of its file. What a subflow has is its connection's. */
static __always_inline __u64 inode_of(const struct sock *sk, const struct tcp_sock *tp)
{
	__u64 ulp_data = ulp_data_of(DIRECT, tp);

	return ulp_data ? mptcp_inode(ulp_data) : sk->sk_socket->file->f_inode->i_ino;
}

/* Who holds it, and what it is charged to. */
static __always_inline void fill_holder(struct event_socket *record, const struct sock *sk,
					const struct tcp_sock *tp, int mptcp)
{
	record->uid = sk->sk_uid.val;
	record->cgroup = cgroup_id_of(DIRECT, sk);
	if (mptcp ? mptcp & MPTCP_DEAD : sk->__sk_common.skc_flags & (1UL << SOCK_DEAD))
		record->marks |= EVENT_SOCKET_ORPHAN;
	else if (mptcp ? !(mptcp & MPTCP_HAS_SOCKET) : !sk->sk_socket)
		record->marks |= EVENT_SOCKET_UNACCEPTED;
	else
		record->inode = inode_of(sk, tp);
}

static __always_inline void fill_listener(struct event_socket *record, const struct tcp_sock *tp)
{
	record->rx_queue = tp->inet_conn.icsk_inet.sk.sk_ack_backlog;
	record->tx_queue = tp->inet_conn.icsk_inet.sk.sk_max_ack_backlog;
	record->in_flight = tp->inet_conn.icsk_accept_queue.qlen.counter;
	if (!bpf_core_field_exists(tp->inet_conn.icsk_inet.sk.sk_drops))
		return;
	record->retransmits = tp->inet_conn.icsk_inet.sk.sk_drops.counter;
	record->marks |= EVENT_SOCKET_DROPS;
}

/*
 * What the window was updated by last is behind the peer's FIN if anything that came behind it was:
 * the first segment that does always updates it. A FIN that is sent again is not looked at so far.
 */
static __always_inline void fill_fin(struct event_socket *record, const struct tcp_sock *tp)
{
	__u32 rcv_nxt = tp->rcv_nxt;

	if (!(record->head.flags & EVENT_FLAG_FIN_RECEIVED))
		return;
	record->marks |= (__s32)(tp->snd_wl1 - rcv_nxt) < 0 ? EVENT_SOCKET_FIN_LAST :
							      EVENT_SOCKET_FIN_FOLLOWED;
	if (rcv_nxt != tp->copied_seq)
		record->marks |= EVENT_SOCKET_FIN_UNREAD;
}

static __always_inline void fill_stream(struct event_socket *record, const struct tcp_sock *tp)
{
	bool fin_received = record->head.flags & EVENT_FLAG_FIN_RECEIVED;
	__u64 received = tp->bytes_received;
	__u32 rcv_nxt = tp->rcv_nxt, unread;

	record->bytes_sent = tp->bytes_sent - tp->bytes_retrans;
	record->bytes_acked = tp->bytes_acked;
	record->bytes_received = received - (received && fin_received);
	record->ack_age_ns = age_of(tp->rcv_tstamp);
	record->receive_age_ns = age_of(tp->inet_conn.icsk_ack.lrcvtime);
	record->send_age_ns = age_of(tp->lsndtime);
	/* The peer's FIN takes a number but is not read. */
	unread = rcv_nxt - tp->copied_seq - fin_received;
	record->rx_queue = (__s32)unread < 0 ? 0 : unread;
	record->snd_una = tp->snd_una;
	record->snd_nxt = tp->snd_nxt;
	record->rcv_nxt = rcv_nxt;
	record->snd_wnd = tp->snd_wnd;
	record->tx_queue = tp->write_seq - record->snd_una;
	record->in_flight = tp->packets_out;
	record->retransmits = tp->total_retrans;
	record->srtt_us = tp->srtt_us >> 3;
	record->attempts = tp->inet_conn.icsk_retransmits;
	record->probes = tp->inet_conn.icsk_probes_out;
	record->backoff = tp->inet_conn.icsk_backoff;
	record->rto_us = tp->inet_conn.icsk_rto * knobs.tick_ns / NS_PER_US;
	fill_fin(record, tp);
}

/* A client's has asked for MPTCP before it has got it. */
static __always_inline void fill_subflow(struct event_socket *record, const struct tcp_sock *tp,
					 int mptcp)
{
	__u64 ulp_data = ulp_data_of(DIRECT, tp), birth;

	if (mptcp ? mptcp & MPTCP_AGREED : is_subflow(DIRECT, tp))
		record->head.flags |= EVENT_FLAG_MPTCP;
	if (!mptcp)
		return;
	birth = mptcp_birth(ulp_data);
	record->token = birth;
	record->subflow_marks = birth & MPTCP_FIRST ? EVENT_SUBFLOW_FIRST : 0;
	record->mptcp_state = mptcp_state(ulp_data);
}

static __always_inline bool fill_full(struct event_socket *record, struct sock_common *common)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(common);
	struct sock *sk;
	int mptcp;

	if (!tp)
		return false;
	sk = &tp->inet_conn.icsk_inet.sk;
	record->object = EVENT_SOCKET_FULL;
	record->marks = EVENT_SOCKET_COUNTED;
	record->error = sk->sk_err;
	record->shutdown = sk->sk_shutdown;
	if (sk->__sk_common.skc_flags & (1UL << SOCK_DONE))
		record->head.flags |= EVENT_FLAG_FIN_RECEIVED;
	mptcp = is_subflow(DIRECT, tp) ? mptcp_signs(ulp_data_of(DIRECT, tp)) : 0;
	fill_subflow(record, tp, mptcp);
	fill_holder(record, sk, tp, mptcp);
	if (EVENT_FROM(record->head.states) == TCP_LISTEN) {
		fill_listener(record, tp);
		return true;
	}
	fill_stream(record, tp);
	fill_timer(record, tp);
	if (EVENT_FROM(record->head.states) == TCP_SYN_SENT)
		fill_syn_sent(record, tp);
	return true;
}

/*
 * The helpers know minisocks by the protocol of TCP alone. What a listener of MPTCP has to do with
 * has one of MPTCP's own, which its requests and the timewait sockets of its children take from it:
 * where the kernel believes what a type is, nobody else is asked. NULL: its fields cannot be read.
 */
static __always_inline const struct tcp_request_sock *request_of(struct sock_common *common)
{
	return has_types() ? typed(common, CONFIG_TYPE_TCP_REQUEST) :
			     bpf_skc_to_tcp_request_sock(common);
}

static __always_inline const struct inet_timewait_sock *timewait_of(struct sock_common *common)
{
	const struct tcp_timewait_sock *ttw;

	if (has_types())
		return typed(common, CONFIG_TYPE_TIMEWAIT);
	ttw = bpf_skc_to_tcp_timewait_sock(common);
	return ttw ? &ttw->tw_sk : NULL;
}

static __always_inline void fill_request(struct event_socket *record, struct sock_common *common)
{
	const struct tcp_request_sock *treq = request_of(common);
	const struct request_sock *req;

	record->object = EVENT_SOCKET_REQUEST;
	if (!treq)
		return;
	req = &treq->req.req;
	record->snd_una = treq->snt_isn;
	record->snd_nxt = record->snd_una + 1;
	record->rcv_nxt = treq->rcv_isn + 1;
	record->attempts = req->num_retrans;
	record->retransmits = req->num_retrans;
	if (BPF_CORE_READ_BITFIELD(&treq->req, acked))
		record->head.flags |= EVENT_FLAG_ACK_DROPPED;
	set_timer(record, EVENT_TIMER_RETRANSMIT, req->rsk_timer.expires);
	if (!treq->snt_synack)
		return;
	record->since_ns = treq->snt_synack * NS_PER_US;
	record->marks |= EVENT_SOCKET_SINCE_EXACT;
}

/* Since when a timewait socket is in its state, and whether that is exact. */
struct waited {
	__u64 since_ns;
	bool is_exact;
};

/*
 * Its timer says how much is left of a TIME_WAIT. A segment that came late may have begun it again;
 * where the kernel keeps when it was entered, the two are compared.
 */
static __always_inline struct waited waited_of(const struct inet_timewait_sock *tw, int state,
					       __u64 now, __s64 left)
{
	__u64 entered = EVENT_TIME_UNKNOWN, since, apart;

	if (bpf_core_field_exists(tw->tw_entry_stamp) && tw->tw_entry_stamp)
		entered = time_of_stamp(now, tw->tw_entry_stamp, NS_PER_MS);
	if (state != TCP_TIME_WAIT)
		return (struct waited){ entered, entered != EVENT_TIME_UNKNOWN };
	since = now + left - TCP_TIMEWAIT_SECONDS * NS_PER_SECOND;
	if (entered == EVENT_TIME_UNKNOWN)
		return (struct waited){ since, false };
	apart = since > entered ? since - entered : entered - since;
	if (apart <= SAME_MOMENT_NS)
		return (struct waited){ entered, true };
	return (struct waited){ since, false };
}

static __always_inline void fill_timewait(struct event_socket *record, struct sock_common *common)
{
	const struct inet_timewait_sock *tw = timewait_of(common);
	struct waited waited;
	__u64 expires;
	int state;

	record->object = EVENT_SOCKET_TIMEWAIT;
	record->marks = EVENT_SOCKET_ORPHAN;
	record->snd_nxt = record->snd_una = common->skc_tw_snd_nxt;
	record->rcv_nxt = common->skc_tw_rcv_nxt;
	if (!tw)
		return;
	state = tw->tw_substate;
	record->head.states = EVENT_STATES(state, state);
	expires = tw->tw_timer.expires;
	set_timer(record, EVENT_TIMER_TIMEWAIT, expires);
	waited = waited_of(tw, state, record->head.mono_ns, time_left(expires));
	record->since_ns = waited.since_ns;
	if (waited.is_exact)
		record->marks |= EVENT_SOCKET_SINCE_EXACT;
}

/* What a poll asks of a timewait socket, and of no other. */
static __always_inline void write_polled(struct seq_file *seq, struct sock_common *common)
{
	const struct inet_timewait_sock *tw = timewait_of(common);
	const struct sock *sk = doubted(common); /* of which no more than this is read */
	struct event_polled polled = {
		.mono_ns = bpf_ktime_get_ns(),
		.since_ns = EVENT_TIME_UNKNOWN,
		.timer_ns = EVENT_TIME_UNKNOWN,
		.state = TCP_TIME_WAIT,
	};
	struct address a;
	__s64 left;

	if (tw) {
		left = time_left(tw->tw_timer.expires);
		polled.timer_ns = left < 0 ? 0 : left;
		polled.state = tw->tw_substate;
		polled.since_ns = waited_of(tw, polled.state, polled.mono_ns, left).since_ns;
	}
	polled.lport = common->skc_num;
	polled.rport = bpf_ntohs(common->skc_dport);
	polled.ifindex = ifindex_of(DIRECT, common);
	if (remote_address(DIRECT, sk, &a) == AF_INET6) {
		polled.is_ipv6 = 1;
		__builtin_memcpy(polled.raddr, &a, sizeof(a));
		local_address6(DIRECT, sk, (__u32 *)polled.laddr);
	} else {
		*(__u32 *)polled.raddr = a.word[3];
		*(__u32 *)polled.laddr = common->skc_rcv_saddr;
	}
	bpf_seq_write(seq, &polled, sizeof(polled));
}

/*
 * An MPTCP connection that its peer has closed has subflows that are open yet. Where no program may
 * follow an address, each of these may be one's.
 */
static __always_inline bool is_wanted(const struct event_socket *record, __u32 wanted)
{
	bool is_closed = record->mptcp_state == TCP_CLOSE_WAIT ||
			 (knobs.memory_hidden && record->head.flags & EVENT_FLAG_MPTCP &&
			  EVENT_FROM(record->head.states) == TCP_ESTABLISHED);

	if (is_closed && wanted & 1u << TCP_CLOSE_WAIT)
		return true;
	if (shared.snapshot_unaccepted && EVENT_FROM(record->head.states) == TCP_ESTABLISHED &&
	    !(record->marks & EVENT_SOCKET_UNACCEPTED))
		return false;
	return wanted & 1u << EVENT_FROM(record->head.states);
}

/* The state of a timewait socket; TCP_TIME_WAIT where that cannot be read. */
static __always_inline int substate_of(struct sock_common *common)
{
	const struct inet_timewait_sock *tw = timewait_of(common);

	return tw ? tw->tw_substate : TCP_TIME_WAIT;
}

/* Before anything else of it is read: of very many sockets one is asked for, and its other end. */
static __always_inline bool has_ports(const struct sock_common *common)
{
	__u32 wanted = shared.snapshot_ports, near, far;

	if (!wanted)
		return true;
	near = common->skc_num;
	far = bpf_ntohs(common->skc_dport);
	return (near << 16 | far) == wanted || (far << 16 | near) == wanted;
}

static __always_inline void fill_name(struct event_socket *record, const struct sock_common *common)
{
	__u64 net = net_address(common), name[2];

	name[0] = scope_name(net, record->ifindex, 0);
	name[1] = scope_name(net, record->ifindex, 1);
	__builtin_memcpy(record->ifname, name, sizeof(record->ifname));
}

/*
 * What is told of one socket. One look at a time is asked for, so nobody else is at work here; and
 * the verifier does not follow what lies in a map, which it would do for each way through here.
 */
static struct event_socket shown;

SEC("?iter/tcp")
int socket_iter(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct event_socket *record = &shown;
	struct seq_file *seq;
	__u32 wanted = shared.snapshot;
	int state;

	if (!common)
		return 0;
	seq = ctx->meta->seq; /* trusted, too: before the ways part */
	state = common->skc_state;
	if (filter.has_cookies && !netns_of(DIRECT, doubted(common)))
		return 0;
	if (shared.snapshot_polled) {
		if (state == TCP_TIME_WAIT)
			write_polled(seq, common);
		return 0;
	}
	if (state == TCP_CLOSE || !has_ports(common))
		return 0;
	/* Most of all sockets are those of which nothing but this is asked. */
	if (state == TCP_TIME_WAIT && wanted && !(wanted & 1u << substate_of(common)))
		return 0;
	__builtin_memset(record, 0, sizeof(*record));
	fill_common(record, common);
	if (state == TCP_NEW_SYN_RECV)
		record->head.states = EVENT_STATES(TCP_SYN_RECV, TCP_SYN_RECV);
	else
		record->head.states = EVENT_STATES(state, state);
	if (state != TCP_LISTEN)
		record->head.flags |= EVENT_FLAG_ENDPOINTS;
	if (state == TCP_TIME_WAIT)
		fill_timewait(record, common);
	else if (state == TCP_NEW_SYN_RECV)
		fill_request(record, common);
	else if (!fill_full(record, common))
		return 0;
	if (wanted && !is_wanted(record, wanted))
		return 0;
	if (record->ifindex)
		fill_name(record, common);
	bpf_seq_write(seq, record, sizeof(*record));
	return 0;
}
