// SPDX-License-Identifier: GPL-2.0-only
/* From which ports connects take theirs, in each network namespace. */
#include "user/sockets/port_ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/sockets/namespace_walk.h"

#define TEXT_SIZE (64 << 10)

struct ranges {
	void (*visit)(void *context, const struct port_range *range);
	void *context;
};

/* Returns false: there is no number up to `most`. */
static bool read_number(const char **at, unsigned long most, unsigned long *ret)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*ret = strtoul(*at, &end, 10);
	*at = end;
	return *ret <= most;
}

/* "80,8000-8100": how many of them are in the range. Its parts are in order, and apart. */
static uint32_t count_reserved(const char *at, const struct port_range *range)
{
	uint32_t count = 0;

	for (;;) {
		unsigned long first, last;

		if (!read_number(&at, UINT16_MAX, &first))
			return count;
		last = first;
		if (*at == '-' && (at++, !read_number(&at, UINT16_MAX, &last)))
			return count;
		if (first < range->low)
			first = range->low;
		if (last > range->high)
			last = range->high;
		count += last >= first ? last - first + 1 : 0;
		if (*at++ != ',')
			return count;
	}
}

int port_range_parse(const char *text, struct port_range *ret)
{
	unsigned long low, high, reuse;
	struct port_range range = *ret;

	if (!read_number(&text, UINT16_MAX, &low) || (*text != '\t' && *text != ' '))
		return -ENOENT;
	text += strspn(text, " \t");
	if (!read_number(&text, UINT16_MAX, &high) || *text++ != '\n' || high < low)
		return -ENOENT;
	if (!read_number(&text, UINT8_MAX, &reuse) || *text++ != '\n')
		return -ENOENT;
	range.low = low;
	range.high = high;
	range.reuse = reuse;
	range.usable = high - low + 1;
	range.usable -= count_reserved(text, &range);
	*ret = range;
	return 0;
}

static int read_one(void *context, const struct namespace_sight *sight)
{
	struct ranges *ranges = context;
	struct port_range range = { .netns = sight->netns };
	char *text = calloc(1, TEXT_SIZE);
	int error = text ? 0 : -ENOMEM;

	if (!error && pread(sight->fd, text, TEXT_SIZE - 1, 0) < 0)
		error = -errno;
	if (!error)
		error = port_range_parse(text, &range);
	free(text);
	if (!error)
		ranges->visit(ranges->context, &range);
	return error;
}

uint64_t port_ranges_each(const struct netns_list *netns, struct broker *broker,
			  void (*visit)(void *context, const struct port_range *range),
			  void *context)
{
	struct ranges ranges = { visit, context };
	const struct namespace_walk walk = { .only = netns,
					     .search_files = netns->count,
					     .view = NAMESPACE_PORTS,
					     .link = -1,
					     .broker = broker,
					     .visit = read_one,
					     .context = &ranges };
	struct namespace_walk_result result;
	int error = namespace_walk(&walk, &result);

	return result.unreadable + result.hidden + (error && !result.unreadable);
}
