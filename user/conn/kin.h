/* SPDX-License-Identifier: GPL-2.0-only */
/* The children of the processes that are asked for, and theirs, as long as they live. */
#ifndef USER_CONN_KIN_H
#define USER_CONN_KIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/event.h"

#define KIN_MAX 65536 /* at a time */

struct kin;

/* NULL: there is no memory. */
struct kin *kin_new(void);
void kin_free(struct kin *kin);

/* Returns whether it is new, and there is room for it. */
bool kin_add(struct kin *kin, uint32_t pid);

/* A KIN: one more, or one less. */
void kin_apply(struct kin *kin, const struct event *e);

bool kin_has(const struct kin *kin, uint32_t pid);

#endif
