// SPDX-License-Identifier: GPL-2.0-only
/* Keeps one cgroup for each namespace, as long as all others that are met mean the same. */
#include "user/names/netns_users.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

#define FIRST_ROOM 16
#define LATELY 256 /* pairs that were met: another one may take the place */

struct used {
	uint32_t inode;
	uint64_t cgroup; /* whose container or pod has it; 0: it is nobody's, for good */
};

struct netns_users {
	struct workloads *workloads;
	struct used *all; /* number n is all[n - 1] */
	uint32_t count, room;
	struct hash_index index;
	struct used lately[LATELY];
};

static uint64_t hash_used(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct netns_users *)context)->all[n - 1].inode);
}

struct netns_users *netns_users_new(struct workloads *workloads)
{
	struct netns_users *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->workloads = workloads;
	hash_index_init(&u->index, NETNS_USERS_MAX, hash_used, u);
	return u;
}

void netns_users_free(struct netns_users *u)
{
	if (!u)
		return;
	hash_index_done(&u->index);
	free(u->all);
	free(u);
}

static struct used *find(const struct netns_users *u, uint32_t inode)
{
	struct hash_search search;
	uint32_t n;

	if (!u->count)
		return NULL;
	search = hash_search_begin(&u->index, hash_u64(&u->index.key, inode));
	while ((n = hash_search_next(&u->index, &search)))
		if (u->all[n - 1].inode == inode)
			return &u->all[n - 1];
	return NULL;
}

static void add(struct netns_users *u, uint32_t inode, uint64_t cgroup)
{
	uint32_t room = u->room ? u->room * 2 : FIRST_ROOM;
	struct used *grown;

	if (u->count == NETNS_USERS_MAX)
		return;
	if (u->count == u->room) {
		grown = reallocarray(u->all, room, sizeof(*grown));
		if (!grown)
			return;
		u->all = grown;
		if (hash_index_reserve(&u->index, room))
			return;
		u->room = room;
	}
	u->all[u->count++] = (struct used){ inode, cgroup };
	hash_index_put(&u->index, hash_u64(&u->index.key, inode), u->count);
}

void netns_users_exclude(struct netns_users *u, uint32_t inode)
{
	struct used *used = find(u, inode);

	if (used)
		used->cgroup = 0;
	else
		add(u, inode, 0);
}

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* Containers of a pod share its namespace. */
static bool are_one(const struct workload_known *a, const struct workload_known *b)
{
	if (a->pod_uid || b->pod_uid)
		return is_same(a->pod_uid, b->pod_uid);
	return is_same(a->container_id, b->container_id);
}

void netns_users_meet(struct netns_users *u, uint32_t inode, uint64_t cgroup)
{
	struct used *lately = &u->lately[(inode ^ cgroup) % LATELY], *used;
	struct workload_known now, first;

	if (!inode || !cgroup || (lately->inode == inode && lately->cgroup == cgroup) ||
	    !workloads_find(u->workloads, cgroup, &now))
		return;
	*lately = (struct used){ inode, cgroup };
	used = find(u, inode);
	if (!used)
		add(u, inode, now.container_id || now.pod_uid ? cgroup : 0);
	else if (used->cgroup && used->cgroup != cgroup &&
		 !(workloads_find(u->workloads, used->cgroup, &first) && are_one(&first, &now)))
		used->cgroup = 0;
}

const char *netns_users_find(const struct netns_users *u, uint32_t inode)
{
	const struct used *used = find(u, inode);
	struct workload_known known;

	if (!used || !used->cgroup || !workloads_find(u->workloads, used->cgroup, &known))
		return NULL;
	return known.pod ? known.pod : known.container;
}
