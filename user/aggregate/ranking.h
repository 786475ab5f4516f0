/* SPDX-License-Identifier: GPL-2.0-only */
/* A few of very many in the order of a key, without sorting the others. */
#ifndef USER_AGGREGATE_RANKING_H
#define USER_AGGREGATE_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranked {
	uint64_t key, id;
	const void *item;
};

/* Zeroed memory is one that is to begin. Of those that are the same the least id comes first. */
struct ranking {
	struct ranked *all; /* those that may be wanted */
	size_t count, room;
	size_t first, wanted; /* which places of the order */
	uint64_t worst_key;   /* what has a larger one is not wanted */
	/* Of two items with the same key, as qsort has it; NULL: they are the same. */
	int (*compare)(const void *context, const void *item, const void *other);
	const void *context;
};

void ranking_done(struct ranking *r);

/* Wanted are `count` places from `first` on, counted from 0. */
void ranking_begin(struct ranking *r, size_t first, size_t count,
		   int (*compare)(const void *context, const void *item, const void *other),
		   const void *context);

/* Whether one with this key may be wanted, of which most are not. */
static inline bool ranking_may_want(const struct ranking *r, uint64_t key)
{
	return key <= r->worst_key && r->wanted;
}

/* Returns 0, or -ENOMEM: it was left out. */
int ranking_add(struct ranking *r, uint64_t key, uint64_t id, const void *item);

/* Those at the wanted places, in order. Returns how many there are. */
size_t ranking_end(struct ranking *r, const struct ranked **ret_first);

#endif
