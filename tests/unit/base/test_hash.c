// SPDX-License-Identifier: GPL-2.0-only
/* The hash, and the index against a model: where keys meet, and where they are chosen to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/hash.h"

#define NUMBERS 3000
#define MOVES 60000
#define MANY 100000

/* What numbers stand for: number n for keys[n - 1]. */
struct things {
	uint64_t *keys;
	uint64_t homes; /* a hash is one of so many, and of their multiples; 0: as it is */
	uint64_t step;
};

static uint64_t crowd(const struct things *t, uint64_t hash)
{
	return t->homes ? hash % t->homes * t->step : hash;
}

static uint64_t hash_thing(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct things *t = context;

	return crowd(t, hash_u64(key, t->keys[n - 1]));
}

static uint32_t find(const struct hash_index *x, const struct things *t, uint64_t key,
		     struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(x, crowd(t, hash_u64(&x->key, key)));
	uint32_t n = hash_search_next(x, &s);

	while (n && t->keys[n - 1] != key)
		n = hash_search_next(x, &s);
	*ret_search = s;
	return n;
}

static void put(struct hash_index *x, const struct things *t, uint32_t n)
{
	assert_int_equal(hash_index_reserve(x, x->count + 1), 0);
	hash_index_put(x, crowd(t, hash_u64(&x->key, t->keys[n - 1])), n);
}

static void take(struct hash_index *x, const struct things *t, uint32_t n)
{
	struct hash_search s;

	assert_int_equal(find(x, t, t->keys[n - 1], &s), n);
	hash_search_take(x, &s);
}

static uint64_t random_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* In by chance and out by chance; each is found while it is in, and only then. */
static void live_by_chance(struct things *t, uint32_t max, uint32_t numbers, unsigned int moves)
{
	uint8_t *is_in = calloc(numbers + 1, 1);
	uint64_t seed = 88172645463325252;
	struct hash_search s;
	struct hash_index x;
	size_t count = 0;

	assert_non_null(is_in);
	hash_index_init(&x, max, hash_thing, t);
	for (unsigned int i = 0; i < moves; i++) {
		/* Now rather in, now rather out. */
		uint32_t n = (uint32_t)(random_number(&seed) % numbers) + 1;
		bool in = random_number(&seed) % 8 < (i / (moves / 8) % 2 ? 3 : 5);

		if (in != is_in[n]) {
			if (in)
				put(&x, t, n);
			else
				take(&x, t, n);
			count += in ? 1 : (size_t)-1;
			is_in[n] = in;
		}
		assert_int_equal(x.count, count);
		n = (uint32_t)(random_number(&seed) % numbers) + 1;
		assert_int_equal(find(&x, t, t->keys[n - 1], &s), is_in[n] ? n : 0);
	}
	assert_true(count > numbers / 10);
	for (uint32_t n = 1; n <= numbers; n++) {
		assert_int_equal(find(&x, t, t->keys[n - 1], &s), is_in[n] ? n : 0);
		if (is_in[n])
			take(&x, t, n);
	}
	assert_int_equal(x.count, 0);
	assert_int_equal(hash_index_probes(&x).sum, 0);
	hash_index_done(&x);
	free(is_in);
}

static struct things things_new(size_t count)
{
	struct things t = { .keys = calloc(count, sizeof(*t.keys)) };

	assert_non_null(t.keys);
	for (size_t i = 0; i < count; i++)
		t.keys[i] = 0xffff888000000000 + i * 0xa00;
	return t;
}

static void agrees_with_a_model(void **state)
{
	struct things t = things_new(NUMBERS);

	(void)state;
	live_by_chance(&t, NUMBERS, NUMBERS, MOVES);
	/* No bit of a home beside the number. */
	live_by_chance(&t, HASH_NUMBER_MAX, NUMBERS, MOVES);
	free(t.keys);
}

/* Runs that are longer than a slot's bits can tell, or all of one, and round the end. */
static void agrees_with_a_model_where_keys_meet(void **state)
{
	static const struct {
		uint64_t homes, step;
		uint32_t max, numbers;
	} crowds[] = {
		{ 1, 0, NUMBERS, 700 },
		{ 1, 0, HASH_NUMBER_MAX, 700 },
		{ 4, 1, UINT32_MAX >> 5, 700 },
		{ 4, UINT64_MAX, UINT32_MAX >> 5, 700 },
		{ 4, UINT64_MAX, 700, 700 },
		{ 16, 1 << 7, UINT32_MAX >> 6, 700 },
		{ 16, 0x10001, UINT32_MAX >> 8, 700 },
		{ 100, 3, UINT32_MAX >> 9, NUMBERS },
	};
	struct things t = things_new(NUMBERS);

	(void)state;
	for (size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++) {
		t.homes = crowds[i].homes;
		t.step = crowds[i].step;
		live_by_chance(&t, crowds[i].max, crowds[i].numbers, MOVES / 10);
	}
	free(t.keys);
}

