/* SPDX-License-Identifier: GPL-2.0-only */
/* The command stuck: what hangs, since when, and who holds it. */
#ifndef USER_COMMAND_STUCK_STUCK_H
#define USER_COMMAND_STUCK_STUCK_H

#include "user/option/options.h"

/* Returns the exit status: 0 nothing is stuck, 1 something is, 2 it could not be found out. */
int stuck_run(const struct options *options);

#endif
