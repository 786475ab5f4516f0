// SPDX-License-Identifier: GPL-2.0-only
/* A bounded table of destinations; those that nobody is connected to any more make room. */
#include "user/aggregate/crowding.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

struct key {
	struct address laddr, raddr;
	uint32_t netns, rport;
};
_Static_assert(sizeof(struct key) == 40, "struct key has no padding");

struct crowding {
	struct consumer consumer;
	uint64_t left_out;
	struct hash_index index; /* of the places, counted from 1 */
	uint32_t count;
	struct crowding_place places[CROWDING_PLACES];
};

static struct key key_of_place(const struct crowding_place *p)
{
	return (struct key){ p->laddr, p->raddr, p->netns, p->rport };
}

static uint64_t hash_of(const void *context, const struct hash_key *hash_key, uint32_t n)
{
	const struct crowding *crowding = context;
	struct key key = key_of_place(&crowding->places[n - 1]);

	return hash_bytes(hash_key, &key, sizeof(key));
}

static const struct consumer_class crowding_class;

struct crowding *crowding_new(void)
{
	struct crowding *crowding = calloc(1, sizeof(*crowding));

	if (!crowding)
		return NULL;
	crowding->consumer = (struct consumer){ &crowding_class, CONSUMER_TIMEWAITS };
	hash_index_init(&crowding->index, CROWDING_PLACES, hash_of, crowding);
	if (!hash_index_reserve(&crowding->index, CROWDING_PLACES))
		return crowding;
	free(crowding);
	return NULL;
}

void crowding_free(struct crowding *crowding)
{
	if (!crowding)
		return;
	hash_index_done(&crowding->index);
	free(crowding);
}

struct consumer *crowding_consumer(struct crowding *crowding)
{
	return &crowding->consumer;
}

/* Those with the fewest at a time, and none now, are of no interest. */
static void drop_idle(struct crowding *crowding)
{
	uint32_t kept = 0;

	hash_index_clear(&crowding->index);
	for (uint32_t i = 0; i < crowding->count; i++) {
		struct crowding_place place = crowding->places[i];

		if (!place.now && place.most < CROWDING_USUAL_PORTS / 100) {
			crowding->left_out += place.all;
			continue;
		}
		crowding->places[kept++] = place;
		hash_index_put(&crowding->index, hash_of(crowding, &crowding->index.key, kept),
			       kept);
	}
	crowding->count = kept;
}

/* NULL: there is none (and no room). */
static struct crowding_place *place_of(struct crowding *crowding, const struct conn *c,
				       bool may_add)
{
	struct crowding_place place = {
		.netns = c->netns, .rport = c->rport, .laddr = c->laddr, .raddr = c->raddr
	};
	struct key key = key_of_place(&place), other;
	uint64_t hash = hash_bytes(&crowding->index.key, &key, sizeof(key));
	struct hash_search s = hash_search_begin(&crowding->index, hash);
	uint32_t n;

	while ((n = hash_search_next(&crowding->index, &s))) {
		other = key_of_place(&crowding->places[n - 1]);
		if (!memcmp(&other, &key, sizeof(key)))
			return &crowding->places[n - 1];
	}
	if (!may_add)
		return NULL;
	if (crowding->count == CROWDING_PLACES)
		drop_idle(crowding);
	if (crowding->count == CROWDING_PLACES) {
		crowding->left_out++;
		return NULL;
	}
	crowding->places[crowding->count++] = place;
	hash_index_put(&crowding->index, hash_bytes(&crowding->index.key, &key, sizeof(key)),
		       crowding->count);
	return &crowding->places[crowding->count - 1];
}

/*
 * The kernel says SYN_SENT before it looks for a port, unless one was bound: who connects counts as
 * one of `now` from then on, and until it is known that there was none for it.
 */
static bool is_of_client(const struct conn *c)
{
	return c->role == CONN_ROLE_CLIENT && c->flags & CONN_HAS_ENDPOINTS &&
	       !(c->flags & CONN_SEEDED);
}

static bool had_port(const struct conn *c)
{
	return c->lport && !(c->flags & CONN_UNSENT);
}

/* Whoever had no port is not among them any more: they are counted when one leaves that had. */
static void count_most(struct crowding_place *place)
{
	if (place->now > place->most)
		place->most = place->now;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	struct crowding_place *place;

	if (t->from != STATE_CLOSED || t->to != STATE_SYN_SENT || !is_of_client(c))
		return;
	place = place_of((struct crowding *)self, c, true);
	if (!place)
		return;
	place->all++;
	place->now++;
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct crowding_place *place;

	if (!is_of_client(c) || !c->step_count || c->step_state[0] != STATE_SYN_SENT)
		return;
	place = place_of((struct crowding *)self, c, false);
	if (!place || !place->now)
		return;
	if (had_port(c))
		count_most(place);
	else
		place->all--;
	place->now--;
}

static const struct consumer_class crowding_class = { .transition = on_transition,
						      .gone = on_gone };

static int by_most(const void *a, const void *b)
{
	const struct crowding_place *one = a, *other = b;

	if (one->most != other->most)
		return one->most < other->most ? 1 : -1;
	if (one->all != other->all)
		return one->all < other->all ? 1 : -1;
	return memcmp(&one->raddr, &other->raddr, sizeof(one->raddr));
}

size_t crowding_sort(struct crowding *crowding, const struct crowding_place **ret_places)
{
	size_t count = crowding->count;

	for (uint32_t i = 0; i < crowding->count; i++)
		count_most(&crowding->places[i]);
	qsort(crowding->places, crowding->count, sizeof(*crowding->places), by_most);
	while (count && !crowding->places[count - 1].all)
		count--;
	*ret_places = crowding->places;
	return count;
}

uint64_t crowding_left_out(const struct crowding *crowding)
{
	return crowding->left_out;
}
