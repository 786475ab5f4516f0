/* SPDX-License-Identifier: GPL-2.0-only */
/* What is told at the end of a run: which hooks it had, what it saw and what it lost. */
#ifndef USER_RUN_ACCOUNT_H
#define USER_RUN_ACCOUNT_H

#include "user/aggregate/failure_set.h"
#include "user/aggregate/summary.h"
#include "user/kernel/hooks.h"
#include "user/source/source.h"

struct run;

/* A family, and the rung that was in use; NULL: none was. */
void account_add_hook(struct summary *sum, enum hook_family_id family, const char *rung);

/* The same of these families, bits of 1 << enum hook_family_id. */
void account_add_hooks(struct summary *sum, const struct source *source, unsigned int families);

/* Whether a recording is damaged and nothing tells how much of it was lost. */
bool account_is_torn(const struct run *run, const struct event_counters *events);

/* What the run knows by itself: hooks, records, connections, and what listeners dropped. */
void account_read(const struct run *run, struct summary *ret_sum);

/* The same without what listeners dropped, and who was refused: for these somebody has to look. */
void account_read_but_listen(const struct run *run, struct summary *ret_sum);

/* Of which stacks it is unknown which code they are, and whose they were. */
void account_read_stacks(const struct run *run, struct summary *sum);

/* Who was refused his part of what the kernel side shares. */
void account_read_payers(struct source *source, struct summary *sum);

/* How much of what listeners took the run has followed, as of now. */
void account_read_view(const struct run *run, struct listening_view *ret_view);

/* What listeners dropped; unknown where nobody counts. */
void account_read_listen(const struct run *run, struct listen_counters *ret_listen);

/* Failures: as lines in formats that have such, else in words on standard error. */
void account_print_failures(struct run *run, const struct failure_set *failures);

/*
 * Adds what may be why handshakes got no answer: counters of the kernel that have moved meanwhile,
 * in the namespaces that are traced. Nothing where all were answered.
 */
void account_add_hints(const struct run *run, const struct failure_set *failures,
		       struct summary *sum);

/* The last line, and all before it; in words on standard error, where the format is for people. */
void account_print(struct run *run, const struct summary *sum);

/* In words, on standard error. */
void account_say(const struct summary *sum);

#endif
