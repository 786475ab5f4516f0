/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interface a socket is bound to, from when that is told of until what it is told for. */
#ifndef USER_CONN_SCOPES_H
#define USER_CONN_SCOPES_H

#include <stdbool.h>
#include <stddef.h>

#include "user/event/event.h"

struct scopes;

struct scopes *scopes_new(void);
void scopes_free(struct scopes *s);

/* A SCOPE: what is told next of its socket, at the same moment, is bound so. */
void scopes_note(struct scopes *s, const struct event *e);

/* If one is noted for this event: true, and a copy of it that says so. */
bool scopes_claim(struct scopes *s, const struct event *e, struct event *ret_scoped);

size_t scopes_bytes(const struct scopes *s);

#endif
