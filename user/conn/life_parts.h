/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the state machine: what each of its files does to a life. */
#ifndef USER_CONN_LIFE_PARTS_H
#define USER_CONN_LIFE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/conn/life.h"

static inline uint8_t life_cap(uint32_t count)
{
	return count < UINT8_MAX ? count : UINT8_MAX;
}

/* It enters a state; `inferred`: no event told of it, and `mono_ns` says nothing. */
void life_add_step(struct conn *c, enum tcp_state state, uint64_t mono_ns, bool inferred);

/* The last step, and nothing comes behind it. */
void life_finish(struct conn *c, uint64_t mono_ns);

/* The same of TIME_WAIT. */
void life_enter_time_wait(struct conn *c, uint64_t mono_ns, bool inferred);

/* It is over, or will be, at a time that nobody saw, and nobody knows how. */
void life_leave_unknown(struct conn *c);

/* Why it ended, and what follows from that: how, and by whom. */
void life_set_cause(struct conn *c, enum conn_cause cause);

/* Its socket is closed. */
void life_close(struct conn *c, const struct event *e, const struct life_sight *sight);

#endif
