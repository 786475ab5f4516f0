/* SPDX-License-Identifier: GPL-2.0-only */
/* The children of processes that are there already when a run follows them. */
#ifndef USER_RUN_KIN_H
#define USER_RUN_KIN_H

struct run;

/* Has the kernel's side follow them, and tells of them as if they came now. */
void run_find_kin(struct run *run);

#endif
