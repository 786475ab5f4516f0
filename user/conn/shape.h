/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: lives like one before, of which the same is made. */
#ifndef USER_CONN_SHAPE_H
#define USER_CONN_SHAPE_H

#include "user/conn/conn.h"
#include "user/event/bundle.h"

struct conn_table;

/*
 * What decides how a life is told of, but for its times, its ends and what was counted: states,
 * flags and signs. Few ways of these are most of all lives.
 */
struct shapes;

#define SHAPE_OWNER_WORDS 6

struct shape {
	/* What is made of its lives; what a life says in numbers is that of the last one. */
	struct conn like;
	uint64_t owner[SHAPE_OWNER_WORDS]; /* whose `like` is, as a life told it ... */
	uint64_t turn;			   /* ... in this turn of the table; 0: nobody's */
	uint8_t number;
	bool is_learned; /* by all who are told */
};

/* NULL when there is no memory: then there are none. */
struct shapes *shapes_new(void);
void shapes_free(struct shapes *shapes);
size_t shapes_bytes(void);

/* That of a life like one before; NULL: there was none, or something about it is unusual. */
struct shape *shapes_find(const struct conn_table *t, const struct event_life_at *life);

/*
 * Whether the life's owner is the one that shape->like has. What a cgroup stands for may change
 * from one turn to the next.
 */
bool shapes_is_owned(const struct conn_table *t, const struct shape *shape,
		     const struct event_life_at *life);

/* From now on shape->like is of the life's owner, whose cgroup stands for `cgroup`. */
void shapes_own(const struct conn_table *t, struct shape *shape, const struct event_life_at *life,
		uint64_t cgroup);

/* Makes `c` what comes of the life before it is told of; the shape is of its owner. */
void shapes_make(struct conn_table *t, const struct shape *shape, const struct event_life_at *life,
		 struct conn *c);

/*
 * The same in shape->like, of what is asked for alone: its number, its times and its namespace; its
 * ends; what it has counted.
 */
void shapes_measure(const struct conn_table *t, struct shape *shape,
		    const struct event_life_at *life);
void shapes_name(struct shape *shape, const struct event_life_at *life);
void shapes_count(struct conn_table *t, struct shape *shape, const struct event_life_at *life);

/* Its ends are of one family, and written as the other's. */
static inline bool shapes_is_odd(const struct event_life_at *life)
{
	struct address raddr;

	if (!(life->at.close.head.flags & EVENT_FLAG_IPV6))
		return false;
	memcpy(raddr.byte, life->at.close.raddr, sizeof(raddr.byte));
	return address_is_ipv4(&raddr);
}

/* This has come of the life, before it is told of: the same comes of those that are like it. */
void shapes_learn(struct conn_table *t, const struct event_life_at *life, const struct conn *c);

#endif
