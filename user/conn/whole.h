/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: a life that is told of at once. */
#ifndef USER_CONN_WHOLE_H
#define USER_CONN_WHOLE_H

#include <stdbool.h>

#include "user/event/bundle.h"

struct conn_table;

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

#endif
