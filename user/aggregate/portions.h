/* SPDX-License-Identifier: GPL-2.0-only */
/* What came of connections in the run of time, in parts, so that bursts show. */
#ifndef USER_AGGREGATE_PORTIONS_H
#define USER_AGGREGATE_PORTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/histogram_set.h"
#include "user/conn/consumer.h"

#define PORTIONS_PARTS 64 /* half as many at least, once there was so much */
#define PORTIONS_PORTS 64 /* own ports that are kept apart: those with most connections */

/* What as many lives as in any other part, but the last one, have come to; in their order. */
struct portions_part {
	struct histogram_set *histograms; /* NULL: there were none */
	uint64_t ended;			  /* connections, and requests that died */
	uint64_t causes[CONN_CAUSE_COUNT];
	uint64_t counted, resent; /* of so many, so many segments were sent again */
};

/* Requests that died at the full accept queue of one of our ports. */
struct portions_drops {
	uint16_t port;
	uint64_t count;
};

struct portions {
	struct consumer consumer;
	struct portions_part parts[PORTIONS_PARTS];
	size_t part;	/* the one that is filled */
	uint64_t lives; /* of each part before */

	/* By time: opened[i] from begin_ns + i * width_ns on. */
	uint64_t begin_ns, width_ns;
	uint64_t opened[PORTIONS_PARTS];

	struct histogram_set *ports; /* of servers, by their own port */
	struct portions_drops drops[PORTIONS_PORTS];
	size_t drop_ports;
	uint64_t drops_elsewhere;   /* at ports that there was no room for */
	uint64_t live[STATE_COUNT]; /* at the end */
	uint64_t lost;		    /* for lack of memory */

	/* Since portions_end. */
	struct histogram_set *all;
	struct portions_part sum; /* without its histograms */
};

/* NULL when there is no memory. */
struct portions *portions_new(void);
void portions_free(struct portions *portions);

/* Before anything is told: when it begins. */
void portions_begin(struct portions *portions, uint64_t begin_ns);

/* To be told of connections. */
struct consumer *portions_consumer(struct portions *portions);

/* Nothing more will come: adds all of it up. */
void portions_end(struct portions *portions);

#endif
