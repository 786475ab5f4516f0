/* SPDX-License-Identifier: GPL-2.0-only */
/* What recordings bring with them: the filters they were made with, and their flaws. */
#ifndef USER_RUN_RECORDED_H
#define USER_RUN_RECORDED_H

#include <stdbool.h>

#include "user/event/filter.h"
#include "user/source/replay.h"

/*
 * Each recording's own filter judges again what the kernel's side could not: puts them behind
 * `filter`, which recorded_filters_free takes them from. Returns 0 or -ENOMEM.
 */
int recorded_filters_add(const struct replay *replay, struct conn_filter *filter);
void recorded_filters_free(struct conn_filter *filter);

/* Says on standard error what is wrong with what was read so far. Returns whether anything is. */
bool recorded_complain(const struct replay *replay);

#endif
