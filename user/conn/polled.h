/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: connections in timewait sockets that only polls tell of. */
#ifndef USER_CONN_POLLED_H
#define USER_CONN_POLLED_H

#include <stdint.h>

#include "user/conn/conn.h"

struct conn_table;

/* From now on it is known by its ends. */
void polled_await(struct conn_table *t, struct conn *c);

/*
 * The same in parts, of one that is not in the table yet: a polled one that has its ends is over,
 * and what will stand for its socket is returned; then it is polled, and is to be put there.
 */
uint64_t polled_take_ends(struct conn_table *t, const struct conn *heir);
void polled_begin(struct conn_table *t, struct conn *c);

/* A connection that begins takes over the ends of one that is polled. */
void polled_take_over(struct conn_table *t, const struct conn *heir, const struct event *e);

/* The same of a request: its SYN ended a timewait socket, though nothing may come of it. */
void polled_take_over_request(struct conn_table *t, const struct event *e);

/* Compares the poll that is over with what is in the table, and ends what it should have seen. */
void polled_conclude(struct conn_table *t);

#endif
