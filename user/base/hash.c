// SPDX-License-Identifier: GPL-2.0-only
/* One hash for all tables of the program, and the one table: numbers, by what they stand for. */
#include "user/base/hash.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 64 /* a power of two */
/* By far longer than any run of slots in a half-full table, but for one in billions of keys. */
#define RUN_MAX 256
/* Slots passed by what is added, for each slot, before a long run is worth making all anew. */
#define PATIENCE 4

static struct hash_key program_key = { 0x243f6a8885a308d3, 0x13198a2e03707345 };

/* Where nothing has been put: searches end at once. */
static uint32_t no_slots[1];

static struct hash_key key_after(const struct hash_key *key, uint64_t seed)
{
	struct hash_key next = { .a = hash_u64(key, seed) };

	/* A factor of zero would make all hashes equal. */
	next.b = hash_u64(key, next.a) | 1;
	return next;
}

void hash_seed(uint64_t seed)
{
	const struct hash_key raw = { seed, seed | 1 };

	program_key = key_after(&raw, seed);
}

struct hash_key hash_program_key(void)
{
	return program_key;
}

void hash_index_init(struct hash_index *x, uint32_t max, hash_of_number *hash_of,
		     const void *context)
{
	/* All ones up to the highest bit of the largest number. */
	uint32_t bits = 32 - (uint32_t)__builtin_clz(max | 1);

	*x = (struct hash_index){
		.key = program_key,
		.slots = no_slots,
		.number_bits = bits,
		.number_mask = UINT32_MAX >> (32 - bits),
		.hash_of = hash_of,
		.context = context,
	};
}

void hash_index_done(struct hash_index *x)
{
	if (x->slots != no_slots)
		free(x->slots);
	x->slots = no_slots;
}

static uint32_t number_at(const struct hash_index *x, size_t slot)
{
	return x->slots[slot] & x->number_mask;
}

static uint64_t hash_of(const struct hash_index *x, uint32_t n)
{
	return x->hash_of(x->context, &x->key, n);
}

/* How far from its home the number in slot `i` stands. */
static size_t distance_at(const struct hash_index *x, size_t i)
{
	uint32_t homes = UINT32_MAX >> x->number_bits; /* a mask of the bits kept of a home */

	if (x->furthest <= homes)
		return (i - (x->slots[i] >> x->number_bits)) & homes & x->mask;
	return (i - hash_of(x, number_at(x, i))) & x->mask;
}

static void put(struct hash_index *x, uint64_t hash, uint32_t n)
{
	size_t home = hash & x->mask, i = home, distance;

	while (number_at(x, i))
		i = (i + 1) & x->mask;
	x->slots[i] = n | (uint32_t)hash << x->number_bits;
	distance = (i - home) & x->mask;
	if (distance > x->furthest)
		x->furthest = distance;
	x->patience -= distance < x->patience ? distance : x->patience;
}

/* Puts all of it into as many slots as are asked for, by the key as it is now. */
static int make_anew(struct hash_index *x, size_t slot_count)
{
	size_t old_count = x->mask + 1;
	uint32_t *old = x->slots;
	uint32_t *slots = calloc(slot_count, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	x->slots = slots;
	x->mask = slot_count - 1;
	x->furthest = 0;
	x->patience = slot_count * PATIENCE;
	for (size_t i = 0; i < old_count; i++) {
		uint32_t n = old[i] & x->number_mask;

		if (n)
			put(x, hash_of(x, n), n);
	}
	if (old != no_slots)
		free(old);
	return 0;
}

/* Whoever makes runs that long knows the key. Without memory it stays as it is: slow, and right. */
static void part_run(struct hash_index *x)
{
	struct hash_key key = x->key;

	x->key = key_after(&key, x->count);
	if (make_anew(x, x->mask + 1))
		x->key = key;
}

int hash_index_reserve(struct hash_index *x, size_t count)
{
	size_t slots = x->mask + 1;

	if (count * 2 <= slots)
		return 0;
	if (slots < FIRST_SLOTS)
		slots = FIRST_SLOTS;
	while (slots < count * 2)
		slots *= 2;
	return make_anew(x, slots);
}

void hash_index_put(struct hash_index *x, uint64_t hash, uint32_t n)
{
	put(x, hash, n);
	x->count++;
	if (!x->patience && x->furthest > RUN_MAX)
		part_run(x);
}

/* Closes the hole so that no search ends too early. */
void hash_search_take(struct hash_index *x, const struct hash_search *s)
{
	size_t hole = (s->next - 1) & x->mask;

	for (size_t i = s->next; number_at(x, i); i = (i + 1) & x->mask) {
		if (distance_at(x, i) >= ((i - hole) & x->mask)) {
			x->slots[hole] = x->slots[i];
			hole = i;
		}
	}
	x->slots[hole] = 0;
	x->count--;
}

void hash_index_clear(struct hash_index *x)
{
	if (x->slots != no_slots)
		memset(x->slots, 0, (x->mask + 1) * sizeof(*x->slots));
	x->count = 0;
	x->furthest = 0;
}

size_t hash_index_bytes(const struct hash_index *x)
{
	return x->slots == no_slots ? 0 : (x->mask + 1) * sizeof(*x->slots);
}

struct hash_probes hash_index_probes(const struct hash_index *x)
{
	struct hash_probes probes = { 0 };

	for (size_t i = 0; i <= x->mask; i++) {
		uint64_t count;

		if (!number_at(x, i))
			continue;
		count = distance_at(x, i) + 1;
		probes.sum += count;
		if (count > probes.most)
			probes.most = count;
	}
	return probes;
}
