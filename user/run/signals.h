/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that ask a run to end: let in only where it waits. */
#ifndef USER_RUN_SIGNALS_H
#define USER_RUN_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* From now on a file that must not grow is an error of writing, not a signal. */
void signals_ignore_limit(void);

/*
 * From now on SIGINT, SIGTERM and SIGHUP are blocked but for the moments of waiting, so that none
 * falls between test and sleep; the mask for such a moment is returned. The second one ends the
 * process at once. SIGHUP stays ignored where it was, as by nohup. A reader of our output that
 * leaves is an error of writing, too.
 */
void signals_catch(sigset_t *ret_waiting);

/*
 * In a child that is to become another program: what both have changed is as a program expects to
 * find it, and nothing is blocked.
 */
void signals_reset(void);

/* Whether one came. */
bool signals_asked_to_stop(void);

/* The same, or one waits to be let in: what has failed may have been ended by it as well. */
bool signals_are_asking_to_stop(void);

/* What it asked to end has ended, and something else begins: the next one is the first again. */
void signals_forget(void);

/* From now on SIGHUP asks for something else than the end: whether it came since the last call. */
void signals_keep_hangup(void);
bool signals_take_hangup(void);

/*
 * After signals_catch: from now on SIGTSTP and SIGWINCH stop nobody, but are let in where it waits:
 * whether one came since the last call.
 */
void signals_watch_terminal(void);
bool signals_take_pause(void);
bool signals_take_resize(void);

/* Stops the process, as SIGTSTP would have done; returns when it goes on. */
void signals_pause(void);

#endif
