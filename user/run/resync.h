/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps the connection table as the kernel's sockets are: when it begins, and after a loss. */
#ifndef USER_RUN_RESYNC_H
#define USER_RUN_RESYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/table.h"
#include "user/run/lore.h"
#include "user/run/seeds.h"
#include "user/source/source.h"

struct resync {
	struct source *source; /* NULL, or one that cannot look: nothing is done */
	struct conn_table *table;
	const struct netns_list *netns; /* to look into; empty: all */
	struct run_lore *lore;		/* which is told whose sockets are where; NULL: nobody is */
	uint64_t cgroup; /* the only one whose connections are older than the run; 0: all */

	unsigned int use;     /* enum conn_snapshot_use, of those after a loss */
	uint64_t losses;      /* as of the last check */
	uint64_t check_at_ns; /* when to look for losses again; 0: as soon as one is heard of */
	uint64_t rest_until_ns;
	bool is_dirty;	    /* something was lost, and no snapshot was taken since */
	bool is_blind;	    /* the kernel refuses to be looked at */
	struct seeds seeds; /* whose the sockets of the first snapshot are */
};

/* Takes the snapshot of what is older than the run, for this enum conn_snapshot_use; 0: none. */
void resync_begin(struct resync *r, unsigned int use, uint64_t now_ns);

/* When resync_check() or conn_table_settle() has something to do; UINT64_MAX: when records come. */
uint64_t resync_due_ns(const struct resync *r);

/* Looks for losses, and takes a snapshot once there are no more or enough time has passed. */
void resync_check(struct resync *r, uint64_t now_ns);

/* The last chance before the kernel is let go of. */
void resync_finish(struct resync *r, uint64_t now_ns);

#endif
