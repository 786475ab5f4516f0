/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel types that tcpspan's BPF programs read, with the fields they read and no others. */
#ifndef VMLINUX_VMLINUX_H
#define VMLINUX_VMLINUX_H

/*
 * Offsets and sizes come from the running kernel's BTF (CO-RE); what counts here is each field's
 * name, its type and the struct it is in. A field enters with its first reader and leaves with
 * its last. Fields whose shape changed between kernels are in flavours.h.
 */
#include <linux/types.h>

/* Tells bpf_tracing.h to use the kernel's names of registers. */
#define __VMLINUX_H__

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;

enum { false, true };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct ns_common {
	unsigned int inum;
	refcount_t __ns_ref; /* since 6.18 */
};

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
	struct hlist_nulls_node **pprev;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

struct inet_ehash_bucket {
	struct hlist_nulls_head chain;
};

struct inet_hashinfo {
	struct inet_ehash_bucket *ehash;
	unsigned int ehash_mask;
};

struct proto {
	int (*connect)(void); /* with arguments, which nobody asks for */
	union {
		struct inet_hashinfo *hashinfo;
	} h;
};

struct inet_timewait_death_row {
	refcount_t tw_refcount;		/* since 5.17 */
	struct inet_hashinfo *hashinfo; /* since 6.1, and in some before: up to 5.16 */
	int sysctl_max_tw_buckets;
};

