// SPDX-License-Identifier: GPL-2.0-only
/* The error family: what a socket had to report, for whoever asks it forgets. */
#include "bpf/filter.bpf.h"

/* Since 5.14. A listener's errors are no connection's. */
SEC("?tp_btf/inet_sk_error_report")
int BPF_PROG(error_tp_btf, const struct sock *sk)
{
	int state = sk->__sk_common.skc_state, error = sk->sk_err;
	struct config_counters *cpu;
	struct event_error *record;
	struct tcp_sock *tp;
	struct quota_key whose;

	if (!error || state == TCP_LISTEN || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	tp = tcp_sock_of(DIRECT, sk);
	if (!tp)
		return 0;
	cpu = cpu_counters();
	whose = whose_is(DIRECT, sock_of(tp));
	record = sock_reserve(cpu, sk, &whose, sizeof(*record));
	if (!record)
		return 0;
	record->head.mono_ns = bpf_ktime_get_ns();
	record->head.sock = (__u64)sk;
	record->head.netns = whose.netns;
	record->head.kind = EVENT_ERROR;
	record->head.states = EVENT_STATES(state, state);
	record->head.flags = 0;
	record->error = error;
	__builtin_memset(record->reserved, 0, sizeof(record->reserved));
	record_submit(cpu, record);
	return 0;
}
