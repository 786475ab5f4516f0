/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose the members of a full table are, and who is to make room: the heaviest. */
#ifndef USER_BASE_SHARES_H
#define USER_BASE_SHARES_H

#include <stddef.h>
#include <stdint.h>

#define SHARES_NOBODY UINT32_MAX /* an owner that is not known */

/*
 * An owner may have any number of places, and all of them are the owner's weight: whoever makes
 * more namespaces has no larger share. But root's are containers that know nothing of each other:
 * each of these weighs by itself, and no less than an eighth of what all of them have.
 */
#define SHARES_ROOT 0
#define SHARES_ROOT_PART 8

struct share {
	uint32_t owner, place;
};

struct shares;

/* Of members 1 to `max`, none of which is in it so far. NULL when there is no memory. */
struct shares *shares_new(uint32_t max);
void shares_free(struct shares *shares);

/* As the newest of its share, whether it was in this one, in another or in none. 0, or -ENOMEM. */
int shares_put(struct shares *shares, uint32_t n, const struct share *share);

/* It may be in none. */
void shares_take(struct shares *shares, uint32_t n);

/*
 * Of the owner with the most weight, of the place where most of them are, the oldest; where two
 * weigh the same, either. 0: there is none.
 */
uint32_t shares_heaviest(const struct shares *shares);

/* What a member of this share weighs with all that weigh with it. */
uint32_t shares_weight(const struct shares *shares, const struct share *share);

size_t shares_bytes(const struct shares *shares);

/* Those who have paid most, after Metwally, Agrawal and El Abbadi (2005): few, in a fixed room. */
#define PAYERS 32

struct payer {
	struct share share;
	uint64_t paid;	 /* so much at least */
	uint64_t missed; /* at most so much more */
};

struct payers {
	struct payer payer[PAYERS];
	size_t count;
};

void payers_add(struct payers *payers, const struct share *share);

/* What was counted elsewhere, as well. */
void payers_merge(struct payers *payers, const struct payers *more);

/* The one with number `rank` from the most on, 0 being the first; NULL: there are not so many. */
const struct payer *payers_at(const struct payers *payers, size_t rank);

#endif
