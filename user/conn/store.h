/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the table's connections live: by number, and in the order of their last change. */
#ifndef USER_CONN_STORE_H
#define USER_CONN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"

#define STORE_CHUNK 1024 /* connections that are allocated at a time */
#define STORE_NOBODY 0	 /* connection numbers count from 1 */

struct conn_store {
	/* Connection n lives in chunks[(n - 1) / STORE_CHUNK]; its address never changes. */
	struct conn **chunks;
	size_t chunk_count, chunk_room;
	uint32_t made; /* numbers 1..made have been used */
	uint32_t free; /* first of the free ones, linked by `newer` */
	uint32_t used, max;
	uint32_t oldest, newest;
};

static inline struct conn *store_at(const struct conn_store *s, uint32_t n)
{
	return &s->chunks[(n - 1) / STORE_CHUNK][(n - 1) % STORE_CHUNK];
}

/* What number a connection has that is in the order of age: its neighbours know. */
static inline uint32_t store_number(const struct conn_store *s, const struct conn *c)
{
	return c->older == STORE_NOBODY ? s->oldest : store_at(s, c->older)->newer;
}

/* For at most `max` connections. Takes no memory yet. */
void store_init(struct conn_store *s, uint32_t max);
void store_done(struct conn_store *s);

/* Makes sure that the next store_take() finds room. Returns 0, or -ENOMEM. */
int store_reserve(struct conn_store *s);

/* A number whose connection is to be filled in, then linked; after store_reserve(). */
uint32_t store_take(struct conn_store *s);

/* The number, out of the order of age, can be taken again; until then it has no flags. */
void store_give_back(struct conn_store *s, uint32_t n);

/* Puts a connection into the order of age, as the one that changed last, or takes it out. */
void store_link_newest(struct conn_store *s, struct conn *c, uint32_t n);
void store_unlink(struct conn_store *s, struct conn *c);

/* It has changed. */
void store_make_newest(struct conn_store *s, struct conn *c);

/* Fetches a connection, or the links of its neighbours, into the processor's caches. */
void store_fetch(const struct conn_store *s, uint32_t n);
void store_fetch_neighbours(const struct conn_store *s, uint32_t n);

size_t store_bytes(const struct conn_store *s);
/* Of the connections alone, when there are as many. */
uint64_t store_bytes_most(size_t max);

#endif
