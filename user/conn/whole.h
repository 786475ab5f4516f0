/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: a life that is told of at once. */
#ifndef USER_CONN_WHOLE_H
#define USER_CONN_WHOLE_H

#include <stdbool.h>

#include "user/conn/table.h"
#include "user/event/bundle.h"

/*
 * Whether the bundle is a life from its birth to its CLOSE, without a gap, of a socket of which
 * nothing else is known, and nobody waits for its parts.
 */
bool whole_is_life(const struct conn_table *t, const struct event_bundle *b);

/*
 * Applies such a one: the same comes of it as of its events one by one, but that it has no place in
 * the table before it is closed, and forgets no other one for it. Returns 0, or -ENOMEM.
 */
int whole_apply(struct conn_table *t, struct event_bundle *b);

/*
 * The same of one that is like one before, without taking it apart; false: none was, or it is not
 * to be applied so.
 */
bool whole_apply_like(struct conn_table *t, const struct event_life_at *life, conn_table_meet *meet,
		      void *context);

#endif
