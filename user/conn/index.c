// SPDX-License-Identifier: GPL-2.0-only
/* Which connection of the table is that of a kernel socket. */
#include "user/conn/index.h"

#include <errno.h>
#include <stdlib.h>

#include "user/conn/table.h"

#define FIRST_SLOTS 4096 /* a power of two */
#define MOVES 1024	 /* a half-full table has no run of slots as long as this, by far */

/* Fibonacci hashing: sockets are slab objects, their low bits say little. */
static uint64_t hash_of(uint64_t sock)
{
	return sock * 0x9e3779b97f4a7c15ull;
}

static size_t slot_of(const struct conn_index *x, uint64_t sock)
{
	return hash_of(sock) >> 20 & (x->slot_count - 1);
}

/* What stands in the slot of connection `n` with this socket. */
static uint32_t slot_value(const struct conn_index *x, uint32_t n, uint64_t sock)
{
	return n | ((uint32_t)slot_of(x, sock) << x->number_bits);
}

/* The connection's number in the slot; STORE_NOBODY: the slot is empty. */
static uint32_t number_at(const struct conn_index *x, size_t slot)
{
	return x->slots[slot] & x->number_mask;
}

static uint64_t sock_at(const struct conn_index *x, size_t slot)
{
	return store_at(x->store, number_at(x, slot))->sock;
}

/* The socket's slot, or the empty one where it would be. */
static size_t find_slot(const struct conn_index *x, uint64_t sock)
{
	uint32_t tag = slot_value(x, 0, sock);
	size_t i = slot_of(x, sock);

	while (number_at(x, i) != STORE_NOBODY &&
	       ((x->slots[i] & ~x->number_mask) != tag || sock_at(x, i) != sock))
		i = (i + 1) & (x->slot_count - 1);
	return i;
}

uint32_t index_find(const struct conn_index *x, uint64_t sock)
{
	return number_at(x, find_slot(x, sock));
}

uint32_t index_guess(const struct conn_index *x, uint64_t sock)
{
	uint32_t tag = slot_value(x, 0, sock);
	size_t i = slot_of(x, sock);

	while (number_at(x, i) != STORE_NOBODY && (x->slots[i] & ~x->number_mask) != tag)
		i = (i + 1) & (x->slot_count - 1);
	return number_at(x, i);
}

void index_fetch(const struct conn_index *x, uint64_t sock)
{
	__builtin_prefetch(&x->slots[slot_of(x, sock)], 1);
}

void index_put(struct conn_index *x, uint64_t sock, uint32_t n)
{
	x->slots[find_slot(x, sock)] = slot_value(x, n, sock);
}

/* How far from its home the connection in slot `i` stands: less than MOVES in any run of slots. */
static size_t distance_at(const struct conn_index *x, size_t i)
{
	uint32_t homes = UINT32_MAX >> x->number_bits; /* a mask of the bits kept of a home */

	if (homes < MOVES)
		return (i - slot_of(x, sock_at(x, i))) & (x->slot_count - 1);
	return (i - (x->slots[i] >> x->number_bits)) & homes & (x->slot_count - 1);
}

/* Closes the hole so that no probe ends too early. */
static void empty_slot(struct conn_index *x, size_t hole)
{
	size_t mask = x->slot_count - 1;
	size_t i = hole;

	for (;;) {
		i = (i + 1) & mask;
		if (number_at(x, i) == STORE_NOBODY)
			break;
		if (distance_at(x, i) >= ((i - hole) & mask)) {
			x->slots[hole] = x->slots[i];
			hole = i;
		}
	}
	x->slots[hole] = 0;
}

uint32_t index_take(struct conn_index *x, uint64_t sock)
{
	size_t slot = find_slot(x, sock);
	uint32_t n = number_at(x, slot);

	empty_slot(x, slot);
	return n;
}

static int grow_slots(struct conn_index *x)
{
	size_t old_count = x->slot_count;
	uint32_t *old = x->slots;
	uint32_t *slots = calloc(old_count * 2, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	x->slots = slots;
	x->slot_count = old_count * 2;
	for (size_t i = 0; i < old_count; i++) {
		uint32_t n = old[i] & x->number_mask;

		if (n != STORE_NOBODY)
			index_put(x, store_at(x->store, n)->sock, n);
	}
	free(old);
	return 0;
}

int index_reserve(struct conn_index *x, size_t count)
{
	return count * 2 > x->slot_count ? grow_slots(x) : 0;
}

size_t index_bytes(const struct conn_index *x)
{
	return x->slot_count * sizeof(*x->slots);
}

struct conn_probes index_probes(const struct conn_index *x)
{
	struct conn_probes probes = { 0 };

	for (size_t i = 0; i < x->slot_count; i++) {
		uint64_t count;

		if (number_at(x, i) == STORE_NOBODY)
			continue;
		count = distance_at(x, i) + 1;
		probes.sum += count;
		if (count > probes.most)
			probes.most = count;
	}
	return probes;
}

int index_init(struct conn_index *x, const struct conn_store *store)
{
	*x = (struct conn_index){ .store = store, .slot_count = FIRST_SLOTS };
	x->slots = calloc(x->slot_count, sizeof(*x->slots));
	if (!x->slots)
		return -ENOMEM;
	/* All ones up to the highest bit of the largest number. */
	x->number_bits = 32 - (uint32_t)__builtin_clz(store->max);
	x->number_mask = UINT32_MAX >> (32 - x->number_bits);
	return 0;
}

void index_done(struct conn_index *x)
{
	free(x->slots);
}
