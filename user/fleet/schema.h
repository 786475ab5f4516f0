/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of the store, as statements for one server, for shards, for replicas. */
#ifndef USER_FLEET_SCHEMA_H
#define USER_FLEET_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "user/base/buffer.h"

/* What fills the gaps of the template: names that were checked. */
struct schema_layout {
	const char *database;
	const char *cluster; /* as the servers call it; NULL: there are no shards */
	bool is_replicated;  /* each server has the macros {shard} and {replica} */
	bool is_modern;	     /* it has LowCardinality: ClickHouse 20 and later */
};

/* The newest version; each is one more than the one before, from 1 on. */
unsigned int schema_newest(void);

/* Adds the statements of a version, with what the file says about them. */
void schema_add(struct buffer *out, unsigned int version, const struct schema_layout *layout);

/*
 * Adds those of all versions at once, for a server that has no tables yet: a replica that comes
 * later must have all columns from the start.
 */
void schema_add_all(struct buffer *out, const struct schema_layout *layout);

/* Adds what lets a user insert, and nothing else; of modern servers. */
void schema_add_grants(struct buffer *out, const char *user, const struct schema_layout *layout);

/*
 * Takes the next statement out of `text`, which was filled by schema_add and ended with NUL;
 * comments are left out. NULL: there is none. `text` is changed.
 */
char *schema_next(char **text);

/*
 * Calls `visit` for each column that the tables have by the newest version, connections and batches
 * alike; names and types end with NUL and live during the call. Returns 0 or -ENOMEM.
 */
int schema_each_column(const struct schema_layout *layout,
		       void (*visit)(void *context, const char *table, const char *name,
				     const char *type),
		       void *context);

#endif
