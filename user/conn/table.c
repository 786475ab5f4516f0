// SPDX-License-Identifier: GPL-2.0-only
/* The connection table: a bounded set of connections found by their kernel socket. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/life.h"
#include "user/conn/table.h"

#define CHUNK 1024	  /* connections that are allocated at a time */
#define FIRST_SLOTS 4096  /* a power of two */
#define NOBODY 0	  /* connection numbers count from 1 */

struct conn_table {
	struct conn_filter filter;
	struct conn_listener listener;
	struct conn_counts counts;
	uint64_t next_id;
	bool lossy;

	/* Connection n lives in chunks[(n - 1) / CHUNK]; its address never changes. */
	struct conn **chunks;
	size_t chunk_count, chunk_room;
	uint32_t made;	   /* numbers 1..made have been used */
	uint32_t free;	   /* first of the free ones, linked by `newer` */
	uint32_t used, max;
	uint32_t oldest, newest;

	/* Open addressing with linear probing; a slot holds a connection's number. */
	uint32_t *slots;
	size_t slot_count;
};

static struct conn *at(const struct conn_table *t, uint32_t n)
{
	return &t->chunks[(n - 1) / CHUNK][(n - 1) % CHUNK];
}

static size_t slot_of(const struct conn_table *t, uint64_t sock)
{
	/* Fibonacci hashing: sockets are slab objects, their low bits say little. */
	return (sock * 0x9e3779b97f4a7c15ull) >> 20 & (t->slot_count - 1);
}

static size_t find_slot(const struct conn_table *t, uint64_t sock)
{
	size_t i = slot_of(t, sock);

	while (t->slots[i] != NOBODY && at(t, t->slots[i])->sock != sock)
		i = (i + 1) & (t->slot_count - 1);
	return i;
}

/* Closes the hole so that no probe ends too early. */
static void empty_slot(struct conn_table *t, size_t hole)
{
	size_t mask = t->slot_count - 1;
	size_t i = hole;

	for (;;) {
		size_t home;

		i = (i + 1) & mask;
		if (t->slots[i] == NOBODY)
			break;
		home = slot_of(t, at(t, t->slots[i])->sock);
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			t->slots[hole] = t->slots[i];
			hole = i;
		}
	}
	t->slots[hole] = NOBODY;
}

static int grow_slots(struct conn_table *t)
{
	size_t old_count = t->slot_count;
	uint32_t *old = t->slots;
	uint32_t *slots = calloc(old_count * 2, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	t->slots = slots;
	t->slot_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++)
		if (old[i] != NOBODY)
			t->slots[find_slot(t, at(t, old[i])->sock)] = old[i];
	free(old);
	return 0;
}

