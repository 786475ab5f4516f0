/* SPDX-License-Identifier: GPL-2.0-only */
/* Batches of rows that wait to be sent: files in a folder, or memory; bounded, oldest first. */
#ifndef USER_COMMAND_EXPORT_SPOOL_H
#define USER_COMMAND_EXPORT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/run/identity.h"

/* X(NAME, "name"): the tables that batches are for; what is sent first stands first. */
#define SPOOL_TABLES(X)               \
	X(CONNECTIONS, "connections") \
	X(BATCHES, "batches")

enum spool_table {
#define X(NAME, name) SPOOL_##NAME,
	SPOOL_TABLES(X)
#undef X
		SPOOL_TABLE_COUNT
};

const char *spool_table_name(enum spool_table table);

/* What one is called: the name of its file is made of it. */
struct spool_entry {
	uint64_t run, batch;
	enum spool_table table;
	uint64_t rows;
	uint64_t bytes;	    /* as it is kept */
	struct buffer body; /* in memory; empty: it is a file */
};

struct spool {
	int folder; /* -1: in memory */
	uint64_t most, bytes;
	struct spool_entry *entries; /* the oldest first */
	size_t count, room;
};

/*
 * Makes the folder, for that identity alone, or finds one that is its own or empty, and locks it.
 * Returns a descriptor to be kept open as long as it is used, or -errno after one sentence.
 */
int spool_claim(const char *path, const struct identity *identity);

/*
 * Of an open folder, which stays the caller's; -1: in memory. Finds what was left there, and
 * removes what was not finished. Returns 0 or -errno.
 */
int spool_open(struct spool *spool, int folder, uint64_t most);
void spool_close(struct spool *spool);

/* Whether so many bytes more would make it drop some. */
bool spool_is_full(const struct spool *spool, size_t size);

/*
 * Adds one, whose body it takes if it is in memory. What is oldest makes room: `ret_dropped` is
 * increased by its rows. Returns 0 or -errno: it is not there.
 */
int spool_add(struct spool *spool, const struct spool_entry *entry, struct buffer *body,
	      uint64_t *ret_dropped);

/* The oldest; NULL: there is none. */
const struct spool_entry *spool_first(const struct spool *spool);

/* Its bytes, as they were added. Returns 0 or -errno. */
int spool_read_first(const struct spool *spool, struct buffer *ret);
void spool_remove_first(struct spool *spool);

#endif
