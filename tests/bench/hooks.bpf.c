// SPDX-License-Identifier: GPL-2.0-only
/* Every hook that `tcpspan hist` needs where tracepoints are all there is; none does anything. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define NOTHING(name, section)           \
	SEC(section) int name(void *ctx) \
	{                                \
		(void)ctx;               \
		return 0;                \
	}

NOTHING(state, "tp_btf/inet_sock_set_state")
NOTHING(state_witness, "tp_btf/inet_sock_set_state")
NOTHING(cancelled, "tp_btf/timer_cancel")
NOTHING(expires, "tp_btf/timer_expire_entry")
NOTHING(expired, "tp_btf/timer_expire_exit")
NOTHING(segment, "tp_btf/kfree_skb")
NOTHING(reset_sent, "tp_btf/tcp_send_reset")
NOTHING(reset_received, "tp_btf/tcp_receive_reset")
NOTHING(error, "tp_btf/inet_sk_error_report")
NOTHING(accepted, "tp/syscalls/sys_exit_accept")
NOTHING(accepted4, "tp/syscalls/sys_exit_accept4")

char LICENSE[] SEC("license") = "GPL";
