/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at what a run costs, and has as many connections followed as its budget allows. */
#ifndef USER_RUN_SPENDING_H
#define USER_RUN_SPENDING_H

#include <stdint.h>

#include "user/run/budget.h"
#include "user/source/live.h"

struct spending {
	struct live *live; /* NULL: there is no budget */
	struct budget budget;
	uint64_t looked_ns;
	uint64_t cpu_ns;    /* this process's, as of then, as all that follows */
	uint64_t kernel_ns; /* the kernel side's */
	uint64_t events;
	uint32_t one_of;
	unsigned int processors;
};

/* `allowed` of BUDGET_WHOLE; 0: there is no budget. */
void spending_begin(struct spending *s, struct live *live, uint32_t allowed, uint64_t now_ns);

/* To be called whenever the run is awake: while it sleeps it spends nothing. */
void spending_check(struct spending *s, uint64_t now_ns);

/* How many connections there are to one that is followed, of those that begin now. */
uint32_t spending_one_of(const struct spending *s);

#endif
