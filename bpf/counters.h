/* SPDX-License-Identifier: GPL-2.0-only */
/* The one list of the counters that account for every record. */
#ifndef BPF_COUNTERS_H
#define BPF_COUNTERS_H

/*
 * Three ways of counting, each a macro that is given a name and whether it counts what was lost:
 *
 * HOOK  by the hooks, for each CPU: struct config_counters
 * KEPT  by whoever reads the ring; like those of the hooks they stand in recordings
 * HERE  by whoever reads records, anew each time
 *
 * seen = filtered + submitted + ring_full, and submitted = received where all is read. A line here
 * is all it takes for one more: recordings name the counters that they have, and lines of JSON
 * have them in this order. What it means to people is said by sink/text/summary.c.
 */
#define EVENT_COUNTERS(HOOK, KEPT, HERE)                                                          \
	HOOK(seen, 0)	     /* transitions and other facts that a hook was called for */         \
	HOOK(filtered, 0)    /* not wanted */                                                     \
	HOOK(submitted, 0)   /* handed to the ring buffer */                                      \
	HOOK(ring_full, 1)   /* did not fit */                                                    \
	KEPT(missed, 1)	     /* program runs that the kernel skipped (recursion) */               \
	HERE(received, 0)    /* records that reached user space */                                \
	HERE(malformed, 1)   /* of these, not understood */                                       \
	HOOK(sample_full, 1) /* connections not sampled: the kernel's table was full */           \
	HOOK(births, 0)	     /* connections that began, followed or not */                        \
	HOOK(ends, 0)	     /* connections that ended */                                         \
	HOOK(unsampled, 0)   /* of the births, those that are not followed, by chance */          \
	KEPT(dropped, 1)     /* received, and not recorded: the file was not written in time */   \
	HERE(unread, 1)	     /* received and recorded, and damaged since */                       \
	KEPT(skipped, 0)     /* of programs that seldom have anything to tell: at most so many */ \
	HOOK(passed_full, 0) /* followed against --budget: the kernel's table was full */         \
	HOOK(notes_full, 0)  /* segments whose time was not kept for lack of room */              \
	HOOK(kin_full, 0)    /* children not followed: the kernel's table was full */             \
	HERE(stacks_full, 0) /* stacks that there was no room for */                              \
	HERE(stacks_unknown, 0) /* stacks of which nobody knows any more which code they are */

/* For whoever is content without some of them. */
#define EVENT_COUNTER_SKIP(name, loss)

#endif
