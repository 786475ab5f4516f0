/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel as a source of records: attach, read the ring, account for every loss. */
#ifndef USER_SOURCE_LIVE_H
#define USER_SOURCE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/filter.h"
#include "user/kernel/planner.h"
#include "user/source/source.h"

struct live;

struct live_settings {
	const struct conn_filter *filter; /* what the kernel can judge of it, it does */
	enum plan_attach attach;
	unsigned int families;	/* bits of enum hook_family_id */
	size_t ring_bytes;	/* of all rings: a power of two, a page at least */
	unsigned int rings;	/* as rings_count() says */
	bool cgroups;		/* records about an owner are to name the socket's cgroup */
	bool segments;		/* CLOSE records are to tell how many went each way */
	bool facts;		/* and all else that the socket has counted */
	bool sequences;		/* records are to be followed by sequence numbers */
	bool flows;		/* the first of them are wanted, however it is told of them */
	bool stacks;		/* tell which code connects and accepts */
	bool polls;		/* somebody will look where there is a rung, but no hook */
	bool must_collect;	/* whatever the kernel refuses of that is an error */
	bool budget;		/* live_follow_one_of() will be called, and live_cost_ns() */
	unsigned int slot_bits; /* collect what sockets do in 2^so many slots; 0: tell it at once */
	struct broker *broker;	/* who enters namespaces; NULL: this process */
	record_on_one on_record;
	/* Which records will be handed over next, to fetch what they are about; NULL: no matter. */
	record_on_many on_coming;
	void *context;
};

/* Loads and attaches. Returns 0, or -errno with one sentence in `reason`. */
int live_open(const struct live_settings *settings, struct live **ret_live,
	      char reason[PLAN_REASON_SIZE]);

/*
 * Where no hook sees who accepts a connection: hands over who listens already. Returns 0, or
 * -errno: owners of connections to these will not be known.
 */
int live_find_listeners(struct live *live);

/*
 * The children of this process are followed from now on. It is a child itself, or `parent` is 0.
 * Returns 0, or -errno: there is no room.
 */
int live_follow_process(struct live *live, uint32_t pid, uint32_t parent);

/*
 * Where to find how many transitions only the second witness has told of, while `live` is there:
 * so many of the first one's skipped runs have lost nothing.
 */
void live_count_witnessed(struct live *live, const uint64_t *witnessed);

/*
 * What the kernel says to who asks for counts of the programs, now: 0 or -errno. Without a right,
 * older kernels tell nothing.
 */
int live_try_counts(const struct live *live);

/*
 * Of so many connections that begin from now on one is followed, chosen by chance and whole: a
 * power of two; 1: all. Connections that are alive stay what they are.
 */
void live_follow_one_of(struct live *live, uint32_t one_of);

/* What the programs have cost so far, see price.h; and how many events there were. */
uint64_t live_cost_ns(struct live *live, uint64_t *ret_events);

/* Of all its rings. */
uint64_t live_ring_bytes(const struct live *live);

/* The bytes that a read has found in them at most, since this was asked last. */
uint64_t live_ring_waited(struct live *live);

/* It as any other source, which frees it. Without traffic it sleeps without a timer. */
struct source *live_source(struct live *live);

#endif