/* Chosen without the key: what is alike in any of these ways is not alike for the hash. */
static void finds_in_few_looks_whatever_keys_are_chosen(void **state)
{
	static const struct {
		uint64_t first, step;
		unsigned int turn; /* so many bits to the left */
	} families[] = {
		{ 0, 1, 0 },
		{ 0xffff888000000000, 0xa00, 0 },
		{ 0, 1, 44 }, /* they differ in their highest bits only */
		{ 1, 1, 32 },
		/* By a well-known multiplication they would differ above bit 40 only. */
		{ 0x123456, 0xf1de83e19937733d, 20 },
		{ 0, 0xf1de83e19937733d, 40 },
		{ 0x8000000000000000, 0x0000100000000001, 0 },
	};

	(void)state;
	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++) {
		struct things t = things_new(MANY);
		struct hash_probes probes;
		struct hash_search s;
		struct hash_index x;

		for (size_t i = 0; i < MANY; i++)
			t.keys[i] = (families[f].first + i * families[f].step) << families[f].turn;
		hash_index_init(&x, MANY, hash_thing, &t);
		for (uint32_t n = 1; n <= MANY; n++)
			put(&x, &t, n);
		for (uint32_t n = 1; n <= MANY; n++)
			assert_int_equal(find(&x, &t, t.keys[n - 1], &s), n);
		probes = hash_index_probes(&x);
		assert_true(probes.sum >= MANY);
		if (probes.sum > 2 * MANY || probes.most > 100)
			fail_msg("family %zu: %llu looks, the furthest %llu", f,
				 (unsigned long long)probes.sum, (unsigned long long)probes.most);
		hash_index_done(&x);
		free(t.keys);
	}
}

/* The twin: keys that were chosen with the key make a long run, and then there is another key. */
static void parts_a_run_that_was_made_with_the_key(void **state)
{
	const uint32_t count = 4000;
	struct things t = things_new(count);
	uint64_t furthest = 0, key = 0;
	struct hash_index x;
	struct hash_key first;

	(void)state;
	hash_index_init(&x, count, hash_thing, &t);
	first = x.key;
	assert_int_equal(hash_index_reserve(&x, count), 0);
	for (uint32_t n = 1; n <= count; n++) {
		while (hash_u64(&first, key) & x.mask & ~(uint64_t)7)
			key++;
		t.keys[n - 1] = key++;
		put(&x, &t, n);
		if (hash_index_probes(&x).most > furthest)
			furthest = hash_index_probes(&x).most;
	}
	assert_true(furthest > 200);
	assert_true(x.key.a != first.a && x.key.b != first.b);
	assert_true(hash_index_probes(&x).sum < 3ull * count);
	for (uint32_t n = 1; n <= count; n++)
		take(&x, &t, n);
	hash_index_done(&x);
	free(t.keys);
}

static void needs_no_memory_before_it_holds_anything(void **state)
{
	struct things t = things_new(1);
	struct hash_search s;
	struct hash_index x;

	(void)state;
	hash_index_init(&x, 1, hash_thing, &t);
	assert_int_equal(hash_index_bytes(&x), 0);
	assert_int_equal(find(&x, &t, t.keys[0], &s), 0);
	hash_index_clear(&x);
	put(&x, &t, 1);
	assert_int_equal(find(&x, &t, t.keys[0], &s), 1);
	assert_int_equal(find(&x, &t, t.keys[0] + 1, &s), 0);
	assert_true(hash_index_bytes(&x) >= 2 * sizeof(uint32_t));
	hash_index_clear(&x);
	assert_int_equal(x.count, 0);
	assert_int_equal(find(&x, &t, t.keys[0], &s), 0);
	hash_index_done(&x);
	assert_int_equal(hash_index_bytes(&x), 0);
	hash_index_done(&x);
	free(t.keys);
}

/* Each bit that changes in the input changes about half of the hash. */
static void every_byte_counts(void **state)
{
	const struct hash_key key = { 0x0123456789abcdef, 0xfedcba9876543211 };
	uint8_t bytes[43] = { 0 };

	(void)state;
	for (size_t size = 1; size <= sizeof(bytes); size++) {
		uint64_t plain = hash_bytes(&key, bytes, size);

		assert_true(plain != hash_bytes(&key, bytes, size - 1));
		for (size_t bit = 0; bit < size * 8; bit++) {
			int changed;

			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			changed = __builtin_popcountll(plain ^ hash_bytes(&key, bytes, size));
			if (changed < 10 || changed > 54)
				fail_msg("bit %zu of %zu bytes changes %d", bit, size, changed);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void seed_makes_another_hash(void **state)
{
	struct hash_index before, after;

	(void)state;
	hash_index_init(&before, 1, hash_thing, NULL);
	hash_seed(0);
	hash_index_init(&after, 1, hash_thing, NULL);
	assert_true(before.key.a != after.key.a && before.key.b != after.key.b);
	assert_true(hash_u64(&before.key, 7) != hash_u64(&after.key, 7));
	assert_true(after.key.b & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_model),
		cmocka_unit_test(agrees_with_a_model_where_keys_meet),
		cmocka_unit_test(finds_in_few_looks_whatever_keys_are_chosen),
		cmocka_unit_test(parts_a_run_that_was_made_with_the_key),
		cmocka_unit_test(needs_no_memory_before_it_holds_anything),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(seed_makes_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
