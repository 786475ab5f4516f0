// SPDX-License-Identifier: GPL-2.0-only
/* Durations of a connection, withheld where a part of the life was not seen. */
#include "user/aggregate/measure.h"

uint64_t measure_handshake(const struct conn *c)
{
	return c->handshake_quality == CONN_QUALITY_UNKNOWN ? TIME_UNKNOWN : c->handshake_ns;
}

/* Most have been seen from their first step to this one, which ends them: then it is known. */
static inline uint64_t whole_life(const struct conn *c)
{
	unsigned int last = c->step_count - 1u;

	if (!last || last >= CONN_STEPS || c->step_inferred || c->flags & CONN_SEEDED)
		return TIME_UNKNOWN;
	if (c->step_state[last] != STATE_TIME_WAIT &&
	    (c->step_state[last] != STATE_CLOSED || c->step_state[last - 1] == STATE_TIME_WAIT))
		return TIME_UNKNOWN;
	return conn_between(c->step_ns[0], c->step_ns[last]);
}

uint64_t measure_life(const struct conn *c)
{
	uint64_t whole_ns = whole_life(c);
	uint64_t start_ns = c->step_count > 1 ? conn_start(c) : TIME_UNKNOWN, end_ns;
	unsigned int last;

	if (conn_is_untimed(c))
		return TIME_UNKNOWN;
	if (whole_ns != TIME_UNKNOWN)
		return whole_ns;
	last = conn_find_step(c, STATE_TIME_WAIT);
	if (last == c->step_count)
		last = conn_find_step(c, STATE_CLOSED);
	end_ns = conn_step_time(c, last);
	if (end_ns == TIME_UNKNOWN && last > 0 && last < c->step_count &&
	    c->step_state[last] == STATE_TIME_WAIT)
		end_ns = conn_step_time(c, last - 1);
	if (start_ns == TIME_UNKNOWN || end_ns == TIME_UNKNOWN || end_ns < start_ns)
		return TIME_UNKNOWN;
	return end_ns - start_ns;
}

uint64_t measure_opening(const struct conn *c, uint64_t now_ns)
{
	bool is_opening = c->step_count && (c->step_state[0] == STATE_SYN_SENT ||
					    c->step_state[0] == STATE_SYN_RECV);

	if (is_opening && c->step_count == 1)
		return conn_between(conn_start(c), now_ns);
	if (is_opening && c->step_count == 2 && c->step_state[1] == STATE_CLOSED)
		return conn_dwell(c, 0);
	return measure_handshake(c);
}

uint64_t measure_end(const struct conn *c)
{
	enum tcp_state state = conn_state(c);

	return state == STATE_CLOSED || state == STATE_TIME_WAIT ? conn_end(c) : TIME_UNKNOWN;
}
