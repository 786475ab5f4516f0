/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: lives that go on in a timewait socket. */
#ifndef USER_CONN_TIMEWAIT_H
#define USER_CONN_TIMEWAIT_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"

#define TIMEWAIT_WAITING 64 /* records about timewait sockets whose connection is not known yet */
#define TIMEWAIT_HOMES 256

/*
 * The last TIMEWAIT records that no connection claimed; they may be ahead of its CLOSE. All zeros:
 * none.
 */
struct timewait_waiting {
	struct event events[TIMEWAIT_WAITING];
	uint64_t socks[TIMEWAIT_WAITING]; /* their sockets, to look through; 0: taken */
	size_t next, count;		  /* where the next one goes; how many are not taken */
	/* Of these, by a byte of their sockets: where none is, there is nothing to look through. */
	uint8_t homes[TIMEWAIT_HOMES];
};

struct conn_table;

/* A TIMEWAIT record. */
void timewait_apply(struct conn_table *t, const struct event *e);

/*
 * The record of a socket's close, with its timewait socket where that was told of by itself: `e`,
 * or a copy in `room`.
 */
const struct event *timewait_complete_close(struct conn_table *t, const struct event *e,
					    uint32_t ifindex, struct event *room);

/*
 * The connection lives on in another kernel object; what was heard of that one already is applied.
 */
void timewait_hand_over(struct conn_table *t, struct conn *c, uint64_t sock, uint64_t since_ns);

/* The same in parts: what was known by that object is over; what was heard of it is applied. */
void timewait_make_way(struct conn_table *t, uint64_t sock);
void timewait_catch_up(struct conn_table *t, uint64_t sock, uint64_t since_ns);

/* Decides what only time tells, as of `now_ns`. */
void timewait_settle(struct conn_table *t, uint64_t now_ns);

#endif
