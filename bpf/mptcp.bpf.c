// SPDX-License-Identifier: GPL-2.0-only
/* What is read of the MPTCP connection that a TCP socket is a subflow of. */
#include "bpf/mptcp.bpf.h"

static __always_inline const struct mptcp_sock___mptcp *connection_of(__u64 ulp_data)
{
	const struct mptcp_subflow_context___mptcp *subflow = (const void *)ulp_data;

	if (knobs.memory_hidden || !ulp_data ||
	    !bpf_core_type_exists(struct mptcp_subflow_context___mptcp))
		return NULL;
	return (const void *)BPF_CORE_READ(subflow, conn);
}

__noinline __u64 mptcp_birth(__u64 ulp_data)
{
	const struct mptcp_subflow_context___mptcp *subflow = (const void *)ulp_data;
	const struct mptcp_sock___mptcp *msk = connection_of(ulp_data);
	__u32 token;

	if (!msk)
		return 0;
	token = BPF_CORE_READ(msk, token);
	if (token && BPF_CORE_READ(msk, first) == BPF_CORE_READ(subflow, tcp_sock))
		return token | MPTCP_FIRST;
	return token;
}

__noinline int mptcp_connects(__u64 ulp_data)
{
	const struct mptcp_sock___mptcp *msk = connection_of(ulp_data);

	return msk && BPF_CORE_READ(msk, sk.icsk_inet.sk.__sk_common.skc_prot, connect);
}

static __always_inline bool is_unread(const struct mptcp_sock___mptcp *msk)
{
	if (bpf_core_field_exists(msk->bytes_consumed))
		return BPF_CORE_READ(msk, bytes_received) != BPF_CORE_READ(msk, bytes_consumed);
	return BPF_CORE_READ(msk, sk.icsk_inet.sk.sk_receive_queue.qlen);
}

__noinline int mptcp_signs(__u64 ulp_data)
{
	const struct mptcp_sock___mptcp *msk = connection_of(ulp_data);
	int signs;

	if (!msk)
		return 0;
	signs = MPTCP_KNOWN | (BPF_CORE_READ(msk, sk.icsk_inet.sk.sk_shutdown) & MPTCP_SHUTDOWN);
	if (BPF_CORE_READ(msk, can_ack))
		signs |= MPTCP_AGREED;
	if (BPF_CORE_READ(msk, sk.icsk_inet.sk.__sk_common.skc_flags) & (1UL << SOCK_DEAD))
		signs |= MPTCP_DEAD;
	if (BPF_CORE_READ(msk, sk.icsk_inet.sk.sk_socket))
		signs |= MPTCP_HAS_SOCKET;
	if (is_unread(msk))
		signs |= MPTCP_UNREAD;
	return signs;
}

__noinline int mptcp_state(__u64 ulp_data)
{
	const struct mptcp_sock___mptcp *msk = connection_of(ulp_data);

	return msk ? BPF_CORE_READ(msk, sk.icsk_inet.sk.__sk_common.skc_state) : 0;
}

__noinline __u64 mptcp_inode(__u64 ulp_data)
{
	const struct mptcp_sock___mptcp *msk = connection_of(ulp_data);

	return msk ? BPF_CORE_READ(msk, sk.icsk_inet.sk.sk_socket, file, f_inode, i_ino) : 0;
}
