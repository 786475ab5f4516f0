/* SPDX-License-Identifier: GPL-2.0-only */
/* One hash for all tables of the program, and the one table: numbers, by what they stand for. */
#ifndef USER_BASE_HASH_H
#define USER_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What nobody outside knows: without it, nobody can choose two keys that meet. */
struct hash_key {
	uint64_t a, b;
};

/*
 * Of the tables that are made from now on. To be called once, by whoever may ask for random
 * numbers; until then the key is always the same. What the program prints never depends on it.
 */
void hash_seed(uint64_t seed);

/* That of the program, for what is no table. */
struct hash_key hash_program_key(void);

/* Each bit of the product of two numbers depends on all below it: both halves together on all. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_finish(const struct hash_key *key, uint64_t hash)
{
	return hash_fold(hash ^ key->b, 0x9e3779b97f4a7c15);
}

static inline uint64_t hash_u64(const struct hash_key *key, uint64_t value)
{
	return hash_finish(key, hash_fold(value ^ key->a, key->b));
}

/* Of bytes that have no padding among them. */
static inline uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t size)
{
	uint64_t hash = key->a ^ size, word;

	for (; size >= sizeof(word); size -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = hash_fold(hash ^ word, key->b);
		bytes = (const char *)bytes + sizeof(word);
	}
	word = 0;
	memcpy(&word, bytes, size);
	return hash_finish(key, hash_fold(hash ^ word, key->b));
}

/* The hash, under this key, of what number `n` stands for. */
typedef uint64_t hash_of_number(const void *context, const struct hash_key *key, uint32_t n);

#define HASH_NUMBER_MAX (UINT32_MAX / 2)

/*
 * Open addressing with linear probing, half full at most. It holds numbers from 1, of things that
 * its owner keeps: an array's, in an order of its own. A slot has the number and, in the bits that
 * numbers do not need, the low bits of its home, the slot it would like best: most looks and moves
 * are decided without the thing itself, which is seldom in the processor's caches.
 */
struct hash_index {
	struct hash_key key;
	uint32_t *slots;
	size_t mask; /* slots less one */
	size_t count;
	uint32_t number_mask, number_bits;
	size_t furthest; /* nothing stands further from its home */
	size_t patience; /* slots that may yet be passed before a long run of them is parted */
	hash_of_number *hash_of;
	const void *context;
};

/*
 * For numbers up to `max`, HASH_NUMBER_MAX at most. `hash_of` is asked, with `context`, for those
 * that are in it. Takes no memory before hash_index_reserve().
 */
void hash_index_init(struct hash_index *x, uint32_t max, hash_of_number *hash_of,
		     const void *context);
void hash_index_done(struct hash_index *x);

/* Makes sure that there is room for `count` numbers. Returns 0, or -ENOMEM. */
int hash_index_reserve(struct hash_index *x, size_t count);

/*
 * Adds a number that is not in it, after hash_index_reserve(). The key may be another one then: a
 * hash is to be taken anew for each call.
 */
void hash_index_put(struct hash_index *x, uint64_t hash, uint32_t n);

/* Takes out all of them, and keeps the room. */
void hash_index_clear(struct hash_index *x);

size_t hash_index_bytes(const struct hash_index *x);

/* Slots to look at until a number is found: of all of them in sum, and of the furthest. */
struct hash_probes {
	uint64_t sum, most;
};

/* Walks all slots: for tests and benchmarks, not for a run. */
struct hash_probes hash_index_probes(const struct hash_index *x);

/* Fetches the slot where a search begins into the processor's caches. */
static inline void hash_index_fetch(const struct hash_index *x, uint64_t hash)
{
	__builtin_prefetch(&x->slots[hash & x->mask], 1);
}

/* A search: what may be what is looked for, one number after the other. */
struct hash_search {
	size_t next;  /* slot to look at */
	uint32_t tag; /* what stands beside such a number */
};

static inline struct hash_search hash_search_begin(const struct hash_index *x, uint64_t hash)
{
	return (struct hash_search){ hash & x->mask, (uint32_t)hash << x->number_bits };
}

/* Most likely it is what is looked for: its owner compares. 0: there are no more. */
static inline uint32_t hash_search_next(const struct hash_index *x, struct hash_search *s)
{
	for (;;) {
		uint32_t slot = x->slots[s->next];

		if (!(slot & x->number_mask))
			return 0;
		s->next = (s->next + 1) & x->mask;
		if ((slot & ~x->number_mask) == s->tag)
			return slot & x->number_mask;
	}
}

/* Takes out the number that the search came to last, and ends the search. */
void hash_search_take(struct hash_index *x, const struct hash_search *s);

#endif
