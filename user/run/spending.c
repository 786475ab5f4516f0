// SPDX-License-Identifier: GPL-2.0-only
/* Looks at what a run costs, and has as many connections followed as its budget allows. */
#include "user/run/spending.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/units.h"

/* Long enough for what the reader takes in at a time to be none of what is seen. */
#define LOOK_NS (250 * NS_PER_MS)

/* Of all threads, in user space and in the kernel. */
static uint64_t own_cpu_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		return 0;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Since the last time. */
static uint64_t moved(uint64_t *known, uint64_t now)
{
	uint64_t before = *known;

	*known = now;
	return now > before ? now - before : 0;
}

void spending_begin(struct spending *s, struct live *live, uint32_t allowed, uint64_t now_ns)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	memset(s, 0, sizeof(*s));
	if (!live || !allowed)
		return;
	s->live = live;
	s->processors = processors > 0 ? (unsigned int)processors : 1;
	s->one_of = 1;
	s->looked_ns = now_ns;
	budget_init(&s->budget, allowed);
	s->cpu_ns = own_cpu_ns();
	s->kernel_ns = live_cost_ns(live, &s->events);
}

void spending_check(struct spending *s, uint64_t now_ns)
{
	uint64_t spent_ns, events, seen;
	double share;
	uint32_t one_of;

	if (!s->live || now_ns < s->looked_ns + LOOK_NS)
		return;
	spent_ns = moved(&s->kernel_ns, live_cost_ns(s->live, &seen)) +
		   moved(&s->cpu_ns, own_cpu_ns());
	events = moved(&s->events, seen);
	share = (double)spent_ns / (double)moved(&s->looked_ns, now_ns) / s->processors;
	one_of = budget_look(&s->budget,
			     share < 1 ? (uint32_t)(share * BUDGET_WHOLE) : BUDGET_WHOLE, events);
	if (one_of == s->one_of)
		return;
	log_debug("spent %.3f %% of the machine: 1 of %u connections is followed", share * 100,
		  one_of);
	s->one_of = one_of;
	live_follow_one_of(s->live, one_of);
}

uint32_t spending_one_of(const struct spending *s)
{
	return s->live ? s->one_of : 1;
}
