/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of which something is decided a little later, unless a record does before. */
#ifndef USER_CONN_DEFERRED_H
#define USER_CONN_DEFERRED_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/conn/conn.h"

struct deferred {
	uint64_t sock, id, mono_ns; /* id 0: not any more */
};

/* In the order of time. It must stay where it is. */
struct deferred_list {
	struct deferred *items; /* one behind the other, and round the end */
	size_t first, count, room;
	struct hash_index index; /* places, counted from 1, by the connections' numbers */
};

struct conn_table;

void deferred_init(struct deferred_list *l);
void deferred_done(struct deferred_list *l);

/* What was said of it before is over. Returns 0, or -ENOMEM. */
int deferred_add(struct deferred_list *l, const struct conn *c, uint64_t mono_ns);

/*
 * Takes the connection with this number off the list. Returns since when it was on it;
 * TIME_UNKNOWN: it was not.
 */
uint64_t deferred_forget(struct deferred_list *l, uint64_t id);

/*
 * Hands over who was deferred before `now_ns` less the grace, as far as the table still knows
 * them, and forgets them.
 */
void deferred_settle(struct deferred_list *l, struct conn_table *t, uint64_t grace_ns,
		     uint64_t now_ns,
		     void (*settle)(struct conn_table *t, struct conn *c, uint64_t mono_ns));

size_t deferred_bytes(const struct deferred_list *l);

#endif
