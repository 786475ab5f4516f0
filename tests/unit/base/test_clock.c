// SPDX-License-Identifier: GPL-2.0-only
/* The time of day, against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/base/units.h"

#define LAST_SECOND (UINT64_MAX / NS_PER_S)

static void assert_second(uint64_t second, uint32_t ns)
{
	const struct clock clock = { 0 };
	char text[CLOCK_ISO_SIZE], want[64];
	time_t at = (time_t)second;
	struct tm tm;
	size_t size;

	gmtime_r(&at, &tm);
	size = strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(want + size, sizeof(want) - size, ".%09uZ", ns);
	assert_ptr_equal(clock_format_iso(&clock, second * NS_PER_S + ns, text), text);
	assert_string_equal(text, want);
}

static void iso_knows_every_day(void **state)
{
	uint64_t day;

	(void)state;
	for (day = 0; day <= LAST_SECOND / 86400; day++)
		assert_second(day * 86400, 0);
}

static void iso_knows_seconds_between(void **state)
{
	int i;

	(void)state;
	srandom(1);
	assert_second(0, 1);
	assert_second(951782399, 999999999); /* 2000-02-28 */
	assert_second(951868799, 999999999); /* 2000-02-29 */
	assert_second(4107542399, 0);	     /* 2100-02-28 */
	assert_second(LAST_SECOND - 1, 999999999);
	for (i = 0; i < 20000; i++)
		assert_second(((uint64_t)random() << 16 ^ (uint64_t)random()) % LAST_SECOND,
			      (uint32_t)(random() % NS_PER_S));
}

static void offset_is_added(void **state)
{
	struct clock clock = { .offset_ns = 1767323045678901234 };
	char text[CLOCK_ISO_SIZE];

	(void)state;
	assert_int_equal(clock_real_ns(&clock, 5), 1767323045678901239);
	assert_string_equal(clock_format_iso(&clock, 0, text), "2026-01-02T03:04:05.678901234Z");
	assert_string_equal(clock_format_iso(&clock, 321098766, text),
			    "2026-01-02T03:04:06.000000000Z");
	/* A machine that has been up for longer than its clock has run. */
	clock.offset_ns = -3000000000;
	assert_int_equal(clock_real_ns(&clock, 3000000001), 1);
}

static void time_is_local(void **state)
{
	static const struct {
		int64_t offset_ns;
		int32_t utc_offset_s;
		const char *want;
	} cases[] = {
		{ 0, 0, "00:00:00.000" },
		{ 1767323045678901234, 0, "03:04:05.678" },
		{ 1767323045678999999, 3600, "04:04:05.678" },
		{ 1767323045678901234, -5 * 3600, "22:04:05.678" },
		{ 1767323045678901234, 14 * 3600, "17:04:05.678" },
		{ 1767398399999999999, 0, "23:59:59.999" },
		{ 1767398399999999999, 1, "00:00:00.999" },
		{ 1767323045678901234, 20700, "08:49:05.678" },
		{ 1767323045678901234, INT32_MIN, "23:49:57.678" },
		{ 1767323045678901234, INT32_MAX, "06:18:12.678" },
	};
	char text[CLOCK_TIME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct clock clock = { cases[i].offset_ns, cases[i].utc_offset_s };

		assert_ptr_equal(clock_format_time(&clock, 0, text), text);
		assert_string_equal(text, cases[i].want);
	}
}

/* It goes forward, as the kernel's own does, and not by years. */
static void now_is_now(void **state)
{
	struct timespec before, after;
	uint64_t now_ns, again_ns;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	now_ns = clock_now();
	again_ns = clock_now();
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(again_ns >= now_ns);
	assert_true(now_ns >= (uint64_t)before.tv_sec * NS_PER_S + (uint64_t)before.tv_nsec);
	assert_true(again_ns <= (uint64_t)after.tv_sec * NS_PER_S + (uint64_t)after.tv_nsec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso_knows_every_day), cmocka_unit_test(iso_knows_seconds_between),
		cmocka_unit_test(offset_is_added),     cmocka_unit_test(time_is_local),
		cmocka_unit_test(now_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
