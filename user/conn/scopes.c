// SPDX-License-Identifier: GPL-2.0-only
/* Which interface a socket is bound to, from when that is told of until what it is told for. */
#include "user/conn/scopes.h"

#include <stdlib.h>

#include "user/base/hash.h"

/*
 * As many as come between a SCOPE and what it is about find room, more or less; where one does not,
 * the connection's interface is unknown.
 */
#define NOTES 256

struct note {
	uint64_t sock, mono_ns;
	uint32_t ifindex; /* 0: nothing is noted */
	uint16_t ifname;
	uint8_t from, to;
};

struct scopes {
	struct hash_key key;
	struct note notes[NOTES];
};

struct scopes *scopes_new(void)
{
	struct scopes *s = calloc(1, sizeof(*s));

	if (s)
		s->key = hash_program_key();
	return s;
}

void scopes_free(struct scopes *s)
{
	free(s);
}

size_t scopes_bytes(const struct scopes *s)
{
	return sizeof(*s);
}

static struct note *note_of(struct scopes *s, uint64_t sock)
{
	return &s->notes[hash_u64(&s->key, sock) % NOTES];
}

void scopes_note(struct scopes *s, const struct event *e)
{
	*note_of(s, e->sock) = (struct note){ .sock = e->sock,
					      .mono_ns = e->mono_ns,
					      .ifindex = e->ifindex,
					      .ifname = e->ifname,
					      .from = (uint8_t)e->from,
					      .to = (uint8_t)e->to };
}

bool scopes_claim(struct scopes *s, const struct event *e, struct event *ret_scoped)
{
	struct note *note = note_of(s, e->sock);

	if (!note->ifindex || note->sock != e->sock || note->mono_ns != e->mono_ns ||
	    note->from != e->from || note->to != e->to || e->kind == EVENT_OPENER ||
	    e->kind == EVENT_SUBFLOW)
		return false;
	*ret_scoped = *e;
	ret_scoped->ifindex = note->ifindex;
	ret_scoped->ifname = note->ifname;
	note->ifindex = 0;
	return true;
}
