/* SPDX-License-Identifier: GPL-2.0-only */
/* What the numbers that are compared are called, and which ones there are. */
#ifndef USER_AGGREGATE_DIFFERENCE_NAME_H
#define USER_AGGREGATE_DIFFERENCE_NAME_H

#include "user/aggregate/difference.h"

#define DIFFERENCE_QUANTILES 3 /* of each histogram */

/* What stands at which number; of ports, quantiles, births and drops alone. */
enum difference_id {
	DIFFERENCE_OF_QUANTILES,
	DIFFERENCE_OF_BIRTHS = DIFFERENCE_OF_QUANTILES + HISTOGRAM_COUNT * DIFFERENCE_QUANTILES,
	DIFFERENCE_OF_CAUSES,
	DIFFERENCE_OF_RESENT = DIFFERENCE_OF_CAUSES + CONN_CAUSE_COUNT,
	DIFFERENCE_OF_ENTERED,
	DIFFERENCE_OF_LIVE = DIFFERENCE_OF_ENTERED + HISTOGRAM_COUNT,
	DIFFERENCE_IDS = DIFFERENCE_OF_LIVE + STATE_COUNT,
};

/* Which quantile that is; 0: it is none. */
double difference_quantile(unsigned int id);

/* Whether it is compared how many end by it, go through it, are in it at the end. */
bool difference_is_cause(unsigned int cause);
bool difference_is_entered(enum histogram_id id);
bool difference_is_live(unsigned int state);

/* Writes the name, "" if there is no such number. Returns `text`. */
const char *difference_name(unsigned int id, uint16_t port, char text[DIFFERENCE_NAME_SIZE]);

#endif
