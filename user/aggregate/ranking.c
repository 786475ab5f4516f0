// SPDX-License-Identifier: GPL-2.0-only
/* A few of very many in the order of a key: the rest is thrown away as it comes. */
#include "user/aggregate/ranking.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_LEAST 1024

static int in_order(const void *a, const void *b, void *context)
{
	const struct ranked *one = a, *other = b;
	const struct ranking *r = context;
	int order;

	if (one->key != other->key)
		return one->key < other->key ? -1 : 1;
	order = r->compare ? r->compare(r->context, one->item, other->item) : 0;
	return order ? order : (one->id > other->id) - (one->id < other->id);
}

static void swap(struct ranked *a, struct ranked *b)
{
	struct ranked kept = *a;

	*a = *b;
	*b = kept;
}

/* Any place, so that nobody's choice of keys makes it slow. */
static size_t pick(size_t count)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % count;
}

/* Hoare's FIND: afterwards none before place `nth` belongs behind it, and none behind it before. */
static void part_at(struct ranking *r, struct ranked *all, size_t count, size_t nth)
{
	ptrdiff_t left = 0, right = (ptrdiff_t)count - 1, place = (ptrdiff_t)nth;

	while (left < right) {
		struct ranked pivot = all[left + (ptrdiff_t)pick((size_t)(right - left) + 1)];
		ptrdiff_t low = left, high = right;

		while (low <= high) {
			while (in_order(&all[low], &pivot, r) < 0)
				low++;
			while (in_order(&all[high], &pivot, r) > 0)
				high--;
			if (low <= high)
				swap(&all[low++], &all[high--]);
		}
		if (high < place)
			left = low;
		if (place < low)
			right = high;
	}
}

void ranking_done(struct ranking *r)
{
	free(r->all);
	*r = (struct ranking){ .all = NULL };
}

void ranking_begin(struct ranking *r, size_t first, size_t count,
		   int (*compare)(const void *context, const void *item, const void *other),
		   const void *context)
{
	r->compare = compare;
	r->context = context;
	r->count = 0;
	r->first = first;
	r->wanted = first + count;
	r->worst_key = UINT64_MAX;
}

/* Throws away what is behind the last place that is wanted. */
static void shrink(struct ranking *r)
{
	part_at(r, r->all, r->count, r->wanted);
	r->count = r->wanted;
	r->worst_key = 0;
	for (size_t i = 0; i < r->count; i++)
		if (r->all[i].key > r->worst_key)
			r->worst_key = r->all[i].key;
}

static int grow(struct ranking *r)
{
	size_t room = r->room ? r->room * 2 : ROOM_LEAST;
	struct ranked *grown = reallocarray(r->all, room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	r->all = grown;
	r->room = room;
	return 0;
}

int ranking_add(struct ranking *r, uint64_t key, uint64_t id, const void *item)
{
	if (!ranking_may_want(r, key))
		return 0;
	if (r->count == r->room && r->room >= 2 * r->wanted)
		shrink(r);
	else if (r->count == r->room && grow(r))
		return -ENOMEM;
	if (key <= r->worst_key)
		r->all[r->count++] = (struct ranked){ key, id, item };
	return 0;
}

size_t ranking_end(struct ranking *r, const struct ranked **ret_first)
{
	size_t first = r->first < r->count ? r->first : r->count;
	size_t count = r->wanted < r->count ? r->wanted - first : r->count - first;

	*ret_first = r->all;
	if (!count)
		return 0;
	part_at(r, r->all, r->count, first);
	if (first + count < r->count)
		part_at(r, r->all + first, r->count - first, count);
	qsort_r(r->all + first, count, sizeof(*r->all), in_order, r);
	*ret_first = r->all + first;
	return count;
}
