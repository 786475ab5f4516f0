/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output is, and what time of day it is: what a run asks of its surroundings. */
#ifndef USER_RUN_TERMINAL_H
#define USER_RUN_TERMINAL_H

#include "user/option/options.h"
#include "user/sink/sink.h"

/* Terminal, colour, columns, clocks and the options that say how things look. */
void terminal_settings(const struct options *options, struct sink_settings *ret_settings);

#endif
