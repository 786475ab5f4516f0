/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections worth a look, each as a story: the slowest, the longest, and one for each failure. */
#ifndef USER_AGGREGATE_GALLERY_H
#define USER_AGGREGATE_GALLERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder.h"
#include "user/conn/cause.h"
#include "user/conn/consumer.h"

/* X(NAME): those that are compared; LONGEST_S is the longest stay in the state S. */
#define GALLERY_RECORDS(X)    \
	X(SLOWEST_CLIENT)     \
	X(SLOWEST_SERVER)     \
	X(LONGEST_LIFE)       \
	X(LONGEST_CLOSE_WAIT) \
	X(LONGEST_FIN_WAIT2)  \
	X(LONGEST_FIN_WAIT1)  \
	X(LONGEST_LAST_ACK)   \
	X(LONGEST_ACCEPT_WAIT)

enum gallery_slot {
#define X(NAME) GALLERY_##NAME,
	GALLERY_RECORDS(X)
#undef X
		GALLERY_RECORD_COUNT,
	GALLERY_CAUSES = GALLERY_RECORD_COUNT, /* and one for each enum conn_cause */
	GALLERY_SLOTS = GALLERY_CAUSES + CONN_CAUSE_COUNT
};

struct clock_pairs;
struct gallery;

/* `max`: stories that are kept at a time, while it is not known what is worth a look. */
struct gallery *gallery_new(size_t max);
void gallery_free(struct gallery *gallery);
struct consumer *gallery_consumer(struct gallery *gallery);

/*
 * The ladder of it, until the next one is asked for; false: there is none. `ret_ns`: what was
 * compared. `clocks`: of several machines, or NULL.
 */
bool gallery_ladder(struct gallery *gallery, unsigned int slot, const struct clock_pairs *clocks,
		    struct ladder *ret_ladder, uint64_t *ret_ns);

/* How many failed for this cause, half-open requests included. */
uint64_t gallery_failed(const struct gallery *gallery, enum conn_cause cause);

/* Whose numbers were forgotten, for lack of room, before they were over. */
const struct payers *gallery_payers(const struct gallery *gallery);

#endif
