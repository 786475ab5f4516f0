/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds out from /proc which processes hold which sockets. */
#ifndef USER_SOCKETS_HOLDERS_PROC_H
#define USER_SOCKETS_HOLDERS_PROC_H

#include "user/sockets/holders.h"

/* Adds those that have a descriptor. Returns 0, or -errno when there is no /proc. */
int holders_proc_read(const struct holder_question *question, struct holder_table *table);

/* The same of what has none: in an io_uring, or on its way over a UNIX socket, which is counted. */
int holders_proc_search(const struct holder_question *question, struct holder_table *table);

bool holders_is_asked(const struct holder_question *question, uint64_t inode);

/*
 * Room for one more, of a process of that user in that network namespace. NULL when there is none,
 * or none for him, which is counted.
 */
struct holder *holders_add(struct holder_table *table, const struct share *whose);

/* The same of one that elsewhere there was room for. */
struct holder *holders_append(struct holder_table *table);

/* Before the first is added. */
void holders_begin(struct holder_table *table, const struct holder_question *question);

#endif
