/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the records: the account that shows every loss. */
#ifndef USER_EVENT_COUNTERS_H
#define USER_EVENT_COUNTERS_H

#include <stdint.h>

/* Records of the kernel side; seen = filtered + submitted + ring_full, submitted = received. */
struct event_counters {
	uint64_t seen, filtered, submitted, ring_full;
	uint64_t missed;      /* program runs that the kernel skipped (recursion) */
	uint64_t received;    /* records that reached user space */
	uint64_t malformed;   /* of these, not understood */
	uint64_t sample_full; /* connections not sampled because the kernel's table was full */
	uint64_t dropped; /* received, and not recorded: the file could not be written in time */
	uint64_t unread;  /* received and recorded, and damaged since */
};

/*
 * What the network namespaces that are traced have counted of their listeners meanwhile, whatever
 * else is filtered by.
 */
struct listen_counters {
	uint64_t overflows; /* SYNs and ACKs that met a full accept queue (ListenOverflows) */
	uint64_t drops;	    /* these, and those dropped for another reason (ListenDrops) */
	uint64_t read;	    /* namespaces whose counters are in the sums; 0: nothing is known */
	uint64_t unread;    /* namespaces or processes that may hide more; 0: there is no more */
};

#endif
