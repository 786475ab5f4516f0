// SPDX-License-Identifier: GPL-2.0-only
/* Which lines of a flood are shown: dynamic thresholds, after Choudhury and Hahne (1998). */
#include "user/aggregate/flood.h"

#include "user/base/units.h"

/* Those beyond the room for shares have one together. */
static struct flood_share *find_share(struct flood *f, const struct share *share)
{
	for (size_t i = 0; i < f->share_count; i++)
		if (f->shares[i].share.owner == share->owner &&
		    f->shares[i].share.place == share->place)
			return &f->shares[i];
	if (f->share_count == FLOOD_SHARES)
		return &f->shares[FLOOD_SHARES - 1];
	f->shares[f->share_count] = (struct flood_share){ .share = *share };
	return &f->shares[f->share_count++];
}

static uint32_t lines_of(const struct flood *f, uint32_t netns)
{
	uint32_t lines = 0;

	for (size_t i = 0; i < f->share_count; i++)
		if (f->shares[i].share.place == netns)
			lines += f->shares[i].lines;
	return lines;
}

bool flood_is_due(struct flood *f, uint32_t netns, uint16_t port, uint64_t mono_ns)
{
	const struct share share = { port, netns };
	struct flood_share *own;
	uint32_t left;

	if (mono_ns / NS_PER_S != f->second) {
		f->second = mono_ns / NS_PER_S;
		f->lines = 0;
		f->share_count = 0;
	}
	own = find_share(f, &share);
	left = FLOOD_LINES - f->lines;
	if (own->lines < left && lines_of(f, netns) < 2 * left) {
		own->lines++;
		f->lines++;
		return true;
	}
	f->unprinted++;
	payers_add(&f->payers, &share);
	return false;
}
