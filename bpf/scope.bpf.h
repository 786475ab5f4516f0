/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface that a socket is bound to: by a link-local address, by a VRF, or by its owner. */
#ifndef BPF_SCOPE_BPF_H
#define BPF_SCOPE_BPF_H

#include "bpf/tracer.bpf.h"

/* Of scope.bpf.c; the verifier walks through each once, and not once for each way to it. */

/*
 * Eight bytes of the name that this index has in the namespace at the address `net`, the first or
 * the `second`; 0: it is not found, or no program may follow an address.
 */
__u64 scope_name(__u64 net, __u32 ifindex, int second);

/* Sends a SCOPE. `place`: inode of the namespace, and above it the index. */
int scope_send(__u64 net, __u64 place, __u64 sock, __u64 now, int states);

/* Of full sockets, of requests and of timewait sockets; 0: it is bound to none. */
static __always_inline __u32 ifindex_of(enum access how, const struct sock_common *common)
{
	return READ(how, common, skc_bound_dev_if);
}

/* Where the namespace is, to be followed by its address. */
static __always_inline __u64 net_address(const struct sock_common *common)
{
	return knobs.memory_hidden ? 0 : (__u64)BPF_CORE_READ(common, skc_net.net);
}

#endif
