// SPDX-License-Identifier: GPL-2.0-only
/* Keeps one cgroup for each namespace, as long as all others that are met mean the same. */
#include "user/names/netns_users.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

#define FIRST_ROOM 16
#define LATELY 256 /* pairs that were met: another one may take the place */
#define OPEN 2

struct used {
	uint32_t inode;
	bool has_user;	     /* it has had one whose cgroup is known */
	uint64_t cgroup;     /* whose container or pod has it; 0: it is nobody's, for good */
	uint64_t open[OPEN]; /* of others that were met it is not known, or not yet */
};

struct met {
	uint32_t inode;
	uint64_t cgroup;
};

struct netns_users {
	struct workloads *workloads;
	struct used *all; /* number n is all[n - 1] */
	uint32_t count, room;
	struct hash_index index;
	struct met lately[LATELY];
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

/* Returns it; NULL: there is no room. */
static struct used *add(struct netns_users *u, uint32_t inode)
{
	uint32_t room = u->room ? u->room * 2 : FIRST_ROOM;
	struct used *grown;

	if (u->count == NETNS_USERS_MAX)
		return NULL;
	if (u->count == u->room) {
		grown = reallocarray(u->all, room, sizeof(*grown));
		if (!grown)
			return NULL;
		u->all = grown;
		if (hash_index_reserve(&u->index, room))
			return NULL;
		u->room = room;
	}
	u->all[u->count++] = (struct used){ .inode = inode };
	hash_index_put(&u->index, hash_u64(&u->index.key, inode), u->count);
	return &u->all[u->count - 1];
}

static struct used *find_or_add(struct netns_users *u, uint32_t inode)
{
	struct used *used = find(u, inode);

	return used ? used : add(u, inode);
}

void netns_users_exclude(struct netns_users *u, uint32_t inode)
{
	struct used *used = find_or_add(u, inode);

	if (!used)
		return;
	used->has_user = true;
	used->cgroup = 0;
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

static void judge(const struct netns_users *u, struct used *used, uint64_t cgroup,
		  const struct workload_known *now)
{
	struct workload_known first;

	if (!used->has_user)
		used->cgroup = now->container_id || now->pod_uid ? cgroup : 0;
	else if (used->cgroup && used->cgroup != cgroup &&
		 !(workloads_find(u->workloads, used->cgroup, &first) && are_one(&first, now)))
		used->cgroup = 0;
	used->has_user = true;
}

/* Of more, the last ones are kept. */
static void leave_open(struct used *used, uint64_t cgroup)
{
	for (int i = 0; i < OPEN; i++)
		if (used->open[i] == cgroup)
			return;
	memmove(&used->open[1], used->open, sizeof(used->open) - sizeof(*used->open));
	used->open[0] = cgroup;
}

void netns_users_meet(struct netns_users *u, uint32_t inode, uint64_t cgroup)
{
	struct met *lately = &u->lately[(inode ^ cgroup) % LATELY];
	struct workload_known now;
	struct used *used;

	if (!inode || !cgroup || (lately->inode == inode && lately->cgroup == cgroup))
		return;
	used = find_or_add(u, inode);
	if (!used)
		return;
	if (!workloads_find(u->workloads, cgroup, &now)) {
		leave_open(used, cgroup);
		return;
	}
	*lately = (struct met){ inode, cgroup };
	judge(u, used, cgroup, &now);
}

/* Whose the others are, as far as that is known by now. Returns whether it is of all. */
static bool close_open(const struct netns_users *u, struct used *used)
{
	struct workload_known now;
	bool is_closed = true;

	for (int i = 0; i < OPEN; i++) {
		if (!used->open[i])
			continue;
		if (workloads_find(u->workloads, used->open[i], &now)) {
			judge(u, used, used->open[i], &now);
			used->open[i] = 0;
		} else {
			is_closed = false;
		}
	}
	return is_closed;
}

const char *netns_users_find(const struct netns_users *u, uint32_t inode)
{
	struct used *used = find(u, inode);
	struct workload_known known;

	if (!used || !close_open(u, used) || !used->cgroup ||
	    !workloads_find(u->workloads, used->cgroup, &known))
		return NULL;
	return known.pod ? known.pod : known.container;
}
