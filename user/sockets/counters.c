// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel has counted in all network namespaces at one time. */
#include "user/sockets/counters.h"

#include <errno.h>
#include <stdlib.h>

#include "user/sockets/namespace_walk.h"
#include "user/sockets/netstat.h"

static int add(struct counters_readings *r, const struct counters_reading *reading)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 16;
		struct counters_reading *grown = reallocarray(r->list, room, sizeof(*grown));

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
	struct counters_reading reading = {
		.netns = sight->netns,
		.cookie = sight->cookie,
		.is_known = true,
	};
	int error = netstat_read(sight->fd, &reading.counters);

	return error ? error : add(context, &reading);
}

static void miss_one(void *context, uint32_t netns)
{
	struct counters_readings *r = context;

	if (add(r, &(struct counters_reading){ .netns = netns }))
		r->is_complete = false;
}

static int compare(const void *a, const void *b)
{
	const struct counters_reading *x = a, *y = b;

	return (x->netns > y->netns) - (x->netns < y->netns);
}

void counters_read(const struct netns_list *netns, struct broker *broker,
		   struct counters_readings *ret)
{
	/* A search for some ends where they are found; one for all looks at every open file. */
	const struct namespace_walk walk = { .only = netns,
					     .search_files = netns->count,
					     .view = NAMESPACE_COUNTERS,
					     .link = -1,
					     .broker = broker,
					     .visit = read_one,
					     .miss = miss_one,
					     /* Who names them wants them all. */
					     .user_ns = netns->count ? 0 : NAMESPACE_USER_NS,
					     .context = ret };
	struct namespace_walk_result result;
	int error;

	*ret = (struct counters_readings){ .is_complete = true };
	error = namespace_walk(&walk, &result);
	ret->unread = result.unreadable + result.hidden + result.crowded;
	if (error && !ret->unread)
		ret->unread = 1;
	if (error || ret->unread)
		ret->is_complete = false;
	if (ret->count)
		qsort(ret->list, ret->count, sizeof(*ret->list), compare);
}

void counters_done(struct counters_readings *readings)
{
	free(readings->list);
	*readings = (struct counters_readings){ .list = NULL };
}

const struct counters_reading *counters_find(const struct counters_readings *r,
					     const struct counters_reading *like)
{
	const struct counters_reading *found = NULL;

	if (r->count)
		found = bsearch(like, r->list, r->count, sizeof(*r->list), compare);
	if (!found || (found->cookie != like->cookie && found->is_known && like->is_known))
		return NULL;
	return found;
}
