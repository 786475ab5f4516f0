/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs of the kernel side cost: measured for a moment, reckoned from then on. */
#ifndef USER_KERNEL_PRICE_H
#define USER_KERNEL_PRICE_H

#include <stdbool.h>
#include <stdint.h>

struct event_counters;
struct tcpspan_bpf;

/*
 * The kernel measures each run of every program of the machine while somebody asks for that, which
 * costs two looks at the clock a run. So it is asked for until the first events have been seen, by
 * whoever has the right to. From then on events are counted, which costs nothing more; one that is
 * not followed costs about as much there as one that is: the rest of it is not paid.
 */
struct price {
	int fd; /* measured as long as it is open; -1: not, or no longer */
	uint64_t begun_ns;
	double event_ns;
	double sum_ns; /* of all so far */
	uint64_t seen; /* events by then */
};

void price_begin(struct price *p, bool is_wanted, uint64_t now_ns);
void price_end(struct price *p);

/* What all events up to these have cost, in nanoseconds of whatever processors. */
uint64_t price_sum(struct price *p, const struct tcpspan_bpf *skel,
		   const struct event_counters *events, uint64_t now_ns);

#endif
