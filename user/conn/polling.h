/* SPDX-License-Identifier: GPL-2.0-only */
/* Where timewait sockets have been looked for, and when. */
#ifndef USER_CONN_POLLING_H
#define USER_CONN_POLLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A network namespace in which something is to be looked for. Times are ns of CLOCK_MONOTONIC. */
struct polling_place {
	uint32_t netns;
	bool is_wanted;	    /* by the poll that began last */
	bool is_looked;	    /* that one has looked into it */
	bool is_missed;	    /* it could not */
	uint64_t looked_ns; /* the last look; 0: none so far */
	uint64_t before_ns; /* the one before */
	uint64_t absent_ns; /* since when it is not found any more; 0: it is */
};

struct polling {
	struct polling_place *places; /* in the order of `netns` */
	size_t count, room;
	uint64_t begin_ns;
	uint64_t end_ns;  /* of a poll that waits to be concluded; TIME_UNKNOWN: there is none */
	bool is_running;  /* one has begun, and not ended */
	bool is_thorough; /* what it has neither found nor missed is nowhere */
	bool must_search; /* the next one is to look everywhere */
};

void polling_init(struct polling *s);
void polling_done(struct polling *s);

/* A poll begins: nothing is wanted so far. */
void polling_begin(struct polling *s, uint64_t begin_ns);

/* It is to look into this namespace. Returns 0, or -ENOMEM. */
int polling_want(struct polling *s, uint32_t netns);

/* All that it wants has been said: forgets the namespaces that nobody wants any more. */
void polling_settle_wants(struct polling *s);

/* NULL: nothing is to be looked for there. */
struct polling_place *polling_find(const struct polling *s, uint32_t netns);

/* All sockets of a namespace have been seen. */
void polling_look(struct polling *s, uint32_t netns);

/* They could not be. */
void polling_miss(struct polling *s, uint32_t netns);

/*
 * The poll is over; `searched`: it has looked for namespaces everywhere, `hidden`: and some may
 * not have shown.
 */
void polling_end(struct polling *s, uint64_t end_ns, bool searched, bool hidden);

/* It failed, or has been concluded. */
void polling_drop(struct polling *s);

#endif
