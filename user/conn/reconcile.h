/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: how it is compared with a snapshot of the kernel's sockets. */
#ifndef USER_CONN_RECONCILE_H
#define USER_CONN_RECONCILE_H

#include "user/event/event.h"

struct conn_table;

/* Before an event is applied: what a snapshot saw earlier of the same socket. */
void reconcile_until(struct conn_table *t, const struct event *e);

/* All that happened before the end of the snapshot is known: the rest of it, and it is over. */
void reconcile_conclude(struct conn_table *t);

#endif
