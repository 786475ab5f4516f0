// SPDX-License-Identifier: GPL-2.0-only
/* The children of the processes that are asked for, and theirs, as long as they live. */
#include "user/conn/kin.h"

#include <stdlib.h>

#include "user/base/hash.h"

#define FIRST_ROOM 64
#define NONE 0 /* numbers count from 1 */

struct kin {
	uint32_t *pids; /* number n is pids[n - 1]; of the free ones, the next */
	uint32_t made, room, free;
	struct hash_index index;
};

static uint64_t hash_pid(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct kin *)context)->pids[n - 1]);
}

struct kin *kin_new(void)
{
	struct kin *kin = calloc(1, sizeof(*kin));

	if (kin)
		hash_index_init(&kin->index, KIN_MAX, hash_pid, kin);
	return kin;
}

void kin_free(struct kin *kin)
{
	if (!kin)
		return;
	hash_index_done(&kin->index);
	free(kin->pids);
	free(kin);
}

static uint32_t find(const struct kin *kin, uint32_t pid, struct hash_search *ret_search)
{
	struct hash_search search;
	uint32_t n;

	if (!kin->room)
		return NONE;
	search = hash_search_begin(&kin->index, hash_u64(&kin->index.key, pid));
	do
		n = hash_search_next(&kin->index, &search);
	while (n != NONE && kin->pids[n - 1] != pid);
	*ret_search = search;
	return n;
}

static bool make_room(struct kin *kin)
{
	uint32_t room = kin->room ? kin->room * 2 : FIRST_ROOM;
	uint32_t *pids;

	if (kin->free != NONE || kin->made < kin->room)
		return true;
	pids = room <= KIN_MAX ? reallocarray(kin->pids, room, sizeof(*pids)) : NULL;
	if (!pids)
		return false;
	kin->pids = pids;
	if (hash_index_reserve(&kin->index, room))
		return false;
	kin->room = room;
	return true;
}

/* The kernel's side has as much room, and counts whom it leaves out. */
bool kin_add(struct kin *kin, uint32_t pid)
{
	struct hash_search search;
	uint32_t n;

	if (find(kin, pid, &search) != NONE || !make_room(kin))
		return false;
	n = kin->free;
	if (n != NONE)
		kin->free = kin->pids[n - 1];
	else
		n = ++kin->made;
	kin->pids[n - 1] = pid;
	hash_index_put(&kin->index, hash_u64(&kin->index.key, pid), n);
	return true;
}

static void leave(struct kin *kin, uint32_t pid)
{
	struct hash_search search;
	uint32_t n = find(kin, pid, &search);

	if (n == NONE)
		return;
	hash_search_take(&kin->index, &search);
	kin->pids[n - 1] = kin->free;
	kin->free = n;
}

void kin_apply(struct kin *kin, const struct event *e)
{
	if (e->parent)
		kin_add(kin, e->pid);
	else
		leave(kin, e->pid);
}

bool kin_has(const struct kin *kin, uint32_t pid)
{
	struct hash_search search;

	return find(kin, pid, &search) != NONE;
}
