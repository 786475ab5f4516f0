// SPDX-License-Identifier: GPL-2.0-only
/* Sequence numbers of the connection that is looked at: its socket is asked for them. */
#include "user/command/top/numbers.h"

#include "user/base/clock.h"
#include "user/base/units.h"

#define PAUSE_NS (NS_PER_S / 2)
#define PAUSE_LOOKS 20 /* a look takes no more than so much of the time */

static void see(void *context, const struct socket_info *info, const void *bytes)
{
	(void)bytes;
	watched_see(context, info);
}

void numbers_look(struct numbers *n, struct run *run, struct watched *watched)
{
	uint64_t begin_ns = clock_now(), took_ns;
	struct watched_search search;
	struct sockets_query query = { .netns = &search.netns, .visit = see, .context = watched };
	struct sockets_result result;

	if (!run->live || begin_ns < n->due_ns || !watched_search(watched, run->table, &search))
		return;
	query.ports[0] = search.ports[0];
	query.ports[1] = search.ports[1];
	run->source->class->look(run->source, &query, &result);
	run_catch_up(run);
	watched_end_search(watched, run->table);
	took_ns = (clock_now() - begin_ns) * PAUSE_LOOKS;
	n->due_ns = clock_now() + (took_ns > PAUSE_NS ? took_ns : PAUSE_NS);
}
