/* SPDX-License-Identifier: GPL-2.0-only */
/* Has a run give up the rights that it does not need any more. */
#ifndef USER_RUN_KEEP_H
#define USER_RUN_KEEP_H

#include "user/option/options.h"
#include "user/rights/role.h"

struct run;

/*
 * Starts who will have the rights that a run gives up, before anything is open; if its task has a
 * role. Returns 0, or -errno after one sentence.
 */
int keep_broker(struct run *run);

/* Of one that follows the running kernel, once all is open; if its task has a role. */
void keep_live(const struct run *run);

/* Of a thread of it, which writes into `folder` (-1: into what is open), when it begins. */
void keep_thread(enum rights_role role, int folder);

/* Of one that reads recordings, before the first is opened; if its task has a role. */
void keep_replay(const struct run *run);

/* Of one that looks once, by a helper that it has already, when it has what it looks with. */
void keep_look(const struct options *options);

/* Of one that has its answer, and is about to print it. */
void keep_answer(void);

#endif
