/* SPDX-License-Identifier: GPL-2.0-only */
/* The states that a connection has gone through, as one number. */
#ifndef USER_CONN_PATH_H
#define USER_CONN_PATH_H

#include "user/conn/conn.h"

/* Lives that went through the same states have the same, and no others; 0: no step is known. */
static inline uint64_t conn_path(const struct conn *c)
{
	uint64_t word;

	_Static_assert(sizeof(c->step_state) == sizeof(word), "the states are one word");
	memcpy(&word, c->step_state, sizeof(word));
	return c->step_count ? le64toh(word) << (CONN_STEPS - c->step_count) * 8 : 0;
}

/* Its steps, in their order, in `steps`. Returns how many. */
static inline unsigned int conn_path_steps(uint64_t path, uint8_t steps[CONN_STEPS])
{
	unsigned int count = 0;

	for (; path && !(path & UINT8_MAX); path >>= 8)
		;
	for (; path; path >>= 8)
		steps[count++] = (uint8_t)path;
	return count;
}

/* A place for it among 1 << `bits`. */
static inline unsigned int conn_path_place(uint64_t path, unsigned int facts, unsigned int bits)
{
	return (unsigned int)((path ^ facts) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

#endif
