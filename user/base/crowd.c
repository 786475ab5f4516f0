// SPDX-License-Identifier: GPL-2.0-only
/* Who makes room in a table that is full: of those who share it the heaviest, and is counted. */
#include "user/base/crowd.h"

static void watch(struct crowd *crowd, uint32_t max, crowd_share_of *share_of, const void *context)
{
	crowd->shares = shares_new(max);
	for (uint32_t n = 1; crowd->shares && n <= max; n++) {
		const struct share share = share_of(context, n);

		crowd_put(crowd, n, &share);
	}
}

uint32_t crowd_heaviest(struct crowd *crowd, uint32_t max, crowd_share_of *share_of,
			const void *context)
{
	if (!crowd->shares)
		watch(crowd, max, share_of, context);
	return crowd->shares ? shares_heaviest(crowd->shares) : 0;
}

void crowd_put(struct crowd *crowd, uint32_t n, const struct share *share)
{
	if (crowd->shares && shares_put(crowd->shares, n, share))
		crowd_leave(crowd);
}

void crowd_take(struct crowd *crowd, uint32_t n)
{
	if (crowd->shares)
		shares_take(crowd->shares, n);
}

void crowd_pay(struct crowd *crowd, const struct share *share)
{
	crowd->paid++;
	payers_add(&crowd->payers, share);
}

void crowd_leave(struct crowd *crowd)
{
	shares_free(crowd->shares);
	crowd->shares = NULL;
}

size_t crowd_bytes(const struct crowd *crowd)
{
	return crowd->shares ? shares_bytes(crowd->shares) : 0;
}
