/* SPDX-License-Identifier: GPL-2.0-only */
/* What gives the terminal back, made ready for a process that has no time left. */
#ifndef USER_CURSES_FAREWELL_H
#define USER_CURSES_FAREWELL_H

#include <stdbool.h>

/*
 * Looks at the terminal of standard output as it is, and at what is known of its kind. Returns
 * NULL, or what is wrong with it.
 */
const char *farewell_prepare(void);

/* What follows may be done by whoever is not in the foreground any more, and is not stopped. */
void farewell_hurry(void);

/* From now on, or no more, the terminal is to be given back by whatever ends the process. */
void farewell_owe(bool owes);

#endif
