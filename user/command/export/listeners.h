/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at listening sockets when the figures are asked for, and not too often. */
#ifndef USER_COMMAND_EXPORT_LISTENERS_H
#define USER_COMMAND_EXPORT_LISTENERS_H

#include "user/aggregate/listening.h"
#include "user/aggregate/metrics.h"

struct run;

struct export_listeners {
	struct listening *listening; /* NULL: nobody looks */
	uint64_t due_ns;
};

/* Returns 0, or -ENOMEM. */
int export_listeners_init(struct export_listeners *l);
void export_listeners_done(struct export_listeners *l);

/* Of a run that goes on. What cannot be seen is not told. */
void export_listeners_look(struct export_listeners *l, const struct run *run,
			   struct metrics_listeners *ret);

#endif