struct netns_ipv4 {
	struct inet_timewait_death_row tcp_death_row;
	u8 sysctl_tcp_synack_retries;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net {
	struct ns_common ns;
	u64 net_cookie; /* since 5.12 */
	struct hlist_head *dev_index_head;
	struct netns_ipv4 ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct timer_list {
	struct hlist_node entry;
	long unsigned int expires;
	void (*function)(struct timer_list *);
};

struct sock;

struct sock_common {
	union {
		__u64 skc_addrpair; /* both of what follows */
		struct {
			__be32 skc_daddr;
			__be32 skc_rcv_saddr;
		};
	};
	unsigned int skc_hash;
	union {
		__u32 skc_portpair; /* both of what follows */
		struct {
			__be16 skc_dport;
			__u16 skc_num;
		};
	};
	short unsigned int skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	struct proto *skc_prot;
	possible_net_t skc_net;
	struct hlist_nulls_node skc_nulls_node;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	union {
		long unsigned int skc_flags;
		struct sock *skc_listener;
	};
	u32 skc_tw_rcv_nxt;
	u32 skc_tw_snd_nxt;
};

struct kernfs_node {
	u64 id;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

typedef struct {
	__u32 val;
} kuid_t;

struct super_block {
	long unsigned int s_magic;
};

struct inode {
	struct super_block *i_sb;
	long unsigned int i_ino;
};

struct file {
	struct inode *f_inode;
	unsigned int f_mode;
	void *private_data;
};

typedef enum {
	SS_CONNECTING = 2,
	SS_DISCONNECTING = 4,
} socket_state;

struct socket {
	socket_state state;
	struct sock *sk;
	struct file *file;
};

struct tcp_skb_cb {
	union {
		struct {
			u16 tcp_gso_segs;
		};
	};
};

struct sk_buff_head {
	__u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u8 sk_shutdown;
	int sk_err;
	u32 sk_ack_backlog;
	u32 sk_max_ack_backlog;
	atomic_t sk_drops;
	kuid_t sk_uid;
	long unsigned int sk_lingertime;
	struct socket *sk_socket;
	struct sk_buff_head sk_receive_queue;
	struct timer_list sk_timer;
	struct timer_list tcp_retransmit_timer; /* since 6.19 */
	struct sock_cgroup_data sk_cgrp_data;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct request_sock_queue {
	u8 rskq_defer_accept;
	atomic_t qlen;
};

struct tcp_congestion_ops {
	char name[16];
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	struct timer_list icsk_keepalive_timer; /* since 6.19, and in some before */
	__u8 icsk_syn_retries;
	__u32 icsk_rto;
	__u8 icsk_retransmits;
	__u8 icsk_pending;
	__u8 icsk_backoff;
	__u8 icsk_probes_out;
	u32 icsk_probes_tstamp;
	const struct tcp_congestion_ops *icsk_ca_ops;
	void *icsk_ulp_data;
	__u8 icsk_ca_state : 5;
	u32 icsk_user_timeout;
	struct {
		__u32 lrcvtime;
	} icsk_ack;
};

struct minmax_sample {
	u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_fastopen_request;
struct request_sock;

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	u32 rcv_nxt;
	u32 copied_seq;
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wl1;
	u32 snd_wnd;
	u32 write_seq;
	u32 packets_out;
	u32 lsndtime;
	u32 rcv_tstamp;
	u32 retrans_stamp;
	u8 tcp_usec_ts : 1; /* since 6.7 */
	u32 rcv_wup;
	u8 repair : 1;
	u32 srtt_us;
	struct minmax rtt_min;
	u32 segs_in;
	u32 segs_out;
	u8 syn_data : 1;
	u8 syn_fastopen_child : 1; /* since 6.18 */
	u8 syn_data_acked : 1;
	u8 fastopen_connect : 1;
	int linger2;
	u32 total_retrans;
	u64 bytes_sent;
	u64 bytes_retrans;
	u64 bytes_received;
	u64 bytes_acked;
	bool is_mptcp; /* with CONFIG_MPTCP */
	struct tcp_fastopen_request *fastopen_req;
	struct request_sock *fastopen_rsk;
};

struct request_sock {
	struct sock_common __req_common;
	u8 num_retrans;
	u8 num_timeout : 7;
	struct timer_list rsk_timer;
};

struct inet_request_sock {
	struct request_sock req;
	u16 acked : 1;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	u32 rcv_isn;
	u32 snt_isn;
	u64 snt_synack;
	bool tfo_listener;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	unsigned char tw_substate;
	u32 tw_entry_stamp; /* since 6.14 */
	struct timer_list tw_timer;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *key;
	void *value;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct net_device {
	char name[16];
	int ifindex;
	struct hlist_node index_hlist;
	possible_net_t nd_net;
};

struct sk_buff {
	struct net_device *dev;
	char cb[48];
	unsigned int len;
	__u16 transport_header;
	__u16 network_header;
	unsigned char *head;
};

struct iphdr {
	__u8 protocol;
	__be32 saddr;
	__be32 daddr;
};

struct ipv6hdr {
	__u8 nexthdr;
	struct in6_addr saddr;
	struct in6_addr daddr;
};

struct tcphdr {
	__be16 source;
	__be16 dest;
	__be32 seq;
	__u16 doff : 4;
	__u16 fin : 1;
	__u16 rst : 1;
	__u16 syn : 1;
	__u16 ack : 1;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct mm_struct {
	long unsigned int start_stack;
};

struct cred {
	kuid_t uid;
};

struct nsproxy {
	struct net *net_ns;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	char comm[16];
	const struct cred *real_cred;
	const struct cred *cred;
	struct nsproxy *nsproxy;
	struct files_struct *files;
	struct signal_struct *signal;
	struct mm_struct *mm;
	void *stack;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
};

struct trace_event_raw_tcp_event_sk {
	const void *skaddr;
};

struct trace_event_raw_sys_exit {
	long int ret;
};

#if defined(__TARGET_ARCH_x86)
#include "vmlinux/arch/x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "vmlinux/arch/arm64.h"
#else
#error "no vmlinux/arch/ header for this architecture"
#endif

enum sock_flags {
	SOCK_DEAD,
	SOCK_DONE,
	SOCK_LINGER = 4,
};

enum tcp_ca_state {
	TCP_CA_Recovery = 3,
	TCP_CA_Loss = 4,
};

#pragma clang attribute pop

#endif
