/* SPDX-License-Identifier: GPL-2.0-only */
/* What was alive at a moment, as the table knows it, as records of a snapshot. */
#ifndef USER_COMMAND_TOP_ALIVE_H
#define USER_COMMAND_TOP_ALIVE_H

#include "user/conn/table.h"
#include "user/event/event.h"

/*
 * Calls `visit` for each connection that is there, and was not born after `then_ns`: in the state
 * that it was in at that time. What a look at the socket would tell beside is unknown.
 */
void alive_each(const struct conn_table *table, uint64_t then_ns,
		void (*visit)(void *context, const struct event_socket *record), void *context);

#endif
