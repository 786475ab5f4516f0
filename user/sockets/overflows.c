// SPDX-License-Identifier: GPL-2.0-only
/* What listeners dropped during a run: no hook sees it, the kernel's counters do. */
#include "user/sockets/overflows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/sockets/counters.h"

struct overflows {
	struct netns_list netns;
	struct broker *broker;
	struct counters_readings begin;
};

static bool have_both(const struct counters_reading *r)
{
	return r->is_known && kernel_counters_know(&r->counters, KERNEL_ListenOverflows) &&
	       kernel_counters_know(&r->counters, KERNEL_ListenDrops);
}

/* How far one has moved. False: it went back, so that they are not those of before. */
static bool moved(const struct counters_reading *from, const struct counters_reading *to,
		  enum kernel_counter which, uint64_t *ret)
{
	*ret = to->counters.value[which] - from->counters.value[which];
	return to->counters.value[which] >= from->counters.value[which];
}

/* One that came during the run has counted from 0. */
static void add_difference(const struct counters_readings *begin,
			   const struct counters_reading *end, struct listen_counters *sum)
{
	static const struct counters_reading nothing = { .is_known = true,
							 .counters.known = UINT32_MAX };
	const struct counters_reading *start = counters_find(begin, end);
	uint64_t overflows, drops;

	if (!start && begin->is_complete)
		start = &nothing;
	if (!start || !have_both(start) || !have_both(end) ||
	    !moved(start, end, KERNEL_ListenOverflows, &overflows) ||
	    !moved(start, end, KERNEL_ListenDrops, &drops)) {
		sum->unread++;
		return;
	}
	sum->read++;
	sum->overflows += overflows;
	sum->drops += drops;
}

struct overflows *overflows_begin(const struct netns_list *netns, struct broker *broker)
{
	struct overflows *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->netns = *netns;
	o->broker = broker;
	counters_read(netns, broker, &o->begin);
	return o;
}

void overflows_tell(const struct overflows *overflows, const struct counters_readings *now,
		    struct listen_counters *ret)
{
	struct listen_counters sum = { 0 };

	if (!overflows) {
		*ret = sum;
		return;
	}
	for (size_t i = 0; i < now->count; i++)
		add_difference(&overflows->begin, &now->list[i], &sum);
	for (size_t i = 0; i < overflows->begin.count; i++)
		if (!counters_find(now, &overflows->begin.list[i]))
			sum.unread++;
	/* In the list, one that could not be read is counted already. */
	if (!sum.unread)
		sum.unread = now->unread;
	*ret = sum;
}

void overflows_read(const struct overflows *overflows, struct listen_counters *ret)
{
	struct counters_readings end = { .list = NULL };

	if (overflows)
		counters_read(&overflows->netns, overflows->broker, &end);
	overflows_tell(overflows, &end, ret);
	counters_done(&end);
}

static void add_moved(const struct counters_reading *start, const struct counters_reading *end,
		      struct kernel_counters *sum)
{
	for (int i = 0; i < KERNEL_COUNTER_COUNT; i++) {
		uint64_t by;

		if (!kernel_counters_know(&start->counters, i) ||
		    !kernel_counters_know(&end->counters, i) || !moved(start, end, i, &by))
			continue;
		sum->value[i] += by;
		sum->known |= 1u << i;
	}
}

void overflows_moved(const struct overflows *overflows, struct kernel_counters *ret)
{
	static const struct counters_reading nothing = { .is_known = true,
							 .counters.known = UINT32_MAX };
	struct counters_readings now;

	memset(ret, 0, sizeof(*ret));
	if (!overflows)
		return;
	counters_read(&overflows->netns, overflows->broker, &now);
	for (size_t i = 0; i < now.count; i++) {
		const struct counters_reading *end = &now.list[i];
		const struct counters_reading *start = counters_find(&overflows->begin, end);

		if (!start && overflows->begin.is_complete)
			start = &nothing;
		if (start && start->is_known && end->is_known)
			add_moved(start, end, ret);
	}
	counters_done(&now);
}

void overflows_free(struct overflows *overflows)
{
	if (!overflows)
		return;
	counters_done(&overflows->begin);
	free(overflows);
}
