// SPDX-License-Identifier: GPL-2.0-only
/* Looks at listening sockets when the figures are asked for, and not too often. */
#include "user/command/export/listeners.h"

#include <errno.h>
#include <stdlib.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/run/run.h"

/* A look that takes long is followed by a pause that is twenty times that. */
#define LOOK_NS NS_PER_S
#define LOOK_SHARE 20
#define PORTS 65536

int export_listeners_init(struct export_listeners *l)
{
	l->listening = listening_new();
	return l->listening ? 0 : -ENOMEM;
}

void export_listeners_done(struct export_listeners *l)
{
	if (l->listening)
		listening_free(l->listening);
	l->listening = NULL;
}

static void see(void *context, const struct socket_info *info, const void *bytes)
{
	(void)bytes;
	listening_see(context, info);
}

static void tell(const struct export_listeners *l, struct metrics_listeners *ret)
{
	struct listening_port *ports = malloc(PORTS * sizeof(*ports));
	size_t count = ports ? listening_ports(l->listening, ports, PORTS) : 0;

	metrics_listeners_begin(ret);
	for (size_t i = 0; i < count; i++)
		metrics_listeners_add(ret, ports[i].lport, ports[i].queue, ports[i].queue_max,
				      ports[i].drops);
	metrics_listeners_end(ret);
	free(ports);
}

void export_listeners_look(struct export_listeners *l, const struct run *run,
			   struct metrics_listeners *ret)
{
	const struct sockets_query query = {
		.netns = &run->filter.netns,
		.states = 1u << STATE_LISTEN,
		.visit = see,
		.reads_on = true,
		.context = l->listening,
	};
	uint64_t begin_ns = clock_now(), took_ns;
	struct sockets_result result;
	int error;

	if (!l->listening || begin_ns < l->due_ns || !run->source->class->look)
		return;
	listening_look(l->listening, begin_ns);
	error = run->source->class->look(run->source, &query, &result);
	if (!error) {
		listening_looked(l->listening, clock_now(), !result.unreadable && !result.crowded);
		tell(l, ret);
	}
	took_ns = (clock_now() - begin_ns) * LOOK_SHARE;
	l->due_ns = clock_now() + (took_ns > LOOK_NS ? took_ns : LOOK_NS);
}
