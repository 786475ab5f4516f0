/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections that went any way that RFC 9293 has, of which not all may be known. */
#ifndef TESTS_UNIT_ANY_LIFE_H
#define TESTS_UNIT_ANY_LIFE_H

#include "tests/unit/sample_conn.h"

/* The next of a row of numbers that is the same in each run; below `count`. */
static inline unsigned int sample_any(uint64_t *row, unsigned int count)
{
	*row ^= *row << 13;
	*row ^= *row >> 7;
	*row ^= *row << 17;
	return (unsigned int)(*row % count);
}

/* Any step behind `from`. */
static inline enum tcp_state sample_any_step(uint64_t *row, enum tcp_state from)
{
	enum tcp_state to;

	do
		to = (enum tcp_state)(1 + sample_any(row, STATE_COUNT - 1));
	while (to == STATE_LISTEN || !state_is_legal(from, to));
	return to;
}

/* By the numbers of `row`, which begins as any but 0. */
static inline struct conn sample_any_life(uint64_t *row)
{
	struct conn c = sample_any(row, 2) ? sample_client() : sample_server();
	unsigned int steps = 1 + sample_any(row, CONN_STEPS);
	enum tcp_state state = STATE_CLOSED;

	c.step_count = 0;
	c.role = (uint8_t)(sample_any(row, 3));
	if (sample_any(row, 8) == 0)
		c.flags ^= CONN_HAS_ENDPOINTS;
	if (sample_any(row, 16) == 0)
		c.flags ^= CONN_UNSENT;
	if (sample_any(row, 16) == 0)
		c.flags ^= CONN_SEEDED;
	if (sample_any(row, 16) == 0)
		c.handshake_flags ^= CONN_HANDSHAKE_RESTORED;
	for (unsigned int i = 0; i < steps && (!i || state != STATE_CLOSED); i++) {
		uint64_t ns = (uint64_t)i << sample_any(row, 40);

		state = sample_any_step(row, state);
		sample_step(&c, state, sample_any(row, 16) ? ns : TIME_UNKNOWN);
		if (sample_any(row, 64) == 0)
			c.step_inferred |= (uint8_t)(1U << i);
	}
	return c;
}

#endif
