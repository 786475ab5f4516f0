/* SPDX-License-Identifier: GPL-2.0-only */
/* How long who can make us wait is waited for: nobody makes that a large part of the time. */
#ifndef USER_BASE_PATIENCE_H
#define USER_BASE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/units.h"

#define PATIENCE_USERS 8		   /* who are known at a time */
#define PATIENCE_MOST_NS (500 * NS_PER_MS) /* for one of them in a row */
#define PATIENCE_PART 32		   /* of the time, from then on */

/* All zero: nobody has been waited for. */
struct patience {
	struct patience_user {
		uint32_t uid;
		uint64_t spent_ns; /* as of `at_ns`; 0: the place is free */
		uint64_t at_ns;
	} user[PATIENCE_USERS];
};

/* Nobody has to be told from others now: there is as much for each. */
bool patience_is_whole(struct patience *p, uint64_t now_ns);

/* How long this user may still be waited for. Who finds no place among others is not. */
uint64_t patience_left(struct patience *p, uint32_t uid, uint64_t now_ns);

/* This user has been waited for so long. */
void patience_spend(struct patience *p, uint32_t uid, uint64_t now_ns, uint64_t spent_ns);

#endif
