// SPDX-License-Identifier: GPL-2.0-only
/* How many rings there are, what each holds, and who writes into which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/kernel/rings.h"

static void one_is_enough_for_few_processors(void **state)
{
	(void)state;
	for (unsigned int cpus = 1; cpus <= RINGS_CPUS; cpus++)
		assert_int_equal(rings_count(0, cpus), 1);
	assert_int_equal(rings_count(0, 17), 2);
	assert_int_equal(rings_count(0, 31), 2);
	assert_int_equal(rings_count(0, 32), 4);
	assert_int_equal(rings_count(0, 64), 8);
	assert_int_equal(rings_count(0, 512), 64);
	assert_int_equal(rings_count(0, 100000), CONFIG_RINGS);
}

static void what_is_asked_for_is_had_within_the_processors(void **state)
{
	(void)state;
	assert_int_equal(rings_count(1, 64), 1);
	assert_int_equal(rings_count(2, 2), 2);
	assert_int_equal(rings_count(2, 1), 1);
	assert_int_equal(rings_count(64, 3), 3);
	assert_int_equal(rings_count(CONFIG_RINGS, 100000), CONFIG_RINGS);
}

static void they_share_the_room(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	assert_int_equal(rings_bytes(8 << 20, 1), 8 << 20);
	assert_int_equal(rings_bytes(8 << 20, 2), 4 << 20);
	assert_int_equal(rings_bytes(8 << 20, 3), 2 << 20);
	assert_int_equal(rings_bytes(8 << 20, 64), 128 << 10);
	assert_int_equal(rings_bytes(page, 2), page);
	assert_int_equal(rings_bytes((size_t)1 << 31, 1), (size_t)1 << 31);
}

/* Groups of neighbours, none of them larger than another by more than one. */
static void neighbours_share_a_ring(void **state)
{
	(void)state;
	for (unsigned int cpus = 1; cpus <= CONFIG_CPUS; cpus++) {
		for (unsigned int count = 1; count <= CONFIG_RINGS && count <= cpus; count++) {
			unsigned int members[CONFIG_RINGS] = { 0 };

			for (unsigned int cpu = 0, last = 0; cpu < cpus; cpu++) {
				unsigned int ring = rings_of_cpu(cpu, cpus, count);

				assert_in_range(ring, last, last + 1);
				assert_true(ring < count);
				members[ring]++;
				last = ring;
			}
			for (unsigned int ring = 0; ring < count; ring++)
				assert_in_range(members[ring], cpus / count,
						(cpus + count - 1) / count);
		}
	}
	assert_int_equal(rings_of_cpu(3, 2, 2), 1); /* there is a CPU that was not */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_enough_for_few_processors),
		cmocka_unit_test(what_is_asked_for_is_had_within_the_processors),
		cmocka_unit_test(they_share_the_room),
		cmocka_unit_test(neighbours_share_a_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
