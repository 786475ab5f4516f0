// SPDX-License-Identifier: GPL-2.0-only
/* MPTCP connections: which subflows they have, and whose they are. */
#include "user/conn/subflows.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"
#include "user/event/identity.h"

#define FIRST_ROOM 16
#define NONE 0 /* members and groups count from 1 */
#define NUMBER_MAX UINT8_MAX

/*
 * A SUBFLOW stands shortly before its transition: as many as come between the two find room, more
 * or less; one that does not is a subflow of which nothing else is known.
 */
#define NOTES 256

struct note {
	uint64_t sock, mono_ns;
	uint32_t token; /* 0: nothing is noted */
	uint8_t marks;
};

/* A subflow in the table. */
struct member {
	uint64_t id;	/* conn.id */
	uint32_t group; /* or the next one of the free */
	uint8_t number;
	bool has_joined; /* it is not the first */
	bool is_open;
};

/* An MPTCP connection with at least one of them. */
struct group {
	uint64_t key;	  /* the recording it is of, and its token */
	uint64_t serial;  /* from 1 on */
	uint32_t members; /* or the next one of the free */
	uint32_t open;	  /* of these */
	uint8_t given;	  /* numbers of subflows; 0: its beginning was not seen */
	bool has_owner;
	uint16_t process; /* as conn.process */
	uint32_t pid, uid;
	char comm[EVENT_COMM_SIZE];
};

struct subflows {
	struct note notes[NOTES];
	uint32_t room; /* for as many groups as members */
	struct member *members;
	uint32_t made, free;
	struct hash_index by_id;
	struct group *groups;
	uint32_t groups_made, groups_free;
	uint64_t serials; /* so many have been given */
	struct hash_index by_key;
};

static uint64_t hash_member(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct subflows *s = context;

	return hash_u64(key, s->members[n - 1].id);
}

static uint64_t hash_group(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct subflows *s = context;

	return hash_u64(key, s->groups[n - 1].key);
}

struct subflows *subflows_new(void)
{
	struct subflows *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	hash_index_init(&s->by_id, SUBFLOWS_MAX, hash_member, s);
	hash_index_init(&s->by_key, SUBFLOWS_MAX, hash_group, s);
	return s;
}

void subflows_free(struct subflows *s)
{
	if (!s)
		return;
	hash_index_done(&s->by_id);
	hash_index_done(&s->by_key);
	free(s->members);
	free(s->groups);
	free(s);
}

size_t subflows_bytes(const struct subflows *s)
{
	return sizeof(*s) + s->room * (sizeof(*s->members) + sizeof(*s->groups)) +
	       hash_index_bytes(&s->by_id) + hash_index_bytes(&s->by_key);
}

static struct note *note_of(struct subflows *s, uint64_t sock)
{
	return &s->notes[hash_u64(&s->by_id.key, sock) % NOTES];
}

void subflows_note(struct subflows *s, const struct event *e)
{
	*note_of(s, e->sock) = (struct note){
		.sock = e->sock, .mono_ns = e->mono_ns, .token = e->token, .marks = e->detail
	};
}

static uint32_t find_member(const struct subflows *s, uint64_t id, struct hash_search *ret_search)
{
	struct hash_search search = hash_search_begin(&s->by_id, hash_u64(&s->by_id.key, id));
	uint32_t n = hash_search_next(&s->by_id, &search);

	while (n != NONE && s->members[n - 1].id != id)
		n = hash_search_next(&s->by_id, &search);
	*ret_search = search;
	return n;
}

static uint32_t find_group(const struct subflows *s, uint64_t key, struct hash_search *ret_search)
{
	struct hash_search search = hash_search_begin(&s->by_key, hash_u64(&s->by_key.key, key));
	uint32_t n = hash_search_next(&s->by_key, &search);

	while (n != NONE && s->groups[n - 1].key != key)
		n = hash_search_next(&s->by_key, &search);
	*ret_search = search;
	return n;
}

/* For one more member, whose group may be a new one. */
static bool make_room(struct subflows *s)
{
	uint32_t room = s->room ? s->room * 2 : FIRST_ROOM;
	struct member *members;
	struct group *groups;

	if (s->free != NONE || s->made < s->room)
		return true;
	if (room > SUBFLOWS_MAX)
		return false;
	members = reallocarray(s->members, room, sizeof(*members));
	if (!members)
		return false;
	s->members = members;
	groups = reallocarray(s->groups, room, sizeof(*groups));
	if (!groups)
		return false;
	s->groups = groups;
	if (hash_index_reserve(&s->by_id, room) || hash_index_reserve(&s->by_key, room))
		return false;
	s->room = room;
	return true;
}

/* There are no more groups than members. */
static uint32_t find_or_add_group(struct subflows *s, uint64_t key)
{
	struct hash_search search;
	uint32_t n = find_group(s, key, &search);

	if (n != NONE)
		return n;
	n = s->groups_free;
	if (n != NONE)
		s->groups_free = s->groups[n - 1].members;
	else
		n = ++s->groups_made;
	s->groups[n - 1] = (struct group){ .key = key, .serial = ++s->serials };
	hash_index_put(&s->by_key, hash_u64(&s->by_key.key, key), n);
	return n;
}