static int add_chunk(struct conn_table *t)
{
	struct conn *chunk;

	if (t->chunk_count == t->chunk_room) {
		size_t room = t->chunk_room ? t->chunk_room * 2 : 16;
		struct conn **chunks = reallocarray(t->chunks, room, sizeof(*chunks));

		if (!chunks)
			return -ENOMEM;
		t->chunks = chunks;
		t->chunk_room = room;
	}
	chunk = malloc(CHUNK * sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	t->chunks[t->chunk_count++] = chunk;
	return 0;
}

static void unlink_age(struct conn_table *t, struct conn *c)
{
	if (c->older != NOBODY)
		at(t, c->older)->newer = c->newer;
	else
		t->oldest = c->newer;
	if (c->newer != NOBODY)
		at(t, c->newer)->older = c->older;
	else
		t->newest = c->older;
}

static void link_newest(struct conn_table *t, struct conn *c, uint32_t n)
{
	c->older = t->newest;
	c->newer = NOBODY;
	if (t->newest != NOBODY)
		at(t, t->newest)->newer = n;
	else
		t->oldest = n;
	t->newest = n;
}

static void remove_conn(struct conn_table *t, struct conn *c)
{
	size_t slot = find_slot(t, c->sock);
	uint32_t n = t->slots[slot];

	empty_slot(t, slot);
	unlink_age(t, c);
	if (c->flags & CONN_WANTED)
		t->counts.live--;
	c->newer = t->free;
	t->free = n;
	t->used--;
}

static void evict_oldest(struct conn_table *t)
{
	struct conn *c = at(t, t->oldest);

	if (c->flags & CONN_WANTED)
		t->counts.evicted++;
	remove_conn(t, c);
}

static struct conn *find(const struct conn_table *t, uint64_t sock)
{
	uint32_t n = t->slots[find_slot(t, sock)];

	return n == NOBODY ? NULL : at(t, n);
}

/* The socket must not be in the table. NULL when there is no memory. */
static struct conn *add(struct conn_table *t, const struct event *e)
{
	struct conn *c;
	uint32_t n;

	if (t->used == t->max)
		evict_oldest(t);
	if (t->free == NOBODY && t->made == t->chunk_count * CHUNK && add_chunk(t))
		return NULL;
	if ((t->used + 1) * 4ull > t->slot_count * 3ull && grow_slots(t))
		return NULL;
	if (t->free != NOBODY) {
		n = t->free;
		t->free = at(t, n)->newer;
	} else {
		n = ++t->made;
	}
	c = at(t, n);
	life_begin(c, e, t->lossy);
	c->id = t->next_id++;
	t->slots[find_slot(t, c->sock)] = n;
	link_newest(t, c, n);
	t->used++;
	return c;
}

static void note_wanted(struct conn_table *t, struct conn *c)
{
	c->flags |= CONN_WANTED;
	t->counts.live++;
	if (c->flags & CONN_SEEDED)
		t->counts.seeded++;
	else
		t->counts.opened++;
}

/* Tells the listener of the steps it has not heard of. */
static void tell_steps(struct conn_table *t, struct conn *c)
{
	for (; c->step_told < c->step_count; c->step_told++) {
		struct transition transition;

		life_transition(c, c->step_told, &transition);
		if (t->listener.transition)
			t->listener.transition(t->listener.context, c, &transition);
	}
}

/* The connection is over: what is known is told, and the entry leaves. */
static void end(struct conn_table *t, struct conn *c)
{
	if (c->flags & CONN_WANTED) {
		t->counts.closed++;
		t->counts.gaps += c->gaps;
		if (c->flags & CONN_INCOMPLETE)
			t->counts.incomplete++;
		tell_steps(t, c);
		if (t->listener.closed)
			t->listener.closed(t->listener.context, c);
		if (t->listener.gone)
			t->listener.gone(t->listener.context, c);
	}
	remove_conn(t, c);
}

/* Judges a connection as far as it is known, and counts it when that was the last doubt. */
static enum filter_verdict judge(struct conn_table *t, struct conn *c, bool final)
{
	enum filter_verdict verdict;

	if (c->flags & CONN_WANTED)
		return FILTER_WANTED;
	verdict = conn_filter_judge(&t->filter, c, final);
	if (verdict == FILTER_WANTED)
		note_wanted(t, c);
	return verdict;
}

static int apply_transition(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);
	enum filter_verdict verdict;

	if (c && life_is_birth(e)) {
		/* The end of the socket's former life was lost. */
		life_end_unseen(c);
		judge(t, c, true);
		end(t, c);
		c = NULL;
	}
	if (c && life_is_repeated(c, e))
		return 0;
	if (!c) {
		c = add(t, e);
		if (!c) {
			t->counts.gaps++;
			return -ENOMEM;
		}
	} else {
		uint32_t n = t->slots[find_slot(t, c->sock)];

		unlink_age(t, c);
		link_newest(t, c, n);
		life_heal(c, e->from);
	}
	life_step(c, e);
	if (life_is_stillborn(c)) {
		t->counts.children_lost++;
		remove_conn(t, c);
		return 0;
	}
	if (life_is_embryo(c))
		return 0;
	verdict = judge(t, c, c->flags & CONN_FINISHED);
	if (verdict == FILTER_UNWANTED) {
		remove_conn(t, c);
		return 0;
	}
	if (c->flags & CONN_FINISHED)
		end(t, c);
	else if (verdict == FILTER_WANTED)
		tell_steps(t, c);
	return 0;
}

static void apply_destroy(struct conn_table *t, const struct event *e)
{
	struct conn *c = find(t, e->sock);

	if (!c)
		return;
	life_end_unseen(c);
	judge(t, c, true);
	end(t, c);
}

int conn_table_apply(struct conn_table *table, const struct event *event)
{
	if (event->kind == EVENT_DESTROY) {
		apply_destroy(table, event);
		return 0;
	}
	return apply_transition(table, event);
}

void conn_table_note_loss(struct conn_table *table)
{
	table->lossy = true;
}

void conn_table_each(struct conn_table *table, void (*visit)(void *context, const struct conn *c),
		     void *context)
{
	for (uint32_t n = table->oldest; n != NOBODY; n = at(table, n)->newer)
		if (at(table, n)->flags & CONN_WANTED)
			visit(context, at(table, n));
}

const struct conn_counts *conn_table_counts(const struct conn_table *table)
{
	return &table->counts;
}

size_t conn_table_bytes(const struct conn_table *table)
{
	return sizeof(*table) + table->chunk_count * CHUNK * sizeof(struct conn) +
	       table->chunk_room * sizeof(*table->chunks) +
	       table->slot_count * sizeof(*table->slots);
}

struct conn_table *conn_table_new(size_t max, const struct conn_filter *filter,
				  const struct conn_listener *listener)
{
	struct conn_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->slot_count = FIRST_SLOTS;
	t->slots = calloc(t->slot_count, sizeof(*t->slots));
	if (!t->slots) {
		free(t);
		return NULL;
	}
	t->max = max < 1 ? 1 : max > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)max;
	t->filter = *filter;
	t->listener = *listener;
	t->next_id = 1;
	return t;
}

void conn_table_free(struct conn_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i]);
	free(table->chunks);
	free(table->slots);
	free(table);
}
