// SPDX-License-Identifier: GPL-2.0-only
/* Tells who has the ports when a connect has found none. */
#include "user/run/ports_look.h"

#include <errno.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/run/run.h"
#include "user/sockets/port_ranges.h"
#include "user/sockets/sockets.h"

void ports_look_see(void *ports, const struct socket_info *info, const void *bytes)
{
	(void)bytes;
	ports_see(ports, info);
}

void ports_look_set_range(void *ports, const struct port_range *range)
{
	const struct ports_range own = { .netns = range->netns,
					 .low = range->low,
					 .high = range->high,
					 .usable = range->usable,
					 .reuse = range->reuse };

	ports_set_range(ports, &own);
}

/* Returns 0, or -errno: it is a help, and nobody is told. */
static int look_at(struct run *run, uint32_t inode, struct ports *ports)
{
	struct netns_list netns = { .count = 0 };
	const struct sockets_query query = {
		.netns = &netns, .search_files = true, .visit = ports_look_see, .context = ports
	};
	struct sockets_result result;
	int error;

	netns_list_add(&netns, inode);
	error = run->source->class->look(run->source, &query, &result);
	if (error)
		return error;
	port_ranges_each(&netns, run->broker, ports_look_set_range, ports);
	return ports_count(ports);
}

static const struct ports_destination *find(struct ports *ports, const struct conn *c)
{
	size_t count;
	const struct ports_destination *all = ports_all(ports, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i].rport == c->rport && all[i].ifindex == c->ifindex &&
		    !memcmp(&all[i].raddr, &c->raddr, sizeof(c->raddr)))
			return &all[i];
	return NULL;
}

void ports_look_tell(struct ports_look *look, struct run *run, const struct conn *c)
{
	const struct ports_destination *d = NULL;
	struct ports *ports;

	if (c->error != EADDRNOTAVAIL || !run->live || !run->source->class->look ||
	    !run->sink->no_port || !c->netns || !(c->flags & CONN_HAS_ENDPOINTS) ||
	    clock_now() < look->next_ns)
		return;
	ports = ports_new();
	if (ports && !look_at(run, c->netns, ports))
		d = find(ports, c);
	if (d && ports_ratio(d) >= PORTS_NEARLY)
		run->sink->no_port(&run->settings, &run->out.lines, d);
	ports_free(ports);
	look->next_ns = clock_now() + NS_PER_S;
}
