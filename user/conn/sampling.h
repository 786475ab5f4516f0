/* SPDX-License-Identifier: GPL-2.0-only */
/* Where samples of timewait sockets have looked, and when. */
#ifndef USER_CONN_SAMPLING_H
#define USER_CONN_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A network namespace in which something is to be looked for. Times are ns of CLOCK_MONOTONIC. */
struct sampling_place {
	uint32_t netns;
	bool is_wanted;	    /* by the sample that began last */
	bool is_looked;	    /* that one has looked into it */
	bool is_missed;	    /* it could not */
	uint64_t looked_ns; /* the last look; 0: none so far */
	uint64_t before_ns; /* the one before */
	uint64_t absent_ns; /* since when it is not found any more; 0: it is */
};

struct sampling {
	struct sampling_place *places; /* in the order of `netns` */
	size_t count, room;
	uint64_t begin_ns;
	uint64_t end_ns;  /* of a sample that waits to be concluded; TIME_UNKNOWN: there is none */
	bool is_running;  /* one has begun, and not ended */
	bool is_thorough; /* what it has neither found nor missed is nowhere */
	bool must_search; /* the next one is to look everywhere */
};

void sampling_init(struct sampling *s);
void sampling_done(struct sampling *s);

/* A sample begins: nothing is wanted so far. */
void sampling_begin(struct sampling *s, uint64_t begin_ns);

/* It is to look into this namespace. Returns 0, or -ENOMEM. */
int sampling_want(struct sampling *s, uint32_t netns);

/* All that it wants has been said: forgets the namespaces that nobody wants any more. */
void sampling_settle_wants(struct sampling *s);

/* NULL: nothing is to be looked for there. */
struct sampling_place *sampling_find(const struct sampling *s, uint32_t netns);

/* All sockets of a namespace have been seen. */
void sampling_look(struct sampling *s, uint32_t netns);

/* They could not be. */
void sampling_miss(struct sampling *s, uint32_t netns);

/*
 * The sample is over; `searched`: it has looked for namespaces everywhere, `hidden`: and some may
 * not have shown.
 */
void sampling_end(struct sampling *s, uint64_t end_ns, bool searched, bool hidden);

/* It failed, or has been concluded. */
void sampling_drop(struct sampling *s);

#endif