/* NULL: there is no room. */
static struct member *add(struct subflows *s, struct conn *c, uint32_t token, uint8_t marks)
{
	struct member *m;
	uint32_t n;

	if (!make_room(s))
		return NULL;
	n = s->free;
	if (n != NONE)
		s->free = s->members[n - 1].group;
	else
		n = ++s->made;
	m = &s->members[n - 1];
	*m = (struct member){ .id = c->id,
			      .has_joined = !(marks & EVENT_SUBFLOW_FIRST),
			      .is_open = true };
	hash_index_put(&s->by_id, hash_u64(&s->by_id.key, c->id), n);
	m->group = find_or_add_group(s, (uint64_t)event_space_of(c->sock) << 32 | token);
	s->groups[m->group - 1].members++;
	s->groups[m->group - 1].open++;
	c->flags |= CONN_SUBFLOW;
	return m;
}

/* Numbers count in the order of birth, of connections whose beginning was seen. */
static uint8_t next_number(struct group *g, const struct member *m)
{
	if (!m->has_joined)
		return g->given = 1;
	return g->given && g->given < NUMBER_MAX ? ++g->given : 0;
}

void subflows_claim(struct subflows *s, struct conn *c, const struct event *e)
{
	struct note *note = note_of(s, e->sock);
	struct member *m;

	if (!note->token || note->sock != e->sock || note->mono_ns != e->mono_ns)
		return;
	c->flags |= CONN_MPTCP;
	if (!(c->flags & CONN_SUBFLOW)) {
		m = add(s, c, note->token, note->marks);
		if (m)
			m->number = next_number(&s->groups[m->group - 1], m);
	}
	note->token = 0;
}

void subflows_adopt(struct subflows *s, struct conn *c, uint32_t token, uint8_t marks)
{
	struct member *m;

	if (c->flags & CONN_SUBFLOW)
		return;
	m = add(s, c, token, marks);
	if (m)
		m->number = !m->has_joined;
}

static void give(struct group *g, const struct conn *c)
{
	g->has_owner = true;
	g->pid = c->pid;
	g->uid = c->uid;
	g->process = c->process;
	memcpy(g->comm, c->comm, sizeof(g->comm));
}

static void take(struct conn *c, const struct group *g)
{
	c->pid = g->pid;
	c->uid = g->uid;
	c->process = g->process;
	memcpy(c->comm, g->comm, sizeof(c->comm));
	c->flags |= CONN_HAS_OWNER;
	c->flags &= ~CONN_OF_LISTENER;
}

static void take_away(struct conn *c)
{
	static const struct group nobody;

	take(c, &nobody);
	c->flags &= ~CONN_HAS_OWNER;
}

void subflows_share_owner(struct subflows *s, struct conn *c)
{
	bool is_own = c->flags & CONN_HAS_OWNER && !(c->flags & CONN_OF_LISTENER);
	struct hash_search search;
	uint32_t n = find_member(s, c->id, &search);
	const struct member *m;
	struct group *g;

	if (n == NONE)
		return;
	m = &s->members[n - 1];
	g = &s->groups[m->group - 1];
	/* A snapshot has found out who holds it, which is who holds them all. */
	if (is_own && (!m->has_joined || c->flags & CONN_SEEDED))
		give(g, c);
	else if (g->has_owner)
		take(c, g);
	else if (m->has_joined)
		take_away(c);
}

struct subflow subflows_find(const struct subflows *s, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find_member(s, c->id, &search);
	const struct group *g;

	if (n == NONE)
		return (struct subflow){ .token = 0 };
	g = &s->groups[s->members[n - 1].group - 1];
	return (struct subflow){ .token = (uint32_t)g->key,
				 .number = s->members[n - 1].number,
				 .has_joined = s->members[n - 1].has_joined,
				 .connection = g->serial };
}

static void close_member(struct subflows *s, struct member *m)
{
	s->groups[m->group - 1].open -= m->is_open;
	m->is_open = false;
}

void subflows_close(struct subflows *s, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find_member(s, c->id, &search);

	if (n != NONE)
		close_member(s, &s->members[n - 1]);
}

struct subflows_count subflows_count(const struct subflows *s, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find_member(s, c->id, &search);
	const struct group *g;

	if (n == NONE)
		return (struct subflows_count){ 0, 0 };
	g = &s->groups[s->members[n - 1].group - 1];
	return (struct subflows_count){ g->open, g->members };
}

static void leave_group(struct subflows *s, uint32_t n)
{
	struct group *g = &s->groups[n - 1];
	struct hash_search search;

	if (--g->members)
		return;
	find_group(s, g->key, &search);
	hash_search_take(&s->by_key, &search);
	g->members = s->groups_free;
	s->groups_free = n;
}

void subflows_leave(struct subflows *s, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find_member(s, c->id, &search);

	if (n == NONE)
		return;
	hash_search_take(&s->by_id, &search);
	close_member(s, &s->members[n - 1]);
	leave_group(s, s->members[n - 1].group);
	s->members[n - 1].group = s->free;
	s->free = n;
}
