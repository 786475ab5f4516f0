/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between two runs by more than chance, whatever the shape of what they measured. */
#ifndef USER_AGGREGATE_DIFFERENCE_H
#define USER_AGGREGATE_DIFFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/condition.h"
#include "user/aggregate/portions.h"

#define DIFFERENCE_NAME_SIZE QUANTITY_NAME_SIZE

/*
 * With this probability, or less, anything is told of two runs of the same: it is shared among all
 * numbers that are compared (Bonferroni), so that asking for more of them makes no news.
 */
#define DIFFERENCE_ERROR 1e-4

/* X(NAME, "name") */
#define DIFFERENCE_VERDICTS(X) \
	X(NONE, "none")        \
	X(MORE, "more")        \
	X(LESS, "less")        \
	X(TOO_FEW, "too_few")  \
	X(UNKNOWN, "unknown")

enum difference_verdict {
#define X(NAME, name) DIFFERENCE_##NAME,
	DIFFERENCE_VERDICTS(X)
#undef X
		DIFFERENCE_VERDICT_COUNT
};

/* One number of both. */
struct difference_row {
	char name[DIFFERENCE_NAME_SIZE];
	uint16_t id;   /* what it is, if it is of no port */
	uint16_t port; /* of which own port; 0: of all */
	enum quantity_unit unit;
	enum difference_verdict verdict;
	double old_value, new_value; /* NAN: there is none */
	/* Bounds between which each surely is; NAN: it is a rate; infinite: there is none. */
	double old_low, old_high, new_low, new_high;
	double factor_low, factor_high; /* new by old, surely; NAN: unknown */
	double size; /* how far from the same it surely is, by order of magnitude; 0: not */
};

struct difference_side {
	const struct portions *portions; /* that has ended */
	const struct failure_set *failures;
	const struct summary *summary;
};

struct difference;

/*
 * Compares the new with the old one; both have to last no longer than the call, but for
 * difference_read. NULL when there is no memory.
 */
struct difference *difference_new(const struct difference_side *old,
				  const struct difference_side *new);
void difference_free(struct difference *d);

/* What has changed first, the largest change before all. */
const struct difference_row *difference_rows(const struct difference *d, size_t *ret_count);

/* How many of the rows have this verdict. */
size_t difference_count(const struct difference *d, enum difference_verdict verdict);

/*
 * The next family of hooks that only one of the two had, and that what is compared hangs on, from
 * `*at` on, which begins as 0. NULL: there is no more.
 */
const char *difference_next_family(const struct summary *old, const struct summary *new,
				   size_t *at);

const char *difference_verdict_name(enum difference_verdict verdict);
const char *difference_unit_name(enum quantity_unit unit);

/*
 * Names for conditions: those of quantities are the new run's, `old.` before them makes the old
 * one's of them, `change.` before the name of a row by which share it has changed: 0 unless surely.
 * `changes` is how many of them have. As condition_find and condition_read; the context of the
 * latter is the difference.
 */
int difference_find(const char *name, size_t size, struct quantity *ret_quantity);
enum quantity_knowledge difference_read(const void *context, const struct quantity *q,
					double *ret_value);

#endif
