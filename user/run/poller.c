// SPDX-License-Identifier: GPL-2.0-only
/* Polls the kernel's timewait sockets while there are any that the table waits for. */
#include "user/run/poller.h"

#include <errno.h>
#include <time.h>

#include "user/base/units.h"
#include "user/run/complaints.h"
#include "user/sockets/sockets.h"

/* They are looked at so often, and that takes no more than this share of a processor. */
#define INTERVAL_NS NS_PER_S
#define SHARE 50
/* On a busy machine it takes longer than that; but for so many times as long records are read. */
#define REST 2

static void see(void *context, const struct socket_info *info, const void *bytes)
{
	struct poller *p = context;

	(void)bytes;
	conn_table_poll_socket(p->table, info);
}

static void miss(void *context, uint32_t netns)
{
	struct poller *p = context;

	conn_table_poll_missed(p->table, netns);
}

static void looked(void *context, uint32_t netns)
{
	struct poller *p = context;

	conn_table_poll_looked(p->table, netns);
}

static bool wants(void *context, uint32_t netns)
{
	const struct poller *p = context;

	return conn_table_wants_poll(p->table, netns);
}

static void complain(struct poller *p, int error)
{
	if (!p->has_failed)
		RUN_COMPLAIN(TIMEWAITS_NOT_LISTED, .w = sockets_why(error));
	p->has_failed = true;
}

/* What this process has used of the processors; while it polls, that takes it all, and more. */
static uint64_t used_ns(void)
{
	struct timespec used = { .tv_nsec = 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

static void rest(struct poller *p, uint64_t end_ns, uint64_t took_ns, uint64_t cost_ns)
{
	uint64_t pause_ns = INTERVAL_NS;

	if (pause_ns < took_ns * REST)
		pause_ns = took_ns * REST;
	if (pause_ns < cost_ns * SHARE)
		pause_ns = cost_ns * SHARE;
	p->due_ns = end_ns + pause_ns;
}

static void take(struct poller *p, uint64_t now_ns)
{
	const struct sockets_query query = {
		.netns = p->netns,
		.is_poll = true,
		.search_files = conn_table_must_search(p->table),
		.visit = see,
		.miss = miss,
		.looked = looked,
		.wants = wants,
		.reads_on = true,
		.context = p,
	};
	struct sockets_result result = { .namespaces = 0 };
	uint64_t begin_used_ns = used_ns();
	uint64_t end_ns;
	int error;

	p->due_ns = now_ns + INTERVAL_NS;
	error = conn_table_begin_poll(p->table, now_ns);
	if (error == -ENOMEM)
		complain(p, error);
	if (error)
		return;
	error = p->source->class->look(p->source, &query, &result);
	end_ns = p->source->class->now(p->source);
	/* That there is no such namespace any more tells something, too. */
	if (!error || error == -ENOENT) {
		conn_table_end_poll(p->table, end_ns, query.search_files, result.hidden);
	} else {
		/* What was not seen remains unknown. */
		conn_table_end_poll(p->table, end_ns, true, true);
		complain(p, error);
	}
	/* Whoever took the ends of one over is known before that is missed. */
	source_flush(p->source);
	rest(p, end_ns, end_ns - now_ns, used_ns() - begin_used_ns + result.elsewhere_ns);
}

uint64_t poller_due_ns(const struct poller *p)
{
	return p->source && conn_table_needs_poll(p->table) ? p->due_ns : UINT64_MAX;
}

void poller_check(struct poller *p, uint64_t now_ns)
{
	if (poller_due_ns(p) <= now_ns)
		take(p, now_ns);
}

void poller_finish(struct poller *p, uint64_t now_ns)
{
	if (!p->source)
		return;
	source_flush(p->source);
	conn_table_hasten_polls(p->table);
	if (conn_table_needs_poll(p->table))
		take(p, now_ns);
}
