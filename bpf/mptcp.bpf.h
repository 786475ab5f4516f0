/* SPDX-License-Identifier: GPL-2.0-only */
/* The MPTCP connection that a TCP socket is a subflow of. */
#ifndef BPF_MPTCP_BPF_H
#define BPF_MPTCP_BPF_H

#include "bpf/task.bpf.h"
#include "vmlinux/flavours.h"

/*
 * What leads to the connection is an address without a type: from there on memory is read by its
 * address, whatever the rest is read by. So these of mptcp.bpf.c take that address, and the
 * verifier walks through each once.
 */

/* The token of the connection, and MPTCP_FIRST if this is its first subflow; or 0. */
__u64 mptcp_birth(__u64 ulp_data);

#define MPTCP_FIRST (1ull << 32)

/* Whether the connection connects as a socket does, and has its first subflow do so then. */
int mptcp_connects(__u64 ulp_data);

/* What its end is judged by, or 0. */
int mptcp_signs(__u64 ulp_data);

/* For a snapshot: the state of the connection, and the inode of its file. */
int mptcp_state(__u64 ulp_data);
__u64 mptcp_inode(__u64 ulp_data);

enum mptcp_sign {
	MPTCP_SHUTDOWN = 3,    /* sk_shutdown of the connection, which subflows are told later */
	MPTCP_KNOWN = 1 << 2,  /* all of these are */
	MPTCP_AGREED = 1 << 3, /* the peer has agreed to MPTCP */
	MPTCP_DEAD = 1 << 4,   /* nobody holds the connection any more */
	MPTCP_HAS_SOCKET = 1 << 5,
	MPTCP_UNREAD = 1 << 6, /* data came in order that nobody has read */
};

/* Of a socket that has asked for MPTCP: whether the peer has agreed is another question. */
static __always_inline bool is_subflow(enum access how, const struct tcp_sock *tp)
{
	return bpf_core_field_exists(tp->is_mptcp) && READ(how, tp, is_mptcp);
}

/* 0: it is no subflow, or no program may follow an address. */
static __always_inline __u64 ulp_data_of(enum access how, const struct tcp_sock *tp)
{
	return knobs.memory_hidden || !is_subflow(how, tp) ?
		       0 :
		       (__u64)BPF_CORE_READ(tp, inet_conn.icsk_ulp_data);
}

/*
 * Whether the kernel joins it, in a thread of its own, to a connection of whom nobody can tell:
 * else what is told of that connection says whose it is.
 */
static __always_inline bool is_joined_unseen(enum access how, const struct tcp_sock *tp)
{
	return knobs.memory_hidden && is_subflow(how, tp) && is_kernel_thread();
}

/* What a process has of an MPTCP connection is no TCP socket: it acts on the first subflow. */
static __always_inline const struct sock *first_subflow_of(enum access how, const struct sock *sk)
{
	const struct mptcp_sock___mptcp *msk = (const void *)sk;

	if (!sk || !bpf_core_type_exists(struct mptcp_sock___mptcp) ||
	    READ(how, sk, sk_protocol) != IPPROTO_MPTCP)
		return sk;
	sk = BPF_CORE_READ(msk, first);
	return how == TYPED ? typed(sk, CONFIG_TYPE_SOCK) : sk;
}

#endif
