/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of a set of histograms: what it is made of. */
#ifndef USER_AGGREGATE_HISTOGRAM_PARTS_H
#define USER_AGGREGATE_HISTOGRAM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/histogram_set.h"
#include "user/base/hash.h"
#include "user/base/quota.h"

#define CGROUP_KEYS                                                               \
	(1U << GROUP_BY_CGROUP | 1U << GROUP_BY_UNIT | 1U << GROUP_BY_CONTAINER | \
	 1U << GROUP_BY_POD)

#define HISTOGRAM_TALLY_MAX CONN_OUTCOME_COUNT
_Static_assert((int)CONN_OUTCOME_COUNT >= (int)CONN_TW_END_COUNT, "the longest tally");

struct histogram_cell {
	struct histogram histogram;
	uint64_t unknown, estimated;
	uint64_t counts[HISTOGRAM_TALLY_MAX];
};

struct histogram_entry {
	struct group group;
	uint64_t total;				       /* values, known or not */
	struct histogram_cell *cells[HISTOGRAM_COUNT]; /* NULL: empty */
};

/*
 * Where the times of lives of the same states belong, of a set without groups of which nothing is
 * left out: the time in step i belongs to cells[i].
 */
struct histogram_route {
	uint64_t states; /* conn.step_state; 0: there is no such route */
	uint8_t count;	 /* of steps */
	uint8_t values;	 /* the first of its steps, of which each has a cell */
	uint8_t open;	 /* the step to ESTABLISHED, the only one; 0: there is none */
	struct histogram_cell *handshake;
	struct histogram_cell *cells[CONN_STEPS];
};

/* By role, and by the states of the end. */
#define ROUTES_BY_STATES 4

/* Where the times of lives of a shape belong, of such a set. */
struct histogram_plan {
	uint8_t total;	  /* values of a life */
	uint8_t openings; /* of its opening: 1, or 2 if its first state is kept as well */
	uint8_t values;	  /* of its states but the first */
	uint8_t role;
	struct histogram *opening;     /* its role's */
	struct histogram_cell *accept; /* NULL: nobody has accepted it, or nobody wants to know */
	struct histogram_cell *cells[CONN_STEPS];
};

struct histogram_set {
	struct consumer consumer;
	unsigned int keys;
	unsigned int only; /* 0: all */
	size_t max_groups;
	uint64_t lost, crowded;
	struct histogram_span span;
	bool has_span;

	/* Everything when not grouped; else the groups that found no room. */
	struct histogram_entry rest;
	struct histogram_entry *entries;
	size_t entry_count, entry_room;
	struct quota quota;	 /* of entries: a lone user may have `max_groups`, or more */
	struct hash_index index; /* of the entries, counted from 1, by their groups */
	struct histogram_route routes[CONN_ROLE_SERVER + 1][ROUTES_BY_STATES];
	struct histogram_route *lately[CONN_ROLE_SERVER + 1]; /* of this role the last life's */
	struct histogram_plan plans[CONSUMER_SHAPES];
	/*
	 * By role, of lives that have a plan: how long their handshakes took, and their first
	 * states as long. They are in the cells of neither before histogram_set_settle(); there is
	 * room for them in both. NULL: no life of that role has a plan.
	 */
	struct histogram *openings[CONN_ROLE_SERVER + 1];
};

/* Why it is no more than an estimate. */
enum estimate_reason { ESTIMATE_DEFERRED, ESTIMATE_DOUBTED, ESTIMATE_FASTOPEN, ESTIMATE_REASONS };

extern const struct consumer_class histogram_feed_class;

/* Its name in `--json` and in metrics. */
const char *histogram_name(enum histogram_id id);

/* Where values of this connection belong, in a set with groups. */
struct histogram_entry *histogram_entry_of_group(struct histogram_set *set, const struct conn *c);

static inline struct histogram_entry *histogram_entry_of(struct histogram_set *set,
							 const struct conn *c)
{
	return set->keys ? histogram_entry_of_group(set, c) : &set->rest;
}

/* The cells of what both takes as long in a life of this role that is opened by a handshake. */
enum histogram_id histogram_of_handshake(enum conn_role role);
enum histogram_id histogram_of_opening(enum conn_role role);

/* What was put off is where it belongs: to be called before anybody looks at the cells. */
void histogram_set_settle(const struct histogram_set *set);

/* NULL when there is no memory. */
struct histogram_cell *histogram_cell(struct histogram_entry *e, enum histogram_id id);

/* Adds all of `from` to `e`; -ENOMEM. */
int histogram_entry_merge(struct histogram_entry *e, const struct histogram_entry *from);
void histogram_entry_done(struct histogram_entry *e);

static inline bool histogram_is_kept(const struct histogram_set *set, enum histogram_id id)
{
	return !set->only || set->only >> id & 1;
}

#endif
