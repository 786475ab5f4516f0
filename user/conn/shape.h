/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: lives like one before, of which the same is made. */
#ifndef USER_CONN_SHAPE_H
#define USER_CONN_SHAPE_H

#include "user/event/bundle.h"

struct conn;
struct conn_table;

/*
 * What decides how a life is told of, but for its times, its ends and what was counted: states,
 * flags and signs. Few ways of these are most of all lives.
 */
struct shapes;

/* NULL when there is no memory: then there are none. */
struct shapes *shapes_new(void);
void shapes_free(struct shapes *shapes);
size_t shapes_bytes(void);

/* What was made of a life like this one; NULL: nothing was, or something about it is unusual. */
const struct conn *shapes_find(const struct conn_table *t, const struct event_life_at *life);

/* Makes `c` what comes of the life before it is told of; `like` is what shapes_find() returned. */
void shapes_make(struct conn_table *t, const struct conn *like, const struct event_life_at *life,
		 uint64_t cgroup, struct conn *c);

/* This has come of the life, before it is told of: the same comes of those that are like it. */
void shapes_learn(struct conn_table *t, const struct event_life_at *life, const struct conn *c);

#endif
