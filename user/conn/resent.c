// SPDX-License-Identifier: GPL-2.0-only
/* How often segments were sent again, by what made the kernel do so, of connections with any. */
#include "user/conn/resent.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 256 /* a power of two */

struct slot {
	uint64_t id; /* 0: empty */
	struct resent resent;
};

/* Open addressing with linear probing, half full at most. */
struct resent_set {
	struct slot *slots;
	size_t count, slot_count;
};

struct resent_set *resent_set_new(void)
{
	struct resent_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->slot_count = FIRST_SLOTS;
	set->slots = calloc(set->slot_count, sizeof(*set->slots));
	if (!set->slots) {
		free(set);
		return NULL;
	}
	return set;
}

void resent_set_free(struct resent_set *set)
{
	if (!set)
		return;
	free(set->slots);
	free(set);
}

static size_t home_of(const struct resent_set *set, uint64_t id)
{
	return (id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (set->slot_count - 1);
}

/* Its slot, or the empty one where it would be. */
static size_t find_slot(const struct resent_set *set, uint64_t id)
{
	size_t i = home_of(set, id);

	while (set->slots[i].id && set->slots[i].id != id)
		i = (i + 1) & (set->slot_count - 1);
	return i;
}

static int grow(struct resent_set *set)
{
	struct resent_set grown = { .slot_count = set->slot_count * 2 };

	grown.slots = calloc(grown.slot_count, sizeof(*grown.slots));
	if (!grown.slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->slot_count; i++)
		if (set->slots[i].id)
			grown.slots[find_slot(&grown, set->slots[i].id)] = set->slots[i];
	free(set->slots);
	set->slots = grown.slots;
	set->slot_count = grown.slot_count;
	return 0;
}

int resent_add(struct resent_set *set, uint64_t id, uint8_t cause, uint32_t segments)
{
	size_t i = find_slot(set, id);

	if (!set->slots[i].id) {
		if (set->count == RESENT_MAX)
			return -ENOSPC;
		if ((set->count + 1) * 2 > set->slot_count && grow(set))
			return -ENOMEM;
		i = find_slot(set, id);
		set->slots[i] = (struct slot){ .id = id };
		set->count++;
	}
	set->slots[i].resent.times[cause] += segments;
	return 0;
}

const struct resent *resent_find(const struct resent_set *set, uint64_t id)
{
	const struct slot *slot = &set->slots[find_slot(set, id)];

	return slot->id ? &slot->resent : NULL;
}

/* Closes the hole so that no probe ends too early. */
void resent_remove(struct resent_set *set, uint64_t id)
{
	size_t mask = set->slot_count - 1;
	size_t hole = find_slot(set, id);

	if (!set->slots[hole].id)
		return;
	for (size_t i = (hole + 1) & mask; set->slots[i].id; i = (i + 1) & mask) {
		if (((i - home_of(set, set->slots[i].id)) & mask) >= ((i - hole) & mask)) {
			set->slots[hole] = set->slots[i];
			hole = i;
		}
	}
	set->slots[hole] = (struct slot){ .id = 0 };
	set->count--;
}

size_t resent_bytes(const struct resent_set *set)
{
	return sizeof(*set) + set->slot_count * sizeof(*set->slots);
}
