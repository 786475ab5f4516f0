/* SPDX-License-Identifier: GPL-2.0-only */
/* The one connection that somebody looks at, and its other end, as they go on. */
#ifndef USER_AGGREGATE_WATCHED_H
#define USER_AGGREGATE_WATCHED_H

#include <stdbool.h>
#include <stddef.h>

#include "user/aggregate/ladder.h"
#include "user/conn/consumer.h"
#include "user/conn/table.h"
#include "user/event/netns_list.h"
#include "user/event/socket.h"

struct watched;

/*
 * `stories`: of so many connections what their events told is kept, before anybody looks at them;
 * 0: of none. NULL when there is no memory.
 */
struct watched *watched_new(size_t stories);
void watched_free(struct watched *watched);

/* To be told of connections. */
struct consumer *watched_consumer(struct watched *watched);

/* From now on it is this one, whose other end is looked for in the table. */
void watched_choose(struct watched *watched, const struct conn *c, const struct conn_table *table);

/* What a look at sockets is to be like. */
struct watched_search {
	struct netns_list netns;
	uint16_t ports[2]; /* either way round */
};

/*
 * Whether a look at sockets may tell numbers that its events did not, or how much an open one has
 * carried; then each that was found by it is to be handed over, and the search to be ended when all
 * is applied that has happened by its end. What it tells is of connections that still live then.
 */
bool watched_search(struct watched *watched, const struct conn_table *table,
		    struct watched_search *ret_search);
void watched_see(struct watched *watched, const struct socket_info *info);
void watched_end_search(struct watched *watched, const struct conn_table *table);

/* The ladder stays as it is now, or goes on with what the table knows. */
void watched_stand_still(struct watched *watched);
void watched_go_on(struct watched *watched, const struct conn_table *table);

/* The ladder, which lives until the next event; false: nobody looks. */
bool watched_ladder(const struct watched *watched, struct ladder *ret_ladder);

#endif
