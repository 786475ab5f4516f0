// SPDX-License-Identifier: GPL-2.0-only
/* The groups of a roster: a bounded table, whose idle groups make room, and their order. */
#include "user/aggregate/roster_groups.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/failure_set.h"
#include "user/aggregate/measure.h"
#include "user/base/hash.h"

/* What tells one group from another; without padding, to be compared as bytes. */
struct value {
	uint8_t byte[ADDRESS_SIZE];
	uint32_t is_known;
	uint32_t link; /* with a link-local address */
};

#define LATELY 256

struct roster_groups {
	enum roster_key key;
	struct hash_index index; /* of the groups, counted from 1 */
	struct value values[ROSTER_GROUPS];
	struct roster_group all[ROSTER_GROUPS];
	struct roster_group sorted[ROSTER_GROUPS + 1];
	struct roster_group other;
	uint32_t count;
	uint16_t lately[LATELY]; /* groups that were asked for, by a part of their value; 0: none */
};

static uint64_t hash_of(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct roster_groups *g = context;

	return hash_bytes(key, &g->values[n - 1], sizeof(g->values[n - 1]));
}

struct roster_groups *roster_groups_new(enum roster_key key)
{
	struct roster_groups *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	hash_index_init(&g->index, ROSTER_GROUPS, hash_of, g);
	if (hash_index_reserve(&g->index, ROSTER_GROUPS)) {
		free(g);
		return NULL;
	}
	roster_groups_begin(g, key);
	return g;
}

void roster_groups_free(struct roster_groups *groups)
{
	if (!groups)
		return;
	hash_index_done(&groups->index);
	free(groups);
}

void roster_groups_begin(struct roster_groups *g, enum roster_key key)
{
	hash_index_clear(&g->index);
	g->key = key;
	g->count = 0;
	memset(g->lately, 0, sizeof(g->lately));
	g->other = (struct roster_group){ .is_other = true };
}

enum roster_key roster_groups_key(const struct roster_groups *g)
{
	return g->key;
}

static struct value value_of(enum roster_key key, const struct conn *c)
{
	bool has_endpoints = c->flags & CONN_HAS_ENDPOINTS;
	struct value v = { .is_known = 0 };
	struct conn_name name;
	uint16_t port;

	switch (key) {
	case ROSTER_KEY_PROCESS:
		name = conn_service(c);
		v.is_known = c->flags & CONN_HAS_OWNER && name.bytes && name.size;
		if (v.is_known)
			memcpy(v.byte, name.bytes,
			       name.size < ADDRESS_SIZE ? name.size : ADDRESS_SIZE);
		break;
	case ROSTER_KEY_REMOTE:
		v.is_known = has_endpoints;
		if (has_endpoints)
			memcpy(v.byte, &c->raddr, ADDRESS_SIZE);
		v.link = has_endpoints ? conn_remote_link(c) : 0;
		break;
	case ROSTER_KEY_PORT:
		port = roster_service_port(c);
		v.is_known = port != 0;
		memcpy(v.byte, &port, sizeof(port));
		break;
	default:
		v.is_known = c->cgroup != 0;
		memcpy(v.byte, &c->cgroup, sizeof(c->cgroup));
		break;
	}
	return v;
}

/* Its number; 0: there is none. */
static uint32_t find(const struct roster_groups *g, const struct value *v)
{
	struct hash_search s =
		hash_search_begin(&g->index, hash_bytes(&g->index.key, v, sizeof(*v)));
	uint32_t n;

	while ((n = hash_search_next(&g->index, &s)))
		if (!memcmp(&g->values[n - 1], v, sizeof(*v)))
			break;
	return n;
}

static void add_up(struct roster_group *sum, const struct roster_group *one)
{
	sum->live += one->live;
	for (size_t i = 0; i < STATE_COUNT; i++)
		sum->in[i] += one->in[i];
	sum->closed += one->closed;
	sum->failed += one->failed;
	sum->unsent += one->unsent;
	sum->handshakes += one->handshakes;
	sum->handshake_ns += one->handshake_ns;
}

