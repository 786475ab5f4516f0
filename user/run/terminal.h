/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output is, and what time of day it is: what a run asks of its surroundings. */
#ifndef USER_RUN_TERMINAL_H
#define USER_RUN_TERMINAL_H

#include "user/option/options.h"
#include "user/sink/sink.h"

/* Terminal, colour, columns, clocks and the options that say how things look. */
void terminal_settings(const struct options *options, struct sink_settings *ret_settings);

/* What time of day it is now: it may have been set, and goes on while the machine sleeps. */
void terminal_read_clock(struct clock *clock);

/* The one that was asked for, or that of the locale; English where that is none that is known. */
enum ladder_language terminal_language(const struct options *options);

/* Rows of the terminal that standard output is; 0: it is none, or has no cursor to move. */
unsigned int terminal_rows(void);

/* Of standard error, where it was a terminal of fewer than 80 columns at first; else 0. */
unsigned int terminal_error_columns(void);

#endif
