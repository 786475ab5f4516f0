/* SPDX-License-Identifier: GPL-2.0-only */
/* What must be done before the process ends, even by whoever ends it in a hurry. */
#ifndef USER_BASE_LAST_H
#define USER_BASE_LAST_H

/* One that is async-signal-safe; NULL: there is nothing (any more). */
void last_set(void (*act)(void));

/* To be called right before _exit(), also by a handler of signals. */
void last_act(void);

#endif