/* Where it is full, those that nobody is in any more become part of the rest. */
static void drop_idle(struct roster_groups *g)
{
	uint32_t kept = 0;

	hash_index_clear(&g->index);
	for (uint32_t i = 0; i < g->count; i++) {
		const struct roster_group *group = &g->all[i];

		if (!group->live && !group->in[STATE_TIME_WAIT]) {
			add_up(&g->other, group);
			continue;
		}
		if (kept != i) {
			g->all[kept] = *group;
			g->values[kept] = g->values[i];
		}
		kept++;
		hash_index_put(&g->index, hash_of(g, &g->index.key, kept), kept);
	}
	g->count = kept;
	memset(g->lately, 0, sizeof(g->lately));
}

/* A few bits that those of a group have in common, and that are read where they lie. */
static uint64_t hint_of(enum roster_key key, const struct conn *c)
{
	uint64_t words[ADDRESS_SIZE / sizeof(uint64_t)];

	switch (key) {
	case ROSTER_KEY_PROCESS:
		if (c->process != PROCESS_IS_COMM)
			return c->process;
		memcpy(words, c->comm, sizeof(words));
		return words[0] ^ words[1];
	case ROSTER_KEY_REMOTE:
		memcpy(words, &c->raddr, sizeof(words));
		return words[0] ^ words[1];
	case ROSTER_KEY_PORT:
		return roster_service_port(c);
	default:
		return c->cgroup;
	}
}

/* Whether they are of one group for certain. */
static bool is_alike(enum roster_key key, const struct conn *a, const struct conn *b)
{
	const uint32_t knows = CONN_HAS_OWNER | CONN_HAS_ENDPOINTS;

	if ((a->flags & knows) != (b->flags & knows))
		return false;
	switch (key) {
	case ROSTER_KEY_PROCESS:
		return a->process == b->process && !memcmp(a->comm, b->comm, sizeof(a->comm));
	case ROSTER_KEY_REMOTE:
		return !memcmp(&a->raddr, &b->raddr, sizeof(a->raddr)) &&
		       conn_remote_link(a) == conn_remote_link(b);
	case ROSTER_KEY_PORT:
		return roster_service_port(a) == roster_service_port(b);
	default:
		return a->cgroup == b->cgroup;
	}
}

static __attribute__((noinline)) struct roster_group *
look_for_group(struct roster_groups *g, const struct conn *c, uint16_t *lately)
{
	const struct value v = value_of(g->key, c);
	uint32_t n = find(g, &v);

	if (!n && g->count == ROSTER_GROUPS)
		return &g->other;
	if (!n) {
		n = ++g->count;
		g->values[n - 1] = v;
		g->all[n - 1] = (struct roster_group){ .example = *c, .is_known = v.is_known };
		hash_index_put(&g->index, hash_of(g, &g->index.key, n), n);
	}
	*lately = (uint16_t)n;
	return &g->all[n - 1];
}

/* Few names have most of the connections: a group that was asked for is found at once. */
static struct roster_group *open_group(struct roster_groups *g, const struct conn *c)
{
	uint64_t hint = hint_of(g->key, c) * UINT64_C(0x9e3779b97f4a7c15);
	uint16_t *lately = &g->lately[hint >> 56];

	if (*lately && is_alike(g->key, &g->all[*lately - 1].example, c))
		return &g->all[*lately - 1];
	return look_for_group(g, c, lately);
}

static void clear_live(struct roster_group *group)
{
	group->live = 0;
	memset(group->in, 0, sizeof(group->in));
}

void roster_groups_clear_live(struct roster_groups *g)
{
	if (g->count == ROSTER_GROUPS)
		drop_idle(g);
	for (uint32_t i = 0; i < g->count; i++)
		clear_live(&g->all[i]);
	clear_live(&g->other);
}

void roster_groups_add_live(struct roster_groups *g, const struct conn *c, enum tcp_state state)
{
	struct roster_group *group = open_group(g, c);

	group->live += !(c->flags & CONN_CLOSE_TOLD);
	group->in[state]++;
}

