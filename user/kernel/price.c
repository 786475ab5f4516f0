// SPDX-License-Identifier: GPL-2.0-only
/* What the programs of the kernel side cost: measured for a moment, reckoned from then on. */
#include "user/kernel/price.h"

#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/tcpspan.skel.h"
#include "user/base/units.h"
#include "user/event/counters.h"

/* Where it cannot be measured: what a slow machine takes. */
#define TYPICAL_NS 500
/* So many events tell, and no longer is waited for them. */
#define ENOUGH_EVENTS 2000
#define PATIENCE_NS (10 * NS_PER_S)

void price_begin(struct price *p, bool is_wanted, uint64_t now_ns)
{
	memset(p, 0, sizeof(*p));
	p->event_ns = TYPICAL_NS;
	p->begun_ns = now_ns;
	p->fd = is_wanted ? bpf_enable_stats(BPF_STATS_RUN_TIME) : -1;
}

void price_end(struct price *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static uint64_t measured_ns(const struct tcpspan_bpf *skel)
{
	struct bpf_program *program;
	uint64_t sum = 0;

	bpf_object__for_each_program(program, skel->obj) {
		struct bpf_prog_info info = { .id = 0 };
		__u32 size = sizeof(info);

		if (bpf_program__autoload(program) &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
			sum += info.run_time_ns;
	}
	return sum;
}

static void measure(struct price *p, const struct tcpspan_bpf *skel,
		    const struct event_counters *events, uint64_t now_ns)
{
	uint64_t ns;

	if (events->seen < ENOUGH_EVENTS && now_ns - p->begun_ns < PATIENCE_NS)
		return;
	ns = measured_ns(skel);
	if (ns && events->seen)
		p->event_ns = (double)ns / (double)events->seen;
	price_end(p);
}

uint64_t price_sum(struct price *p, const struct tcpspan_bpf *skel,
		   const struct event_counters *events, uint64_t now_ns)
{
	if (p->fd >= 0)
		measure(p, skel, events, now_ns);
	p->sum_ns += (double)(events->seen - p->seen) * p->event_ns;
	p->seen = events->seen;
	return (uint64_t)p->sum_ns;
}
