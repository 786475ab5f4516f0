/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel as a source of records: attach, read the ring, account for every loss. */
#ifndef USER_SOURCE_LIVE_H
#define USER_SOURCE_LIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/counters.h"
#include "user/event/filter.h"
#include "user/kernel/planner.h"
#include "user/sockets/sockets.h"
#include "user/source/source.h"

struct live;

struct live_settings {
	const struct conn_filter *filter; /* what the kernel can judge of it, it does */
	enum plan_attach attach;
	unsigned int families; /* bits of enum hook_family_id */
	size_t ring_bytes;     /* a power of two, a page at least */
	bool cgroups;	       /* records about an owner are to name the socket's cgroup */
	bool facts;	       /* CLOSE records are to tell all that the socket has counted */
	bool sequences;	       /* records are to be followed by sequence numbers */
	bool samples;	       /* somebody will look where there is a rung, but no hook */
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
 * Hands over what is in the ring, waiting for it at most until `deadline_ns` of CLOCK_MONOTONIC
 * (UINT64_MAX: for ever) while `allowed` signals may interrupt. Without traffic it sleeps without a
 * timer. Returns the number of records (0 too when interrupted), or -errno.
 */
int live_poll(struct live *live, uint64_t deadline_ns, const sigset_t *allowed);

/* Detaches, and hands over what is left in the ring. */
void live_stop(struct live *live);

/* The counters of now; exact after live_stop. */
void live_events(const struct live *live, struct event_counters *ret_events);

/* Whether the kernel side has lost anything up to now. */
bool live_has_lost(const struct live *live);

/* A record was lost behind the ring: the end of every socket is worth a record now. */
void live_note_loss(struct live *live);

/*
 * Where to find how many transitions only the second witness has told of, while `live` is there:
 * so many of the first one's skipped runs have lost nothing.
 */
void live_count_witnessed(struct live *live, const uint64_t *witnessed);

/* It as any other source; freed with either. */
struct source *live_source(struct live *live);

void live_free(struct live *live);

#endif
