/* SPDX-License-Identifier: GPL-2.0-only */
/* Shapes of kernel types that not all kernels have: which do, and when each can go. */
#ifndef VMLINUX_FLAVOURS_H
#define VMLINUX_FLAVOURS_H

#include "vmlinux/vmlinux.h"

/* What follows the three underscores is ignored when the type is looked up in the kernel's BTF. */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* The references to a namespace, 5.11 to 6.17; goes when 6.12 is no longer supported. */
struct ns_common___6_17 {
	refcount_t count;
};

/* The same up to 5.10; goes with 5.10. */
struct net___5_10 {
	refcount_t count;
};

/* How many timewait sockets a namespace has, up to 5.16; goes with 5.10. */
struct inet_timewait_death_row___5_16 {
	atomic_t tw_count;
	int sysctl_max_tw_buckets;
};

struct netns_ipv4___5_16 {
	struct inet_timewait_death_row___5_16 tcp_death_row;
};

struct net___5_16 {
	struct netns_ipv4___5_16 ipv4;
};

/* The timer of retransmissions, up to 6.18; goes when 6.18 is no longer supported. */
struct inet_connection_sock___6_18 {
	struct timer_list icsk_retransmit_timer;
};

/* Why a segment is dropped, since 6.0, with numbers of its own in each kernel. */
enum skb_drop_reason___6_0 {
	SKB_DROP_REASON_NOT_SPECIFIED = 2,
};

/* Why a reset is sent, since 6.10: who asks for a value asks first whether it exists. */
enum sk_rst_reason___6_10 {
	SK_RST_REASON_TCP_ABORT_ON_CLOSE = 11,
	SK_RST_REASON_TCP_ABORT_ON_MEMORY = 13,
};

/* Since 5.11; without the suffix, and with no question whether it exists, when 5.10 is gone. */
enum bpf_func_id___5_11 {
	BPF_FUNC_get_current_task_btf___5_11 = 158,
};

/* Since 5.15; as well. */
enum bpf_func_id___5_15 {
	BPF_FUNC_task_pt_regs___5_15 = 175,
};

/* An MPTCP connection, with CONFIG_MPTCP. */
struct mptcp_sock___mptcp {
	struct inet_connection_sock sk;
	u64 bytes_received;
	u64 bytes_consumed; /* since 6.10 */
	u32 token;
	bool can_ack;
	struct sock *first;
};

/* What makes a TCP socket a subflow of one. */
struct mptcp_subflow_context___mptcp {
	struct sock *tcp_sock;
	struct sock *conn;
};

/* The event of a reset that is sent, since 6.10; without the suffix when 6.1 is gone. */
struct trace_event_raw_tcp_send_reset___6_10 {
	const void *skbaddr;
	const void *skaddr;
	enum sk_rst_reason___6_10 reason;
};

/* The same up to 6.9; goes when 6.1 is no longer supported. */
struct trace_event_raw_tcp_event_sk_skb___6_9 {
	const void *skbaddr;
	const void *skaddr;
};

#pragma clang attribute pop

#endif
