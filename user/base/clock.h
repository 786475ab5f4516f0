/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's monotonic clock, and from it to the time of day. */
#ifndef USER_BASE_CLOCK_H
#define USER_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_ISO_SIZE 32  /* "2026-01-02T03:04:05.678901234Z" */
#define CLOCK_TIME_SIZE 16 /* "03:04:05.678" */

/*
 * A time namespace shows its processes other clocks than the kernel's, by which events are told:
 * from now on the times below are the kernel's. To be called once, before there are threads.
 */
void clock_leave_namespace(void);

/* CLOCK_MONOTONIC, in nanoseconds. What is pure does not ask: it is given the time. */
uint64_t clock_now(void);

/* The same as of the kernel's last tick, 10 ms ago at most, which takes far less. */
uint64_t clock_now_roughly(void);

/*
 * How far the clock that processes' starts are told in, which goes on in sleep, is ahead of it; in
 * a time namespace it may be behind, as a number that wraps.
 */
uint64_t clock_slept_ns(void);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds, measured once by whoever makes it. */
struct clock {
	int64_t offset_ns;
	int32_t utc_offset_s; /* of local time, for clock_format_time */
};

/* Nanoseconds since 1970 UTC. */
uint64_t clock_real_ns(const struct clock *c, uint64_t mono_ns);

/* ISO 8601, UTC, nanoseconds; returns `text`. */
const char *clock_format_iso(const struct clock *c, uint64_t mono_ns, char text[CLOCK_ISO_SIZE]);

/* HH:MM:SS.mmm in local time; returns `text`. */
const char *clock_format_time(const struct clock *c, uint64_t mono_ns, char text[CLOCK_TIME_SIZE]);

#endif
