/* SPDX-License-Identifier: GPL-2.0-only */
/* The helper that runs the commands of --exec, so that nobody else needs the rights for it. */
#ifndef USER_RUN_RUNNER_H
#define USER_RUN_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/run/exec.h"

struct runner;

struct runner_counts {
	uint64_t failed, dropped; /* as those of exec.h */
};

/* Starts it, before there are threads. Returns 0 and `*ret`, or as exec_new, or another -errno. */
int runner_start(const struct exec_settings *settings, struct runner **ret);

/*
 * Has the command run with these bytes as its standard input; never waits. Returns 0, also where
 * the line is dropped, or -EPIPE: the helper has ended.
 */
int runner_run(struct runner *runner, const void *bytes, size_t size);

/* Waits until all have run, or it is `until_ns`, and counts. 0 or -EPIPE. Then no more is run. */
int runner_finish(struct runner *runner, uint64_t until_ns, struct runner_counts *ret);

/* A descriptor that can be read when the helper has ended. */
int runner_fd(const struct runner *runner);
bool runner_has_ended(const struct runner *runner);

/* Ends the commands that still run; NULL: nothing. */
void runner_free(struct runner *runner);

#endif
