/* SPDX-License-Identifier: GPL-2.0-only */
/* SipHash-2-4: a hash of a number that tells nothing of the number to whoever lacks the key. */
#ifndef USER_BASE_SIPHASH_H
#define USER_BASE_SIPHASH_H

#include <stdint.h>

/* Of random bytes: one that can be guessed hides nothing. */
struct siphash_key {
	uint64_t k0, k1;
};

/* Of the eight bytes of `value` in little-endian order (Aumasson and Bernstein, 2012). */
uint64_t siphash_u64(const struct siphash_key *key, uint64_t value);

#endif
