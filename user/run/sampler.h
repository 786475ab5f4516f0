/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at the kernel's timewait sockets again and again, where no hook tells of them. */
#ifndef USER_RUN_SAMPLER_H
#define USER_RUN_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/table.h"
#include "user/source/source.h"

struct sampler {
	struct source *source; /* NULL: there is no need to look, and nothing is done */
	struct conn_table *table;
	const struct netns_list *netns; /* to look into; empty: all */
	uint64_t due_ns;
	bool has_failed; /* and it has been said */
};

/* When sampler_check() has something to do; UINT64_MAX: when records come. */
uint64_t sampler_due_ns(const struct sampler *s);

/* Takes a sample if it is time to, and there is something to look for. */
void sampler_check(struct sampler *s, uint64_t now_ns);

/* The last chance before the kernel is let go of. */
void sampler_finish(struct sampler *s, uint64_t now_ns);

#endif
