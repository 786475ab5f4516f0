/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of congestion controls, each kept once and known by a number. */
#ifndef USER_CONN_CONGESTION_H
#define USER_CONN_CONGESTION_H

#include <stdint.h>

#include "user/event/event.h"

#define CONGESTION_NAMES 64

/* All zeros: none. */
struct congestion_names {
	/* The names so far, and room to look for one more. */
	char names[CONGESTION_NAMES + 1][EVENT_CONGESTION_SIZE + 1];
	uint8_t count;
	/* The one that was asked for last, as it was spelled, and its number. */
	uint8_t last_number;
	char last[EVENT_CONGESTION_SIZE + 1];
};

/*
 * From 1; 0: it has none, or there are too many. Who loads a control chooses its name, which ends
 * with NUL.
 */
uint8_t congestion_number(struct congestion_names *names,
			  const char name[EVENT_CONGESTION_SIZE + 1]);

/* In printable ASCII; NULL: there is no such number. */
const char *congestion_name(const struct congestion_names *names, uint8_t number);

#endif
