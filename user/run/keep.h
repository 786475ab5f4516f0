/* SPDX-License-Identifier: GPL-2.0-only */
/* Has a run give up the rights that it does not need any more. */
#ifndef USER_RUN_KEEP_H
#define USER_RUN_KEEP_H

struct run;

/* Of one that follows the running kernel, once all is open; if its task has a role. */
void keep_live(const struct run *run);

/* Of one that reads recordings, before the first is opened; if its task has a role. */
void keep_replay(const struct run *run);

#endif
