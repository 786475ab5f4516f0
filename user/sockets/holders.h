/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds out which processes hold which sockets: by the kernel's iterator, or from /proc. */
#ifndef USER_SOCKETS_HOLDERS_H
#define USER_SOCKETS_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/quota.h"
#include "user/event/holder.h"

/* More descriptors than this are counted, not kept; nor more of a user than he leaves. */
#define HOLDERS_MAX 8000000

struct holder_table {
	struct holder *all; /* by inode, process and descriptor */
	size_t count, room;
	struct quota quota;  /* its payers: whose were dropped */
	uint64_t dropped;    /* for which there was no room or memory */
	uint64_t unreadable; /* processes whose descriptors nobody let us read */
	bool is_partial;     /* there may be processes that we cannot see at all */
	const char *rung;    /* "iter", "proc"; NULL: neither worked */
	/* Descriptors on their way over UNIX sockets, of all processes; after holders_search. */
	uint64_t in_flight;
	struct holder in_flight_to; /* one that may receive one of them; its inode is 0 */
};

/* The sockets that are asked about: their inodes in ascending order, without 0. */
struct holder_question {
	const uint64_t *inodes;
	size_t count;
	bool is_all;   /* all are asked about */
	uint32_t most; /* so many holders are kept; 0: HOLDERS_MAX */
};

struct holders;

struct broker;

/*
 * Gets ready to read: with the iterator if it is wanted and not refused. From then on the broker,
 * if there is one, has the rights for it, and must live as long. NULL: out of memory.
 */
struct holders *holders_open(bool by_iterator, struct broker *broker);
void holders_close(struct holders *holders);

/*
 * Reads the holders of those sockets, from /proc where the iterator fails. Never fails: what could
 * not be read is counted in `ret`.
 */
void holders_read(struct holders *holders, const struct holder_question *question,
		  struct holder_table *ret);

/*
 * Looks for sockets that no table of descriptors has, where only /proc tells: in the files of
 * io_uring, and on their way over UNIX sockets. It takes longer.
 */
void holders_search(struct holders *holders, const struct holder_question *question,
		    struct holder_table *table);

/* The name of a thread of the process that `is_wanted`; false: there is none. */
typedef bool (*holders_name_wanted)(const void *context, const char comm[EVENT_COMM_SIZE]);
bool holders_find_thread(struct holders *holders, uint32_t pid, holders_name_wanted is_wanted,
			 const void *context, char ret_comm[EVENT_COMM_SIZE]);

void holders_done(struct holder_table *table);

#endif
