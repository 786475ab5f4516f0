/* SPDX-License-Identifier: GPL-2.0-only */
/* `explain --demo`: the stories of the textbook, played or as they were recorded. */
#ifndef USER_COMMAND_EXPLAIN_DEMO_H
#define USER_COMMAND_EXPLAIN_DEMO_H

#include "user/option/options.h"

/* Plays the story that is asked for, or lists all. Returns the exit status. */
int demo_run(const struct options *options);

#endif
