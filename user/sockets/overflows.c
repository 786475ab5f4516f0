// SPDX-License-Identifier: GPL-2.0-only
/* What listeners dropped during a run: no hook sees it, the kernel's counters do. */
#include "user/sockets/overflows.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/sockets/namespace_walk.h"
#include "user/sockets/netstat.h"

/* One namespace at one time. */
struct reading {
	uint64_t cookie; /* inodes are used again, these are not; 0: the kernel is too old */
	uint32_t netns;
	bool is_known;
	struct netstat_listen counters;
};

/* All namespaces at one time. */
struct readings {
	struct reading *list;
	size_t count, room;
	uint64_t unread;  /* namespaces, or processes whose one is hidden */
	bool is_complete; /* what is not in the list did not exist */
};

struct overflows {
	struct netns_list netns;
	struct broker *broker;
	struct readings begin;
};

static int add(struct readings *r, const struct reading *reading)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 16;
		struct reading *grown = reallocarray(r->list, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		r->list = grown;
		r->room = room;
	}
	r->list[r->count++] = *reading;
	return 0;
}

static int read_one(void *context, const struct namespace_sight *sight)
{
	struct reading reading = {
		.netns = sight->netns,
		.cookie = sight->cookie,
		.is_known = true,
	};
	int error = netstat_read(sight->fd, &reading.counters);

	return error ? error : add(context, &reading);
}

/* It is there, and that is all that is known of it. */
static void miss_one(void *context, uint32_t netns)
{
	struct readings *r = context;

	if (add(r, &(struct reading){ .netns = netns }))
		r->is_complete = false;
}

static void read_all(const struct netns_list *netns, struct broker *broker, struct readings *ret)
{
	/* A search for some ends where they are found; one for all looks at every open file. */
	const struct namespace_walk walk = { .only = netns,
					     .search_files = netns->count,
					     .view = NAMESPACE_COUNTERS,
					     .link = -1,
					     .broker = broker,
					     .visit = read_one,
					     .miss = miss_one,
					     .context = ret };
	struct namespace_walk_result result;
	int error;

	*ret = (struct readings){ .is_complete = true };
	error = namespace_walk(&walk, &result);
	ret->unread = result.unreadable + result.hidden;
	if (error && !ret->unread)
		ret->unread = 1;
	if (error || result.hidden || result.unreadable)
		ret->is_complete = false;
}

static const struct reading *find(const struct readings *r, const struct reading *like)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].netns == like->netns &&
		    (r->list[i].cookie == like->cookie || !r->list[i].is_known || !like->is_known))
			return &r->list[i];
	return NULL;
}

/* One that came during the run has counted from 0. */
static void add_difference(const struct readings *begin, const struct reading *end,
			   struct listen_counters *sum)
{
	static const struct reading nothing = { .is_known = true };
	const struct reading *start = find(begin, end);

	if (!start && begin->is_complete)
		start = &nothing;
	if (!start || !start->is_known || !end->is_known ||
	    end->counters.overflows < start->counters.overflows ||
	    end->counters.drops < start->counters.drops) {
		sum->unread++;
		return;
	}
	sum->read++;
	sum->overflows += end->counters.overflows - start->counters.overflows;
	sum->drops += end->counters.drops - start->counters.drops;
}

struct overflows *overflows_begin(const struct netns_list *netns, struct broker *broker)
{
	struct overflows *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->netns = *netns;
	o->broker = broker;
	read_all(netns, broker, &o->begin);
	return o;
}

void overflows_read(const struct overflows *overflows, struct listen_counters *ret)
{
	struct listen_counters sum = { 0 };
	struct readings end;

	if (!overflows) {
		*ret = sum;
		return;
	}
	read_all(&overflows->netns, overflows->broker, &end);
	for (size_t i = 0; i < end.count; i++)
		add_difference(&overflows->begin, &end.list[i], &sum);
	for (size_t i = 0; i < overflows->begin.count; i++)
		if (!find(&end, &overflows->begin.list[i]))
			sum.unread++;
	/* In the list, one that could not be read is counted already. */
	if (!sum.unread)
		sum.unread = end.unread;
	free(end.list);
	*ret = sum;
}

void overflows_free(struct overflows *overflows)
{
	if (!overflows)
		return;
	free(overflows->begin.list);
	free(overflows);
}
