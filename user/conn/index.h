/* SPDX-License-Identifier: GPL-2.0-only */
/* Which connection of the table is that of a kernel socket. */
#ifndef USER_CONN_INDEX_H
#define USER_CONN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/store.h"

/*
 * Open addressing with linear probing, half full at most. A slot holds a connection's number and,
 * in the bits that numbers do not need, the low bits of its home, the slot it would like best: most
 * probes and moves are decided without a look at the connection, which is seldom in the cache.
 */
struct conn_index {
	const struct conn_store *store;
	uint32_t *slots;
	size_t slot_count;
	uint32_t number_mask, number_bits;
};

/* Of connections in `store`, which must stay where it is. Returns 0, or -ENOMEM. */
int index_init(struct conn_index *x, const struct conn_store *store);
void index_done(struct conn_index *x);

/* Makes sure that there is room for `count` connections. Returns 0, or -ENOMEM. */
int index_reserve(struct conn_index *x, size_t count);

/* The number of the socket's connection; STORE_NOBODY: there is none. */
uint32_t index_find(const struct conn_index *x, uint64_t sock);

/* Number `n` is the socket's, which has none so far; after index_reserve(). */
void index_put(struct conn_index *x, uint64_t sock, uint32_t n);

/* Takes the socket's connection, which is there, out, and returns its number. */
uint32_t index_take(struct conn_index *x, uint64_t sock);

/* Fetches the socket's slot into the processor's caches. */
void index_fetch(const struct conn_index *x, uint64_t sock);

/* The connection that is most likely this socket's, without a look at it; STORE_NOBODY: none. */
uint32_t index_guess(const struct conn_index *x, uint64_t sock);

size_t index_bytes(const struct conn_index *x);

struct conn_probes;

/* Walks the whole index: for tests and benchmarks, not for a run. */
struct conn_probes index_probes(const struct conn_index *x);

#endif
