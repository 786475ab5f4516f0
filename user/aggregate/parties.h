/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose connections they were: groups by process, unit, pod and remote address. */
#ifndef USER_AGGREGATE_PARTIES_H
#define USER_AGGREGATE_PARTIES_H

#include <stddef.h>

#include "user/aggregate/roster.h"

/* X(KEY): of enum roster_key. */
#define PARTIES_KEYS(X) X(PROCESS) X(UNIT) X(POD) X(REMOTE)

enum parties_key {
#define X(KEY) PARTIES_##KEY,
	PARTIES_KEYS(X)
#undef X
		PARTIES_KEY_COUNT
};

struct parties;

/* NULL when there is no memory. */
struct parties *parties_new(void);
void parties_free(struct parties *parties);
struct consumer *parties_consumer(struct parties *parties);

/* The groups by one key, those who closed most first, the rest last. `joiner`: or NULL. */
const struct roster_group *parties_sort(struct parties *parties, enum parties_key key,
					const struct group_joiner *joiner, size_t *ret_count);

#endif
