/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may have more of what is kept for good: nobody takes more than is left to the others. */
#ifndef USER_BASE_QUOTA_H
#define USER_BASE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/base/shares.h"

/*
 * Dynamic thresholds, after Choudhury and Hahne (1998): whoever is alone may have half of all, and
 * however many others come, there is some for the next one. Of an owner who has had his share,
 * places with next to nothing get some all the same: containers may have one owner, root; and more
 * places bring little more. So does the kernel's side (bpf/quota.bpf.h). For where nobody can be
 * made to give room back; where somebody can, see crowd.h. All zero but `max`: it begins.
 */
#define QUOTA_PART 8 /* so small a part of what is free is had in any case */

/* How much each has, of those who are told apart by one key. */
struct quota_tally {
	struct quota_holder *all; /* count from 1 */
	uint32_t count, room;
	struct hash_index index;
};

struct quota {
	uint32_t max, taken;
	struct quota_tally owners, places;
	struct payers payers; /* of what was refused */
	uint64_t refused;
};

/* Takes one. False: there is none left for this owner, or no memory to tell; it is counted. */
bool quota_take(struct quota *quota, const struct share *whose);

/* The same of so many at once, for one thing. */
bool quota_take_many(struct quota *quota, const struct share *whose, uint32_t many);

/* The number of an owner who has taken some; 0: this one has not. There are `max` at most. */
uint32_t quota_owner(const struct quota *quota, uint32_t owner);

/* All is there to be taken again. What was refused is remembered. */
void quota_give_back(struct quota *quota);

void quota_done(struct quota *quota);

#endif
