/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a command of the shell for each line, a few at a time, with as few rights as can be. */
#ifndef USER_RUN_EXEC_H
#define USER_RUN_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/units.h"

#define EXEC_CHILDREN 16      /* at a time */
#define EXEC_WAITING 256      /* lines that wait for one of them */
#define EXEC_WAITING_MIB 4    /* and what they take, at most */
#define EXEC_KILL_NS NS_PER_S /* between asking it to end and ending it */

struct exec_settings {
	const char *command;	 /* for /bin/sh */
	const char *user;	 /* its name or number; NULL: whoever runs this program */
	const char *environment; /* names with commas between, which are passed on; NULL: none */
	uint64_t limit_ns;	 /* after which a command is ended */
};

struct exec;

/*
 * Returns 0 and `*ret`; -ENOENT: there is no such user; -EPERM: it may not be taken;
 * -ENOSPC: too many variables; or -ENOMEM.
 * What the settings point to stays the caller's.
 */
int exec_new(const struct exec_settings *settings, struct exec **ret);

/* Ends those that still run. */
void exec_free(struct exec *exec);

/*
 * Starts the command with these bytes as its standard input, and its output to standard error, now
 * or when there is room; never waits. A line that has no room to wait is dropped.
 */
void exec_run(struct exec *exec, const void *bytes, size_t size);

/* Counts a line that could not be had as dropped. */
void exec_drop(struct exec *exec);

/* Takes note of those that have ended, ends those whose time is over, starts what waits. */
void exec_tick(struct exec *exec);

/* When exec_tick has something to do, by the monotonic clock; UINT64_MAX: never. */
uint64_t exec_due_ns(const struct exec *exec);

/* Goes on until all are done, it is `until_ns`, or the other end of `fd` (-1: none) has gone. */
void exec_wait(struct exec *exec, uint64_t until_ns, int fd);

/* Commands that ended with a status other than 0 or by a signal, or could not be started. */
uint64_t exec_failed(const struct exec *exec);

/* Lines for which none was run. */
uint64_t exec_dropped(const struct exec *exec);

#endif
