// SPDX-License-Identifier: GPL-2.0-only
/* SipHash-2-4: a hash of a number that tells nothing of the number to whoever lacks the key. */
#include "user/base/siphash.h"

#define ROUNDS_OF_A_WORD 2
#define ROUNDS_AT_THE_END 4
#define VALUE_BYTES 8ull

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t turn(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static void mix(struct state *s, int rounds)
{
	while (rounds--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = turn(s->v1, 13) ^ s->v0;
		s->v3 = turn(s->v3, 16) ^ s->v2;
		s->v0 = turn(s->v0, 32) + s->v3;
		s->v2 += s->v1;
		s->v3 = turn(s->v3, 21) ^ s->v0;
		s->v1 = turn(s->v1, 17) ^ s->v2;
		s->v2 = turn(s->v2, 32);
	}
}

static void take_word(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s, ROUNDS_OF_A_WORD);
	s->v0 ^= word;
}

uint64_t siphash_u64(const struct siphash_key *key, uint64_t value)
{
	/* The words that the algorithm starts from. */
	struct state s = { key->k0 ^ 0x736f6d6570736575, key->k1 ^ 0x646f72616e646f6d,
			   key->k0 ^ 0x6c7967656e657261, key->k1 ^ 0x7465646279746573 };

	take_word(&s, value);
	/* The last word has what is left of the bytes, none here, and their number on top. */
	take_word(&s, VALUE_BYTES << 56);
	s.v2 ^= 0xff;
	mix(&s, ROUNDS_AT_THE_END);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
