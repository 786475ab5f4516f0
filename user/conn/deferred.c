// SPDX-License-Identifier: GPL-2.0-only
/* Connections of which something is decided a little later, unless a record does before. */
#include "user/conn/deferred.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/members.h"

#define FIRST_DEFERRED 256

void deferred_done(struct deferred_list *l)
{
	free(l->items);
}

int deferred_add(struct deferred_list *l, const struct conn *c, uint64_t mono_ns)
{
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : FIRST_DEFERRED;
		struct deferred *grown = reallocarray(l->items, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		l->items = grown;
		l->room = room;
	}
	l->items[l->count++] = (struct deferred){ c->sock, c->id, mono_ns };
	return 0;
}

uint64_t deferred_forget(struct deferred_list *l, const struct conn *c)
{
	for (size_t i = l->count; i-- > 0;) {
		if (l->items[i].id == c->id) {
			l->items[i].id = 0;
			return l->items[i].mono_ns;
		}
	}
	return TIME_UNKNOWN;
}

void deferred_settle(struct deferred_list *l, struct conn_table *t, uint64_t grace_ns,
		     uint64_t now_ns,
		     void (*settle)(struct conn_table *t, struct conn *c, uint64_t mono_ns))
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		struct deferred deferred = l->items[i];
		struct conn *c;

		if (deferred.mono_ns + grace_ns > now_ns)
			break;
		c = deferred.id ? members_find(t, deferred.sock) : NULL;
		if (c && c->id == deferred.id)
			settle(t, c, deferred.mono_ns);
	}
	if (!i)
		return;
	l->count -= i;
	memmove(l->items, l->items + i, l->count * sizeof(*l->items));
}

size_t deferred_bytes(const struct deferred_list *l)
{
	return l->room * sizeof(*l->items);
}
