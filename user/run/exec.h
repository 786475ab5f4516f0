/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a command of the shell for each line, a few at a time, and counts those that failed. */
#ifndef USER_RUN_EXEC_H
#define USER_RUN_EXEC_H

#include <stddef.h>
#include <stdint.h>

#define EXEC_CHILDREN 16 /* at a time */

struct exec;

/* `command` is for /bin/sh and stays the caller's. NULL when there is no memory. */
struct exec *exec_new(const char *command);

/* Leaves those that still run to themselves. */
void exec_free(struct exec *exec);

/*
 * Starts the command with these bytes as its standard input, and its output to standard error.
 * Waits up to `patience_ns` while too many run; one that cannot be started counts as failed.
 */
void exec_run(struct exec *exec, const void *bytes, size_t size, uint64_t patience_ns);

/* Takes note of those that have ended; never waits. */
void exec_reap(struct exec *exec);

/* Waits up to `patience_ns` until all have ended. */
void exec_wait(struct exec *exec, uint64_t patience_ns);

/* Ended with a status other than 0, by a signal, or were never started. */
uint64_t exec_failed(const struct exec *exec);

#endif
