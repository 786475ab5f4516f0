/* SPDX-License-Identifier: GPL-2.0-only */
/* What one hook leaves for the next on the same CPU, where the kernel passes no common argument. */
#ifndef BPF_SCRATCH_BPF_H
#define BPF_SCRATCH_BPF_H

#include "bpf/endpoint.bpf.h"

/*
 * Notes of one softirq are read within far less than this, unless a hypervisor stops the processor
 * in between: what is older is about something else, at the same address.
 */
#define FRESH_NS 100000000

/*
 * Every note names the object it is about, and who reads it compares: a softirq in between costs a
 * hint and never attaches it to the wrong connection.
 */
struct scratch {
	__u64 refused_listener; /* the listener that last reset a request's segment ... */
	__u64 refused_ns;	/* ... when */
	__u32 refused_ports;	/* ... the request's ports, as below */
	__be32 refused_seq;	/* ... the segment's number */
	__u32 refused_syn;	/* ... whether it was a SYN */
	__u32 refusal;		/* ... one more than the kernel's reason; 0: it gave none */

	__u64 expiring;		      /* the request whose timer is running ... */
	__u32 expiring_unwanted;      /* ... of which nothing is to be told */
	__u32 expiring_owner;	      /* ... whose the listener is */
	struct event_request request; /* ... and what is to be said if that is its end */
	__u64 expiring_chain;	      /* ... where it stands, for chain_find() */
	__u64 expiring_hash_ports;
	__u64 expiring_net;
	__u64 expiring_remote_ifindex;

	__u64 processing;      /* the timewait socket that is looking at a segment ... */
	__u64 lease;	       /* ... when it was to end until then, and in which state it was */
	__u64 processed;       /* the one that has looked last */
	__u64 processed_ns;    /* ... when */
	__u64 processed_syn;   /* that segment was a SYN */
	__u64 cancelled;       /* the timer of a timewait socket that was stopped last ... */
	__u64 cancelled_at;    /* ... when, in ticks */
	__u64 cancelled_seen;  /* ... and what the CPU had told of by then */
	__u64 cancelled_ports; /* ... of that socket */
	__u64 fired;	       /* the timewait socket whose handler was called last */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps") __weak;

/* NULL never happens, but the verifier wants to see it tested. */
static __always_inline struct scratch *cpu_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline bool is_fresh(__u64 since_ns)
{
	return bpf_ktime_get_ns() - since_ns < FRESH_NS;
}

#endif
