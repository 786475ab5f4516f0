// SPDX-License-Identifier: GPL-2.0-only
/* Puts holders in order and finds those of one socket. */
#include "user/event/holder.h"

#include <stdlib.h>

static const char *const way_names[HOLDER_WAY_COUNT] = {
#define X(NAME, name) [HOLDER_##NAME] = name,
	HOLDER_WAYS(X)
#undef X
};

const char *holder_way_name(enum holder_way way)
{
	return way < HOLDER_WAY_COUNT ? way_names[way] : NULL;
}

/* By inode, process and descriptor, so that those of one socket lie together. */
static int compare(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

size_t holder_sort(struct holder *holders, size_t count)
{
	size_t kept = 0;

	if (!count)
		return 0;
	qsort(holders, count, sizeof(*holders), compare);
	for (size_t i = 1; i < count; i++)
		if (compare(&holders[kept], &holders[i]))
			holders[++kept] = holders[i];
	return kept + 1;
}

const struct holder *holder_find(const struct holder *holders, size_t count, uint64_t inode,
				 size_t *ret_count)
{
	size_t low = 0, high = count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (holders[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < count && holders[end].inode == inode; end++)
		;
	*ret_count = end - low;
	return end > low ? holders + low : NULL;
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

size_t holder_sort_inodes(uint64_t *inodes, size_t count)
{
	size_t kept = 0;

	if (!count)
		return 0;
	qsort(inodes, count, sizeof(*inodes), compare_inodes);
	for (size_t i = 1; i < count; i++)
		if (inodes[i] != inodes[kept])
			inodes[++kept] = inodes[i];
	return kept + 1;
}

size_t holder_unheld(const struct holder *holders, size_t holder_count, uint64_t *inodes,
		     size_t count)
{
	size_t kept = 0, found;

	for (size_t i = 0; i < count; i++)
		if (!holder_find(holders, holder_count, inodes[i], &found))
			inodes[kept++] = inodes[i];
	return kept;
}
