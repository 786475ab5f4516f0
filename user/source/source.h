/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface of everything that records come from: the running kernel, or recordings of one. */
#ifndef USER_SOURCE_SOURCE_H
#define USER_SOURCE_SOURCE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"
#include "user/event/counters.h"
#include "user/event/record.h"
#include "user/kernel/hooks.h"
#include "user/sockets/holders.h"
#include "user/sockets/sockets.h"

struct source;

/* What the kernel side shares among those who are traced. */
enum source_bound {
	SOURCE_RING,   /* room for records */
	SOURCE_SAMPLE, /* sockets in the sample */
	SOURCE_PASSED, /* sockets that a budget leaves out */
	SOURCE_NOTES,  /* of who waits for a segment */
	SOURCE_BOUND_COUNT
};

struct source_class {
	const char *name;
	/*
	 * Hands over the next records that are earlier than `deadline_ns` of the source's time
	 * (UINT64_MAX: all), while `allowed` signals may interrupt. Returns their number, which may
	 * be 0, -ENODATA when none will follow, or another -errno.
	 */
	int (*read)(struct source *source, uint64_t deadline_ns, const sigset_t *allowed);
	/* Lets go of the kernel, and hands over what it still had. */
	void (*stop)(struct source *source);
	/* The counters of now; exact after `stop`. */
	void (*events)(const struct source *source, struct event_counters *ret_events);
	/* Whether a record may be missing, up to now. */
	bool (*has_lost)(const struct source *source);
	/* The rung in use; NULL: none. */
	const char *(*rung)(const struct source *source, enum hook_family_id family);
	/* CLOCK_MONOTONIC, as far as the records tell of it. */
	uint64_t (*now)(const struct source *source);
	void (*free)(struct source *source);

	/* What a running kernel has, and recordings have not: NULL. */

	/*
	 * Tells of the sockets there are. As sockets_each(), or -ENOSYS: the kernel refuses it, or
	 * -EBUSY: it is in the middle of that.
	 */
	int (*look)(struct source *source, const struct sockets_query *query,
		    struct sockets_result *ret_result);
	/* Who holds which socket: all holders, sorted; holders_done() ends it. */
	void (*holders)(struct source *source, struct holder_table *ret_table);
	/* Hands over a record of what was found, as of what a hook has told. */
	void (*tell)(struct source *source, const void *bytes, size_t size);
	/* A record was lost behind the source: the end of every socket is worth a record now. */
	void (*note_loss)(struct source *source);
	/*
	 * Has what the kernel side has collected handed over, now or by the next `read`: what it
	 * tells of connections lies behind them.
	 */
	void (*flush)(struct source *source);
	/* Who was refused his part of it, the heaviest; the source keeps that. */
	const struct payers *(*payers)(struct source *source, enum source_bound bound);
	/* From now on `read` returns, too, when `fd` can be read. Returns 0, or -errno. */
	int (*watch)(struct source *source, int fd);
};

/* The first member of each source. */
struct source {
	const struct source_class *class;
	bool is_prompt; /* what it tells may have just happened: somebody may be waiting for it */
	bool is_polled; /* nothing is told of timewait sockets unless somebody looks */
};

static inline void source_flush(struct source *source)
{
	if (source->class->flush)
		source->class->flush(source);
}

static inline const struct payers *source_payers(struct source *source, enum source_bound bound)
{
	return source->class->payers ? source->class->payers(source, bound) : NULL;
}

#endif
