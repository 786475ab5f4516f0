/* SPDX-License-Identifier: GPL-2.0-only */
/* Which code opened a connection: the number of the stack that connected, or accepted it. */
#ifndef USER_CONN_OPENERS_H
#define USER_CONN_OPENERS_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/event/event.h"

#define OPENERS_MAX 1048576 /* connections */

struct openers;

struct openers *openers_new(void);
void openers_free(struct openers *o);

/* An OPENER: what is told next of its socket, at the same moment, is done by this stack. */
void openers_note(struct openers *o, const struct event *e);

/* If this event was done by one that is noted, it opened `c`, which is CONN_OPENED then. */
void openers_claim(struct openers *o, struct conn *c, const struct event *e);

/* Of a connection that is CONN_OPENED. */
uint64_t openers_find(const struct openers *o, const struct conn *c);

/* From now on none is forgotten, while there is room. */
void openers_keep(struct openers *o);

/* It is forgotten. */
void openers_leave(struct openers *o, const struct conn *c);

size_t openers_bytes(const struct openers *o);

#endif
