/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of a run by the names that they have in its lines of JSON, for whoever asks by name. */
#ifndef USER_AGGREGATE_QUANTITY_H
#define USER_AGGREGATE_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/summary.h"

#define QUANTITY_NAME_SIZE 64 /* with its NUL */

enum quantity_unit {
	QUANTITY_COUNT,
	QUANTITY_NS,
	QUANTITY_RATE,	/* in a second */
	QUANTITY_SHARE, /* 0 to 1 */
};

/* X(NAME, "name"): of a histogram; percentiles have any number of digits, such as p95 or p999. */
#define QUANTITY_STATS(X)         \
	X(COUNT, "count")         \
	X(UNKNOWN, "unknown")     \
	X(ESTIMATED, "estimated") \
	X(MIN, "min")             \
	X(MAX, "max")             \
	X(MEAN, "mean")

enum quantity_stat {
#define X(NAME, name) QUANTITY_STAT_##NAME,
	QUANTITY_STATS(X)
#undef X
		QUANTITY_STAT_QUANTILE,
	QUANTITY_STAT_CLASS, /* the count of a class of its tally */
};

enum quantity_kind {
	QUANTITY_OF_HISTOGRAM,
	QUANTITY_OF_FIELD, /* of the summary */
	QUANTITY_OF_LOST,
	QUANTITY_OF_UNSEEN,
	QUANTITY_OF_SAMPLING,
	QUANTITY_OF_FAILURES,
	QUANTITY_OF_CAUSE,
	QUANTITY_OF_OUTCOME,
};

/* Of which run, where two are compared; of one it is QUANTITY_NEW. */
enum quantity_side {
	QUANTITY_NEW,
	QUANTITY_OLD,
	QUANTITY_CHANGE,  /* of a row of both: `row` and `port` are its */
	QUANTITY_CHANGES, /* how many rows have changed */
};

/* What is asked for. */
struct quantity {
	uint8_t side;	/* enum quantity_side */
	uint8_t kind;	/* enum quantity_kind */
	uint8_t unit;	/* enum quantity_unit */
	uint8_t stat;	/* enum quantity_stat */
	uint8_t index;	/* of the histogram, the field, the cause or the outcome */
	uint8_t class;	/* of the histogram's tally */
	uint8_t is_per; /* 0, QUANTITY_RATE or QUANTITY_SHARE: of the count that it is else */
	uint16_t row, port;
	double p; /* of the quantile */
};

/* Where it is looked for. */
struct quantity_values {
	const struct histogram_set *histograms; /* without groups */
	const struct failure_set *failures;
	const struct summary *summary;
};

enum quantity_knowledge {
	QUANTITY_KNOWN,
	QUANTITY_EMPTY,	  /* nothing was there to measure */
	QUANTITY_TOO_FEW, /* so little was there that it says nothing */
	QUANTITY_UNTOLD,  /* no hook that was in use tells of it */
};

/* By its name, of `size` bytes. Returns 0, or -ENOENT. */
int quantity_find(const char *name, size_t size, struct quantity *ret_quantity);

/* Its value in its unit, if it is known. */
enum quantity_knowledge quantity_read(const struct quantity *q, const struct quantity_values *from,
				      double *ret_value);

/* Without the hooks of which family a histogram has no values; NULL: the states show them. */
const char *quantity_family(enum histogram_id id);

/* All names, but for percentiles that are no fields, .rate and .share. */
void quantity_each(void (*visit)(void *context, const char *name), void *context);

/* The name that is most like the one that was said, if any is like it; else NULL. */
const char *quantity_nearest(const char *name, size_t size, char text[QUANTITY_NAME_SIZE]);

#endif
