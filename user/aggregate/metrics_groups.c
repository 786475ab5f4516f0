// SPDX-License-Identifier: GPL-2.0-only
/* Keeps groups by their names, first come, and beside each live connection the one it is in. */
#include "user/aggregate/metrics_groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"

#define FIRST_ROOM 256
#define MEMBERS_MAX (1U << 24)
#define IDLE_NS (3600 * NS_PER_S) /* a group without a connection is kept for so long */
#define OTHER 0			  /* groups count from 1 */

struct member {
	uint64_t id;
	uint32_t group;
	uint32_t has_handshake : 1;
	uint32_t next : 31; /* among the free ones */
};

static struct metrics_group *group_at(const struct metrics_groups *g, uint32_t n)
{
	return n == OTHER ? &g->metrics->other : &g->metrics->groups[n - 1];
}

static uint64_t hash_member(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct metrics_groups *)context)->members[n - 1].id);
}

static uint64_t hash_name(const struct hash_key *key, const char *name)
{
	return hash_bytes(key, name, strlen(name));
}

static uint64_t hash_group(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_name(key, group_at(context, n)->name);
}

void metrics_groups_init(struct metrics_groups *g, struct metrics *metrics,
			 metrics_name_of *name_of, const void *context)
{
	*g = (struct metrics_groups){ .metrics = metrics, .context = context };
	if (!metrics->group_max)
		return;
	g->name_of = name_of;
	hash_index_init(&g->by_id, MEMBERS_MAX, hash_member, g);
	hash_index_init(&g->by_name, metrics->group_max, hash_group, g);
}

void metrics_groups_done(struct metrics_groups *g)
{
	hash_index_done(&g->by_id);
	hash_index_done(&g->by_name);
	free(g->members);
}

/* ---- members -------------------------------------------------------------------------------- */

static uint32_t find_member(struct metrics_groups *g, uint64_t id, struct hash_search *ret_search)
{
	uint32_t n = 0;

	if (!g->room)
		return 0;
	*ret_search = hash_search_begin(&g->by_id, hash_u64(&g->by_id.key, id));
	do
		n = hash_search_next(&g->by_id, ret_search);
	while (n && g->members[n - 1].id != id);
	return n;
}

static int make_room(struct metrics_groups *g)
{
	uint32_t room = g->room ? g->room * 2 : FIRST_ROOM;
	struct member *members;

	if (g->free || g->made < g->room)
		return 0;
	if (room > MEMBERS_MAX)
		return -ENOSPC;
	members = reallocarray(g->members, room, sizeof(*members));
	if (!members)
		return -ENOMEM;
	g->members = members;
	if (hash_index_reserve(&g->by_id, room))
		return -ENOMEM;
	g->room = room;
	return 0;
}

static void add_member(struct metrics_groups *g, uint64_t id, uint32_t group)
{
	uint32_t n = g->free;

	if (n)
		g->free = g->members[n - 1].next;
	else
		n = ++g->made;
	g->members[n - 1] = (struct member){ .id = id, .group = group };
	hash_index_put(&g->by_id, hash_u64(&g->by_id.key, id), n);
}

/* ---- groups --------------------------------------------------------------------------------- */

static uint32_t find_group(const struct metrics_groups *g, const char *name)
{
	struct hash_search s;
	uint32_t n = 0;

	if (!g->by_name.slots)
		return 0;
	s = hash_search_begin(&g->by_name, hash_name(&g->by_name.key, name));
	do
		n = hash_search_next(&g->by_name, &s);
	while (n && strcmp(group_at(g, n)->name, name));
	return n;
}

/* A place that is free; 0: there is none. */
static uint32_t find_place(struct metrics_groups *g)
{
	struct metrics *m = g->metrics;
	uint32_t n = g->taken + 1;

	while (n <= m->group_end && *group_at(g, n)->name)
		n++;
	g->taken = n - 1;
	if (n > m->group_max)
		return 0;
	if (n > m->group_end)
		m->group_end = n;
	return n;
}

/* Who is called as the others are is counted with them: no two series have the same labels. */
static bool is_called_other(const char *name)
{
	return !strcmp(name, METRICS_GROUP_OTHER);
}

