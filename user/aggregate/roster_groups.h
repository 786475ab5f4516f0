/* SPDX-License-Identifier: GPL-2.0-only */
/* The groups of a roster: who is in them now, and what of them has closed. */
#ifndef USER_AGGREGATE_ROSTER_GROUPS_H
#define USER_AGGREGATE_ROSTER_GROUPS_H

#include "user/aggregate/roster.h"

struct roster_groups;

/* NULL when there is no memory. */
struct roster_groups *roster_groups_new(enum roster_key key);
void roster_groups_free(struct roster_groups *groups);

/* Forgets all, and groups by this key. */
void roster_groups_begin(struct roster_groups *groups, enum roster_key key);
enum roster_key roster_groups_key(const struct roster_groups *groups);

/* A look begins: nobody is in them. */
void roster_groups_clear_live(struct roster_groups *groups);
void roster_groups_add_live(struct roster_groups *groups, const struct conn *c,
			    enum tcp_state state);

/* It has closed. */
void roster_groups_add_closed(struct roster_groups *groups, const struct conn *c);

/* So many like this have. */
void roster_groups_add_alike(struct roster_groups *groups, const struct conn *example,
			     const struct roster_closed *closed);

/* Adds what has closed of each group of `from`, which has the same key. */
void roster_groups_add(struct roster_groups *groups, const struct roster_groups *from);

/* All groups in their order, valid until the next look. */
const struct roster_group *roster_groups_sort(struct roster_groups *groups,
					      const struct roster_query *query, size_t *ret_count);

#endif
