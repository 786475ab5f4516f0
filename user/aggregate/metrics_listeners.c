// SPDX-License-Identifier: GPL-2.0-only
/* Listening sockets by port: the first that come, and the others together. */
#include "user/aggregate/metrics.h"

void metrics_listeners_begin(struct metrics_listeners *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		l->ports[i].queue = l->ports[i].queue_max = 0;
	l->other.queue = l->other.queue_max = 0;
	l->other_overflows = 0;
	l->is_known = true;
}

static struct metrics_port *find(struct metrics_listeners *l, uint16_t lport)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (l->ports[i].lport == lport)
			return &l->ports[i];
	if (l->count == METRICS_PORTS_MAX)
		return NULL;
	l->ports[l->count].lport = lport;
	return &l->ports[l->count++];
}

void metrics_listeners_add(struct metrics_listeners *l, uint16_t lport, uint64_t queue,
			   uint64_t queue_max, uint64_t overflows)
{
	struct metrics_port *port = find(l, lport);

	if (port && overflows > port->overflows)
		port->overflows = overflows;
	if (!port) {
		port = &l->other;
		l->other_overflows += overflows;
	}
	port->queue += queue;
	port->queue_max += queue_max;
}

/* What counts never falls, though who was counted may be gone. */
void metrics_listeners_end(struct metrics_listeners *l)
{
	if (l->other_overflows > l->other.overflows)
		l->other.overflows = l->other_overflows;
}
