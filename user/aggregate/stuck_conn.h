/* SPDX-License-Identifier: GPL-2.0-only */
/* A stuck socket as the table knows it, without a look at the sockets. */
#ifndef USER_AGGREGATE_STUCK_CONN_H
#define USER_AGGREGATE_STUCK_CONN_H

#include "user/aggregate/stuck.h"

struct conn_table;
struct seed;

/*
 * Events tell of transitions, not of sockets: the ages of what was born or has moved meanwhile are
 * exact; queues are unknown, and so is who holds a descriptor. The owner is who called connect or
 * accept. `seed`: what a snapshot has told of it; NULL: nothing.
 */
void stuck_of_conn(struct stuck *s, const struct conn *c, const struct seed *seed, uint64_t at_ns);

/*
 * Whether nobody has accepted a connection that is ESTABLISHED: where it waited for that as the
 * tracing began, which a snapshot says, and whoever took it since would have been told of. Of one
 * that came later nobody knows: an accept that slept as programs came is not told of.
 */
bool stuck_is_unaccepted(const struct conn *c, const struct seed *seed);

/* Where accepts may be missed: whether none was told of, and nothing else says that it was. */
bool stuck_may_be_unaccepted(const struct conn *c, const struct seed *seed);

/*
 * Whether it has waited for that, as stuck_is_unaccepted() knows it, for longer than is usual;
 * `table` has it, and what a snapshot has told of it.
 */
bool stuck_waits_for_accept(const struct conn_table *table, const struct conn *c, uint64_t now_ns);

/* It waits for that. */
void stuck_set_unaccepted(struct stuck *s);

/* Whether it is known to be so old, or may be where that is all that is known. */
bool stuck_is_that_old(const struct stuck *s, uint64_t least_ns);

#endif
