// SPDX-License-Identifier: GPL-2.0-only
/* Accounts of what users have cost, which time makes good. */
#include "user/base/patience.h"

#include <stddef.h>

static void make_good(struct patience_user *user, uint64_t now_ns)
{
	uint64_t good_ns = now_ns > user->at_ns ? (now_ns - user->at_ns) / PATIENCE_PART : 0;

	if (!user->spent_ns || !good_ns)
		return;
	user->spent_ns = good_ns < user->spent_ns ? user->spent_ns - good_ns : 0;
	user->at_ns = now_ns;
}

bool patience_is_whole(struct patience *p, uint64_t now_ns)
{
	bool is_whole = true;

	for (size_t i = 0; i < PATIENCE_USERS; i++) {
		make_good(&p->user[i], now_ns);
		is_whole = is_whole && !p->user[i].spent_ns;
	}
	return is_whole;
}

/* Their own place, or a free one; NULL: there is none. */
static struct patience_user *place_of(struct patience *p, uint32_t uid, uint64_t now_ns)
{
	struct patience_user *free_one = NULL;

	for (size_t i = 0; i < PATIENCE_USERS; i++) {
		struct patience_user *user = &p->user[i];

		make_good(user, now_ns);
		if (!user->spent_ns)
			free_one = user;
		else if (user->uid == uid)
			return user;
	}
	return free_one;
}

uint64_t patience_left(struct patience *p, uint32_t uid, uint64_t now_ns)
{
	const struct patience_user *user = place_of(p, uid, now_ns);

	if (!user || user->spent_ns >= PATIENCE_MOST_NS)
		return 0;
	return PATIENCE_MOST_NS - user->spent_ns;
}

void patience_spend(struct patience *p, uint32_t uid, uint64_t now_ns, uint64_t spent_ns)
{
	struct patience_user *user = place_of(p, uid, now_ns);

	if (!user)
		return;
	if (!user->spent_ns)
		*user = (struct patience_user){ .uid = uid, .at_ns = now_ns };
	user->spent_ns += spent_ns;
}
