/* SPDX-License-Identifier: GPL-2.0-only */
/* A bar on the terminal that shows how far a long replay has come. */
#ifndef USER_RUN_PROGRESS_H
#define USER_RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool is_wanted, is_shown;
	uint64_t start_ns, next_ns;
};

/* It goes to standard error, if that is a terminal; `alone`: nothing else is printed meanwhile. */
void progress_init(struct progress *p, bool alone);

/* Shows it once a second has passed, and then a few times a second. `all` of 0 is unknown. */
void progress_show(struct progress *p, uint64_t bytes, uint64_t all);

/* Wipes it away. */
void progress_done(struct progress *p);

#endif
