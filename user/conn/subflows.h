/* SPDX-License-Identifier: GPL-2.0-only */
/* MPTCP connections: which subflows they have, and whose they are. */
#ifndef USER_CONN_SUBFLOWS_H
#define USER_CONN_SUBFLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"

#define SUBFLOWS_MAX 1048576 /* in the table at a time */

/* Of a connection that is CONN_MPTCP. */
struct subflow {
	uint32_t token;	     /* of its MPTCP connection, among those of its machine; 0: unknown */
	uint8_t number;	     /* in the order of birth, from 1 on; 0: unknown */
	bool has_joined;     /* it is not the one that made the connection */
	uint64_t connection; /* unique in a run, unlike the token; 0: unknown */
};

/* How many subflows an MPTCP connection has in the table. */
struct subflows_count {
	uint32_t open; /* neither closed nor in TIME_WAIT */
	uint32_t all;
};

struct subflows;

struct subflows *subflows_new(void);
void subflows_free(struct subflows *s);

/* A SUBFLOW: the transition that was told at the same moment is that of a subflow. */
void subflows_note(struct subflows *s, const struct event *e);

/* If this transition is such, `c` is one of its connection's from now on, and CONN_SUBFLOW. */
void subflows_claim(struct subflows *s, struct conn *c, const struct event *e);

/* The same for one that is older than all events, of which a snapshot tells. */
void subflows_adopt(struct subflows *s, struct conn *c, uint32_t token, uint8_t marks);

/*
 * The first subflow's owner is that of the connection, and of those that join it: the kernel makes
 * them by itself. Without a connection that is known, one that joined has none.
 */
void subflows_share_owner(struct subflows *s, struct conn *c);

/* Of a connection that is CONN_SUBFLOW. */
struct subflow subflows_find(const struct subflows *s, const struct conn *c);

/* It is closed, or in TIME_WAIT. */
void subflows_close(struct subflows *s, const struct conn *c);

/* Of the MPTCP connection of one that is CONN_SUBFLOW, which is counted itself. */
struct subflows_count subflows_count(const struct subflows *s, const struct conn *c);

/* It is forgotten. */
void subflows_leave(struct subflows *s, const struct conn *c);

size_t subflows_bytes(const struct subflows *s);

#endif
