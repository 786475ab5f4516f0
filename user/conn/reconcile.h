/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: how it is compared with a snapshot of the kernel's sockets. */
#ifndef USER_CONN_RECONCILE_H
#define USER_CONN_RECONCILE_H

#include "user/event/event.h"

struct conn;
struct conn_table;

/* `c` has begun with `e`: what is known of it, if it is older than all events. */
void reconcile_recall(struct conn_table *t, struct conn *c, const struct event *e);

/* The connection of an event that cannot begin one, of those that are known as well; NULL: none. */
struct conn *reconcile_find(struct conn_table *t, const struct event *e);

/* The socket's connection is closed: its address tells of no older one any more. */
void reconcile_forget(struct conn_table *t, uint64_t sock);

/* Before an event is applied: what a snapshot saw earlier of the same socket. */
void reconcile_until(struct conn_table *t, const struct event *e);

/* All that happened before the end of the snapshot is known: the rest of it, and it is over. */
void reconcile_conclude(struct conn_table *t);

#endif