void roster_groups_add_alike(struct roster_groups *g, const struct conn *example,
			     const struct roster_closed *closed)
{
	struct roster_group *group = open_group(g, example);

	if (conn_has_failed(example))
		group->failed += closed->count;
	if (example->flags & CONN_UNSENT)
		group->unsent += closed->count;
	else
		group->closed += closed->count;
	group->handshakes += closed->handshakes;
	group->handshake_ns += closed->handshake_ns;
}

void roster_groups_add_closed(struct roster_groups *g, const struct conn *c)
{
	struct roster_closed closed = { .count = 1 };
	uint64_t handshake_ns = measure_handshake(c);

	if (handshake_ns != TIME_UNKNOWN && roster_is_timed(c)) {
		closed.handshakes = 1;
		closed.handshake_ns = handshake_ns;
	}
	roster_groups_add_alike(g, c, &closed);
}

void roster_groups_add(struct roster_groups *g, const struct roster_groups *from)
{
	for (uint32_t i = 0; i < from->count; i++)
		add_up(open_group(g, &from->all[i].example), &from->all[i]);
	add_up(&g->other, &from->other);
}

/* ---- their order ---------------------------------------------------------------------------- */

static bool is_by_cgroup(enum roster_key key)
{
	return key == ROSTER_KEY_UNIT || key == ROSTER_KEY_CONTAINER || key == ROSTER_KEY_POD;
}

static int by_id(const void *a, const void *b)
{
	const struct roster_group *one = a, *other = b;

	return (one->id > other->id) - (one->id < other->id);
}

/* Makes one of those that are one to people. Returns how many there are. */
static size_t join(struct roster_groups *g, const struct group_joiner *joiner, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct roster_group *group = &g->sorted[i];

		group->id = group->is_known ? group->example.cgroup : 0;
		if (joiner && group->id)
			group->id = joiner->first(joiner, roster_group_key(g->key), group->id);
		group->is_known = group->id != 0;
	}
	qsort(g->sorted, count, sizeof(*g->sorted), by_id);
	for (size_t i = 0; i < count; i++) {
		if (kept && g->sorted[kept - 1].id == g->sorted[i].id)
			add_up(&g->sorted[kept - 1], &g->sorted[i]);
		else
			g->sorted[kept++] = g->sorted[i];
	}
	return kept;
}

static uint64_t weight_of(const struct roster_group *group, enum roster_group_order order)
{
	switch (order) {
	case ROSTER_GROUPS_BY_CLOSE_WAIT:
		return group->in[STATE_CLOSE_WAIT];
	case ROSTER_GROUPS_BY_TIME_WAIT:
		return group->in[STATE_TIME_WAIT];
	case ROSTER_GROUPS_BY_CLOSED:
		return group->closed;
	case ROSTER_GROUPS_BY_FAILED:
		return group->failed;
	default:
		return group->live;
	}
}

static int by_weight(const void *a, const void *b, void *context)
{
	const struct roster_query *query = context;
	const struct roster_group *one = a, *other = b;
	uint64_t first = weight_of(one, query->group_order);
	uint64_t second = weight_of(other, query->group_order);

	if (first != second)
		return (first < second) != query->are_groups_rising ? 1 : -1;
	if (one->live != other->live)
		return one->live < other->live ? 1 : -1;
	if (one->closed != other->closed)
		return one->closed < other->closed ? 1 : -1;
	return (one->example.id > other->example.id) - (one->example.id < other->example.id);
}

static bool is_empty(const struct roster_group *group)
{
	return !group->live && !group->in[STATE_TIME_WAIT] && !group->closed && !group->failed;
}

const struct roster_group *roster_groups_sort(struct roster_groups *g,
					      const struct roster_query *query, size_t *ret_count)
{
	struct roster_query order = *query;
	size_t count = 0;

	for (uint32_t i = 0; i < g->count; i++)
		if (!is_empty(&g->all[i]))
			g->sorted[count++] = g->all[i];
	if (is_by_cgroup(g->key))
		count = join(g, query->joiner, count);
	qsort_r(g->sorted, count, sizeof(*g->sorted), by_weight, &order);
	if (!is_empty(&g->other))
		g->sorted[count++] = g->other;
	*ret_count = count;
	return g->sorted;
}
