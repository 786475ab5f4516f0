/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the records: the account that shows every loss. */
#ifndef USER_EVENT_COUNTERS_H
#define USER_EVENT_COUNTERS_H

#include <stdint.h>

#include "bpf/counters.h"

/* What each of them counts is said in the list. */
struct event_counters {
#define X(name, loss) uint64_t name;
	EVENT_COUNTERS(X, X, X)
#undef X
};

/* All that was lost, of whatever kind, and that somebody has counted. */
static inline uint64_t event_counters_lost(const struct event_counters *c)
{
	uint64_t sum = 0;

#define X(name, loss) sum += (loss) ? c->name : 0;
	EVENT_COUNTERS(X, X, X)
#undef X
	return sum;
}

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
