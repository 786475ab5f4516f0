// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's monotonic clock, and from it to the time of day. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"

/* By how much the clock that this process is shown is ahead of the kernel's. */
static uint64_t ahead_ns;

/* The offsets are those of the children to come, who are not always in the process's own one. */
static bool is_own_told(void)
{
	char own[64], next[64];
	ssize_t own_size = readlink("/proc/self/ns/time", own, sizeof(own));
	ssize_t next_size = readlink("/proc/self/ns/time_for_children", next, sizeof(next));

	return own_size > 0 && own_size == next_size && !memcmp(own, next, (size_t)own_size);
}

void clock_leave_namespace(void)
{
	long long seconds, ns;
	FILE *file = is_own_told() ? fopen("/proc/self/timens_offsets", "re") : NULL;

	if (!file)
		return;
	if (fscanf(file, "monotonic %lld %lld", &seconds, &ns) == 2)
		ahead_ns = (uint64_t)seconds * NS_PER_S + (uint64_t)ns;
	fclose(file);
}

static uint64_t read_monotonic(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec - ahead_ns;
}

uint64_t clock_now(void)
{
	return read_monotonic(CLOCK_MONOTONIC);
}

uint64_t clock_now_roughly(void)
{
	return read_monotonic(CLOCK_MONOTONIC_COARSE);
}

uint64_t clock_slept_ns(void)
{
	uint64_t mono_ns = clock_now();
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec - mono_ns;
}

/* Writes `value` in `digits` decimal digits, zeros in front. */
static char *put_digits(char *at, uint32_t value, int digits)
{
	int i;

	for (i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + digits;
}

static char *put_time_of_day(char *at, uint32_t second)
{
	at = put_digits(at, second / 3600, 2);
	*at++ = ':';
	at = put_digits(at, second / 60 % 60, 2);
	*at++ = ':';
	return put_digits(at, second % 60, 2);
}

/*
 * The proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March of a year 0,
 * so that the leap day is the last of its year. `day` is counted from 1970-01-01.
 */
static char *put_date(char *at, uint32_t day)
{
	uint32_t shifted = day + 719468; /* since 0000-03-01 */
	uint32_t era = shifted / 146097;
	uint32_t day_of_era = shifted % 146097;
	uint32_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	uint32_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint32_t march_month = (5 * day_of_year + 2) / 153; /* 0 is March */
	uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;

	at = put_digits(at, era * 400 + year_of_era + (month <= 2), 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	return put_digits(at, day_of_year - (153 * march_month + 2) / 5 + 1, 2);
}

uint64_t clock_real_ns(const struct clock *c, uint64_t mono_ns)
{
	return mono_ns + (uint64_t)c->offset_ns;
}

const char *clock_format_iso(const struct clock *c, uint64_t mono_ns, char text[CLOCK_ISO_SIZE])
{
	uint64_t real_ns = clock_real_ns(c, mono_ns);
	uint64_t second = real_ns / NS_PER_S;
	char *at = put_date(text, (uint32_t)(second / S_PER_DAY));

	*at++ = 'T';
	at = put_time_of_day(at, (uint32_t)(second % S_PER_DAY));
	*at++ = '.';
	at = put_digits(at, (uint32_t)(real_ns % NS_PER_S), 9);
	memcpy(at, "Z", 2);
	return text;
}

const char *clock_format_time(const struct clock *c, uint64_t mono_ns, char text[CLOCK_TIME_SIZE])
{
	uint64_t real_ns = clock_real_ns(c, mono_ns);
	int64_t second = (int64_t)(real_ns / NS_PER_S % S_PER_DAY) + c->utc_offset_s % S_PER_DAY;
	char *at = put_time_of_day(text, (uint32_t)((second + S_PER_DAY) % S_PER_DAY));

	*at++ = '.';
	at = put_digits(at, (uint32_t)(real_ns % NS_PER_S / NS_PER_MS), 3);
	*at = '\0';
	return text;
}
