// SPDX-License-Identifier: GPL-2.0-only
/* The children of processes that are there already when a run follows them. */
#include "user/run/kin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/kin.h"
#include "user/names/descendants.h"
#include "user/run/complaints.h"
#include "user/run/run.h"

/* A child that is born while /proc is read shows in the next look, and is known from then on. */
#define LOOKS 16

/* Returns how many are new, or -errno. */
static int look(struct run *run, struct kin *seen)
{
	const struct conn_filter *f = &run->filter;
	struct descent *all;
	size_t count;
	int found = 0, error = descendants_read(f->pids, f->pid_count, &all, &count);

	if (error)
		return error;
	for (size_t i = 0; i < count && !error; i++) {
		if (!kin_add(seen, all[i].pid))
			continue;
		kin_add(f->kin, all[i].pid);
		error = live_follow_process(run->live, all[i].pid, all[i].parent);
		found++;
	}
	free(all);
	return error ? error : found;
}

void run_find_kin(struct run *run)
{
	const struct conn_filter *f = &run->filter;
	struct kin *seen = kin_new();
	int found = seen && f->kin ? 0 : -ENOMEM;

	for (size_t i = 0; i < f->pid_count && !found; i++)
		found = live_follow_process(run->live, f->pids[i], 0);
	if (!found)
		found = 1;
	for (int i = 0; i < LOOKS && found > 0; i++)
		found = look(run, seen);
	kin_free(seen);
	if (found < 0)
		RUN_COMPLAIN(KIN_MISSING, .w = strerror(-found));
}
