/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `record`: from the ring into a file, and nothing else. */
#ifndef USER_COMMAND_RECORD_H
#define USER_COMMAND_RECORD_H

#include "user/option/options.h"

/*
 * Records until the duration is over, a signal comes or the file cannot be written. Returns the
 * exit status: 0, or 2 after one sentence on standard error.
 */
int recorder_run(const struct options *options);

#endif
