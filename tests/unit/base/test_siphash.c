// SPDX-License-Identifier: GPL-2.0-only
/* SipHash-2-4 of eight bytes: what its authors say comes out, and that every bit matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/base/siphash.h"

static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

/* Of their table for keys and messages that count up, the row of eight bytes. */
static void the_authors_vector(void **state)
{
	(void)state;
	assert_int_equal(siphash_u64(&key, 0x0706050403020100), 0x93f5f5799a932462);
}

/* Half of the bits change with each bit of the value and of the key, more or less. */
static void every_bit_matters(void **state)
{
	uint64_t whole = siphash_u64(&key, 42);

	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		uint64_t one = UINT64_C(1) << bit;
		struct siphash_key low = { key.k0 ^ one, key.k1 }, high = { key.k0, key.k1 ^ one };
		uint64_t others[] = { siphash_u64(&key, 42 ^ one), siphash_u64(&low, 42),
				      siphash_u64(&high, 42) };

		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
			assert_in_range(__builtin_popcountll(whole ^ others[i]), 14, 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_authors_vector),
		cmocka_unit_test(every_bit_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
