/* SPDX-License-Identifier: GPL-2.0-only */
/* Who makes room in a table that is full: of those who share it the heaviest, and is counted. */
#ifndef USER_BASE_CROWD_H
#define USER_BASE_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"

/* All zero: it begins. Who is heavy is of no interest, and takes no memory, before it is full. */
struct crowd {
	struct shares *shares;
	struct payers payers;
	uint64_t paid; /* members that made room */
};

/* Whose member `n` is. */
typedef struct share crowd_share_of(const void *context, uint32_t n);

/*
 * All of the members 1 to `max` are in use, and one is to make room: the oldest of the heaviest.
 * 0: there is no memory to tell.
 */
uint32_t crowd_heaviest(struct crowd *crowd, uint32_t max, crowd_share_of *share_of,
			const void *context);

/* A member is in the table, as the newest of its share; does nothing before it was full. */
void crowd_put(struct crowd *crowd, uint32_t n, const struct share *share);

/* It is not any more, for whatever reason. */
void crowd_take(struct crowd *crowd, uint32_t n);

/* It made room, or found none. */
void crowd_pay(struct crowd *crowd, const struct share *share);

/* There is room again. */
void crowd_leave(struct crowd *crowd);

size_t crowd_bytes(const struct crowd *crowd);

#endif