static uint32_t take_group(struct metrics_groups *g, const char *name)
{
	uint32_t n;

	if (is_called_other(name))
		return OTHER;
	n = find_group(g, name);
	if (n)
		return n;
	if (hash_index_reserve(&g->by_name, g->metrics->group_max))
		return OTHER;
	n = find_place(g);
	if (!n)
		return OTHER;
	memcpy(group_at(g, n)->name, name, METRICS_GROUP_SIZE);
	hash_index_put(&g->by_name, hash_name(&g->by_name.key, name), n);
	return n;
}

/* It was heard of when its connection changed last, or at the last look if nobody knows when. */
static void touch(const struct metrics_groups *g, struct metrics_group *group, const struct conn *c)
{
	uint64_t ns = conn_end(c);

	if (ns == TIME_UNKNOWN)
		ns = g->now_ns;
	if (ns > group->last_ns)
		group->last_ns = ns;
}

/* As among the totals. */
static bool is_opening(const struct conn *c)
{
	return !(c->flags & (CONN_SEEDED | CONN_UNSENT)) &&
	       !(c->handshake_flags & CONN_HANDSHAKE_RESTORED);
}

/* It has no group so far. */
static void join(struct metrics_groups *g, const struct conn *c, bool is_last)
{
	char name[METRICS_GROUP_SIZE] = { 0 };
	struct metrics_group *group;
	uint32_t n;

	if (!g->name_of(g->context, c, name)) {
		if (!is_last)
			return;
		memcpy(name, METRICS_GROUP_UNKNOWN, sizeof(METRICS_GROUP_UNKNOWN));
	}
	n = take_group(g, name);
	if (make_room(g))
		return;
	add_member(g, c->id, n);
	if (n == OTHER && !is_called_other(name))
		g->metrics->overflowed++;
	group = group_at(g, n);
	group->live++;
	group->opened += is_opening(c);
	touch(g, group, c);
}

void metrics_groups_join(struct metrics_groups *g, const struct conn *c, bool is_last)
{
	struct hash_search search;

	if (g->name_of && !find_member(g, c->id, &search))
		join(g, c, is_last);
}

/* The group that it was counted in; NULL: none so far. */
static struct metrics_group *group_of(struct metrics_groups *g, const struct conn *c)
{
	struct hash_search search;
	uint32_t n = find_member(g, c->id, &search);

	return n ? group_at(g, g->members[n - 1].group) : NULL;
}

void metrics_groups_add_handshake(struct metrics_groups *g, const struct conn *c, uint64_t ns)
{
	struct hash_search search;
	uint32_t n = find_member(g, c->id, &search);

	if (!n || g->members[n - 1].has_handshake)
		return;
	g->members[n - 1].has_handshake = true;
	spread_add(&group_at(g, g->members[n - 1].group)->handshake, ns);
}

void metrics_groups_leave(struct metrics_groups *g, const struct conn *c, bool has_failed)
{
	struct metrics_group *group;
	struct hash_search search;
	uint32_t n = find_member(g, c->id, &search);

	if (!n)
		return;
	group = group_at(g, g->members[n - 1].group);
	group->live--;
	group->failures += has_failed;
	touch(g, group, c);
	hash_search_take(&g->by_id, &search);
	g->members[n - 1].next = g->free;
	g->free = n;
}

/* ---- looks ---------------------------------------------------------------------------------- */

static void forget_idle(struct metrics_groups *g)
{
	struct metrics *m = g->metrics;

	hash_index_clear(&g->by_name);
	g->taken = 0;
	for (uint32_t n = 1; n <= m->group_end; n++) {
		struct metrics_group *group = group_at(g, n);

		if (*group->name && !group->live && g->now_ns >= group->last_ns + IDLE_NS)
			*group = (struct metrics_group){ 0 };
		if (*group->name)
			hash_index_put(&g->by_name, hash_name(&g->by_name.key, group->name), n);
		group->close_waits = 0;
	}
}

void metrics_groups_begin_look(struct metrics_groups *g, uint64_t now_ns)
{
	g->now_ns = now_ns;
	if (g->by_name.slots)
		forget_idle(g);
	g->metrics->other.close_waits = 0;
}

void metrics_groups_note_close_wait(struct metrics_groups *g, const struct conn *c)
{
	struct metrics_group *group = group_of(g, c);

	if (group)
		group->close_waits++;
}
