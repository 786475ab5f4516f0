/* SPDX-License-Identifier: GPL-2.0-only */
/* Which code opens connections: turns stacks as the kernel tells them into those that are named. */
#ifndef USER_RUN_OPENED_H
#define USER_RUN_OPENED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/event.h"

struct run;

/* Starts who names them, before there are threads. Returns 0, or -errno after one sentence. */
int opened_begin(struct run *run);

/* Whether it is a stack as the kernel tells it, which nobody else is to see. */
static inline bool opened_is_stack(const void *bytes, size_t size)
{
	return size >= sizeof(struct event_head) &&
	       ((const uint8_t *)bytes)[offsetof(struct event_head, kind)] == EVENT_STACK;
}

/* Makes an OPENER of it. False: nobody knows which code that is. */
bool opened_meet(struct run *run, const void *bytes, size_t size, struct event_opener *ret);

#endif
