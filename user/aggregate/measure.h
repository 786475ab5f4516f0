/* SPDX-License-Identifier: GPL-2.0-only */
/* The durations of one connection that are reported: a number that is true, or TIME_UNKNOWN. */
#ifndef USER_AGGREGATE_MEASURE_H
#define USER_AGGREGATE_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"

/* Client: first SYN to ESTABLISHED; server: first SYN-ACK to the ACK that completes it. ns. */
uint64_t measure_handshake(const struct conn *c);

/* Whether it has a TIME_WAIT to speak of, be it one that the kernel had no room for. */
static inline bool measure_has_time_wait(const struct conn *c)
{
	return c->flags & CONN_TIME_WAIT_SEEN || c->time_wait_end == CONN_TW_END_OVERFLOW;
}

/* How long its TIME_WAIT lasted; TIME_UNKNOWN also while it lasts. ns. */
static inline uint64_t measure_time_wait(const struct conn *c)
{
	if (!(c->flags & CONN_TIME_WAIT_SEEN) || c->time_wait_quality == CONN_QUALITY_UNKNOWN)
		return TIME_UNKNOWN;
	return conn_dwell(c, conn_find_step(c, STATE_TIME_WAIT));
}

/* The same of one that has just ended, where nothing is unusual about it; else TIME_UNKNOWN. */
static inline uint64_t measure_time_wait_quickly(const struct conn *c)
{
	unsigned int last = c->step_count - 1u;
	uint64_t entered_ns, left_ns, ns;

	if (!last || last >= CONN_STEPS || c->step_state[last - 1] != STATE_TIME_WAIT ||
	    c->step_inferred || c->step_broken || !(c->flags & CONN_TIME_WAIT_SEEN) ||
	    c->time_wait_quality != CONN_QUALITY_EXACT)
		return TIME_UNKNOWN;
	entered_ns = c->step_ns[last - 1];
	left_ns = c->step_ns[last];
	ns = left_ns - entered_ns;
	return (entered_ns | left_ns | ns) > INT64_MAX ? TIME_UNKNOWN : ns;
}

/*
 * From its start until it was CLOSED or entered TIME_WAIT; when nobody saw the latter (the kernel
 * does FIN_WAIT2 of a socket that no process holds without a word), until the state before. ns.
 */
uint64_t measure_life(const struct conn *c);

/*
 * How long it has taken to open, or tried to as of `now_ns` (TIME_UNKNOWN: it is over): the
 * handshake, or the time until it failed. ns.
 */
uint64_t measure_opening(const struct conn *c, uint64_t now_ns);

/* When it was CLOSED or, after that, its TIME_WAIT began; TIME_UNKNOWN while it is open. */
uint64_t measure_end(const struct conn *c);

#endif
