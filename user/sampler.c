// SPDX-License-Identifier: GPL-2.0-only
/* Takes samples of the kernel's timewait sockets while there are any that the table waits for. */
#include "user/sampler.h"

#include <errno.h>
#include <string.h>

#include "user/base/log.h"
#include "user/terminal.h"

/* A sample is taken so often, and takes no more than this share of the time. */
#define INTERVAL_NS 1000000000ull
#define SHARE 20

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

/* What is waited for remains unknown, where it was not seen. */
static void fail(struct sampler *s, int error, uint64_t now_ns)
{
	conn_table_end_sample(s->table, now_ns, true, true);
	if (!s->has_failed)
		log_warn("the kernel's timewait sockets cannot be listed: %s", strerror(-error));
	s->has_failed = true;
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
	uint64_t end_ns;
	int error;

	s->due_ns = now_ns + INTERVAL_NS;
	if (conn_table_begin_sample(s->table, now_ns))
		return;
	error = sockets_each(live_sockets(s->live), &query, &result);
	end_ns = terminal_now_ns();
	/* That there is no such namespace any more tells something, too. */
	if (!error || error == -ENOENT)
		conn_table_end_sample(s->table, end_ns, query.search_files, result.hidden);
	else
		fail(s, error, end_ns);
	s->due_ns = end_ns + (end_ns - now_ns) * SHARE;
	if (s->due_ns < end_ns + INTERVAL_NS)
		s->due_ns = end_ns + INTERVAL_NS;
}

uint64_t sampler_due_ns(const struct sampler *s)
{
	return s->live && conn_table_needs_sample(s->table) ? s->due_ns : UINT64_MAX;
}

void sampler_check(struct sampler *s, uint64_t now_ns)
{
	if (sampler_due_ns(s) <= now_ns)
		take(s, now_ns);
}

void sampler_finish(struct sampler *s, uint64_t now_ns)
{
	if (s->live && conn_table_needs_sample(s->table))
		take(s, now_ns);
}
