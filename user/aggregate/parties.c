// SPDX-License-Identifier: GPL-2.0-only
/* The groups of a roster, several keys at a time, of a whole run. */
#include "user/aggregate/parties.h"

#include <stdlib.h>

#include "user/aggregate/roster_groups.h"

struct parties {
	struct consumer consumer;
	struct roster_groups *groups[PARTIES_KEY_COUNT];
};

static const struct consumer_class parties_class;

void parties_free(struct parties *parties)
{
	if (!parties)
		return;
	for (unsigned int key = 0; key < PARTIES_KEY_COUNT; key++)
		roster_groups_free(parties->groups[key]);
	free(parties);
}

struct parties *parties_new(void)
{
	static const enum roster_key keys[] = {
#define X(KEY) ROSTER_KEY_##KEY,
		PARTIES_KEYS(X)
#undef X
	};
	struct parties *parties = calloc(1, sizeof(*parties));

	if (!parties)
		return NULL;
	parties->consumer = (struct consumer){ &parties_class, CONSUMER_CGROUPS | CONSUMER_SEEDS };
	for (unsigned int key = 0; key < PARTIES_KEY_COUNT; key++) {
		parties->groups[key] = roster_groups_new(keys[key]);
		if (!parties->groups[key]) {
			parties_free(parties);
			return NULL;
		}
	}
	return parties;
}

struct consumer *parties_consumer(struct parties *parties)
{
	return &parties->consumer;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct parties *parties = (struct parties *)self;

	for (unsigned int key = 0; key < PARTIES_KEY_COUNT; key++)
		roster_groups_add_closed(parties->groups[key], c);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct parties *parties = (struct parties *)self;
	enum tcp_state state = conn_state(c);

	(void)now_ns;
	if (!state_is_valid(state) || c->flags & CONN_FINISHED || state == STATE_CLOSED)
		return;
	for (unsigned int key = 0; key < PARTIES_KEY_COUNT; key++)
		roster_groups_add_live(parties->groups[key], c, state);
}

static const struct consumer_class parties_class = { .closed = on_closed, .alive = on_alive };

const struct roster_group *parties_sort(struct parties *parties, enum parties_key key,
					const struct group_joiner *joiner, size_t *ret_count)
{
	const struct roster_query query = { .group_order = ROSTER_GROUPS_BY_CLOSED,
					    .joiner = joiner };

	return roster_groups_sort(parties->groups[key], &query, ret_count);
}
