// SPDX-License-Identifier: GPL-2.0-only
/* Takes samples of the kernel's timewait sockets while there are any that the table waits for. */
#include "user/run/sampler.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "user/base/log.h"
#include "user/base/units.h"

/* A sample is taken so often, and takes no more than this share of a processor. */
#define INTERVAL_NS NS_PER_S
#define SHARE 20
/* On a busy machine it takes longer than that; but for so many times as long records are read. */
#define REST 2

static void see(void *context, const struct socket_info *info, const void *bytes)
{
	struct sampler *s = context;

	(void)bytes;
	conn_table_sample(s->table, info);
}

static void miss(void *context, uint32_t netns)
{
	struct sampler *s = context;

	conn_table_miss_sample(s->table, netns);
}

static void looked(void *context, uint32_t netns)
{
	struct sampler *s = context;

	conn_table_sampled(s->table, netns);
}

static bool wants(void *context, uint32_t netns)
{
	const struct sampler *s = context;

	return conn_table_wants_sample(s->table, netns);
}

static void complain(struct sampler *s, int error)
{
	if (!s->has_failed)
		log_warn("the kernel's timewait sockets cannot be listed: %s", strerror(-error));
	s->has_failed = true;
}

/* What this process has used of the processors; while a sample is taken, that takes it all. */
static uint64_t used_ns(void)
{
	struct timespec used = { .tv_nsec = 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

static void rest(struct sampler *s, uint64_t end_ns, uint64_t took_ns, uint64_t cost_ns)
{
	uint64_t pause_ns = INTERVAL_NS;

	if (pause_ns < took_ns * REST)
		pause_ns = took_ns * REST;
	if (pause_ns < cost_ns * SHARE)
		pause_ns = cost_ns * SHARE;
	s->due_ns = end_ns + pause_ns;
}

static void take(struct sampler *s, uint64_t now_ns)
{
	const struct sockets_query query = {
		.netns = s->netns,
		.states = 1u << STATE_TIME_WAIT | 1u << STATE_FIN_WAIT2,
		.search_files = conn_table_must_search(s->table),
		.visit = see,
		.miss = miss,
		.looked = looked,
		.wants = wants,
		.context = s,
	};
	struct sockets_result result = { .namespaces = 0 };
	uint64_t begin_used_ns = used_ns();
	uint64_t end_ns;
	int error;

	s->due_ns = now_ns + INTERVAL_NS;
	error = conn_table_begin_sample(s->table, now_ns);
	if (error == -ENOMEM)
		complain(s, error);
	if (error)
		return;
	error = s->source->class->look(s->source, &query, &result);
	end_ns = s->source->class->now(s->source);
	/* That there is no such namespace any more tells something, too. */
	if (!error || error == -ENOENT) {
		conn_table_end_sample(s->table, end_ns, query.search_files, result.hidden);
	} else {
		/* What was not seen remains unknown. */
		conn_table_end_sample(s->table, end_ns, true, true);
		complain(s, error);
	}
	rest(s, end_ns, end_ns - now_ns, used_ns() - begin_used_ns);
}

uint64_t sampler_due_ns(const struct sampler *s)
{
	return s->source && conn_table_needs_sample(s->table) ? s->due_ns : UINT64_MAX;
}

void sampler_check(struct sampler *s, uint64_t now_ns)
{
	if (sampler_due_ns(s) <= now_ns)
		take(s, now_ns);
}

void sampler_finish(struct sampler *s, uint64_t now_ns)
{
	if (s->source && conn_table_needs_sample(s->table))
		take(s, now_ns);
}
