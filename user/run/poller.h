/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at the kernel's timewait sockets again and again, where no hook tells of them. */
#ifndef USER_RUN_POLLER_H
#define USER_RUN_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/table.h"
#include "user/source/source.h"

struct poller {
	struct source *source; /* NULL: there is no need to look, and nothing is done */
	struct conn_table *table;
	const struct netns_list *netns; /* to look into; empty: all */
	uint64_t due_ns;
	bool has_failed; /* and it has been said */
};

/* When poller_check() has something to do; UINT64_MAX: when records come. */
uint64_t poller_due_ns(const struct poller *p);

/* Polls if it is time to, and there is something to look for. */
void poller_check(struct poller *p, uint64_t now_ns);

/* The last chance before the kernel is let go of. */
void poller_finish(struct poller *p, uint64_t now_ns);

#endif
