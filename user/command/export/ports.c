// SPDX-License-Identifier: GPL-2.0-only
/* Looks at how full the ranges of ports are when the figures are asked for, and not too often. */
#include "user/command/export/ports.h"

#include "user/aggregate/ports.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/run/ports_look.h"
#include "user/run/run.h"
#include "user/sockets/port_ranges.h"

/* All sockets are looked at: what takes long is followed by a pause that is fifty times that. */
#define LOOK_NS (5 * NS_PER_S)
#define LOOK_SHARE 50

/* Returns 0, or -errno. */
static int look(struct ports *ports, const struct run *run)
{
	const struct sockets_query query = {
		.netns = &run->filter.netns,
		.visit = ports_look_see,
		.reads_on = true,
		.context = ports,
	};
	struct sockets_result result;
	int error = run->source->class->look(run->source, &query, &result);

	if (error)
		return error;
	port_ranges_each(&run->filter.netns, run->broker, ports_look_set_range, ports);
	return ports_count(ports);
}

static void tell(struct ports *ports, struct metrics_ports *ret)
{
	size_t count;
	double worst;

	ports_all(ports, &count);
	worst = count ? ports_worst(ports) : 0;
	ret->is_known = worst >= 0;
	ret->used_ratio = ret->is_known ? worst : 0;
}

void export_ports_look(struct export_ports *p, const struct run *run, struct metrics_ports *ret)
{
	uint64_t begin_ns = clock_now(), took_ns;
	struct ports *ports;

	if (begin_ns < p->due_ns || !run->source->class->look)
		return;
	ret->is_known = false;
	ports = ports_new();
	if (ports && !look(ports, run))
		tell(ports, ret);
	ports_free(ports);
	took_ns = (clock_now() - begin_ns) * LOOK_SHARE;
	p->due_ns = clock_now() + (took_ns > LOOK_NS ? took_ns : LOOK_NS);
}
